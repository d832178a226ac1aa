package main

import (
	"encoding/asn1"
	"math/big"
	"strconv"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/jwstest"
)

// algorithmRows are about an issuer that signs by other algorithms than RS256.
func algorithmRows() []refusalRow {
	ps := algorithm("PS256", "rsa-key-for-ps256", ownRSA())
	es := algorithm("ES256", "key-on-curve-256", ownEC256())
	rs512 := algorithm("RS512", "rsa-key-for-anything", ownRSA())
	row := func(name string, reason auth.Reason, good, fault edit) refusalRow {
		return refusalRow{name: name, reason: reason, good: good, fault: fault}
	}
	alg := func(name string) edit { return member("alg", strconv.Quote(name)) }
	return at("algorithms",
		row("RS256, which is not listed", auth.ReasonUnsupportedAlg, rs512, algorithm("RS256", "rsa-key-for-anything", ownRSA())),
		row("PS512, which is not listed", auth.ReasonUnsupportedAlg, ps, algorithm("PS512", "rsa-key-for-anything", ownRSA())),
		row("ES512, which is not listed", auth.ReasonUnsupportedAlg, es, alg("ES512")),
		row("RS512 with a key made for PS256", auth.ReasonUnsupportedAlg, ps, algorithm("RS512", "rsa-key-for-ps256", ownRSA())),
		row("ES256 with an RSA key", auth.ReasonUnsupportedAlg, es, keyID("rsa-key-for-anything")),
		row("ES256 with a key on another curve", auth.ReasonUnsupportedAlg, es, keyID("key-on-curve-384")),
		row("ES384 with a key on another curve", auth.ReasonUnsupportedAlg, es, alg("ES384")),
		row("RS512 with a key on a curve", auth.ReasonUnsupportedAlg, es, alg("RS512")),
		row("PS256 that was signed by RS256", auth.ReasonSignature, ps, signedBy("RS256", ownRSA())),
		row("RS512 that was signed by RS256", auth.ReasonSignature, rs512, signedBy("RS256", ownRSA())),
		row("PS256 by a foreign key", auth.ReasonSignature, ps, signedBy("PS256", foreignRSA())),
		row("ES256 by a foreign key", auth.ReasonSignature, es, signedBy("ES256", jwstest.EC(ownEC256().Curve))),
		row("ES256 of zeros", auth.ReasonSignature, es, signatureBytes(func(string) string { return string(make([]byte, 64)) })),
		row("ES256 with r and s exchanged", auth.ReasonSignature, es, signatureBytes(func(s string) string { return s[32:] + s[:32] })),
		row("ES256 with a zero in front of r and s", auth.ReasonSignature, es, signatureBytes(func(s string) string { return "\x00" + s[:32] + "\x00" + s[32:] })),
		row("ES256 in DER", auth.ReasonSignature, es, signatureBytes(derSignature)),
		row("ES256 cut by a byte", auth.ReasonSignature, es, signatureBytes(func(s string) string { return s[:63] })),
		row("ES256 with a byte behind", auth.ReasonSignature, es, signatureBytes(behind("\x00"))),
	)
}

// derSignature is the form that X.509 has for r and s (RFC 3279 §2.2.3), and JWS has not.
func derSignature(raw string) string {
	half := len(raw) / 2
	der, err := asn1.Marshal([]*big.Int{new(big.Int).SetBytes([]byte(raw[:half])), new(big.Int).SetBytes([]byte(raw[half:]))})
	if err != nil {
		panic(err)
	}
	return string(der)
}
