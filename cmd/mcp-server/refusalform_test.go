package main

import (
	"encoding/json"
	"strings"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/jwstest"
)

// formRows are tokens that are no compact JWS in its one spelling: nothing in them
// is read. What cannot stand in a header at all is in TestHeaderThatIsNone.
func formRows() []refusalRow {
	malformed := func(name string, change func(string) string) refusalRow {
		return refusalRow{name: name, reason: auth.ReasonMalformed, fault: spoiled(change)}
	}
	encrypted := func(name string, change func(string) string) refusalRow {
		return refusalRow{name: name, reason: auth.ReasonEncrypted, fault: spoiled(change)}
	}
	rows := []refusalRow{
		malformed("one part", always("opaque-token-without-a-dot")),
		malformed("two parts", func(raw string) string { return raw[:strings.LastIndexByte(raw, '.')] }),
		malformed("four parts", behind(".AAAA")),
		encrypted("five parts", behind(".AAAA.AAAA")),
		malformed("five empty parts", always("....")),
		encrypted("a JWE", always(b64(`{"alg":"RSA-OAEP","enc":"A256GCM"}`)+".a2V5LWVuY3J5cHRlZA.aXYtaXYtaXYtaXY.Y2lwaGVydGV4dC1vZi1pdA.dGFnLXRhZy10YWctdGFn")),
		malformed("six parts", behind(".AAAA.AAAA.AAAA")),
		malformed("a dot alone", always(".")),
		malformed("two dots alone", always("..")),
		malformed("a dot in front", func(raw string) string { return "." + raw }),
		malformed("a dot behind", behind(".")),
		malformed("jwstest.Flattened JSON serialisation", jwstest.Flattened),
		malformed("general JSON serialisation", general),
		malformed("the claims alone, as JSON", func(raw string) string { return unb64(strings.Split(raw, ".")[1]) }),
		malformed("the scheme within the token", func(raw string) string { return "Bearer " + raw }),
		malformed("a parameter in front", func(raw string) string { return "token=" + raw }),
		malformed("in quotes", func(raw string) string { return `"` + raw + `"` }),
		malformed("in angle brackets", func(raw string) string { return "<" + raw + ">" }),
		malformed("two tokens by a comma", func(raw string) string { return raw + "," + raw }),
		malformed("percent-encoded dots", func(raw string) string { return strings.ReplaceAll(raw, ".", "%2E") }),
		malformed("a percent-encoded letter", jwstest.Part(1, func(p string) string { return "%65" + p[1:] })),
		malformed("parts in the wrong encoding: hexadecimal", always("7b7d0a.7b7d0a.7b7d0")),
		malformed("a static token, where there are none", always(staticUnknown)),
		malformed("twenty thousand letters", always(strings.Repeat("A", 20_000))),
		malformed("twenty thousand dots", always(strings.Repeat(".", 20_000))),
		{name: "one byte more than 16 KiB", reason: auth.ReasonMalformed, good: grow(16 << 10), fault: grow(16<<10 + 1)},
		{name: "one byte less than 16 KiB", fault: grow(16<<10 - 1)},
		{name: "claims in the standard alphabet", reason: auth.ReasonMalformed, good: plusSlash, fault: spoiled(jwstest.Part(1, standardAlphabet))},
	}
	for i, name := range []string{"header", "claims", "signature"} {
		of := func(what string, change func(string) string) refusalRow {
			return malformed(name+" "+what, jwstest.Part(i, change))
		}
		rows = append(rows,
			of("empty", always("")),
			of("padded with =", behind("=")),
			of("padded with ==", behind("==")),
			of("with a space within", insert(" ")),
			of("with a tab within", insert("\t")),
			of("with a plus sign within", insert("+")),
			of("with a slash within", insert("/")),
			of("with a tilde within", insert("~")),
			of("with a letter beyond ASCII", insert("é")),
			of("with a byte that is no UTF-8", insert("\xff")),
			of("of an impossible length", always("AAAAA")),
			refusalRow{name: name + " with unused bits that are set", reason: auth.ReasonMalformed, good: spare, fault: spoiled(jwstest.Part(i, jwstest.OtherSpelling))},
		)
	}
	return rows
}

// grow makes the whole token exactly n bytes long. Three bytes of claims are four of
// the token: what is left over goes into the header.
func grow(n int) edit {
	return func(d *draft) {
		for spaces := range 3 {
			padding := 0
			d.headerText = behind(strings.Repeat(" ", spaces))
			d.claimsText = func(s string) string { return s + strings.Repeat(" ", padding) }
			padding = (n - len(d.token())) * 3 / 4
			for len(d.token()) < n {
				padding++
			}
			if len(d.token()) == n {
				return
			}
		}
		panic("no token has this length")
	}
}

// plusSlash adds a claim whose encoding has characters 62 and 63.
func plusSlash(d *draft) { claim("x", `"~~~???>>>~~~???>>>"`)(d) }

func standardAlphabet(p string) string { return strings.NewReplacer("-", "+", "_", "/").Replace(p) }

// spare pads header and claims until the last character of each has bits to spare; a
// signature of 256 bytes has them.
func spare(d *draft) {
	pad := func(s string) string {
		for len(s)%3 == 0 {
			s += " "
		}
		return s
	}
	edits(headerText(pad), claimsText(pad))(d)
}

// general is the general JSON serialisation (RFC 7515 §7.2.1).
func general(raw string) string {
	p := strings.Split(raw, ".")
	b, _ := json.Marshal(map[string]any{"payload": p[1], "signatures": []map[string]string{{"protected": p[0], "signature": p[2]}}})
	return string(b)
}
