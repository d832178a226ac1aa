package auth

import (
	"strconv"
	"strings"
	"testing"

	"mcp-resource-server/internal/jwstest"
)

// keyRows are about the key and the signature: all that is left when everything
// else is in order.
func keyRows() []row {
	withKID := func(kid string, edit func(*draft)) func(*draft) {
		return func(d *draft) {
			member("kid", strconv.Quote(kid))(d)
			if edit != nil {
				edit(d)
			}
		}
	}
	by2 := func(d *draft) { d.key = rsaKey2() }
	signature := func(f func(string) string) func(string) string { return jwstest.Part(2, f) }
	return []row{
		{name: "a key without alg", edit: withKID("no-alg", nil)},
		{name: "a key that was made for RS512", edit: withKID("for-rs512", nil), want: ReasonUnsupportedAlg, asks: true},
		{name: "a key of 1024 bits", edit: withKID("small", func(d *draft) { d.key = rsaSmall() }), want: ReasonUnsupportedAlg, asks: true},
		{name: "a key with the exponent 3", edit: withKID("exponent-3", nil), want: ReasonUnsupportedAlg, asks: true},
		{name: "an EC key for RS256", edit: withKID("ec256", nil), want: ReasonUnsupportedAlg, asks: true},
		{name: "a kid that nobody has", edit: withKID("junk", nil), want: ReasonUnknownKID, asks: true},
		{name: "a kid in another case", edit: withKID("SIGNING-KEY-ONE", nil), want: ReasonUnknownKID, asks: true},
		{name: "a kid with a space behind", edit: withKID(testKID+" ", nil), want: ReasonUnknownKID, asks: true},
		{name: "a kid like a path", edit: withKID("../../etc/passwd", nil), want: ReasonUnknownKID, asks: true},
		{name: "a kid that cannot be looked up", edit: withKID("not-to-be-looked-up", nil), want: ReasonKeysUnavailable, asks: true},
		{name: "a kid of the other issuer", edit: withKID("only-there", by2), want: ReasonUnknownKID, asks: true},
		{name: "the other issuer's key under a kid that both have", edit: withKID("shared", by2), want: ReasonSignature, asks: true},
		{name: "this issuer's key under a kid that both have", edit: withKID("shared", nil)},

		{name: "signed with a foreign key", edit: by2, want: ReasonSignature, asks: true},
		{name: "signed by another algorithm than the header says", edit: func(d *draft) { d.alg = "RS384" }, want: ReasonSignature, asks: true},
		{name: "signed by PS256 under RS256", edit: func(d *draft) { d.alg = "PS256" }, want: ReasonSignature, asks: true},
		{name: "signature of another token", spoil: signature(func(string) string {
			d := goodDraft()
			claim("scope", `"tool:admin"`)(&d)
			return part3(d.token())
		}), want: ReasonSignature, asks: true},
		{name: "claims of another token", spoil: jwstest.Part(1, func(string) string {
			return encode(goodClaims().with("scope", `"tool:admin"`).String())
		}), want: ReasonSignature, asks: true},
		{name: "header of another token", spoil: jwstest.Part(0, func(string) string {
			return encode(goodHeader().with("typ", `"JWT"`).String())
		}), want: ReasonSignature, asks: true},
		{name: "claims with a space more", spoil: jwstest.Part(1, func(string) string { return encode(goodClaims().String() + " ") }), want: ReasonSignature, asks: true},
		{name: "signature cut by four characters", spoil: signature(func(p string) string { return encode(decode(p)[:253]) }), want: ReasonSignature, asks: true},
		{name: "signature with zeros in front", spoil: signature(func(p string) string { return encode("\x00" + decode(p)) }), want: ReasonSignature, asks: true},
		{name: "signature with zeros behind", spoil: signature(func(p string) string { return encode(decode(p) + "\x00") }), want: ReasonSignature, asks: true},
		{name: "signature of zeros", spoil: signature(func(string) string { return encode(strings.Repeat("\x00", 256)) }), want: ReasonSignature, asks: true},
		{name: "signature of one byte", spoil: signature(func(string) string { return "AA" }), want: ReasonSignature, asks: true},
	}
}

func part3(raw string) string { return raw[strings.LastIndexByte(raw, '.')+1:] }

func decode(s string) string {
	b, err := base64url.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// An issuer accepts what its list says, with keys that fit.
func TestVerifyAlgorithms(t *testing.T) {
	keys := map[string]struct {
		kid string
		key any
	}{
		"RS": {"no-alg", rsaKey()}, "PS": {"no-alg", rsaKey()},
		"ES256": {"ec256", ec256Key()}, "ES384": {"ec384", ec384Key()}, "ES512": {"ec521", ec521Key()},
	}
	verify := func(t *testing.T, allowed []string, alg, kid string, spoil func(string) string) Reason {
		t.Helper()
		v, _ := testVerifier(testNow, func(c *Config) { c.Issuers[0].Algorithms = allowed })
		k, ok := keys[alg]
		if !ok {
			k = keys[alg[:2]]
		}
		d := goodDraft()
		d.alg, d.key = alg, k.key
		d.header = goodHeader().with("alg", strconv.Quote(alg)).with("kid", strconv.Quote(kid)).String()
		raw := d.token()
		if spoil != nil {
			raw = spoil(raw)
		}
		_, err := v.Verify(t.Context(), raw)
		return reason(t, err)
	}
	for alg := range algorithms {
		t.Run(alg, func(t *testing.T) {
			k, ok := keys[alg]
			if !ok {
				k = keys[alg[:2]]
			}
			rest := "RS256"
			if alg == rest {
				rest = "PS256"
			}
			if got := verify(t, []string{alg}, alg, k.kid, nil); got != "" {
				t.Errorf("allowed alone: %q, want accepted", got)
			}
			if got := verify(t, []string{rest, alg}, alg, k.kid, nil); got != "" {
				t.Errorf("allowed beside %s: %q, want accepted", rest, got)
			}
			if got := verify(t, []string{rest}, alg, k.kid, nil); got != ReasonUnsupportedAlg {
				t.Errorf("not allowed: %q, want %q", got, ReasonUnsupportedAlg)
			}
			// One spelling: a signature of another length or one bit is another.
			longer := jwstest.Part(2, func(p string) string { s := decode(p); return encode("\x00" + s[:len(s)/2] + "\x00" + s[len(s)/2:]) })
			if got := verify(t, []string{alg}, alg, k.kid, longer); got != ReasonSignature {
				t.Errorf("with zeros in front: %q, want %q", got, ReasonSignature)
			}
			flipped := jwstest.Part(2, func(p string) string { s := []byte(decode(p)); s[len(s)/2] ^= 1; return encode(string(s)) })
			if got := verify(t, []string{alg}, alg, k.kid, flipped); got != ReasonSignature {
				t.Errorf("with one bit flipped: %q, want %q", got, ReasonSignature)
			}
		})
	}
	t.Run("ES256 with a key on the wrong curve", func(t *testing.T) {
		if got := verify(t, []string{"ES256"}, "ES256", "ec384", nil); got != ReasonUnsupportedAlg {
			t.Errorf("reason %q, want %q", got, ReasonUnsupportedAlg)
		}
	})
	t.Run("ES256 with an RSA key", func(t *testing.T) {
		if got := verify(t, []string{"ES256"}, "ES256", "no-alg", nil); got != ReasonUnsupportedAlg {
			t.Errorf("reason %q, want %q", got, ReasonUnsupportedAlg)
		}
	})
	t.Run("ES256 of zeros (the psychic signature)", func(t *testing.T) {
		zeros := jwstest.Part(2, func(string) string { return encode(strings.Repeat("\x00", 64)) })
		if got := verify(t, []string{"ES256"}, "ES256", "ec256", zeros); got != ReasonSignature {
			t.Errorf("reason %q, want %q", got, ReasonSignature)
		}
	})
}

func TestVerifyTokenTypes(t *testing.T) {
	for _, tt := range []struct {
		name  string
		types []string
		typ   string // as it stands in the header, "" where there is none
		want  Reason
	}{
		{"at+jwt alone takes at+jwt", []string{"at+jwt"}, `"AT+jwt"`, ""},
		{"at+jwt alone refuses JWT", []string{"at+jwt"}, `"JWT"`, ReasonTokenType},
		{"a configured type in upper case", []string{"APPLICATION/X+JWT"}, `"application/x+jwt"`, ""},
		{"an empty entry takes a token without typ", []string{"", "JWT"}, "", ""},
		{"an empty entry takes JWT, too", []string{"", "JWT"}, `"JWT"`, ""},
		{"an empty entry does not take any typ", []string{""}, `"JWT"`, ReasonTokenType},
		{"an empty entry does not take an empty typ", []string{""}, `""`, ReasonHeader},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, _ := testVerifier(testNow, func(c *Config) { c.Issuers[0].TokenTypes = tt.types })
			d := goodDraft()
			member("typ", tt.typ)(&d)
			_, err := v.Verify(t.Context(), d.token())
			if got := reason(t, err); got != tt.want {
				t.Errorf("reason %q, want %q", got, tt.want)
			}
		})
	}
}

// With no skew at all the borders stand where the claims say.
func TestVerifyWithoutSkew(t *testing.T) {
	for name, tt := range map[string]struct {
		edit func(*draft)
		want Reason
	}{
		"a second before exp": {claim("exp", at(1)), ""},
		"at exp":              {claim("exp", at(0)), ReasonExpired},
		"at nbf":              {claim("nbf", at(0)), ""},
		"a second before nbf": {claim("nbf", at(1)), ReasonNotYetValid},
	} {
		t.Run(name, func(t *testing.T) {
			v, _ := testVerifier(testNow, func(c *Config) { c.ClockSkew = 0 })
			d := goodDraft()
			tt.edit(&d)
			_, err := v.Verify(t.Context(), d.token())
			if got := reason(t, err); got != tt.want {
				t.Errorf("reason %q, want %q", got, tt.want)
			}
		})
	}
}
