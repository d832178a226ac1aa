package main

import (
	"strings"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/jwstest"
)

// keyRows are tokens in which all is right but the key or the signature.
func keyRows() []refusalRow {
	unknown := func(name string, fault edit) refusalRow {
		return refusalRow{name: name, reason: auth.ReasonUnknownKID, fault: fault, asks: true}
	}
	forged := func(name string, fault edit) refusalRow {
		return refusalRow{name: name, reason: auth.ReasonSignature, fault: fault}
	}
	other := func(change edit) string { // another token of the same issuer
		d := goodDraft(issuerOf(plain))
		change(d)
		return d.token()
	}
	otherPart := func(i int, change edit) func(string) string {
		return jwstest.Part(i, func(string) string { return strings.Split(other(change), ".")[i] })
	}
	return []refusalRow{
		unknown("a kid that nobody has", keyID("kid-that-nobody-has")),
		unknown("a kid in capitals", keyID(strings.ToUpper(draftKID))),
		unknown("a kid with a space behind", keyID(draftKID+" ")),
		unknown("a kid like a path", keyID("../../../../etc/passwd")),
		unknown("a kid like a query", keyID("' OR 1=1 --  AND so on")),
		unknown("a kid of 256 bytes", keyID(strings.Repeat("k", 256))),
		unknown("a kid of the other issuer", edits(keyID("key-of-the-second"), signedBy("RS256", foreignRSA()))),
		unknown("a foreign key under its own name", edits(keyID("key-of-a-stranger"), signedBy("RS256", foreignRSA()))),
		unknown("a key of 1,024 bits", edits(keyID("key-of-1024-bits"), signedBy("RS256", weakRSA()))),
		unknown("a key with the exponent 3", keyID("key-with-exponent-3")),
		unknown("a key for encryption", keyID("key-for-encryption")),
		unknown("a key for wrapping", keyID("key-for-wrapping")),
		unknown("a key made for an algorithm that is not listed", keyID("key-made-for-rs512")),
		unknown("a key on a curve", keyID("key-on-a-curve")),
		unknown("a key that is a secret", keyID("key-that-is-a-secret")),
		unknown("a key of an unknown kind", keyID("key-of-unknown-kind")),
		unknown("a name under which two keys stand", keyID("key-that-stands-twice")),

		forged("a foreign key under a good name", signedBy("RS256", foreignRSA())),
		{
			name: "the other issuer's key under a name that both have", reason: auth.ReasonSignature,
			good: keyID("key-name-that-two-have"), fault: signedBy("RS256", foreignRSA()),
		},
		forged("another key of the issuer than the kid says", edits(keyID("key-without-an-alg"), signedBy("RS256", foreignRSA()))),
		forged("signed by RS384 under RS256", signedBy("RS384", ownRSA())),
		forged("signed by PS256 under RS256", signedBy("PS256", ownRSA())),
		forged("signed with a secret under RS256", signedBy("HS256", ownRSA().N.Bytes())),
		forged("the signature of another token", spoiled(otherPart(2, claim("scope", `"base"`)))),
		forged("the claims of another token", spoiled(otherPart(1, claim("scope", `"base tool:probe tool:whoami"`)))),
		forged("the header of another token", spoiled(otherPart(0, member("typ", `"JWT"`)))),
		forged("claims with a space more", spoiled(jwstest.Part(1, func(p string) string { return b64(unb64(p) + " ") }))),
		forged("header with a space more", spoiled(jwstest.Part(0, func(p string) string { return b64(unb64(p) + " ") }))),
		forged("signature with its first bit flipped", signatureBytes(func(s string) string { return string(s[0]^0x80) + s[1:] })),
		forged("signature with its last bit flipped", signatureBytes(func(s string) string { return s[:255] + string(s[255]^1) })),
		forged("signature with a bit flipped in the middle", signatureBytes(func(s string) string { return s[:128] + string(s[128]^8) + s[129:] })),
		forged("signature cut by a byte", signatureBytes(func(s string) string { return s[:255] })),
		forged("signature cut by its first byte", signatureBytes(func(s string) string { return s[1:] })),
		forged("signature cut by half", signatureBytes(func(s string) string { return s[:128] })),
		forged("signature with a zero in front", signatureBytes(func(s string) string { return "\x00" + s })),
		forged("signature with a zero behind", signatureBytes(behind("\x00"))),
		forged("signature twice", signatureBytes(func(s string) string { return s + s })),
		forged("signature of zeros", signatureBytes(func(string) string { return strings.Repeat("\x00", 256) })),
		forged("signature of ones", signatureBytes(func(string) string { return strings.Repeat("\xff", 256) })),
		forged("signature of the number one", signatureBytes(func(string) string { return strings.Repeat("\x00", 255) + "\x01" })),
		forged("signature of one byte", signatureBytes(func(string) string { return "\x00" })),
		forged("the modulus as the signature", signatureBytes(func(string) string { return string(ownRSA().N.Bytes()) })),

		{name: "an issuer whose keys cannot be had", reason: auth.ReasonKeysUnavailable, fault: issued("down")},
		{name: "a kid that an issuer in trouble cannot be asked for", reason: auth.ReasonKeysUnavailable, at: "faltering", fault: keyID("kid-during-trouble")},
		{name: "a kid when the issuer has been asked often enough", reason: auth.ReasonKeysUnavailable, at: "drained", fault: keyID("kid-after-the-flood")},
		{name: "a kid that the last question has shown to be absent", reason: auth.ReasonUnknownKID, at: "drained", fault: keyID("key-that-drained-it-2")},
		// What is bad whatever the key is needs none.
		{name: "an expired token of an issuer whose keys cannot be had", reason: auth.ReasonExpired, fault: edits(issued("down"), claim("exp", second(-60)))},
		{name: "an expired token with an unknown kid", reason: auth.ReasonExpired, fault: edits(keyID("kid-of-an-expired-token"), claim("exp", second(-60)))},
		{name: "another audience with an unknown kid", reason: auth.ReasonAudience, fault: edits(keyID("kid-of-another-audience"), claim("aud", `"urn:example:other"`))},
	}
}

// issued makes the token another place's.
func issued(place string) edit { return claim("iss", `"`+issuerOf(place)+`"`) }
