package auth_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
	"mcp-resource-server/internal/oauthclient"
)

// signedAt is when the tokens on the page were signed, and judgedAt when they are
// judged.
var (
	signedAt = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	judgedAt = signedAt.Add(5 * time.Minute)
)

// providerKey signs all tokens, anotherKey none.
var (
	providerKey = sync.OnceValue(newKey)
	anotherKey  = sync.OnceValue(newKey)
)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

// members are those of a JSON object.
type members map[string]any

// jwt is a token before it is signed.
type jwt struct{ header, claims members }

// edit changes a token.
type edit func(jwt)

// edited returns a copy that has been changed.
func (j jwt) edited(edits ...edit) jwt {
	c := jwt{maps.Clone(j.header), maps.Clone(j.claims)}
	for _, e := range edits {
		e(c)
	}
	return c
}

func set(name string, value any) edit     { return func(j jwt) { j.claims[name] = value } }
func setHead(name string, value any) edit { return func(j jwt) { j.header[name] = value } }

func without(names ...string) edit {
	return func(j jwt) {
		for _, name := range names {
			delete(j.claims, name)
		}
	}
}

// signed writes the token with a signature by RS256, whatever the header says.
func (j jwt) signed(t *testing.T) string {
	t.Helper()
	input := part(t, j.header) + "." + part(t, j.claims)
	sum := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(nil, providerKey(), crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func part(t *testing.T, m members) string {
	t.Helper()
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// page is docs/issuers.md: under some headings a configuration, and tokens that it
// accepts.
type page struct {
	text    string
	configs map[string]string
	tokens  map[string][]jwt
}

func readPage(t *testing.T) page {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "docs", "issuers.md"))
	if err != nil {
		t.Fatal(err)
	}
	p := page{text: string(raw), configs: map[string]string{}, tokens: map[string][]jwt{}}
	heading, language, block := "", "", ""
	for line := range strings.Lines(p.text) {
		fence, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && language == "":
			language, block = strings.TrimSpace(fence), ""
		case isFence:
			p.add(t, heading, language, block)
			language = ""
		case language != "":
			block += line
		case strings.HasPrefix(line, "#"):
			heading = strings.TrimSpace(strings.TrimLeft(line, "#"))
		}
	}
	return p
}

func (p page) add(t *testing.T, heading, language, block string) {
	t.Helper()
	switch language {
	case "yaml":
		if p.configs[heading] != "" {
			t.Fatalf("%s: two configurations", heading)
		}
		p.configs[heading] = block
	case "json":
		var j jwt
		d := json.NewDecoder(strings.NewReader(block))
		if err := d.Decode(&j.header); err != nil {
			t.Fatalf("%s: header: %v", heading, err)
		}
		if err := d.Decode(&j.claims); err != nil || d.More() {
			t.Fatalf("%s: claims: %v", heading, err)
		}
		p.tokens[heading] = append(p.tokens[heading], j)
	case "sh": // for people
	default:
		t.Fatalf("%s: a block of %q", heading, language)
	}
}

// load reads the configuration under a heading as the program does.
func (p page) load(t *testing.T, heading string) config.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(p.configs[heading]), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(config.Source{File: file})
	if err != nil {
		t.Fatalf("%s:\n%v", heading, err)
	}
	if c.HTTP.PublicURL != "https://mcp.example.com/mcp" {
		t.Errorf("%s: public URL %q", heading, c.HTTP.PublicURL)
	}
	return c
}

// provider is an issuer as far as its keys go. It implements oauthclient.Doer.
type provider struct {
	// keys is the path of its key set, or where that is on another origin its URL; ""
	// for one that has none.
	keys string
	// write writes a key as the provider does, beside what all keys have.
	write func(kid string) members
	// more are keys beside the one that signs.
	more []members

	issuer, kid string
}

// Do answers for the metadata and the key set, and for nothing else.
func (p provider) Do(r *http.Request) (*http.Response, error) {
	base, err := url.Parse(p.issuer)
	if err != nil {
		return nil, err
	}
	keySet := base.Scheme + "://" + base.Host + p.keys
	if strings.Contains(p.keys, "://") {
		keySet = p.keys
	}
	status, doc := http.StatusOK, any(members{})
	switch r.URL.String() {
	case strings.TrimSuffix(p.issuer, "/") + "/.well-known/openid-configuration":
		doc = members{"issuer": p.issuer, "jwks_uri": keySet, "token_endpoint": base.Scheme + "://" + base.Host + "/token"}
	case keySet:
		key := p.write(p.kid)
		maps.Copy(key, publicJWK(&providerKey().PublicKey))
		doc = members{"keys": append([]members{key}, p.more...)}
	default:
		status = http.StatusNotFound
	}
	body, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(string(body))),
	}, nil
}

func publicJWK(key *rsa.PublicKey) members {
	return members{
		"kty": "RSA",
		"n":   base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		"e":   base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}
}

// verify judges a token by c, with the keys of the provider.
func (p provider) verify(t *testing.T, c auth.Config, j jwt) (who auth.Principal, err error) {
	t.Helper()
	raw := j.signed(t)
	synctest.Test(t, func(t *testing.T) {
		var client oauthclient.Doer = p
		trust, buildErr := auth.NewTrust(c, client, slog.New(slog.DiscardHandler))
		if buildErr != nil {
			t.Fatal(buildErr)
		}
		go trust.Run(t.Context())
		synctest.Wait()
		who, err = auth.NewVerifier(c, trust, func() time.Time { return judgedAt }).Verify(t.Context(), raw)
	})
	return who, err
}
