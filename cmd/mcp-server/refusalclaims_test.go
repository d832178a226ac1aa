package main

import (
	"strconv"
	"strings"

	"mcp-resource-server/auth"
)

func wrongClaim(name string, fault edit) refusalRow {
	return refusalRow{name: name, reason: auth.ReasonClaim, fault: fault}
}

// claimRows are tokens whose claims are no strict JSON object, or have a claim of the
// wrong type.
func claimRows() []refusalRow {
	rows := claimsTextRows()
	for _, part := range [][]refusalRow{subjectRows(), scopeClaimRows()} {
		rows = append(rows, part...)
	}
	for _, cnf := range []struct{ name, value string }{
		{"for DPoP", `{"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}`},
		{"for mTLS", `{"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}`},
		{"an empty object", `{}`},
		{"null", `null`},
		{"a string", `"jkt"`},
		{"an array", `[]`},
		{"false", `false`},
	} {
		rows = append(rows, refusalRow{name: "cnf " + cnf.name, reason: auth.ReasonSenderConstrained, fault: claim("cnf", cnf.value)})
	}
	return rows
}

func claimsTextRows() []refusalRow {
	is := func(s string) edit { return claimsText(always(s)) }
	change := func(name string, f func(string) string) refusalRow { return wrongClaim(name, claimsText(f)) }
	return []refusalRow{
		wrongClaim("claims an array", is("[]")),
		wrongClaim("claims an array of claims", claimsText(func(c string) string { return "[" + c + "]" })),
		wrongClaim("claims a string", is(`"iss"`)),
		wrongClaim("claims null", is("null")),
		wrongClaim("claims a number", is("1")),
		wrongClaim("claims no JSON", is("iss=me&aud=you")),
		{name: "claims an empty object", reason: auth.ReasonIssuer, fault: is("{}")},
		wrongClaim("a token within the token", func(d *draft) {
			inner := *d
			d.claimsText = always(inner.token())
		}),
		change("claims cut off", func(c string) string { return c[:len(c)-1] }),
		change("claims with a byte order mark", func(c string) string { return "\ufeff" + c }),
		change("claims in UTF-16", func(c string) string { return strings.Join(strings.Split(c, ""), "\x00") + "\x00" }),
		change("claims twice", func(c string) string { return c + c }),
		change("claims with a letter behind", behind("x")),
		change("claims with a NUL behind", behind("\x00")),
		change("claims with a comma too many", func(c string) string { return c[:len(c)-1] + ",}" }),
		change("claims with a comment", inFront("/* */")),
		change("aud twice", inFront(`"aud": "https://elsewhere.example.com/", `)),
		change("aud twice, the same", inFront(`"aud": "`+draftAudience+`", `)),
		change("iss twice", inFront(`"iss": "https://evil.example/", `)),
		change("exp twice by escapes", inFront(`"\u0065xp": 0, `)),
		change("scope twice", inFront(`"scope": "base tool:whoami", `)),
		wrongClaim("a duplicate deep in a claim that is not read", claim("x", `[{"y": {"a": 1, "a": 1}}]`)),
		wrongClaim("a duplicate by escapes in a claim that is not read", claim("x", `{"a": 1, "\u0061": 1}`)),
		wrongClaim("invalid UTF-8 in a claim that is not read", claim("x", "\"\xc3\x28\"")),
		wrongClaim("overlong UTF-8 in a claim that is not read", claim("x", "\"\xc0\xaf\"")),
		wrongClaim("a surrogate in UTF-8", claim("x", "\"\xed\xa0\x80\"")),
		wrongClaim("a lone high surrogate in a claim that is not read", claim("x", `"\ud800"`)),
		wrongClaim("a low surrogate in front of a high one", claim("x", `"\udc00\ud800"`)),
		change("a lone surrogate in a name", inFront(`"\udc00": 1, `)),
		wrongClaim("a control character in the claims", claim("x", "\"a\nb\"")),
		wrongClaim("NaN in a claim that is not read", claim("x", `NaN`)),
		wrongClaim("a leading zero in a claim that is not read", claim("x", `01`)),
		wrongClaim("a plus sign in front of a number", claim("x", `+1`)),
		wrongClaim("True in a claim that is not read", claim("x", `True`)),
		wrongClaim("an unknown escape", claim("x", `"\x41"`)),
		{name: "65 levels in the claims", reason: auth.ReasonClaim, good: claim("x", nested(63)), fault: claim("x", nested(64))},
		wrongClaim("three thousand arrays that do not end", claim("x", strings.Repeat("[", 3_000))),
		{name: "claims with white space around", fault: claimsText(func(c string) string { return "\r\n" + c + " " })},
		{name: "Aud beside aud", fault: claim("Aud", `"https://elsewhere.example.com/"`)},
		{name: "a number beyond all in a claim that is not read", fault: claim("x", `1e400`)},
		{name: "a surrogate pair in a claim that is not read", fault: claim("x", `"\ud83d\ude00"`)},
	}
}

func subjectRows() []refusalRow {
	return []refusalRow{
		wrongClaim("sub missing", claim("sub", "")),
		wrongClaim("sub empty", claim("sub", `""`)),
		wrongClaim("sub null", claim("sub", `null`)),
		wrongClaim("sub a number", claim("sub", `42`)),
		wrongClaim("sub true", claim("sub", `true`)),
		wrongClaim("sub an array", claim("sub", `["subject-of-the-token"]`)),
		wrongClaim("sub an object", claim("sub", `{"id": "subject-of-the-token"}`)),
		{name: "sub of 1,025 letters", reason: auth.ReasonClaim, good: claim("sub", letters(1024)), fault: claim("sub", letters(1025))},
		{
			name: "sub of 1,025 letters of two bytes", reason: auth.ReasonClaim,
			good: claim("sub", strconv.Quote(strings.Repeat("é", 1024))), fault: claim("sub", strconv.Quote(strings.Repeat("é", 1025))),
		},
		wrongClaim("jti null", claim("jti", `null`)),
		wrongClaim("jti a number", claim("jti", `1`)),
		wrongClaim("jti false", claim("jti", `false`)),
		wrongClaim("jti an array", claim("jti", `["identifier-of-the-token"]`)),
		wrongClaim("jti an object", claim("jti", `{}`)),
		{name: "jti missing", fault: claim("jti", "")},
	}
}

func scopeClaimRows() []refusalRow {
	scope := func(name, value string) refusalRow { return wrongClaim("scope "+name, claim("scope", value)) }
	return []refusalRow{
		scope("an array", `["base", "tool:probe"]`),
		scope("null", `null`),
		scope("a number", `1`),
		scope("true", `true`),
		scope("an object", `{"base": true}`),
		scope("with two spaces", `"base  tool:probe"`),
		scope("of one space", `" "`),
		scope("with a space in front", `" base tool:probe"`),
		scope("with a space behind", `"base tool:probe "`),
		scope("with a comma and a space", `"base,\ttool:probe"`),
		scope("with a tab", `"base\ttool:probe"`),
		scope("with a line break and a header", `"base tool:probe\r\nX-Evil: b"`),
		scope("with a quote", `"base tool:probe\""`),
		scope("with a backslash", `"base tool:probe\\"`),
		scope("beyond ASCII", `"base tool:probe größe"`),
		scope("with a no-break space", `"base\u00a0tool:probe"`),
		scope("with a DEL", `"base tool:probe \u007f"`),
		scope("with a NUL", `"base tool:probe \u0000"`),
		{name: "scope of every character allowed", fault: claim("scope", `"base tool:probe !#[]~ a:b/c.d-e_f"`)},
	}
}

// calls are the routes on which a tool is called, and operations those on which
// anything is asked for.
var (
	calls      = []string{"modern POST", "legacy POST"}
	operations = append([]string{routeInitialize, "GET", "DELETE"}, calls...)
)

// scopeRows are good tokens that lack what the operation needs. The log names the
// client of a good token: it has a short name.
func scopeRows() []refusalRow {
	lacks := func(name, value string, only []string) refusalRow {
		return refusalRow{name: name, reason: auth.ReasonScope, good: claim("azp", `"agent"`), fault: claim("scope", value), only: only}
	}
	return []refusalRow{
		lacks("no scope claim at all", "", operations),
		lacks("an empty scope", `""`, operations),
		lacks("scopes of other things", `"openid profile"`, operations),
		lacks("the baseline in another case", `"Tool:probe BASE"`, operations),
		lacks("the baseline as the beginning of a word", `"based tool:probes"`, operations),
		lacks("the baseline without the tool's", `"base"`, calls),
		lacks("the tool's in another case", `"base tool:Probe"`, calls),
		lacks("the scope of another tool", `"base tool:whoami"`, calls),
	}
}
