package auth

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// jwkOf writes a public key as RFC 7517 does, with the alg RS256 or that of the
// curve.
func jwkOf(key any, kid string) object {
	o := object{"kid": strconv.Quote(kid), "use": `"sig"`}
	switch k := key.(type) {
	case *rsa.PublicKey:
		o["kty"], o["alg"] = `"RSA"`, `"RS256"`
		o["n"] = strconv.Quote(encode(string(k.N.Bytes())))
		o["e"] = strconv.Quote(encode(string(big.NewInt(int64(k.E)).Bytes())))
	case *ecdsa.PublicKey:
		point, err := k.Bytes() // 4, x, y
		if err != nil {
			panic(err)
		}
		size := len(point) / 2
		o["kty"], o["crv"] = `"EC"`, strconv.Quote(k.Curve.Params().Name)
		o["x"] = strconv.Quote(encode(string(point[1 : 1+size])))
		o["y"] = strconv.Quote(encode(string(point[1+size:])))
	default:
		panic(fmt.Sprintf("%T", key))
	}
	return o
}

func set(keys ...object) string {
	texts := make([]string, len(keys))
	for i, k := range keys {
		texts[i] = k.String()
	}
	return `{"keys":[` + strings.Join(texts, ",") + `]}`
}

func good(kid string) object  { return jwkOf(&rsaKey().PublicKey, kid) }
func good2(kid string) object { return jwkOf(&rsaKey2().PublicKey, kid) }

// One odd key never costs the others, and is never used itself.
func TestParseKeySetOddKeys(t *testing.T) {
	ec := func(kid string) object { return jwkOf(&ec256Key().PublicKey, kid) }
	private := good("odd").with("d", strconv.Quote(encode(string(rsaKey().D.Bytes()))))
	odd := map[string]object{
		"EC, which this issuer does not use": ec("odd"),
		"OKP":                                {"kty": `"OKP"`, "crv": `"Ed25519"`, "kid": `"odd"`, "x": `"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`},
		"oct":                                {"kty": `"oct"`, "kid": `"odd"`, "k": `"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75"`, "alg": `"RS256"`},
		"unknown kty":                        {"kty": `"XYZ"`, "kid": `"odd"`},
		"kty in lower case":                  good("odd").with("kty", `"rsa"`),
		"no kty":                             good("odd").with("kty", ""),
		"kty a number":                       good("odd").with("kty", `1`),
		"use enc":                            good("odd").with("use", `"enc"`),
		"use unknown":                        good("odd").with("use", `"other"`),
		"key_ops without verify":             good("odd").with("use", "").with("key_ops", `["encrypt","wrapKey"]`),
		"key_ops unknown":                    good("odd").with("use", "").with("key_ops", `["prove"]`),
		"alg RS512":                          good("odd").with("alg", `"RS512"`),
		"alg of an encryption":               good("odd").with("alg", `"RSA-OAEP"`),
		"alg HS256":                          good("odd").with("alg", `"HS256"`),
		"alg none":                           good("odd").with("alg", `"none"`),
		"alg unknown":                        good("odd").with("alg", `"FOO"`),
		"alg a number":                       good("odd").with("alg", `256`),
		"1024 bits":                          jwkOf(&rsaSmall().PublicKey, "odd"),
		"8193 bits":                          good("odd").with("n", strconv.Quote(encode("\x01"+strings.Repeat("\xff", 1024)))),
		"exponent 1":                         good("odd").with("e", `"AQ"`),
		"exponent 3":                         good("odd").with("e", `"Aw"`),
		"exponent 0":                         good("odd").with("e", `"AA"`),
		"even modulus":                       good("odd").with("n", strconv.Quote(encode(evenModulus()))),
		"even exponent":                      good("odd").with("e", `"AQAC"`),
		"exponent of five bytes":             good("odd").with("e", `"AQABAAE"`),
		"exponent of nine bytes":             good("odd").with("e", strconv.Quote(encode("\x01\x00\x00\x00\x00\x00\x01\x00\x01"))),
		"no exponent":                        good("odd").with("e", ""),
		"no modulus":                         good("odd").with("n", ""),
		"modulus no base64":                  good("odd").with("n", `"!!!"`),
		"modulus a number":                   good("odd").with("n", `123`),
		"no kid":                             good("odd").with("kid", ""),
		"kid empty":                          good(""),
		"kid a number":                       good("odd").with("kid", `1`),
		"kid 257 bytes":                      good(strings.Repeat("k", 257)),
		"private":                            private,
	}
	for name, key := range odd {
		t.Run(name, func(t *testing.T) {
			for order, doc := range map[string]string{"before": set(key, good("one"), good2("two")), "behind": set(good("one"), good2("two"), key)} {
				got, err := parseKeySet([]byte(doc), defaultAlgorithms)
				if err != nil {
					t.Fatalf("%s: %v", order, err)
				}
				if ids := slices.Sorted(maps.Keys(got.keys)); !slices.Equal(ids, []string{"one", "two"}) || got.ignored != 1 {
					t.Errorf("%s: keys %q, ignored %d", order, ids, got.ignored)
				}
			}
			if _, err := parseKeySet([]byte(set(key)), defaultAlgorithms); !errors.Is(err, errNoUsableKey) {
				t.Errorf("alone: err = %v, want %v", err, errNoUsableKey)
			}
		})
	}
}

// The same things without their oddness are used.
func TestParseKeySetGoodKeys(t *testing.T) {
	for name, key := range map[string]object{
		"plain":                           good("k"),
		"no alg":                          good("k").with("alg", ""),
		"no use":                          good("k").with("use", ""),
		"key_ops with verify":             good("k").with("use", "").with("key_ops", `["sign","verify"]`),
		"unknown members":                 good("k").with("issuer", `"x"`).with("oem", `{"a":[1]}`),
		"x5t and x5c":                     good("k").with("x5t", `"AQAB"`).with("x5c", `["AQAB"]`),
		"kid 256 bytes":                   good(strings.Repeat("k", 256)),
		"exponent with a zero in front":   good("k").with("e", `"AAEAAQ"`),
		"the EC key of an issuer with EC": jwkOf(&ec256Key().PublicKey, "k"),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseKeySet([]byte(set(key)), []string{"RS256", "ES256"})
			if err != nil || len(got.keys) != 1 || got.ignored != 0 {
				t.Errorf("%d keys, ignored %d, err = %v", len(got.keys), got.ignored, err)
			}
		})
	}
}

// An EC key whose point is not on its curve verifies nothing; a set of such keys
// must not take the place of a good one.
func TestParseKeySetECPoints(t *testing.T) {
	key := jwkOf(&ec256Key().PublicKey, "k")
	for name, tt := range map[string]struct {
		key  object
		want error
	}{
		"on the curve":               {key, nil},
		"beside the curve":           {key.with("x", key["y"]), errNoUsableKey},
		"at infinity":                {key.with("x", `"AA"`).with("y", `"AA"`), errNoUsableKey},
		"on a curve of another name": {key.with("crv", `"P-384"`), errNoUsableKey},
		"on a curve not allowed":     {jwkOf(&ec384Key().PublicKey, "k"), errNoUsableKey},
		"without y":                  {key.with("y", ""), errNoUsableKey},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parseKeySet([]byte(set(tt.key)), []string{"ES256"}); !errors.Is(err, tt.want) {
				t.Errorf("err = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestParseKeySetOneKeyID(t *testing.T) {
	for _, tt := range []struct {
		name      string
		doc       string
		want      []string
		ambiguous []string
	}{
		{"two different keys: neither", set(good("x"), good2("x"), good("other")), []string{"other"}, []string{"x"}},
		{"A, B, A: neither", set(good("x"), good2("x"), good("x"), good("other")), []string{"other"}, []string{"x"}},
		{"A, A, B: neither", set(good("x"), good("x"), good2("x"), good("other")), []string{"other"}, []string{"x"}},
		{"the same key twice: used", set(good("x"), good("x")), []string{"x"}, nil},
		{"the same key under two ids: both", set(good("x"), good("y")), []string{"x", "y"}, nil},
		{"a good key and one for encryption: the good one", set(good("x"), good2("x").with("use", `"enc"`)), []string{"x"}, nil},
		{"ids that differ in case: both", set(good("x"), good2("X")), []string{"X", "x"}, nil},
		{"the same key, once without its algorithm: used", set(good("x"), good("x").with("alg", ""), good("other")), []string{"other", "x"}, nil},
		{"the same key for two algorithms: used", set(good("x"), good("x").with("alg", `"RS512"`)), []string{"x"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseKeySet([]byte(tt.doc), defaultAlgorithms)
			if err != nil {
				t.Fatal(err)
			}
			if ids := slices.Sorted(maps.Keys(got.keys)); !slices.Equal(ids, tt.want) || !slices.Equal(got.ambiguous, tt.ambiguous) {
				t.Errorf("keys %q, ambiguous %q, want %q and %q", ids, got.ambiguous, tt.want, tt.ambiguous)
			}
		})
	}
	t.Run("keys of two types and EC keys", func(t *testing.T) {
		one, two := jwkOf(&ec256Key().PublicKey, "x"), jwkOf(&ec384Key().PublicKey, "x")
		allowed := []string{"RS256", "ES256", "ES384"}
		for name, tt := range map[string]struct {
			doc  string
			keys int
		}{
			"the same EC key twice":                {set(one, one, good("other")), 2},
			"two EC keys":                          {set(one, two, good("other")), 1},
			"an EC key and an RSA key without alg": {set(one.with("alg", ""), good("x").with("alg", ""), good("other")), 1},
			"an RSA key and an EC key without alg": {set(good("x").with("alg", ""), one, good("other")), 1},
		} {
			if got, err := parseKeySet([]byte(tt.doc), allowed); err != nil || len(got.keys) != tt.keys {
				t.Errorf("%s: %d keys, err = %v, want %d", name, len(got.keys), err, tt.keys)
			}
		}
	})
	t.Run("nothing but two different keys: no usable key, and the alarm", func(t *testing.T) {
		got, err := parseKeySet([]byte(set(good("x"), good2("x"))), defaultAlgorithms)
		if !errors.Is(err, errNoUsableKey) || !slices.Equal(got.ambiguous, []string{"x"}) {
			t.Errorf("err = %v, ambiguous %q", err, got.ambiguous)
		}
	})
}

func TestParseKeySetDocuments(t *testing.T) {
	many := func(n int) string {
		keys := make([]object, n)
		for i := range keys {
			keys[i] = good(strconv.Itoa(i))
		}
		return set(keys...)
	}
	one := set(good("k"))
	for name, tt := range map[string]struct {
		doc  string
		want error
	}{
		"one key":                      {one, nil},
		"one key and other members":    {one[:len(one)-1] + `,"x":[{}]}`, nil},
		"100 keys":                     {many(100), nil},
		"101 keys":                     {many(101), errTooManyKeys},
		"101 times nothing":            {`{"keys":[` + strings.Repeat("{},", 100) + `{}]}`, errTooManyKeys},
		"empty body":                   {"", errNotAKeySet},
		"HTML":                         {"<!DOCTYPE html><title>502</title>", errNotAKeySet},
		"cut off":                      {one[:len(one)-2], errNotAKeySet},
		"something behind":             {one + "x", errNotAKeySet},
		"twice":                        {one + one, errNotAKeySet},
		"array":                        {"[" + good("k").String() + "]", errNotAKeySet},
		"one JWK":                      {good("k").String(), errNotAKeySet},
		"no keys member":               {"{}", errNotAKeySet},
		"Keys in upper case":           {strings.Replace(one, "keys", "Keys", 1), errNotAKeySet},
		"keys an object":               {`{"keys":{}}`, errNotAKeySet},
		"keys null":                    {`{"keys":null}`, errNotAKeySet},
		"keys a string":                {`{"keys":"[]"}`, errNotAKeySet},
		"keys twice":                   {one[:len(one)-1] + `,"keys":[]}`, errNotAKeySet},
		"kid twice in one key":         {strings.Replace(one, `{"alg"`, `{"kid":"x","alg"`, 1), errNotAKeySet},
		"invalid UTF-8":                {strings.Replace(one, `"k"`, "\"\xff\"", 1), errNotAKeySet},
		"nested too deeply":            {`{"keys":[` + nested(20) + `]}`, errNotAKeySet},
		"empty set":                    {`{"keys":[]}`, errNoUsableKey},
		"a set of numbers":             {`{"keys":[1,null,"x",[],{}]}`, errNoUsableKey},
		"a good key among the numbers": {`{"keys":[1,null,` + good("k").String() + `,[]]}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseKeySet([]byte(tt.doc), defaultAlgorithms)
			if !errors.Is(err, tt.want) {
				t.Errorf("err = %v, want %v", err, tt.want)
			}
			if (len(got.keys) > 0) != (tt.want == nil) {
				t.Errorf("%d keys with err = %v", len(got.keys), err)
			}
		})
	}
}

// evenModulus is one of the right length, of which no key has the private half.
func evenModulus() string {
	n := rsaKey().N.Bytes()
	n[len(n)-1] &^= 1
	return string(n)
}

// A key that stands in several JWKs is for what these name, and for no more.
func TestParseKeySetSeveralAlgorithms(t *testing.T) {
	allowed := []string{"RS256", "RS384", "RS512", "PS256"}
	for _, tt := range []struct {
		name string
		doc  string
		fits []string
	}{
		{"one", set(good("x")), []string{"RS256"}},
		{"two", set(good("x"), good("x").with("alg", `"RS512"`)), []string{"RS256", "RS512"}},
		{"two, the other way round", set(good("x").with("alg", `"RS512"`), good("x")), []string{"RS256", "RS512"}},
		{"one twice", set(good("x"), good("x")), []string{"RS256"}},
		{"one, and one that names none", set(good("x"), good("x").with("alg", "")), allowed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseKeySet([]byte(tt.doc), allowed)
			if err != nil {
				t.Fatal(err)
			}
			for _, alg := range allowed {
				if fits := got.keys["x"].fits(alg); fits != slices.Contains(tt.fits, alg) {
					t.Errorf("fits %s: %v", alg, fits)
				}
			}
		})
	}
}
