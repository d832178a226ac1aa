package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"flag"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mcp-resource-server/internal/jwstest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The settings that the tests share. No value of a token has twelve bytes in
// common with what an answer may hold: the leak test counts on it.
const (
	testIssuer   = "https://issuer.example/"
	otherIssuer  = "https://second.example"
	testAudience = "https://mcp.example.com/mcp"
	testMetadata = "https://public.test/.well-known/oauth-protected-resource/mcp"
	testKID      = "signing-key-one"
)

var testNow = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

// The keys are made once: an RSA key takes a noticeable part of a second.
var (
	rsaKey   = sync.OnceValue(func() *rsa.PrivateKey { return jwstest.RSA(2048) })
	rsaKey2  = sync.OnceValue(func() *rsa.PrivateKey { return jwstest.RSA(2048) })
	rsaSmall = sync.OnceValue(func() *rsa.PrivateKey { return jwstest.RSA(1024) })
	ec256Key = sync.OnceValue(func() *ecdsa.PrivateKey { return jwstest.EC(elliptic.P256()) })
	ec384Key = sync.OnceValue(func() *ecdsa.PrivateKey { return jwstest.EC(elliptic.P384()) })
	ec521Key = sync.OnceValue(func() *ecdsa.PrivateKey { return jwstest.EC(elliptic.P521()) })
)

// object is a JSON object whose values are JSON as it is to stand in the token.
type object map[string]string

// with returns a copy that has one member changed or, where value is "", gone.
func (o object) with(name, value string) object {
	c := maps.Clone(o)
	if c[name] = value; value == "" {
		delete(c, name)
	}
	return c
}

func (o object) String() string {
	members := make([]string, 0, len(o))
	for _, name := range slices.Sorted(maps.Keys(o)) {
		members = append(members, strconv.Quote(name)+":"+o[name])
	}
	return "{" + strings.Join(members, ",") + "}"
}

// draft is a token before it is signed. header and claims are any bytes at all.
type draft struct {
	header, claims string
	alg            string // how it is signed, whatever the header says
	key            any
	now            time.Time
}

func goodHeader() object {
	return object{"alg": `"RS256"`, "typ": `"at+jwt"`, "kid": strconv.Quote(testKID)}
}

func goodClaims() object {
	return object{
		"iss":       strconv.Quote(testIssuer),
		"sub":       `"subject-of-the-token"`,
		"aud":       strconv.Quote(testAudience),
		"iat":       at(0),
		"exp":       at(3600),
		"jti":       `"identifier-of-the-token"`,
		"client_id": `"client-of-the-token"`,
		"scope":     `"tool:alpha tool:beta"`,
	}
}

// at gives the NumericDate so many seconds after testNow.
func at(seconds int64) string { return strconv.FormatInt(testNow.Unix()+seconds, 10) }

func goodDraft() draft {
	return draft{header: goodHeader().String(), claims: goodClaims().String(), alg: "RS256", key: rsaKey(), now: testNow}
}

// token signs the draft.
func (d draft) token() string {
	input := encode(d.header) + "." + encode(d.claims)
	return input + "." + encode(string(jwstest.Sign(d.alg, d.key, input)))
}

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// fakeKeys is a keySource without a network, which counts how often it is asked.
type fakeKeys struct {
	keys  map[string]publicKey
	errs  map[string]error
	asked int
}

func (f *fakeKeys) soleKeyID() string   { return "" }
func (f *fakeKeys) Run(context.Context) {}
func (f *fakeKeys) Status() KeyStatus   { return KeyStatus{Usable: true} }

func (f *fakeKeys) key(_ context.Context, kid string) (publicKey, error) {
	f.asked++
	return f.lookup(kid)
}

func (f *fakeKeys) lookup(kid string) (publicKey, error) {
	if err := f.errs[kid]; err != nil {
		return publicKey{}, err
	}
	if k, ok := f.keys[kid]; ok {
		return k, nil
	}
	return publicKey{}, errUnknownKey
}

// testConfig has two issuers, both with keys under the ids testKID and "shared".
func testConfig() Config {
	c := DefaultConfig()
	c.Issuers = []IssuerConfig{
		{Issuer: testIssuer, Audiences: []string{testAudience, "urn:example:api"}},
		{Issuer: otherIssuer, Audiences: []string{"https://elsewhere.example.com/"}},
	}
	return c
}

// testVerifier is a verifier of testConfig, changed by conf, whose clock stands
// at the draft's time.
func testVerifier(now time.Time, conf func(*Config)) (*Verifier, *fakeKeys) {
	c := testConfig()
	if conf != nil {
		conf(&c)
	}
	if err := c.Validate().Err(); err != nil {
		panic(err)
	}
	v := NewVerifier(c, &Trust{}, func() time.Time { return now })
	keys := &fakeKeys{
		keys: map[string]publicKey{
			testKID:      {key: &rsaKey().PublicKey, algs: []string{"RS256"}},
			"no-alg":     {key: &rsaKey().PublicKey},
			"for-rs512":  {key: &rsaKey().PublicKey, algs: []string{"RS512"}},
			"shared":     {key: &rsaKey().PublicKey},
			"small":      {key: &rsaSmall().PublicKey},
			"exponent-3": {key: &rsa.PublicKey{N: rsaKey().N, E: 3}},
			"ec256":      {key: &ec256Key().PublicKey},
			"ec384":      {key: &ec384Key().PublicKey},
			"ec521":      {key: &ec521Key().PublicKey},
		},
		errs: map[string]error{"not-to-be-looked-up": errKeysUnavailable},
	}
	v.issuers[testIssuer].keys = keys
	v.issuers[otherIssuer].keys = &fakeKeys{keys: map[string]publicKey{
		"shared":     {key: &rsaKey2().PublicKey},
		"only-there": {key: &rsaKey2().PublicKey},
	}}
	return v, keys
}

// reason returns the reason of a refusal, "" for none, and fails on any other error.
func reason(t testing.TB, err error) Reason {
	t.Helper()
	if err == nil {
		return ""
	}
	refusal, ok := err.(*Refusal) //nolint:errorlint // Verify promises exactly this type
	if !ok {
		t.Fatalf("err = %#v, want a *Refusal", err)
	}
	return refusal.Reason
}
