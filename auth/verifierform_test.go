package auth

import (
	"bytes"
	"encoding/base64"
	"strings"

	"mcp-resource-server/internal/jwstest"
)

func suffix(s string) func(string) string { return func(p string) string { return p + s } }

// spare pads the claims with spaces until the last character has bits to spare.
func spare(d *draft) {
	for len(d.claims)%3 == 0 {
		d.claims += " "
	}
	for len(d.header)%3 == 0 {
		d.header += " "
	}
}

// plusSlash gives claims whose encoding has characters 62 and 63, "-" and "_".
func plusSlash(d *draft) {
	d.claims = goodClaims().with("x", `"~~~???>>>~~~???>>>"`).String()
}

// standardAlphabet writes a part in base64 rather than base64url.
func standardAlphabet(p string) string { return strings.NewReplacer("-", "+", "_", "/").Replace(p) }

// grow makes the whole token exactly n bytes long.
func grow(n int) func(*draft) {
	return func(d *draft) {
		for len(d.token()) < n {
			missing := n - len(d.token())
			d.claims += strings.Repeat(" ", max(1, missing*3/4-2))
		}
	}
}

func formRows() []row {
	always := func(s string) func(string) string { return func(string) string { return s } }
	insert := func(s string) func(string) string {
		return func(p string) string { return p[:8] + s + p[8:] }
	}
	rows := []row{
		{name: "unchanged"},
		{name: "empty", spoil: always(""), want: ReasonMalformed},
		{name: "one word", spoil: always("opaque-token"), want: ReasonMalformed},
		{name: "two parts", spoil: always(encode("{}") + "." + encode("{}")), want: ReasonMalformed},
		{name: "four parts", spoil: func(raw string) string { return raw + ".AAAA" }, want: ReasonMalformed},
		{name: "five parts", spoil: func(raw string) string { return raw + ".AAAA.AAAA" }, want: ReasonEncrypted},
		{name: "five parts without an encrypted key", spoil: func(string) string { return "AAAA..AAAA.AAAA.AAAA" }, want: ReasonEncrypted},
		{name: "five parts, the last two empty", spoil: func(raw string) string { return raw + ".." }, want: ReasonMalformed},
		{name: "five empty parts", spoil: always("...."), want: ReasonMalformed},
		{name: "six parts", spoil: func(raw string) string { return raw + ".A.A.A" }, want: ReasonMalformed},
		{name: "dots alone", spoil: always(".."), want: ReasonMalformed},
		{name: "a dot in front", spoil: func(raw string) string { return "." + raw }, want: ReasonMalformed},
		{name: "a dot behind", spoil: func(raw string) string { return raw + "." }, want: ReasonMalformed},
		{name: "JSON serialisation", spoil: jwstest.Flattened, want: ReasonMalformed},
		{name: "three parts that are no base64", spoil: always("!!!.!!!.!!!"), want: ReasonMalformed},
		{name: "space in front", spoil: func(raw string) string { return " " + raw }, want: ReasonMalformed},
		{name: "space behind", spoil: func(raw string) string { return raw + " " }, want: ReasonMalformed},
		{name: "scheme twice", spoil: func(raw string) string { return "Bearer " + raw }, want: ReasonMalformed},
		{name: "two tokens", spoil: func(raw string) string { return raw + "," + raw }, want: ReasonMalformed},
		{name: "in quotes", spoil: func(raw string) string { return `"` + raw + `"` }, want: ReasonMalformed},
		{name: "a letter beyond ASCII", spoil: jwstest.Part(1, insert("é")), want: ReasonMalformed},
		{name: "invalid UTF-8", spoil: jwstest.Part(1, insert("\xff")), want: ReasonMalformed},
		{name: "percent-encoded dots", spoil: func(raw string) string { return strings.ReplaceAll(raw, ".", "%2E") }, want: ReasonMalformed},
		{name: "claims in the standard alphabet", edit: plusSlash, spoil: jwstest.Part(1, standardAlphabet), want: ReasonMalformed},
		{name: "claims in the URL alphabet", edit: plusSlash},
		{name: "16 KiB exactly", edit: grow(maxTokenBytes)},
		{name: "one byte more than 16 KiB", edit: grow(maxTokenBytes + 1), want: ReasonMalformed},
		{name: "1 MiB of one letter", spoil: always(strings.Repeat("A", 1<<20)), want: ReasonMalformed},
		{name: "1 MiB of dots", spoil: always(strings.Repeat(".", 1<<20)), want: ReasonMalformed},
	}
	for i, name := range []string{"header", "claims", "signature"} {
		rows = append(rows,
			row{name: name + " empty", spoil: jwstest.Part(i, always("")), want: ReasonMalformed},
			row{name: name + " padded with =", spoil: jwstest.Part(i, suffix("=")), want: ReasonMalformed},
			row{name: name + " padded with ==", spoil: jwstest.Part(i, suffix("==")), want: ReasonMalformed},
			row{name: name + " in its other spelling", edit: spare, spoil: jwstest.Part(i, jwstest.OtherSpelling), want: ReasonMalformed},
			row{name: name + " with a line feed", spoil: jwstest.Part(i, insert("\n")), want: ReasonMalformed},
			row{name: name + " with a carriage return", spoil: jwstest.Part(i, insert("\r")), want: ReasonMalformed},
			row{name: name + " with a line break behind", spoil: jwstest.Part(i, suffix("\r\n")), want: ReasonMalformed},
			row{name: name + " with a tab", spoil: jwstest.Part(i, insert("\t")), want: ReasonMalformed},
			row{name: name + " with a NUL", spoil: jwstest.Part(i, insert("\x00")), want: ReasonMalformed},
			row{name: name + " of an impossible length", spoil: jwstest.Part(i, always("AAAAA")), want: ReasonMalformed},
		)
	}
	return rows
}

// member sets a member of the header, or removes it where value is "".
func member(name, value string) func(*draft) {
	return func(d *draft) { d.header = goodHeader().with(name, value).String() }
}

// before puts text in front of the header's first member.
func before(text string) func(*draft) {
	return func(d *draft) { d.header = "{" + text + d.header[1:] }
}

func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

func headerRows() []row {
	publicPEM := bytes.Repeat([]byte("public key as a secret"), 2)
	kid := func(n int) string { return `"` + strings.Repeat("k", n) + `"` }
	return []row{
		{name: "alg none", edit: func(d *draft) { member("alg", `"none"`)(d); d.alg = "none" }, spoil: jwstest.Part(2, func(string) string { return "AAAA" }), want: ReasonUnsupportedAlg},
		{name: "alg none without a signature", edit: func(d *draft) { member("alg", `"none"`)(d); d.alg = "none" }, want: ReasonMalformed},
		{name: "alg None", edit: member("alg", `"None"`), want: ReasonUnsupportedAlg},
		{name: "alg HS256 with the public key as the secret", edit: func(d *draft) {
			member("alg", `"HS256"`)(d)
			d.alg, d.key = "HS256", publicPEM
		}, want: ReasonUnsupportedAlg},
		{name: "alg ES256, which this issuer does not have", edit: func(d *draft) {
			d.header = goodHeader().with("alg", `"ES256"`).with("kid", `"ec256"`).String()
			d.alg, d.key = "ES256", ec256Key()
		}, want: ReasonUnsupportedAlg},
		{name: "alg RS512, which this issuer does not have", edit: func(d *draft) { member("alg", `"RS512"`)(d); d.alg = "RS512" }, want: ReasonUnsupportedAlg},
		{name: "alg PS256, which this issuer does not have", edit: func(d *draft) { member("alg", `"PS256"`)(d); d.alg = "PS256" }, want: ReasonUnsupportedAlg},
		{name: "alg in lower case", edit: member("alg", `"rs256"`), want: ReasonUnsupportedAlg},
		{name: "alg with a space", edit: member("alg", `"RS256 "`), want: ReasonUnsupportedAlg},
		{name: "alg EdDSA", edit: member("alg", `"EdDSA"`), want: ReasonUnsupportedAlg},
		{name: "alg of an encryption", edit: member("alg", `"RSA-OAEP"`), want: ReasonUnsupportedAlg},
		{name: "alg by escapes", edit: member("alg", `"\u0052S256"`)},
		{name: "alg missing", edit: member("alg", ""), want: ReasonHeader},
		{name: "alg empty", edit: member("alg", `""`), want: ReasonHeader},
		{name: "alg null", edit: member("alg", `null`), want: ReasonHeader},
		{name: "alg a number", edit: member("alg", `256`), want: ReasonHeader},
		{name: "alg an array", edit: member("alg", `["RS256"]`), want: ReasonHeader},
		{name: "Alg beside alg", edit: member("Alg", `"none"`)},

		{name: "crit", edit: member("crit", `["exp"]`), want: ReasonHeader},
		{name: "crit empty", edit: member("crit", `[]`), want: ReasonHeader},
		{name: "crit null", edit: member("crit", `null`), want: ReasonHeader},
		{name: "b64 false", edit: member("b64", `false`), want: ReasonHeader},
		{name: "b64 true", edit: member("b64", `true`), want: ReasonHeader},
		{name: "b64 false and crit", edit: func(d *draft) { d.header = goodHeader().with("b64", "false").with("crit", `["b64"]`).String() }, want: ReasonHeader},
		{name: "zip", edit: member("zip", `"DEF"`), want: ReasonHeader},
		{name: "enc", edit: member("enc", `"A256GCM"`), want: ReasonHeader},
		{name: "jwk", edit: member("jwk", `{"kty":"RSA","n":"AQAB","e":"AQAB"}`), want: ReasonHeader},
		{name: "jwk with the key that signed", edit: func(d *draft) {
			member("jwk", jwkOf(&rsaKey2().PublicKey, testKID).String())(d)
			d.key = rsaKey2()
		}, want: ReasonHeader},
		{name: "jku", edit: member("jku", `"https://evil.example/jwks"`), want: ReasonHeader},
		{name: "x5u", edit: member("x5u", `"https://evil.example/cert"`), want: ReasonHeader},
		{name: "jku by escapes", edit: before(`"\u006aku":"https://evil.example/jwks",`), want: ReasonHeader},
		{name: "x5t is ignored", edit: member("x5t", `"AQAB"`)},
		{name: "x5t#S256 is ignored", edit: member("x5t#S256", `"AQAB"`)},
		{name: "x5c is ignored", edit: member("x5c", `["`+base64.StdEncoding.EncodeToString([]byte("no certificate"))+`"]`)},
		{name: "an unknown member is ignored", edit: member("org.example", `{"a":[1]}`)},

		{name: "cty JWT", edit: member("cty", `"JWT"`), want: ReasonHeader},
		{name: "cty jwt", edit: member("cty", `"jwt"`), want: ReasonHeader},
		{name: "cty application/jwt", edit: member("cty", `"application/JWT"`), want: ReasonHeader},
		{name: "cty a number", edit: member("cty", `1`), want: ReasonHeader},
		{name: "cty of something else", edit: member("cty", `"example"`)},

		{name: "typ JWT", edit: member("typ", `"JWT"`)},
		{name: "typ jwt", edit: member("typ", `"jwt"`)},
		{name: "typ AT+JWT", edit: member("typ", `"AT+JWT"`)},
		{name: "typ application/at+jwt", edit: member("typ", `"application/at+jwt"`)},
		{name: "typ missing", edit: member("typ", ""), want: ReasonTokenType},
		{name: "typ of an ID token", edit: member("typ", `"id+jwt"`), want: ReasonTokenType},
		{name: "typ of a logout token", edit: member("typ", `"logout+jwt"`), want: ReasonTokenType},
		{name: "typ of a DPoP proof", edit: member("typ", `"dpop+jwt"`), want: ReasonTokenType},
		{name: "typ with a parameter", edit: member("typ", `"at+jwt;v=1"`), want: ReasonTokenType},
		{name: "typ empty", edit: member("typ", `""`), want: ReasonHeader},
		{name: "typ null", edit: member("typ", `null`), want: ReasonHeader},
		{name: "typ a number", edit: member("typ", `1`), want: ReasonHeader},
		{name: "typ an array", edit: member("typ", `["JWT"]`), want: ReasonHeader},

		{name: "kid missing", edit: member("kid", ""), want: ReasonHeader},
		{name: "kid empty", edit: member("kid", `""`), want: ReasonHeader},
		{name: "kid null", edit: member("kid", `null`), want: ReasonHeader},
		{name: "kid a number", edit: member("kid", `1`), want: ReasonHeader},
		{name: "kid 256 bytes", edit: member("kid", kid(256)), want: ReasonUnknownKID, asks: true},
		{name: "kid 257 bytes", edit: member("kid", kid(257)), want: ReasonHeader},

		{name: "empty object", edit: func(d *draft) { d.header = "{}" }, want: ReasonHeader},
		{name: "array", edit: func(d *draft) { d.header = "[]" }, want: ReasonHeader},
		{name: "string", edit: func(d *draft) { d.header = `"RS256"` }, want: ReasonHeader},
		{name: "null", edit: func(d *draft) { d.header = "null" }, want: ReasonHeader},
		{name: "no JSON", edit: func(d *draft) { d.header = "alg=RS256" }, want: ReasonHeader},
		{name: "cut off", edit: func(d *draft) { d.header = d.header[:len(d.header)-1] }, want: ReasonHeader},
		{name: "byte order mark", edit: func(d *draft) { d.header = "\ufeff" + d.header }, want: ReasonHeader},
		{name: "white space around", edit: func(d *draft) { d.header = " \n" + d.header + "\t" }},
		{name: "a second object behind", edit: func(d *draft) { d.header += d.header }, want: ReasonHeader},
		{name: "a letter behind", edit: func(d *draft) { d.header += "x" }, want: ReasonHeader},
		{name: "a NUL behind", edit: func(d *draft) { d.header += "\x00" }, want: ReasonHeader},
		{name: "alg twice, the same", edit: before(`"alg":"RS256",`), want: ReasonHeader},
		{name: "alg twice, none first", edit: before(`"alg":"none",`), want: ReasonHeader},
		{name: "kid twice by escapes", edit: before(`"\u006bid":"x",`), want: ReasonHeader},
		{name: "duplicate in a member that is not read", edit: member("x", `{"a":1,"a":2}`), want: ReasonHeader},
		{name: "invalid UTF-8 in a member that is not read", edit: member("x", "\"\xff\""), want: ReasonHeader},
		{name: "lone surrogate in the kid", edit: member("kid", `"\ud800"`), want: ReasonHeader},
		{name: "63 arrays within the object", edit: member("x", nested(63))},
		{name: "64 arrays within the object", edit: member("x", nested(64)), want: ReasonHeader},
	}
}
