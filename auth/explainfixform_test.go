package auth

import (
	"strings"

	"mcp-resource-server/internal/jwstest"
)

func formFixes() []fixRow {
	always := func(s string) func(string) string { return func(string) string { return s } }
	return []fixRow{
		{name: "nothing", spoil: always(""), check: checkForm, got: "nothing", fix: "no token was given"},
		{name: "opaque", spoil: always("2YotnFZFEjr1zCsicMWpAA"), check: checkForm, got: "1 part, 22 bytes", fix: "an opaque token: Auth0 gives these where no audience is asked for; ask for audience=https://"},
		{name: "the header alone", spoil: func(raw string) string { return raw[:strings.IndexByte(raw, '.')] }, check: checkForm, got: "1 part", fix: "claims and signature are cut off"},
		{name: "two parts", spoil: func(raw string) string { return raw[:strings.LastIndexByte(raw, '.')] }, check: checkForm, got: "2 parts", fix: "the signature is cut off"},
		{name: "no signature", spoil: jwstest.Part(2, always("")), check: checkForm, got: "the signature is empty", fix: "the token is not signed"},
		{name: "four parts", spoil: func(raw string) string { return raw + ".AAAA" }, check: checkForm, got: "4 parts", fix: "a JWT has three parts"},
		{name: "encrypted", spoil: func(raw string) string { return raw + ".AAAA.AAAA" }, check: checkForm, got: "5 parts", fix: "this is an encrypted token (JWE): switch encryption off for the API"},
		{name: "two tokens", spoil: func(raw string) string { return raw + "," + raw }, check: checkForm, got: "5 parts", fix: "several tokens in one"},
		{name: "two tokens on two lines", spoil: func(raw string) string { return raw + "\r\n" + raw }, check: checkForm, got: "5 parts", fix: "several tokens in one"},
		{name: "two tokens with a tab", spoil: func(raw string) string { return raw + "\t" + raw }, check: checkForm, got: "5 parts", fix: "several tokens in one"},
		{name: "characters of no token", spoil: always("no one knows"), check: checkForm, got: "1 part", fix: "it has characters that none has"},
		{name: "JSON serialisation", spoil: jwstest.Flattened, check: checkForm, got: "1 part", fix: "send the token in its compact form"},
		{name: "percent-encoded", spoil: func(raw string) string { return strings.ReplaceAll(raw, ".", "%2E") }, check: checkForm, got: "1 part", fix: "percent-encoded"},
		{name: "padded", spoil: jwstest.Part(1, suffix("==")), check: checkForm, got: "the claims is padded with =", fix: "encodes it wrongly"},
		{name: "base64", edit: plusSlash, spoil: jwstest.Part(1, standardAlphabet), check: checkForm, got: "the claims is in the alphabet of base64", fix: "encodes it wrongly"},
		{name: "a character lost", edit: grow(1200), spoil: jwstest.Part(2, func(p string) string { return p[:len(p)-1] }), check: checkForm, got: "the signature is cut off", fix: "copy the whole token"},
		{name: "another spelling", edit: spare, spoil: jwstest.Part(0, jwstest.OtherSpelling), check: checkForm, got: "the header has bits set", fix: "was changed after it was made"},
		{name: "a foreign character", spoil: jwstest.Part(1, func(p string) string { return p[:9] + "\u00e9" + p[9:] }), check: checkForm, got: "the claims has a character that base64url does not have, at 10", fix: "was changed"},
		{name: "too large", spoil: func(raw string) string { return raw + strings.Repeat("A", maxTokenBytes) }, check: checkForm, got: "bytes", fix: "too large for a header"},
		{name: "a static token, and there are none", spoil: always("mcprs_" + strings.Repeat("A", 43)), check: checkForm, got: "1 part", fix: "set auth.static_tokens_file"},
	}
}

func headerFixes() []fixRow {
	types := func(types ...string) func(*IssuerConfig) { return func(c *IssuerConfig) { c.TokenTypes = types } }
	return []fixRow{
		{name: "HS256", edit: member("alg", `"HS256"`), check: checkHeader, got: `alg "HS256"`, fix: "the API signs with HS256, a secret that both sides would have to share: switch it to RS256 (Auth0: APIs > Settings > Signing Algorithm"},
		{name: "none", edit: member("alg", `"none"`), check: checkHeader, got: `alg "none"`, fix: "is not signed"},
		{name: "rs256", edit: member("alg", `"rs256"`), check: checkHeader, got: `alg "rs256"`, fix: "alg is written RS256"},
		{name: "of encryption", edit: member("alg", `"RSA-OAEP-256"`), check: checkHeader, got: "RSA-OAEP-256", fix: "switch encryption off"},
		{name: "EdDSA", edit: member("alg", `"EdDSA"`), check: checkHeader, got: "EdDSA", fix: "sign with RS256, or with another of RS, PS and ES"},
		{name: "no alg", edit: member("alg", ""), check: checkHeader, got: "no alg", fix: "says its alg"},
		{name: "jwk", edit: member("jwk", "{}"), check: checkHeader, got: "the member jwk", fix: "brings its own key"},
		{name: "a DPoP proof", edit: func(d *draft) { d.header = goodHeader().with("jwk", "{}").with("typ", `"dpop+jwt"`).String() }, check: checkHeader, got: "dpop+jwt", fix: "a DPoP proof, not an access token"},
		{name: "zip", edit: member("zip", `"DEF"`), check: checkHeader, got: "the member zip", fix: "compression off"},
		{name: "crit", edit: member("crit", `["exp"]`), check: checkHeader, got: "the member crit", fix: "crit, b64"},
		{name: "kid a number", edit: member("kid", "7"), check: checkHeader, got: "kid 7", fix: "kid must be text"},
		{name: "kid too long", edit: member("kid", text(257)), check: checkHeader, got: "and 57 bytes more", fix: "at most 256 bytes"},
		{name: "nested", edit: member("cty", `"JWT"`), check: checkHeader, got: `cty "JWT"`, fix: "a token within a token"},
		{name: "typ empty", edit: member("typ", `""`), check: checkHeader, got: `typ ""`, fix: "typ must be text"},
		{name: "no JSON", edit: func(d *draft) { d.header = "alg=RS256" }, check: checkHeader, got: "not JSON", fix: "no single meaning"},
		{name: "alg twice", edit: before(`"alg":"none",`), check: checkHeader, got: `a member that stands twice: "/alg"`, fix: "no single meaning"},

		{name: "an algorithm to be listed", edit: func(d *draft) { member("alg", `"ES256"`)(d) }, check: checkAlgorithm, got: `"ES256"`, fix: "or, if ES256 is meant, add it to the issuer's algorithms"},

		{name: "no typ", edit: member("typ", ""), check: checkType, got: "no typ", fix: `set token_types: [""]`},
		{name: "logout token", edit: member("typ", `"logout+jwt"`), check: checkType, got: "logout+jwt", fix: "a logout token: send the access token"},
		{name: "DPoP proof", edit: member("typ", `"application/DPoP+JWT"`), check: checkType, got: "DPoP", fix: "a DPoP proof: send the access token"},
		{name: "JWT, where at+jwt alone is configured", conf: types("at+jwt"), edit: member("typ", `"JWT"`), check: checkType, got: "JWT", fix: "tokens by RFC 9068"},
		{name: "application/jwt", edit: member("typ", `"application/jwt"`), check: checkType, got: "application/jwt", fix: `or add "application/jwt" to token_types`},
		{name: "typ unknown", edit: member("typ", `"x+jwt"`), check: checkType, got: "x+jwt", fix: `add "x+jwt" to the issuer's token_types`},

		{name: "no kid", edit: member("kid", ""), check: checkKeyID, got: "no kid", fix: "have the issuer name its key"},
	}
}

func claimsFixes() []fixRow {
	front := func(s string) func(*draft) { return claimsAre(func(c string) string { return "{" + s + c[1:] }) }
	is := func(s string) func(*draft) { return claimsAre(func(string) string { return s }) }
	return []fixRow{
		{name: "aud twice", edit: front(`"aud":"x",`), check: checkClaims, got: `a member that stands twice: "/aud"`, fix: "two readers would read two tokens"},
		{name: "twice deep inside", edit: claim("x", `[{"\u001b[31ma":1,"\u001b[31ma":1}]`), check: checkClaims, got: `"/x/0/\x1b[31ma"`, fix: "two readers"},
		{name: "no JSON", edit: is("iss=me"), check: checkClaims, got: "not JSON", fix: "this is no JWT of an issuer"},
		{name: "a list", edit: is("[]"), check: checkClaims, got: "a list, where an object is wanted", fix: "no JWT of an issuer"},
		{name: "text", edit: is(`"x"`), check: checkClaims, got: "text, where", fix: "no JWT of an issuer"},
		{name: "a second object", edit: is("{}{}"), check: checkClaims, got: "something behind", fix: "no JWT of an issuer"},
		{name: "not UTF-8", edit: claim("x", "\"\xff\""), check: checkClaims, got: "not UTF-8", fix: "no JWT of an issuer"},
		{name: "byte order mark", edit: claimsAre(func(c string) string { return "\ufeff" + c }), check: checkClaims, got: "byte order mark", fix: "no JWT of an issuer"},
		{name: "too deep", edit: claim("x", nested(64)), check: checkClaims, got: "nested more than 64 deep", fix: "no JWT of an issuer"},
		{name: "nested token", edit: func(d *draft) { d.claims = goodDraft().token() }, check: checkClaims, got: "not JSON", fix: "a token within a token"},
	}
}
