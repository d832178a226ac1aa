package auth

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Static keys and key sets in a file need no network.
func TestNewTrustOnceOffline(t *testing.T) {
	v := explainer(t, DefaultConfig())
	e := v.Explain(t.Context(), goodDraft().token())
	agrees(t, e, "")
	if e.Keys.Origin != KeysFromFile || !slices.Equal(e.Keys.IDs, []string{testKID, "two"}) {
		t.Errorf("keys %+v", e.Keys)
	}
	raw, _ := row{edit: member("kid", `"gone"`)}.token()
	e = v.Explain(t.Context(), raw)
	agrees(t, e, ReasonUnknownKID)
	sound(t, e, raw)
	if c := e.check(t, checkKey); c.Got != `the issuer has "`+testKID+`" and "two"` || !strings.Contains(c.Fix, "the file does not have the key") {
		t.Errorf("%+v", c)
	}
	raw, _ = row{edit: claim("iss", `"https://evil.example/"`)}.token()
	if e := v.Explain(t.Context(), raw); e.Keys.Origin != "" {
		t.Errorf("keys %+v of nobody's issuer", e.Keys)
	}
}

func TestNewTrustOnceFileFaults(t *testing.T) {
	for name, tt := range map[string]struct {
		file string
		want string // of the error
	}{
		"HTML":            {"<html>", "the key set given: not a JWK set"},
		"empty":           {"", "the key set given: not a JWK set"},
		"an object":       {"{}", "the key set given: not a JWK set"},
		"one key alone":   {good("one").String(), "the key set given: not a JWK set"},
		"too many":        {`{"keys":[` + strings.Repeat("{},", 100) + `{}]}`, "the key set given: more than 100 keys"},
		"too large":       {set(good("one")) + strings.Repeat(" ", MaxKeySetBytes+1-len(set(good("one")))), "the key set given: has more than 524288 bytes"},
		"just within":     {set(good("one")) + strings.Repeat(" ", MaxKeySetBytes-len(set(good("one")))), "<nil>"},
		"no usable key":   {`{"keys":[]}`, "<nil>"},
		"good":            {set(good("one")), "<nil>"},
		"odd key as well": {set(good("one"), good("two").with("use", `"enc"`)), "<nil>"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := NewTrustOnce(testConfig(), noFetch{t}, []byte(tt.file))
			if got := fmt.Sprint(err); got != tt.want {
				t.Errorf("err = %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("a set that gives no key", func(t *testing.T) {
		trust, _, err := NewTrustOnce(testConfig(), noFetch{t}, []byte(set(good(testKID), good2(testKID))))
		if err != nil {
			t.Fatal(err)
		}
		e := NewVerifier(testConfig(), trust, func() time.Time { return testNow }).Explain(t.Context(), goodDraft().token())
		agrees(t, e, ReasonKeysUnavailable)
		if c := e.check(t, checkKey); !strings.Contains(c.Got, "no keys: bad_key_set, no usable key in the set: different keys stand under one key id") || !strings.Contains(c.Fix, "no usable key") {
			t.Errorf("%+v", c)
		}
	})
	t.Run("ambiguous beside others", func(t *testing.T) {
		trust, _, err := NewTrustOnce(testConfig(), noFetch{t}, []byte(set(good(testKID), good2(testKID), good("two"), good("three").with("use", `"enc"`))))
		if err != nil {
			t.Fatal(err)
		}
		e := NewVerifier(testConfig(), trust, func() time.Time { return testNow }).Explain(t.Context(), goodDraft().token())
		agrees(t, e, ReasonUnknownKID)
		if c := e.check(t, checkKey); c.Got != "different keys under this kid" || !strings.Contains(c.Fix, "publishes different keys under one kid") {
			t.Errorf("%+v", c)
		}
		if e.Keys.Ignored != 1 || !slices.Equal(e.Keys.Ambiguous, []string{testKID}) {
			t.Errorf("keys %+v", e.Keys)
		}
	})
}

// Of the network, one issuer is asked, once.
func TestNewTrustOnceFetches(t *testing.T) {
	issuer := newFakeIssuer()
	issuer.publish(testKID, "two")
	trust, _, err := NewTrustOnce(testConfig(), issuer, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := NewVerifier(testConfig(), trust, func() time.Time { return testNow })
	if len(issuer.fetches)+len(issuer.reads) != 0 {
		t.Fatal("something was fetched before a key was asked for")
	}
	for range 3 {
		e := v.Explain(t.Context(), goodDraft().token())
		agrees(t, e, "")
		if e.Keys.Origin != KeysFetched || e.Keys.Address != issuer.jwksURI || !slices.Equal(e.Keys.IDs, []string{testKID, "two"}) {
			t.Errorf("keys %+v", e.Keys)
		}
	}
	raw, _ := row{edit: member("kid", `"gone"`)}.token()
	e := v.Explain(t.Context(), raw)
	agrees(t, e, ReasonUnknownKID)
	if c := e.check(t, checkKey); !strings.Contains(c.Fix, "rotated") {
		t.Errorf("%+v", c)
	}
	if len(issuer.fetches) != 1 || len(issuer.reads) != 1 {
		t.Errorf("%d fetches and %d reads of metadata, want one of each", len(issuer.fetches), len(issuer.reads))
	}
}

// Each class of failure says what to look at.
func TestExplainUnavailable(t *testing.T) {
	seen := map[string]bool{}
	for name, fault := range keyFaults() {
		if name == "hangs" || name == "one byte a second" {
			continue // the class is another's: it takes its time
		}
		t.Run(name, func(t *testing.T) {
			issuer := newFakeIssuer()
			issuer.set(func(f *fakeIssuer) { f.fault = fault.give })
			trust, _, err := NewTrustOnce(testConfig(), issuer, nil)
			if err != nil {
				t.Fatal(err)
			}
			raw := goodDraft().token()
			e := NewVerifier(testConfig(), trust, func() time.Time { return testNow }).Explain(t.Context(), raw)
			agrees(t, e, ReasonKeysUnavailable)
			sound(t, e, raw)
			if e.Keys.Error != fault.class || e.Keys.Detail == "" {
				t.Errorf("keys %+v, want the class %s", e.Keys, fault.class)
			}
			if c := e.check(t, checkKey); !strings.Contains(c.Got, "no keys: "+fault.class+", ") || strings.Contains(c.Got, "maintenance") {
				t.Errorf("%+v", c)
			}
			seen[fault.class] = true
		})
	}
	if len(seen) < 5 {
		t.Errorf("classes %v", seen)
	}
	words := map[string]string{}
	for _, class := range []string{"unreachable", "proxy", "timeout", "http_status", "rate_limited", "issuer_mismatch", "bad_metadata", "bad_key_set", "too_large", "another"} {
		fix := fixUnavailable(KeyReport{Error: class})
		if other, twice := words[fix]; twice {
			t.Errorf("%s and %s have the same words", class, other)
		}
		words[fix] = class
	}
}

// A proxy's password stands in the configuration, and must not come out of it.
func TestExplainKeepsTheProxysPassword(t *testing.T) {
	c := testConfig()
	c.HTTP.Proxy = "http://agent:correct-horse-battery@127.0.0.1:1/"
	client, err := NewHTTPClient(c)
	if err != nil {
		t.Fatal(err)
	}
	trust, _, err := NewTrustOnce(c, client, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := NewVerifier(c, trust, func() time.Time { return testNow }).Explain(t.Context(), goodDraft().token())
	agrees(t, e, ReasonKeysUnavailable)
	if strings.Contains(e.texts(), "horse") || e.Keys.Error == "" {
		t.Errorf("keys %+v", e.Keys)
	}
}

// The keys of the configuration are told of, and stay what they are where a key set is
// given in a file.
func TestExplainStaticKeys(t *testing.T) {
	c := testConfig()
	c.Issuers[0].PublicKey, c.Issuers[0].KeyID = rsa2PEM(), "mine"
	trust, _, err := NewTrustOnce(c, noFetch{t}, []byte(set(good(testKID))))
	if err != nil {
		t.Fatal(err)
	}
	v := NewVerifier(c, trust, func() time.Time { return testNow })
	d := goodDraft()
	member("kid", "")(&d)
	raw := d.token()
	e := v.Explain(t.Context(), raw)
	agrees(t, e, ReasonSignature)
	sound(t, e, raw)
	if e.Keys.Origin != KeysConfigured || !slices.Equal(e.Keys.IDs, []string{"mine"}) {
		t.Errorf("keys %+v", e.Keys)
	}
	if c := e.check(t, checkSignature); !strings.Contains(c.Fix, "public_key is not the key that signed") {
		t.Errorf("%+v", c)
	}
	if c := e.check(t, checkKey); c.Expected != "the issuer's one key" || c.Got != "RSA, 2048 bits" {
		t.Errorf("%+v", c)
	}
	e = v.Explain(t.Context(), goodDraft().token())
	agrees(t, e, ReasonUnknownKID)
	if c := e.check(t, checkKey); c.Got != `the issuer has "mine"` || !strings.Contains(c.Fix, "public_key does not have the key") {
		t.Errorf("%+v", c)
	}
	d.key = rsaKey2()
	agrees(t, v.Explain(t.Context(), d.token()), "")
}
