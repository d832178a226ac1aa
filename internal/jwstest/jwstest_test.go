package jwstest_test

import (
	"crypto"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"testing"

	"mcp-resource-server/internal/jwstest"
)

// What is signed well must be good, or every refusal that rests on it proves nothing.
func TestSign(t *testing.T) {
	key := jwstest.RSA(2048)
	digest := sha256.Sum256([]byte("input"))
	if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], jwstest.Sign("RS256", key, "input")); err != nil {
		t.Error(err)
	}
	if err := rsa.VerifyPSS(&key.PublicKey, crypto.SHA256, digest[:], jwstest.Sign("PS256", key, "input"), nil); err != nil {
		t.Error(err)
	}
	for alg, want := range map[string]int{"ES256": 64, "ES384": 96} {
		curve := map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384()}[alg]
		if got := len(jwstest.Sign(alg, jwstest.EC(curve), "input")); got != want {
			t.Errorf("%s: %d bytes, want %d", alg, got, want)
		}
	}
	if got := jwstest.Sign("none", nil, "input"); got != nil {
		t.Errorf("none: %x", got)
	}
}

// The other spelling says the same to a careless reader, and is refused by a strict one.
func TestOtherSpelling(t *testing.T) {
	const part = "AAAA" + "AA" // four bytes, with four bits to spare
	other := jwstest.OtherSpelling(part)
	if other == part {
		t.Fatal("it is the same")
	}
	want, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := base64.RawURLEncoding.DecodeString(other); err != nil || string(got) != string(want) {
		t.Errorf("it says %x, %v", got, err)
	}
	if _, err := base64.RawURLEncoding.Strict().DecodeString(other); err == nil {
		t.Error("a strict reader takes it")
	}
}

func TestPartAndFlattened(t *testing.T) {
	if got := jwstest.Part(1, func(p string) string { return p + "x" })("a.b.c"); got != "a.bx.c" {
		t.Errorf("Part: %s", got)
	}
	if got, want := jwstest.Flattened("a.b.c"), `{"payload":"b","protected":"a","signature":"c"}`; got != want {
		t.Errorf("Flattened: %s, want %s", got, want)
	}
}
