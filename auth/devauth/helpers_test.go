package devauth_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/auth/devauth"
)

const (
	apiOne   = "https://one.example/mcp"
	apiTwo   = "https://two.example/mcp"
	apiThree = "https://three.example/mcp"
)

var fixedNow = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

func testConfig() devauth.Config {
	return devauth.Config{
		Audiences: []string{apiOne, apiTwo, apiThree},
		Clients: []devauth.Client{
			{ID: "agent", Secret: "agent-secret", Scopes: []string{"tool:b", "tool:a"}},
			{ID: "limited", Secret: "limited-secret", Audiences: []string{apiThree, apiTwo}},
			{ID: "odd:id %+", Secret: "s:e c+r%t", Scopes: []string{"tool:a"}},
		},
		Now: func() time.Time { return fixedNow },
	}
}

// start serves cfg on a free loopback port until the test ends, and checks that the stop is a clean one.
func start(t *testing.T, cfg devauth.Config) *devauth.Server {
	t.Helper()
	ln, err := devauth.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := devauth.New(ln, cfg)
	if err != nil {
		_ = ln.Close()
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(a.body), &members); err != nil {
		t.Fatalf("body %q: %v", a.body, err)
	}
	return members
}

// send sends r as it is: redirects are answers too.
func send(t *testing.T, r *http.Request) answer {
	t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Header.Get("X-Development-Only"); got != "true" {
		t.Errorf("%s %s: X-Development-Only = %q", r.Method, r.URL, got)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

func request(t *testing.T, method, target, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// post is a token request; edits come after the usual content type for body.
func post(t *testing.T, s *devauth.Server, body string, edits ...func(*http.Request)) answer {
	t.Helper()
	r := request(t, http.MethodPost, s.TokenURL(), body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if strings.HasPrefix(body, "{") {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, edit := range edits {
		edit(r)
	}
	return send(t, r)
}

// basic is client_secret_basic as RFC 6749 §2.3.1 has it.
func basic(id, secret string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret)) }
}

func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Add(name, value) }
}

// form is a form body of the client "agent", with more pairs behind it.
func form(more string) string {
	return "grant_type=client_credentials&client_id=agent&client_secret=agent-secret" + more
}

type publicKey struct{ Kty, Use, Alg, Kid, N, E string }

func keys(t *testing.T, s *devauth.Server) []publicKey {
	t.Helper()
	a := send(t, request(t, http.MethodGet, s.JWKSURL(), ""))
	var set struct{ Keys []publicKey }
	if err := json.Unmarshal([]byte(a.body), &set); err != nil {
		t.Fatal(err)
	}
	return set.Keys
}

// verify checks token with the standard library alone against the published keys, and gives its header and claims.
func verify(t *testing.T, published []publicKey, token string) (header, claims map[string]any) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("token has %d parts", len(parts))
	}
	header, claims = decodeObject(t, parts[0]), decodeObject(t, parts[1])
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	for _, key := range published {
		if key.Kid != header["kid"] {
			continue
		}
		public := &rsa.PublicKey{
			N: new(big.Int).SetBytes(decode(t, key.N)),
			E: int(new(big.Int).SetBytes(decode(t, key.E)).Int64()),
		}
		if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], decode(t, parts[2])); err != nil {
			t.Fatalf("signature: %v", err)
		}
		return header, claims
	}
	t.Fatalf("kid %v is not published", header["kid"])
	return nil, nil
}

func decode(t *testing.T, part string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decodeObject(t *testing.T, part string) map[string]any {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal(decode(t, part), &members); err != nil {
		t.Fatal(err)
	}
	return members
}

// issued posts a request that must be granted and gives the verified token.
func issued(t *testing.T, s *devauth.Server, body string, edits ...func(*http.Request)) (header, claims map[string]any) {
	t.Helper()
	a := post(t, s, body, edits...)
	if a.status != http.StatusOK {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	token, _ := a.json(t)["access_token"].(string)
	return verify(t, keys(t, s), token)
}
