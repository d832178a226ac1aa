package main

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// What the tests of explain share: a tenant that does not exist, one key of it, and
// one moment.
const (
	explainIssuer   = "https://tenant.eu.auth0.com/"
	explainAudience = "https://mcp.example.com/mcp"
	explainKID      = "key-of-august"
	explainAt       = "2026-08-01T12:00:00Z"
)

var (
	explainKey = sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return key
	})
	explainEnviron = []string{"MCPRS_AUTH_ISSUER=" + explainIssuer, "MCPRS_AUTH_AUDIENCE=" + explainAudience}
)

type jsonFields = map[string]any

// withField returns a copy with one field changed or, where value is nil, gone.
func withField(f jsonFields, name string, value any) jsonFields {
	c := maps.Clone(f)
	if c[name] = value; value == nil {
		delete(c, name)
	}
	return c
}

func explainHeader() jsonFields {
	return jsonFields{"alg": "RS256", "typ": "at+jwt", "kid": explainKID}
}

// explainSeconds gives the NumericDate so long after explainAt.
func explainSeconds(after time.Duration) int64 {
	at, err := time.Parse(time.RFC3339, explainAt)
	if err != nil {
		panic(err)
	}
	return at.Add(after).Unix()
}

func explainClaims() jsonFields {
	return jsonFields{
		"iss": explainIssuer, "sub": "agent@clients", "aud": explainAudience, "client_id": "agent",
		"iat": explainSeconds(-10 * time.Minute), "exp": explainSeconds(50 * time.Minute),
		"jti": "3f5a", "scope": "tool:get_time tool:greet",
	}
}

// explainToken signs header and claims with the tenant's key, whatever alg says.
func explainToken(t testing.TB, header, claims jsonFields) string {
	t.Helper()
	part := func(f jsonFields) string {
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	input := part(header) + "." + part(claims)
	digest := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(nil, explainKey(), crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func explainGood(t testing.TB) string {
	return explainToken(t, explainHeader(), explainClaims())
}

// explainJWKS writes the tenant's key set.
func explainJWKS(t testing.TB) string {
	t.Helper()
	public := explainKey().PublicKey
	encode := base64.RawURLEncoding.EncodeToString
	set := fmt.Sprintf(`{"keys":[{"kty":"RSA","use":"sig","kid":%q,"n":%q,"e":%q}]}`,
		explainKID, encode(public.N.Bytes()), encode(big.NewInt(int64(public.E)).Bytes()))
	file := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(file, []byte(set), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// explain runs the command with stdin, to its end, and checks what holds for every
// run: nothing of the signature gets out, and nothing that a terminal would obey.
func explain(t testing.TB, environ []string, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	root := newRoot(&program{environ: environ, stdout: &out, stderr: &errs})
	root.SetIn(strings.NewReader(stdin))
	root.SetOut(&out)
	root.SetErr(&errs)
	root.SetArgs(append([]string{"explain"}, args...))
	if err := root.ExecuteContext(t.Context()); err != nil {
		fmt.Fprintln(&errs, "mcp-server:", err)
		status = 1
	}
	all := out.String() + errs.String()
	if i := strings.IndexFunc(all, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }); i >= 0 {
		t.Errorf("not printable at %d: %q", i, all[i:min(len(all), i+20)])
	}
	for _, text := range append(args, stdin) {
		signature := text[strings.LastIndexByte(text, '.')+1:]
		if strings.Count(text, ".") < 2 {
			continue
		}
		for i := range len(signature) - 11 {
			if strings.Contains(all, signature[i:i+12]) {
				t.Fatalf("%q of the signature is printed:\n%s", signature[i:i+12], all)
			}
		}
	}
	return status, out.String(), errs.String()
}

// explainOffline is the arguments of a run without a network, at explainAt.
func explainOffline(t testing.TB, args ...string) []string {
	return append([]string{"--jwks", explainJWKS(t), "--at", explainAt}, args...)
}
