package auth

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A key that is in the set, and of no use, is not called rotated away before
// anything else.
func TestExplainIgnoredKeys(t *testing.T) {
	for name, odd := range map[string]string{
		"1024 bits": jwkOf(&rsaSmall().PublicKey, "odd").String(),
		"e=3":       good("odd").with("e", `"Aw"`).String(),
		"use=enc":   good("odd").with("use", `"enc"`).String(),
		"PS256":     good("odd").with("alg", `"PS256"`).String(),
	} {
		t.Run(name, func(t *testing.T) {
			trust, _, err := NewTrustOnce(testConfig(), noFetch{t}, []byte(`{"keys":[`+odd+`,`+good("one").String()+`]}`))
			if err != nil {
				t.Fatal(err)
			}
			raw, _ := row{edit: member("kid", `"odd"`)}.token()
			e := NewVerifier(testConfig(), trust, func() time.Time { return testNow }).Explain(t.Context(), raw)
			agrees(t, e, ReasonUnknownKID)
			sound(t, e, raw)
			fix := e.check(t, checkKey).Fix
			if !strings.HasPrefix(fix, "1 key of the set cannot be used here") || !strings.Contains(fix, "algorithms (RS256)") || e.Keys.Ignored != 1 {
				t.Errorf("fix %q, keys %+v", fix, e.Keys)
			}
		})
	}
}

// failing answers nothing.
type failing struct{}

func (failing) Do(*http.Request) (*http.Response, error) { return nil, errors.New("nothing") }

// The cause of a failure is told to its end, the issuer in the addresses alone.
func TestKeyReportDetail(t *testing.T) {
	c := testConfig()
	c.Issuers[0].Issuer = "https://issuer.example/" + strings.Repeat("x", 90)
	trust, _, err := NewTrustOnce(c, failing{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := row{edit: claim("iss", strconv.Quote(c.Issuers[0].Issuer))}.token()
	e := NewVerifier(c, trust, func() time.Time { return testNow }).Explain(t.Context(), raw)
	agrees(t, e, ReasonKeysUnavailable)
	sound(t, e, raw)
	path := strings.Repeat("x", 90)
	want := "fetching https://issuer.example/" + path + "/.well-known/openid-configuration: the connection failed; " +
		"fetching https://issuer.example/.well-known/oauth-authorization-server/" + path + ": the connection failed; " +
		"fetching https://issuer.example/.well-known/openid-configuration/" + path + ": the connection failed"
	if e.Keys.Detail != want {
		t.Errorf("detail %s\nwant   %s", e.Keys.Detail, want)
	}
	if got := e.check(t, checkKey).Got; got != "no keys: unreachable, "+want {
		t.Errorf("got %s", got)
	}
}

func TestDetailIsPrintable(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"a \"b\" \\ \x1b[2J\u202e", `a "b" \\ \x1b[2J\u202e`},
		{strings.Repeat("y", 600), strings.Repeat("y", 600)},
		{strings.Repeat("y", 601), strings.Repeat("y", 600) + "..."},
	} {
		if got := detail(tt.text); got != tt.want {
			t.Errorf("%q is %s, want %s", tt.text, got, tt.want)
		}
	}
}

// A token that does not name the issuer's one key is of that key all the same, and
// explain shows its name.
func TestExplainSoleKey(t *testing.T) {
	c := testConfig()
	c.Issuers[0].PublicKey, c.Issuers[0].KeyID = rsaPEM(), "mine"
	d := goodDraft()
	member("kid", "")(&d)
	raw := d.token()
	for _, tt := range []struct {
		denied string
		want   Reason
		got    string
	}{
		{"mine", ReasonRevoked, `denied by kids, by the issuer's one key "mine"`},
		{"another", "", "not denied"},
	} {
		t.Run(tt.denied, func(t *testing.T) {
			c.DenylistFile = written(t, "kids: ["+strconv.Quote(tt.denied)+"]")
			v, _ := onceVerifier(t, c)
			e := v.Explain(t.Context(), raw)
			agrees(t, e, verdict(t, v, raw))
			agrees(t, e, tt.want)
			if got := e.check(t, checkRevocation).Got; got != tt.got {
				t.Errorf("got %q, want %q", got, tt.got)
			}
			if got, want := e.check(t, checkKeyID).Got, `no kid; the issuer's one key is "mine", in the log `+keyFingerprint("mine"); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	c.DenylistFile = ""
	v, _ := onceVerifier(t, c)
	if got := v.Explain(t.Context(), raw).check(t, checkRevocation); got.Got != "no denylist" || got.Expected != "no denylist" {
		t.Errorf("%+v", got)
	}
}
