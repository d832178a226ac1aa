package auth

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"mcp-resource-server/internal/strictjson"
)

// refused fails on an error that is no refusal.
func refused(t *testing.T, err error) {
	t.Helper()
	if _, ok := errors.AsType[*Refusal](err); !ok {
		t.Fatalf("err = %#v, want a *Refusal", err)
	}
}

// A token that is taken apart is one that these parts, written again, give: it
// has one spelling.
func FuzzParseToken(f *testing.F) {
	for _, rows := range allRows() {
		for _, r := range rows {
			if raw, _ := r.token(); len(raw) <= 2*maxTokenBytes {
				f.Add(raw)
			}
		}
	}
	f.Fuzz(func(t *testing.T, raw string) {
		tok, err := parseToken(raw)
		if err != nil {
			refused(t, err)
			return
		}
		if len(raw) > maxTokenBytes {
			t.Fatalf("%d bytes are accepted", len(raw))
		}
		parts := strings.Split(raw, ".")
		if len(parts) != 3 || string(tok.signingInput) != parts[0]+"."+parts[1] {
			t.Fatalf("signing input %q of %q", tok.signingInput, raw)
		}
		if encode(string(tok.signature)) != parts[2] || encode(decode(parts[0])) != parts[0] || encode(decode(parts[1])) != parts[1] {
			t.Fatalf("%q has another spelling", raw)
		}
	})
}

// A header that is accepted says one thing, and nothing that is refused.
func FuzzParseHeader(f *testing.F) {
	for _, rows := range allRows() {
		for _, r := range rows {
			d := goodDraft()
			if r.edit != nil {
				r.edit(&d)
			}
			f.Add([]byte(d.header))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := parseHeader(data)
		if err != nil {
			refused(t, err)
			return
		}
		if !supportedAlgorithm(h.alg) || len(h.kid) > maxKeyIDBytes || !utf8.ValidString(h.kid) || !utf8.ValidString(h.typ) {
			t.Fatalf("header %+v", h)
		}
		members, err := strictjson.Object(data, maxTokenDepth)
		if err != nil {
			t.Fatalf("not strict JSON, and accepted: %v", err)
		}
		for _, name := range refusedHeaders {
			if _, ok := members[name]; ok {
				t.Errorf("%s is accepted", name)
			}
		}
	})
}

func FuzzClaims(f *testing.F) {
	for _, rows := range allRows() {
		for _, r := range rows {
			d := goodDraft()
			if r.edit != nil {
				r.edit(&d)
			}
			f.Add([]byte(d.claims))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, _ := testVerifier(testNow, nil)
		candidate := candidate{now: testNow, issuer: v.issuers[testIssuer], token: token{header: header{alg: "RS256", typ: "JWT", kid: testKID}}}
		var err error
		if candidate.claims.set, err = parseClaimSet(data); err != nil {
			refused(t, err)
			return
		}
		for _, check := range checks {
			switch check.name {
			case checkForm, checkHeader, checkClaims, checkIssuerName, checkSignature:
				continue
			}
			if err := check.judge(t.Context(), v, &candidate); err != nil {
				refused(t, err)
				return
			}
		}
		c := candidate.claims
		if c.subject == "" || utf8.RuneCountInString(c.subject) > maxSubjectLength {
			t.Errorf("subject %q", c.subject)
		}
		if s := c.expires.Unix(); s <= 0 || s >= maxNumericDate {
			t.Errorf("expiry %v", c.expires)
		}
		for _, s := range c.scopes {
			if !ValidScope(s) {
				t.Errorf("scope %q", s)
			}
		}
		if c.set.has("cnf") {
			t.Error("a bound token is accepted")
		}
		if testNow.Sub(c.expires) >= v.skew {
			t.Errorf("expired at %v", c.expires)
		}
	})
}

// Whatever an issuer publishes, a key that is kept may verify something, and none
// of it ends the process.
func FuzzParseKeySet(f *testing.F) {
	ec := jwkOf(&ec256Key().PublicKey, "ec")
	for _, doc := range []string{
		set(good("one"), good2("two"), ec), set(good("one"), good2("one")), set(), `{"keys":null}`, "<html>",
		set(good("x").with("alg", "").with("use", "").with("key_ops", `["verify"]`).with("x5c", `["AQAB"]`)),
		set(good("x").with("e", `"Aw"`)), set(ec.with("y", ec["x"])), set(good("x").with("d", `"AQAB"`).with("p", `"AQAB"`)),
		set(object{"kty": `"OKP"`, "crv": `"Ed25519"`, "kid": `"o"`, "x": `"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`}),
		set(object{"kty": `"oct"`, "kid": `"o"`, "k": `"AQAB"`}), set(object{"kty": `"EC"`, "crv": `"P-256"`, "kid": `"o"`}),
	} {
		f.Add([]byte(doc))
	}
	allowed := []string{"RS256", "PS384", "ES256", "ES512"}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := parseKeySet(data, allowed)
		if (err == nil) != (len(got.keys) > 0) {
			t.Fatalf("%d keys with err = %v", len(got.keys), err)
		}
		if len(got.keys)+got.ignored > maxKeys {
			t.Errorf("%d keys, %d ignored", len(got.keys), got.ignored)
		}
		for kid, key := range got.keys {
			if kid == "" || len(kid) > maxKeyIDBytes {
				t.Errorf("kid %q", kid)
			}
			usable := ""
			for _, alg := range allowed {
				if key.fits(alg) {
					usable = alg
				}
			}
			if usable == "" {
				t.Fatalf("key %q fits nothing", kid)
			}
			if verifySignature(usable, key, []byte("a.b"), make([]byte, 64)) == nil {
				t.Errorf("key %q verifies zeros", kid)
			}
		}
	})
}
