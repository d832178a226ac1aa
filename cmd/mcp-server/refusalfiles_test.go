package main

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
	"mcp-resource-server/internal/jwstest"
)

// The static tokens of the file, in their form: the prefix and 32 bytes.
var (
	staticGood    = staticToken("a-token-that-is-good-for-a-month")
	staticPoor    = staticToken("a-token-that-is-granted-nothing!")
	staticRevoked = staticToken("a-token-whose-name-is-denied!!!!")
	staticUnknown = staticToken("a-token-that-the-file-has-not!!!")
)

func staticToken(random string) string { return "mcprs_" + b64(random) }

// configureFiles writes the denylist and the static tokens.
func configureFiles(t *testing.T, c *config.Config) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c.Auth.DenylistFile = write("denylist.yaml", `issuers: ["https://denied.example/"]
kids: [key-without-an-alg, kid-that-leaked-and-is-gone]
client_ids: [client-that-was-stolen]
subjects: [subject-that-left-us, revoked-by-name]
jti: [identifier-of-a-leaked-token]
`)
	entry := func(name, token, scopes string) string {
		sum := sha256.Sum256([]byte(token))
		return fmt.Sprintf("- {name: %s, sha256: %s, scopes: [%s], expires: %s}\n",
			name, hex.EncodeToString(sum[:]), scopes, draftNow.Add(30*24*time.Hour).Format(time.RFC3339))
	}
	c.Auth.StaticTokensFile = write("tokens.yaml",
		entry("good", staticGood, `base, "tool:probe"`)+entry("poor", staticPoor, "")+entry("revoked-by-name", staticRevoked, `base, "tool:probe"`))
}

// filePlaces are the issuers beside the files: two of them have their keys in the
// configuration.
func filePlaces() map[string]place {
	return map[string]place{
		plain:    {},
		"denied": {},
		"one-key": {set: func(c *auth.IssuerConfig) {
			c.PublicKey = publicPEM(ownRSA().Public())
		}},
		"named-key": {set: func(c *auth.IssuerConfig) {
			c.PublicKey, c.KeyID = publicPEM(ownRSA().Public()), draftKID
		}},
		"two-keys": {set: func(c *auth.IssuerConfig) {
			c.PublicKey, c.Algorithms = publicPEM(ownRSA().Public())+publicPEM(ownEC256().Public()), []string{"RS256", "ES256"}
		}},
	}
}

func publicPEM(key crypto.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// thumbprint is the kid of an RSA key that has no other (RFC 7638 §3.1).
func thumbprint(key members) string {
	sum := sha256.Sum256([]byte(`{"e":` + key["e"] + `,"kty":"RSA","n":` + key["n"] + `}`))
	return b64(string(sum[:]))
}

// denylistRows are good tokens that somebody wants refused. No key is looked up for them.
func denylistRows() []refusalRow {
	denied := func(name string, fault edit) refusalRow {
		return refusalRow{name: name, reason: auth.ReasonRevoked, fault: fault}
	}
	rows := []refusalRow{
		denied("a denied issuer", issued("denied")),
		denied("a denied kid", keyID("key-without-an-alg")),
		denied("a denied kid that the issuer has no more", keyID("kid-that-leaked-and-is-gone")),
		denied("a denied client in azp", claim("azp", `"client-that-was-stolen"`)),
		denied("a denied client in client_id", edits(claim("azp", ""), claim("client_id", `"client-that-was-stolen"`))),
		denied("a denied client by escapes", claim("azp", `"\u0063lient-that-was-stolen"`)),
		denied("a denied subject", claim("sub", `"subject-that-left-us"`)),
		denied("a denied token", claim("jti", `"identifier-of-a-leaked-token"`)),
		{name: "a denied static token", reason: auth.ReasonRevoked, good: static(staticGood), fault: static(staticRevoked)},
		{name: "a denied subject's name as a jti", fault: claim("jti", `"subject-that-left-us"`)},
		{name: "a denied client's name in capitals", fault: claim("azp", `"CLIENT-THAT-WAS-STOLEN"`)},
	}
	// What is denied and expired is told as what costs least: no list is asked.
	return append(rows, refusalRow{
		name: "a denied subject of an expired token", reason: auth.ReasonExpired,
		fault: edits(claim("sub", `"subject-that-left-us"`), claim("exp", second(-60))),
	})
}

// static sends a static token instead: of the draft nothing is left.
func static(token string) edit {
	return edits(spoiled(always(token)), headerText(always("")), claimsText(always("")))
}

// staticTokenRows are tokens that look like a static one.
func staticTokenRows() []refusalRow {
	row := func(name string, reason auth.Reason, token string) refusalRow {
		return refusalRow{name: name, reason: reason, good: static(staticGood), fault: static(token)}
	}
	last := len(staticGood) - 1
	sum := sha256.Sum256([]byte(staticGood))
	return []refusalRow{
		row("a static token that the file has not", auth.ReasonUnknownToken, staticUnknown),
		row("a static token in another case", auth.ReasonUnknownToken, "mcprs_"+strings.ToLower(staticGood[6:last])+staticGood[last:]),
		row("a static token of zeros", auth.ReasonUnknownToken, staticToken(strings.Repeat("\x00", 32))),
		row("a static token with one letter changed", auth.ReasonUnknownToken, staticGood[:20]+"Z"+staticGood[21:]),
		{name: "a static token a month later", reason: auth.ReasonExpired, good: edits(static(staticGood), later(30*24*time.Hour-time.Second)), fault: later(30 * 24 * time.Hour)},
		row("a static token with a letter less", auth.ReasonMalformed, staticGood[:last]),
		row("a static token with a letter more", auth.ReasonMalformed, staticGood+"A"),
		row("a static token with its unused bits set", auth.ReasonMalformed, jwstest.OtherSpelling(staticGood)),
		row("a static token with padding", auth.ReasonMalformed, staticGood+"="),
		row("a static token with a letter of the other alphabet", auth.ReasonMalformed, staticGood[:20]+"+"+staticGood[21:]),
		row("a static token with its prefix in capitals", auth.ReasonMalformed, "MCPRS_"+staticGood[6:]),
		row("a static token without its prefix", auth.ReasonMalformed, staticGood[6:]),
		row("a static token's prefix alone", auth.ReasonMalformed, "mcprs_"),
		row("a static token's digest", auth.ReasonMalformed, hex.EncodeToString(sum[:])),
		row("a static token with a dot", auth.ReasonMalformed, staticGood[:20]+"."+staticGood[21:]),
		{name: "a static token without scopes", reason: auth.ReasonPermission, good: static(staticGood), fault: static(staticPoor), only: operations, client: "poor"},
	}
}

// staticKeyRows are tokens of issuers whose keys stand in the configuration: nobody can
// be asked.
func staticKeyRows() []refusalRow {
	own := thumbprint(rsaJWK("", "", &ownRSA().PublicKey))
	public := []byte(publicPEM(ownRSA().Public()))
	forged := func(name string, reason auth.Reason, good, fault edit) refusalRow {
		return refusalRow{name: name, reason: reason, good: good, fault: fault}
	}
	rows := at("one-key",
		forged("a foreign key without a kid", auth.ReasonSignature, member("kid", ""), signedBy("RS256", foreignRSA())),
		forged("a foreign key under the thumbprint", auth.ReasonSignature, keyID(own), signedBy("RS256", foreignRSA())),
		forged("a kid that is not the thumbprint", auth.ReasonUnknownKID, keyID(own), keyID("kid-of-nobody-at-all")),
		forged("the thumbprint of another key", auth.ReasonUnknownKID, keyID(own), keyID(thumbprint(rsaJWK("", "", &foreignRSA().PublicKey)))),
		forged("an empty kid", auth.ReasonHeader, member("kid", ""), member("kid", `""`)),
		forged("HS256 with the configured key as the secret", auth.ReasonUnsupportedAlg, member("kid", ""), edits(member("alg", `"HS256"`), signedBy("HS256", public))),
	)
	rows = append(rows, at("named-key",
		forged("the thumbprint of a key that has a name", auth.ReasonUnknownKID, nil, keyID(own)),
	)...)
	return append(rows, at("two-keys",
		forged("no kid where there are two keys", auth.ReasonHeader, keyID(own), member("kid", "")),
		forged("the algorithm of the other key", auth.ReasonUnsupportedAlg, keyID(own), edits(member("alg", `"ES256"`), signedBy("ES256", ownEC256()))),
	)...)
}
