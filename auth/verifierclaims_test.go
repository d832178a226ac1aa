package auth

import (
	"strings"
	"time"
)

// claim sets a claim, or removes it where value is "".
func claim(name, value string) func(*draft) {
	return func(d *draft) { d.claims = goodClaims().with(name, value).String() }
}

// claimsAre replaces the claims by a text made of the good ones.
func claimsAre(f func(string) string) func(*draft) {
	return func(d *draft) { d.claims = f(d.claims) }
}

func text(n int) string { return `"` + strings.Repeat("s", n) + `"` }

// claimRows are about the form of the claims and the types of those that are
// read.
func claimRows() []row {
	front := func(s string) func(*draft) {
		return claimsAre(func(c string) string { return "{" + s + c[1:] })
	}
	is := func(s string) func(*draft) { return claimsAre(func(string) string { return s }) }
	return []row{
		{name: "array", edit: is("[]"), want: ReasonClaim},
		{name: "null", edit: is("null"), want: ReasonClaim},
		{name: "string", edit: is(`"claims"`), want: ReasonClaim},
		{name: "no JSON", edit: is("iss=me"), want: ReasonClaim},
		{name: "empty object", edit: is("{}"), want: ReasonIssuer},
		{name: "a token within the token", edit: func(d *draft) { d.claims = goodDraft().token() }, want: ReasonClaim},
		{name: "cut off", edit: claimsAre(func(c string) string { return c[:len(c)-1] }), want: ReasonClaim},
		{name: "a second object behind", edit: claimsAre(func(c string) string { return c + c }), want: ReasonClaim},
		{name: "a letter behind", edit: claimsAre(func(c string) string { return c + "x" }), want: ReasonClaim},
		{name: "a NUL behind", edit: claimsAre(func(c string) string { return c + "\x00" }), want: ReasonClaim},
		{name: "white space around", edit: claimsAre(func(c string) string { return "\r\n" + c + " " })},
		{name: "byte order mark", edit: claimsAre(func(c string) string { return "\ufeff" + c }), want: ReasonClaim},
		{name: "aud twice", edit: front(`"aud":"https://elsewhere.example.com/",`), want: ReasonClaim},
		{name: "aud twice, the same", edit: front(`"aud":"` + testAudience + `",`), want: ReasonClaim},
		{name: "exp twice by escapes", edit: front(`"\u0065xp":0,`), want: ReasonClaim},
		{name: "duplicate deep in a claim that is not read", edit: claim("x", `[{"a":1,"a":1}]`), want: ReasonClaim},
		{name: "Aud beside aud", edit: claim("Aud", `"https://elsewhere.example.com/"`)},
		{name: "invalid UTF-8", edit: claim("x", "\"\xc3\x28\""), want: ReasonClaim},
		{name: "overlong UTF-8", edit: claim("x", "\"\xc0\xaf\""), want: ReasonClaim},
		{name: "lone high surrogate", edit: claim("x", `"\ud800"`), want: ReasonClaim},
		{name: "lone low surrogate in a name", edit: front(`"\udc00":1,`), want: ReasonClaim},
		{name: "a surrogate pair", edit: claim("x", `"\ud83d\ude00"`)},
		{name: "NaN", edit: claim("x", `NaN`), want: ReasonClaim},
		{name: "a leading zero", edit: claim("x", `01`), want: ReasonClaim},
		{name: "a number beyond all in a claim that is not read", edit: claim("x", `1e400`)},
		{name: "63 arrays within the object", edit: claim("x", nested(63))},
		{name: "64 arrays within the object", edit: claim("x", nested(64)), want: ReasonClaim},
		{name: "ten thousand arrays", edit: claim("x", strings.Repeat("[", 10_000)), want: ReasonClaim},

		{name: "sub missing", edit: claim("sub", ""), want: ReasonClaim},
		{name: "sub empty", edit: claim("sub", `""`), want: ReasonClaim},
		{name: "sub null", edit: claim("sub", `null`), want: ReasonClaim},
		{name: "sub a number", edit: claim("sub", `42`), want: ReasonClaim},
		{name: "sub an array", edit: claim("sub", `["a"]`), want: ReasonClaim},
		{name: "sub 1024 letters", edit: claim("sub", text(1024))},
		{name: "sub 1025 letters", edit: claim("sub", text(1025)), want: ReasonClaim},
		{name: "sub 1024 letters of two bytes", edit: claim("sub", `"`+strings.Repeat("é", 1024)+`"`)},
		{name: "sub 1025 letters of two bytes", edit: claim("sub", `"`+strings.Repeat("é", 1025)+`"`), want: ReasonClaim},
		{name: "jti missing", edit: claim("jti", "")},
		{name: "jti empty", edit: claim("jti", `""`)},
		{name: "jti a number", edit: claim("jti", `1`), want: ReasonClaim},
		{name: "jti null", edit: claim("jti", `null`), want: ReasonClaim},

		{name: "scope missing", edit: claim("scope", "")},
		{name: "scope empty", edit: claim("scope", `""`)},
		{name: "scope of every character allowed", edit: claim("scope", `"!#[]~ a:b/c.d-e_f"`)},
		{name: "scope an array", edit: claim("scope", `["tool:alpha"]`), want: ReasonClaim},
		{name: "scope null", edit: claim("scope", `null`), want: ReasonClaim},
		{name: "scope a number", edit: claim("scope", `1`), want: ReasonClaim},
		{name: "scope with two spaces", edit: claim("scope", `"a  b"`), want: ReasonClaim},
		{name: "scope of one space", edit: claim("scope", `" "`), want: ReasonClaim},
		{name: "scope with a space in front", edit: claim("scope", `" a"`), want: ReasonClaim},
		{name: "scope with a space behind", edit: claim("scope", `"a "`), want: ReasonClaim},
		{name: "scope with a tab", edit: claim("scope", `"a\tb"`), want: ReasonClaim},
		{name: "scope with a line break", edit: claim("scope", `"a\r\nX-Evil: b"`), want: ReasonClaim},
		{name: "scope with a quote", edit: claim("scope", `"a\"b"`), want: ReasonClaim},
		{name: "scope with a backslash", edit: claim("scope", `"a\\b"`), want: ReasonClaim},
		{name: "scope beyond ASCII", edit: claim("scope", `"größe"`), want: ReasonClaim},
		{name: "scope with a DEL", edit: claim("scope", `"a\u007f"`), want: ReasonClaim},

		{name: "cnf jkt, for DPoP", edit: claim("cnf", `{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}`), want: ReasonSenderConstrained},
		{name: "cnf x5t#S256, for mTLS", edit: claim("cnf", `{"x5t#S256":"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}`), want: ReasonSenderConstrained},
		{name: "cnf empty", edit: claim("cnf", `{}`), want: ReasonSenderConstrained},
		{name: "cnf null", edit: claim("cnf", `null`), want: ReasonSenderConstrained},
	}
}

// partyRows are about issuer, audience and client.
func partyRows() []row {
	both := func(clientID, azp string) func(*draft) {
		return func(d *draft) { d.claims = goodClaims().with("client_id", clientID).with("azp", azp).String() }
	}
	return []row{
		{name: "iss missing", edit: claim("iss", ""), want: ReasonIssuer},
		{name: "iss empty", edit: claim("iss", `""`), want: ReasonIssuer},
		{name: "iss null", edit: claim("iss", `null`), want: ReasonIssuer},
		{name: "iss a number", edit: claim("iss", `1`), want: ReasonIssuer},
		{name: "iss an array", edit: claim("iss", `["`+testIssuer+`"]`), want: ReasonIssuer},
		{name: "iss of somebody else", edit: claim("iss", `"https://evil.example/"`), want: ReasonIssuer},
		{name: "iss without the slash", edit: claim("iss", `"https://issuer.example"`), want: ReasonIssuer},
		{name: "iss with another slash", edit: claim("iss", `"https://issuer.example//"`), want: ReasonIssuer},
		{name: "iss in upper case", edit: claim("iss", `"https://ISSUER.example/"`), want: ReasonIssuer},
		{name: "iss by http", edit: claim("iss", `"http://issuer.example/"`), want: ReasonIssuer},
		{name: "iss with the default port", edit: claim("iss", `"https://issuer.example:443/"`), want: ReasonIssuer},
		{name: "iss with a space behind", edit: claim("iss", `"https://issuer.example/ "`), want: ReasonIssuer},
		{name: "iss with ours as a prefix", edit: claim("iss", `"https://issuer.example/tenant"`), want: ReasonIssuer},
		{name: "iss by escapes", edit: claim("iss", `"https:\/\/issuer.example\/"`)},
		{name: "iss of another issuer of ours, for an audience of this one", edit: claim("iss", `"`+otherIssuer+`"`), want: ReasonAudience},

		{name: "aud missing", edit: claim("aud", ""), want: ReasonAudience},
		{name: "aud empty", edit: claim("aud", `""`), want: ReasonAudience},
		{name: "aud null", edit: claim("aud", `null`), want: ReasonAudience},
		{name: "aud a number", edit: claim("aud", `1`), want: ReasonAudience},
		{name: "aud an object", edit: claim("aud", `{"0":"`+testAudience+`"}`), want: ReasonAudience},
		{name: "aud of another API", edit: claim("aud", `"https://elsewhere.example.com/"`), want: ReasonAudience},
		{name: "aud with a slash behind", edit: claim("aud", `"`+testAudience+`/"`), want: ReasonAudience},
		{name: "aud without the path", edit: claim("aud", `"https://mcp.example.com"`), want: ReasonAudience},
		{name: "aud in another case", edit: claim("aud", `"https://MCP.example.com/mcp"`), want: ReasonAudience},
		{name: "aud with a fragment", edit: claim("aud", `"`+testAudience+`#x"`), want: ReasonAudience},
		{name: "aud with ours in a list of words", edit: claim("aud", `"`+testAudience+` other"`), want: ReasonAudience},
		{name: "aud the second of ours", edit: claim("aud", `"urn:example:api"`)},
		{name: "aud an array of ours", edit: claim("aud", `["`+testAudience+`"]`)},
		{name: "aud an array of ours and others", edit: claim("aud", `["https://issuer.example/userinfo","`+testAudience+`"]`)},
		{name: "aud an array of others", edit: claim("aud", `["https://issuer.example/userinfo","x"]`), want: ReasonAudience},
		{name: "aud an empty array", edit: claim("aud", `[]`), want: ReasonAudience},
		{name: "aud an array with a number", edit: claim("aud", `["`+testAudience+`",1]`), want: ReasonAudience},
		{name: "aud an array with a null", edit: claim("aud", `["`+testAudience+`",null]`), want: ReasonAudience},
		{name: "aud an array within an array", edit: claim("aud", `[["`+testAudience+`"]]`), want: ReasonAudience},

		{name: "client_id alone", edit: both(`"one"`, "")},
		{name: "azp alone", edit: both("", `"one"`)},
		{name: "no client at all", edit: both("", "")},
		{name: "client_id and azp agree", edit: both(`"one"`, `"one"`)},
		{name: "client_id and azp agree by escapes", edit: both(`"one"`, `"\u006fne"`)},
		{name: "client_id and azp disagree", edit: both(`"one"`, `"two"`), want: ReasonClient},
		{name: "client_id and azp differ in case", edit: both(`"one"`, `"One"`), want: ReasonClient},
		{name: "client_id empty", edit: both(`""`, ""), want: ReasonClaim},
		{name: "azp empty beside client_id", edit: both(`"one"`, `""`), want: ReasonClaim},
		{name: "client_id a number", edit: both(`1`, ""), want: ReasonClaim},
		{name: "azp null", edit: both(`"one"`, `null`), want: ReasonClaim},
		{name: "client_id an address", edit: both(`"https://client.example/metadata.json"`, "")},
	}
}

// timeRows are about exp, nbf and iat. The skew is the default, 30 seconds.
func timeRows() []row {
	clock := func(after time.Duration) func(*draft) {
		return func(d *draft) { d.now = testNow.Add(time.Hour + after) }
	}
	rows := []row{
		{name: "exp missing", edit: claim("exp", ""), want: ReasonLifetime},
		{name: "exp null", edit: claim("exp", `null`), want: ReasonLifetime},
		{name: "exp a string", edit: claim("exp", `"`+at(3600)+`"`), want: ReasonLifetime},
		{name: "exp by RFC 3339", edit: claim("exp", `"2026-08-01T13:00:00Z"`), want: ReasonLifetime},
		{name: "exp true", edit: claim("exp", `true`), want: ReasonLifetime},
		{name: "exp an array", edit: claim("exp", `[`+at(3600)+`]`), want: ReasonLifetime},
		{name: "exp zero", edit: claim("exp", `0`), want: ReasonLifetime},
		{name: "exp minus zero", edit: claim("exp", `-0`), want: ReasonLifetime},
		{name: "exp negative", edit: claim("exp", `-1`), want: ReasonLifetime},
		{name: "exp NaN", edit: claim("exp", `NaN`), want: ReasonClaim},
		{name: "exp the string NaN", edit: claim("exp", `"NaN"`), want: ReasonLifetime},
		{name: "exp Infinity", edit: claim("exp", `Infinity`), want: ReasonClaim},
		{name: "exp 1e400", edit: claim("exp", `1e400`), want: ReasonLifetime},
		{name: "exp 1e-400", edit: claim("exp", `1e-400`), want: ReasonLifetime},
		{name: "exp of a thousand digits", edit: claim("exp", strings.Repeat("9", 1000)), want: ReasonLifetime},
		{name: "exp in milliseconds", edit: claim("exp", at(3600)+"000"), want: ReasonLifetime},
		{name: "exp in the year 10000", edit: claim("exp", `253402300800`), want: ReasonLifetime},
		{name: "exp in the last second of the year 9999", edit: claim("exp", `253402300799`)},
		{name: "exp with a fraction", edit: claim("exp", at(3600)+".5")},
		{name: "exp by an exponent", edit: claim("exp", "2e9")},
		{name: "exp in hexadecimal", edit: claim("exp", `0x7fffffff`), want: ReasonClaim},
		{name: "exp long gone", edit: claim("exp", at(-86400)), want: ReasonExpired},
		{name: "exp and the fraction of a second within the skew", edit: claim("exp", at(-30)+".5")},
		{name: "exp and the fraction of a second beyond the skew", edit: claim("exp", at(-31)+".5"), want: ReasonExpired},

		{name: "nbf a string", edit: claim("nbf", `"0"`), want: ReasonLifetime},
		{name: "nbf null", edit: claim("nbf", `null`), want: ReasonLifetime},
		{name: "nbf 1e400", edit: claim("nbf", `1e400`), want: ReasonLifetime},
		{name: "nbf in milliseconds", edit: claim("nbf", at(0)+"000"), want: ReasonLifetime},
		{name: "nbf zero", edit: claim("nbf", `0`)},
		{name: "nbf before 1970", edit: claim("nbf", `-1`)},
		{name: "iat missing", edit: claim("iat", "")},
		{name: "iat a string", edit: claim("iat", `"`+at(0)+`"`), want: ReasonLifetime},
		{name: "iat true", edit: claim("iat", `true`), want: ReasonLifetime},
		{name: "iat with a fraction", edit: claim("iat", at(-1)+".25")},
	}
	// The token lives for an hour from testNow.
	rows = append(rows,
		row{name: "at exp", edit: clock(0)},
		row{name: "at exp + 29 s", edit: clock(29 * time.Second)},
		row{name: "a nanosecond before exp + 30 s", edit: clock(30*time.Second - 1)},
		row{name: "at exp + 30 s", edit: clock(30 * time.Second), want: ReasonExpired},
		row{name: "at exp + 31 s", edit: clock(31 * time.Second), want: ReasonExpired},
	)
	for _, name := range []string{"nbf", "iat"} {
		rows = append(rows,
			row{name: "29 s before " + name, edit: claim(name, at(29))},
			row{name: "30 s before " + name, edit: claim(name, at(30))},
			row{name: "30.5 s before " + name, edit: claim(name, at(30)+".5"), want: ReasonNotYetValid},
			row{name: "31 s before " + name, edit: claim(name, at(31)), want: ReasonNotYetValid},
			row{name: "a year before " + name, edit: claim(name, at(365*86400)), want: ReasonNotYetValid},
		)
	}
	return rows
}
