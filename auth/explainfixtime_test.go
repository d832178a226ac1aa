package auth

import (
	"strconv"
	"time"

	"mcp-resource-server/internal/jwstest"
)

func timeFixes() []fixRow {
	age := func(c *IssuerConfig) { c.MaxTokenAge = 10 * time.Minute }
	clock := func(d time.Duration) func(*draft) { return func(dr *draft) { dr.now = testNow.Add(d) } }
	return []fixRow{
		{name: "expired", edit: clock(time.Hour + 12*time.Minute), check: checkExpiry, got: "exp 2026-08-01T13:00:00Z (12 min ago)", fix: "the token expired 12 min ago: the client must get a new one, and not keep one past its expires_in"},
		{name: "expired long ago", edit: claimsWith("exp", at(-86400*5), "iat", at(-86400*6)), check: checkExpiry, got: "5 days ago", fix: "the token expired 5 days ago"},
		{name: "expired a moment after its issue", edit: claimsWith("exp", at(-31), "iat", at(-40)), check: checkExpiry, got: "31 s ago", fix: "look at its lifetime at the issuer, and at the clocks (NTP)"},
		{name: "no life", edit: claimsWith("exp", at(-60), "iat", at(-60)), check: checkExpiry, got: "60 s ago", fix: "no life at all"},
		{name: "exp missing", edit: claim("exp", ""), check: checkExpiry, got: "no exp", fix: "a token without exp is never accepted"},
		{name: "milliseconds", edit: claim("exp", at(3600)+"000"), check: checkExpiry, got: "exp 1785589200000", fix: "exp is in milliseconds"},
		{name: "milliseconds as text", edit: claim("exp", `"`+at(3600)+`000"`), check: checkExpiry, got: `exp "1785589200000"`, fix: "exp is in milliseconds"},
		{name: "text", edit: claim("exp", `"`+at(3600)+`"`), check: checkExpiry, got: `exp "1785589200"`, fix: "exp is text"},
		{name: "true", edit: claim("exp", "true"), check: checkExpiry, got: "exp true", fix: "exp is true or false"},
		{name: "zero", edit: claim("exp", "0"), check: checkExpiry, got: "exp 1970", fix: "no time between 1970 and 9999"},
		{name: "nbf ahead", edit: claim("nbf", at(300)), check: checkNotBefore, got: "nbf 2026-08-01T12:05:00Z (in 5 min); iat", fix: "nbf lies 5 min ahead: look at the clocks"},
		{name: "iat ahead", edit: claim("iat", at(45)), check: checkNotBefore, got: "no nbf; iat 2026-08-01T12:00:45Z (in 45 s)", fix: "iat lies 45 s ahead: look at the clocks"},
		{name: "iat in milliseconds", edit: claim("iat", at(0)+"000"), check: checkNotBefore, got: "iat 1785585600000", fix: "iat is in milliseconds"},
		{name: "nbf text", edit: claim("nbf", `"0"`), check: checkNotBefore, got: `nbf "0"`, fix: "nbf is text"},
		{name: "too old", conf: age, edit: clock(20 * time.Minute), check: checkAge, got: "issued 20 min ago", fix: "get a new token; the issuer gives tokens for 60 min: shorten that to max_token_age"},
		{name: "no iat", conf: age, edit: claim("iat", ""), check: checkAge, got: "no iat", fix: "max_token_age is set, and needs iat"},
	}
}

func keyFixes() []fixRow {
	kid := func(kid string) func(*draft) { return member("kid", strconv.Quote(kid)) }
	return []fixRow{
		{name: "unknown", edit: kid("junk"), check: checkKey, got: "no such key", fix: "the issuer has rotated and revoked the key (then a new token helps), or the token is of another environment"},
		{name: "cannot be had", edit: kid("not-to-be-looked-up"), check: checkKey, got: "no such key", fix: "cannot be had at the moment"},
		{name: "for another algorithm", edit: kid("for-rs512"), check: checkKey, got: "RSA, 2048 bits, for RS512", fix: "cannot verify RS256"},
		{name: "too small", edit: kid("small"), check: checkKey, got: "RSA, 1024 bits", fix: "RSA needs 2048 bits"},
		{name: "exponent", edit: kid("exponent-3"), check: checkKey, got: "exponent 3", fix: "the exponent 65537"},
		{name: "EC", edit: kid("ec256"), check: checkKey, got: "EC, P-256", fix: "EC its own curve"},
		{name: "foreign key", edit: func(d *draft) { d.key = rsaKey2() }, check: checkSignature, got: "another key", fix: "or another environment has a key of the same kid"},
		{name: "claims edited", spoil: jwstest.Part(1, func(string) string { return encode(goodClaims().with("scope", `"tool:admin"`).String()) }), check: checkSignature, got: "of another text", fix: "the token was changed after it was signed"},
		{
			name: "PSS", conf: func(c *IssuerConfig) { c.Algorithms = []string{"PS256", "RS256"} },
			edit: func(d *draft) {
				d.header, d.key, d.alg = goodHeader().with("alg", `"PS256"`).with("kid", `"no-alg"`).String(), rsaKey2(), "PS256"
			}, check: checkSignature, got: "another key", fix: "PSS needs a salt",
		},
	}
}
