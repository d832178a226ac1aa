package main

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

func TestKeyID(t *testing.T) {
	encode := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	for _, tt := range []struct {
		name, raw, want string
		err             error
	}{
		{"a token", encode(`{"alg":"RS256","kid":"one"}`) + ".claims.signature", "one", nil},
		{"without a key id", encode(`{"alg":"RS256"}`) + ".claims.signature", "", errNotAToken},
		{"with one that is no text", encode(`{"kid":1}`) + ".claims.signature", "", errNotAToken},
		{"two parts", encode(`{"kid":"one"}`) + ".claims", "", errNotAToken},
		{"four parts", encode(`{"kid":"one"}`) + ".a.b.c", "", errNotAToken},
		{"padded", encode(`{"kid":"one"}`) + "=.claims.signature", "", errNotAToken},
		{"no JSON", encode("kid") + ".claims.signature", "", errNotAToken},
		{"nothing", "", "", errNotAToken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := keyID(tt.raw)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("%q, %v; want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

// A key id is given exactly where there is no error, and an error never quotes.
func FuzzKeyID(f *testing.F) {
	for _, s := range []string{"", "..", "e30.e30.e30", newForger(token{raw: "a.b.c", kid: "known"}).forge(0)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		kid, err := keyID(raw)
		if (kid == "") != (err != nil) {
			t.Errorf("%q, %v", kid, err)
		}
		if err == nil && strings.Count(raw, ".") != 2 {
			t.Errorf("%q is no token", raw)
		}
	})
}
