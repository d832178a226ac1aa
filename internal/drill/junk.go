package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// forger makes tokens that are worth nothing and cost the drill next to nothing.
type forger struct {
	payload   string // of a good token
	known     string // the key id of a good token
	signature string // of the right length for RS256, over nothing
}

func newForger(of token) *forger {
	noise := make([]byte, 256)
	_, _ = rand.Read(noise) // it never fails
	return &forger{payload: of.payload(), known: of.kid, signature: base64.RawURLEncoding.EncodeToString(noise)}
}

// forge gives the junk token number n. Of ten, eight are well formed, with good
// claims and a key id that no other has; one names the key that signs now; one is
// malformed.
func (f *forger) forge(n int) string {
	switch n % 10 {
	case 8:
		return f.token("RS256", f.known)
	case 9:
		return f.malformed(n / 10)
	default:
		return f.token("RS256", rand.Text())
	}
}

func (f *forger) token(alg, kid string) string {
	return f.header(alg, kid) + "." + f.payload + "." + f.signature
}

func (f *forger) header(alg, kid string) string {
	// A map of strings is always JSON.
	header, _ := json.Marshal(map[string]string{"alg": alg, "kid": kid, "typ": "at+jwt"})
	return base64.RawURLEncoding.EncodeToString(header)
}

// malformed takes turns at what clients and attackers really send.
func (f *forger) malformed(n int) string {
	header := f.header("RS256", f.known)
	forms := []string{
		"junk",
		header + "." + f.payload,
		header + "." + f.payload + ".",
		header + "." + f.payload + "." + f.signature + "=",
		"e30." + f.payload + "." + f.signature,
		header + ".e30." + f.signature,
		f.token("none", f.known),
		f.token("HS256", f.known),
		header + "." + f.payload + "." + strings.Repeat("A", 17<<10),
	}
	return forms[n%len(forms)]
}
