package main

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strconv"
	"strings"

	"mcp-resource-server/auth"
)

// headerRows are tokens whose header says what must not be believed.
func headerRows() []refusalRow {
	rows := []refusalRow{
		wrongHeader("typ empty", member("typ", `""`)),
		wrongHeader("typ null", member("typ", `null`)),
		wrongHeader("typ a number", member("typ", `1`)),
		wrongHeader("typ an array", member("typ", `["JWT"]`)),
		wrongType("typ missing", member("typ", "")),
		wrongType("typ of an ID token", member("typ", `"id+jwt"`)),
		wrongType("typ of a logout token", member("typ", `"logout+jwt"`)),
		wrongType("typ of a DPoP proof", member("typ", `"dpop+jwt"`)),
		wrongType("typ of an introspection answer", member("typ", `"token-introspection+jwt"`)),
		wrongType("typ with a parameter", member("typ", `"at+jwt;v=1"`)),
		wrongType("typ with a space behind", member("typ", `"at+jwt "`)),
		{name: "typ jwt in lower case", fault: member("typ", `"jwt"`)},
		{name: "typ application/at+jwt in capitals", fault: member("typ", `"APPLICATION/AT+JWT"`)},

		wrongHeader("kid missing", member("kid", "")),
		wrongHeader("kid empty", member("kid", `""`)),
		wrongHeader("kid null", member("kid", `null`)),
		wrongHeader("kid a number", member("kid", `1`)),
		wrongHeader("kid an array", member("kid", `["signing-key-one"]`)),
		wrongHeader("kid of 257 bytes", keyID(strings.Repeat("k", 257))),
		wrongHeader("kid of 129 letters of two bytes", keyID(strings.Repeat("é", 129))),
		wrongHeader("kid a lone surrogate", member("kid", `"\ud800"`)),
		{name: "kid by escapes", fault: member("kid", `"signing\u002dkey\u002done"`)},
	}
	for _, part := range [][]refusalRow{algRows(), refusedMemberRows(), headerTextRows()} {
		rows = append(rows, part...)
	}
	return rows
}

func wrongHeader(name string, fault edit) refusalRow {
	return refusalRow{name: name, reason: auth.ReasonHeader, fault: fault}
}

func wrongType(name string, fault edit) refusalRow {
	return refusalRow{name: name, reason: auth.ReasonTokenType, fault: fault}
}

func wrongAlg(name string, fault edit) refusalRow {
	return refusalRow{name: name, reason: auth.ReasonUnsupportedAlg, fault: fault}
}

func algRows() []refusalRow {
	der, err := x509.MarshalPKIXPublicKey(&ownRSA().PublicKey)
	if err != nil {
		panic(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	hmac := func(secret []byte) edit { return edits(member("alg", `"HS256"`), signedBy("HS256", secret)) }
	alg := func(written string) edit { return member("alg", written) }
	return []refusalRow{
		wrongAlg("alg none with a signature", alg(`"none"`)),
		wrongAlg("alg None with a signature", alg(`"None"`)),
		{name: "alg none without a signature", reason: auth.ReasonMalformed, fault: edits(alg(`"none"`), signedBy("none", nil))},
		wrongAlg("alg HS256 with the public key in PEM as the secret", hmac(public)),
		wrongAlg("alg HS256 with the public key in DER as the secret", hmac(der)),
		wrongAlg("alg HS256 with the modulus as the secret", hmac(ownRSA().N.Bytes())),
		wrongAlg("alg HS256 with an empty secret", hmac(nil)),
		wrongAlg("alg HS384", alg(`"HS384"`)),
		wrongAlg("alg HS512", alg(`"HS512"`)),
		wrongAlg("alg RS384, which this issuer does not have", algorithm("RS384", draftKID, ownRSA())),
		wrongAlg("alg RS512, which this issuer does not have", algorithm("RS512", "key-made-for-rs512", ownRSA())),
		wrongAlg("alg PS256, which this issuer does not have", algorithm("PS256", "key-without-an-alg", ownRSA())),
		wrongAlg("alg ES256, which this issuer does not have", algorithm("ES256", "key-on-a-curve", ownEC256())),
		wrongAlg("alg RS1", alg(`"RS1"`)),
		wrongAlg("alg in lower case", alg(`"rs256"`)),
		wrongAlg("alg with a space behind", alg(`"RS256 "`)),
		wrongAlg("alg EdDSA", alg(`"EdDSA"`)),
		wrongAlg("alg ES256K", alg(`"ES256K"`)),
		wrongAlg("alg of an encryption", alg(`"RSA-OAEP-256"`)),
		wrongAlg("alg dir", alg(`"dir"`)),
		wrongHeader("alg missing", alg("")),
		wrongHeader("alg empty", alg(`""`)),
		wrongHeader("alg null", alg(`null`)),
		wrongHeader("alg a number", alg(`256`)),
		wrongHeader("alg true", alg(`true`)),
		wrongHeader("alg an array", alg(`["RS256"]`)),
		wrongHeader("alg an object", alg(`{"name": "RS256"}`)),
		{name: "alg by escapes", fault: alg(`"\u0052S256"`)},
		{name: "Alg none beside alg", fault: member("Alg", `"none"`)},
	}
}

// refusedMemberRows have a member that would change what is signed, or where the key
// comes from.
func refusedMemberRows() []refusalRow {
	certificate := `["` + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("no certificate"), 4)) + `"]`
	own := func(d *draft) {
		member("jwk", rsaJWK(draftKID, "RS256", &foreignRSA().PublicKey).String())(d)
		d.key = foreignRSA()
	}
	address := func(name string) edit { return func(d *draft) { member(name, strconv.Quote(d.nobody))(d) } }
	return []refusalRow{
		wrongHeader("crit of a known name", member("crit", `["exp"]`)),
		wrongHeader("crit of an unknown name", edits(member("crit", `["urn:example:critical"]`), member("urn:example:critical", `true`))),
		wrongHeader("crit empty", member("crit", `[]`)),
		wrongHeader("crit null", member("crit", `null`)),
		wrongHeader("b64 true", member("b64", `true`)),
		wrongHeader("b64 false", member("b64", `false`)),
		wrongHeader("b64 false and crit", edits(member("b64", `false`), member("crit", `["b64"]`))),
		wrongHeader("zip", member("zip", `"DEF"`)),
		wrongHeader("enc", member("enc", `"A256GCM"`)),
		wrongHeader("jwk with the key that signed", own),
		wrongHeader("jwk null", member("jwk", `null`)),
		wrongHeader("jku with an address", address("jku")),
		wrongHeader("jku empty", member("jku", `""`)),
		wrongHeader("x5u with an address", address("x5u")),
		{name: "jku by escapes", reason: auth.ReasonHeader, fault: headerText(inFront(`"\u006aku": "https://issuer.test/keys", `))},
		wrongHeader("cty JWT", member("cty", `"JWT"`)),
		wrongHeader("cty jwt", member("cty", `"jwt"`)),
		wrongHeader("cty application/jwt", member("cty", `"application/JWT"`)),
		wrongHeader("cty a number", member("cty", `1`)),
		wrongHeader("cty empty", member("cty", `""`)),
		wrongHeader("cty null", member("cty", `null`)),
		{name: "cty of something else", fault: member("cty", `"example"`)},
		// The twin's x5c is no certificate at all, and nobody minds.
		{name: "x5u beside an x5c", reason: auth.ReasonHeader, good: member("x5c", certificate), fault: address("x5u")},
		{name: "jku beside an x5t", reason: auth.ReasonHeader, good: edits(member("x5t", `"AQAB"`), member("x5t#S256", `"AQAB"`)), fault: address("jku")},
		{name: "crit beside an unknown member", reason: auth.ReasonHeader, good: member("org.example", `{"a": [1]}`), fault: member("crit", `["org.example"]`)},
	}
}

// headerTextRows are headers that are no strict JSON object.
func headerTextRows() []refusalRow {
	is := func(s string) edit { return headerText(always(s)) }
	return []refusalRow{
		wrongHeader("header an empty object", is("{}")),
		wrongHeader("header an array", is("[]")),
		wrongHeader("header a string", is(`"RS256"`)),
		wrongHeader("header null", is("null")),
		wrongHeader("header a number", is("256")),
		wrongHeader("header no JSON", is("alg=RS256")),
		wrongHeader("header of one space", is(" ")),
		wrongHeader("header cut off", headerText(func(h string) string { return h[:len(h)-1] })),
		wrongHeader("header with a byte order mark", headerText(func(h string) string { return "\ufeff" + h })),
		wrongHeader("header in UTF-16", headerText(func(h string) string { return strings.Join(strings.Split(h, ""), "\x00") + "\x00" })),
		wrongHeader("header twice", headerText(func(h string) string { return h + h })),
		wrongHeader("header with a letter behind", headerText(behind("x"))),
		wrongHeader("header with a NUL behind", headerText(behind("\x00"))),
		wrongHeader("header with a comma too many", headerText(func(h string) string { return h[:len(h)-1] + ",}" })),
		wrongHeader("header with a comment", headerText(inFront("/* */"))),
		wrongHeader("header with names without quotes", is("{alg:'RS256'}")),
		wrongHeader("alg twice, the same", headerText(inFront(`"alg": "RS256", `))),
		wrongHeader("alg twice, none first", headerText(inFront(`"alg": "none", `))),
		wrongHeader("kid twice by escapes", headerText(inFront(`"\u006bid": "another-key-of-ours", `))),
		wrongHeader("a duplicate in a member of the header that is not read", member("x", `{"a": 1, "a": 2}`)),
		wrongHeader("a duplicate by escapes in a member of the header that is not read", member("x", `[{"a": 1, "\u0061": 2}]`)),
		wrongHeader("invalid UTF-8 in a member of the header that is not read", member("x", "\"\xff\"")),
		wrongHeader("a lone surrogate in a member of the header that is not read", member("x", `"\udc00"`)),
		wrongHeader("a control character in the header", member("x", "\"a\x01b\"")),
		{name: "65 levels in the header", reason: auth.ReasonHeader, good: member("x", nested(63)), fault: member("x", nested(64))},
		{name: "header with white space around", fault: headerText(func(h string) string { return " \r\n" + h + "\t" })},
	}
}
