package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// verdict is what Verify says: "" accepts.
func verdict(t testing.TB, v *Verifier, raw string) Reason {
	t.Helper()
	_, err := v.Verify(t.Context(), raw)
	return reason(t, err)
}

// firstFailure is the first check that failed, or the zero value.
func (e Explanation) firstFailure() CheckResult {
	for _, c := range e.Checks {
		if c.State == CheckFailed {
			return c
		}
	}
	return CheckResult{}
}

// check returns a check's result.
func (e Explanation) check(t testing.TB, name checkName) CheckResult {
	t.Helper()
	for _, c := range e.Checks {
		if c.Name == string(name) {
			return c
		}
	}
	t.Fatalf("no check %q", name)
	return CheckResult{}
}

// texts is all that an explanation shows.
func (e Explanation) texts() string {
	var b strings.Builder
	for _, c := range e.Checks {
		fmt.Fprintln(&b, c.Name, c.State, c.Expected, c.Got, c.Fix, c.Reason)
	}
	fmt.Fprintln(&b, e.Around, e.Hints, e.Keys)
	return b.String()
}

// Explain says what Verify says, of every row of the refusal tables: that is what
// an operator relies on.
func TestExplainAgreesWithVerify(t *testing.T) {
	rows := 0
	for group, list := range allRows() {
		for _, r := range list {
			rows++
			t.Run(group+"/"+r.name, func(t *testing.T) {
				raw, now := r.token()
				v, _ := r.verifier(now)
				want := verdict(t, v, raw)
				if want != r.want {
					t.Fatalf("Verify gives %q, the row wants %q", want, r.want)
				}
				e := v.Explain(t.Context(), raw)
				agrees(t, e, want)
				sound(t, e, raw)
			})
		}
	}
	if rows < 150 {
		t.Errorf("%d rows, want at least 150: a table was lost", rows)
	}
}

// agrees fails where an explanation says something else than want.
func agrees(t testing.TB, e Explanation, want Reason) {
	t.Helper()
	if got := e.firstFailure().Reason; got != want {
		t.Errorf("the first failure is %q, want %q\n%s", got, want, e.texts())
	}
	switch {
	case (e.Refusal == nil) != (want == ""):
		t.Errorf("refusal %v, want the reason %q", e.Refusal, want)
	case e.Refusal != nil && e.Refusal.Reason != want:
		t.Errorf("refusal %v, want the reason %q", e.Refusal, want)
	}
	if (e.Bare == nil) != (e.Principal.Issuer != "") {
		t.Errorf("principal %+v with the verdict %v", e.Principal, e.Bare)
	}
	if len(e.Around) == 0 && e.Bare != e.Refusal {
		t.Errorf("nothing is around the token, and its verdicts are %v and %v", e.Bare, e.Refusal)
	}
}

// sound fails where an explanation shows what it must not, or does not explain.
func sound(t testing.TB, e Explanation, raw string) {
	t.Helper()
	shown := e.texts()
	asJSON, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	if parts := strings.Split(raw, "."); len(parts) >= 3 {
		for _, text := range []string{shown, string(asJSON)} {
			if s := sample(text, parts[2]); s != "" {
				t.Errorf("%q of the signature is shown:\n%s", s, text)
			}
		}
	}
	if i := strings.IndexFunc(shown, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }); i >= 0 {
		t.Errorf("not printable at %d: %q", i, shown[i:min(len(shown), i+20)])
	}
	for _, c := range e.Checks {
		switch {
		case c.State == CheckFailed && (c.Fix == "" || c.Reason == "" || c.Expected == "" || c.Got == ""):
			t.Errorf("a failure without its words: %+v", c)
		case c.State == CheckPassed && (c.Fix != "" || c.Reason != "" || c.Expected == "" || c.Got == ""):
			t.Errorf("a good check: %+v", c)
		case c.State == CheckNotReached && (c.Fix != "" || c.Reason != "" || c.Got != ""):
			t.Errorf("a check that was not made: %+v", c)
		}
		if len(c.Got) > 2500 || len(c.Fix) > 1500 || len(c.Expected) > 2500 {
			t.Errorf("too long: %+v", c)
		}
	}
}

// Every check of the table has words, and nothing else has.
func TestDescriptions(t *testing.T) {
	names := map[checkName]bool{}
	for _, c := range checks {
		names[c.name] = true
		if d := descriptions[c.name]; d.expected == nil || d.got == nil || d.fix == nil {
			t.Errorf("the check %q is not described", c.name)
		}
	}
	for name := range descriptions {
		if !names[name] {
			t.Errorf("%q is no check", name)
		}
	}
}

// After a failure that nothing builds on, the others show as well.
func TestExplainShowsAllFaults(t *testing.T) {
	v, keys := testVerifier(testNow, func(c *Config) { c.Issuers[0].AllowedClients = []string{"another"} })
	d := goodDraft()
	d.header = goodHeader().with("typ", "").String()
	d.claims = goodClaims().with("aud", `"x"`).with("exp", at(-3600)).with("nbf", at(900)).with("cnf", "{}").with("scope", "[]").String()
	d.key = rsaKey2()
	e := v.Explain(t.Context(), d.token())
	var failed []string
	for _, c := range e.Checks {
		if c.State == CheckFailed {
			failed = append(failed, c.Name)
		}
	}
	want := []string{"type", "sender constraint", "audience", "expiry", "not before", "client", "grants", "signature"}
	if !slices.Equal(failed, want) {
		t.Errorf("failed %q, want %q", failed, want)
	}
	agrees(t, e, ReasonTokenType)
	if keys.asked != 1 {
		t.Errorf("the key was asked for %d times", keys.asked)
	}
}

// Where all builds on what failed, nothing is guessed.
func TestExplainEndsAtWhatIsNeeded(t *testing.T) {
	for name, tt := range map[string]struct {
		edit    func(*draft)
		spoil   func(string) string
		reached checkName // the last
	}{
		"form":      {nil, suffix("=="), checkForm},
		"header":    {member("alg", `"HS256"`), nil, checkHeader},
		"claims":    {claimsAre(func(string) string { return "[]" }), nil, checkClaims},
		"issuer":    {claim("iss", `"https://evil.example/"`), nil, checkIssuerName},
		"no kid":    {member("kid", ""), nil, checkRevocation},
		"key":       {member("kid", `"junk"`), nil, checkKey},
		"signature": {func(d *draft) { d.key = rsaKey2() }, nil, checkSignature},
	} {
		t.Run(name, func(t *testing.T) {
			v, keys := testVerifier(testNow, nil)
			raw, _ := row{edit: tt.edit, spoil: tt.spoil}.token()
			e := v.Explain(t.Context(), raw)
			if len(e.Checks) != len(checks) {
				t.Fatalf("%d checks, want all %d", len(e.Checks), len(checks))
			}
			last := slices.IndexFunc(checks, func(c check) bool { return c.name == tt.reached })
			for i, c := range e.Checks {
				if (c.State == CheckNotReached) != (i > last) {
					t.Errorf("%s is %s", c.Name, c.State)
				}
			}
			if asks := last >= len(checks)-2; (keys.asked == 1) != asks {
				t.Errorf("the key was asked for %d times", keys.asked)
			}
		})
	}
}

// A good token shows whom it makes.
func TestExplainAccepts(t *testing.T) {
	v, _ := testVerifier(testNow, nil)
	e := v.Explain(t.Context(), goodDraft().token())
	agrees(t, e, "")
	p := e.Principal
	if p.Issuer != testIssuer || p.Subject != "subject-of-the-token" || p.ClientID != "client-of-the-token" ||
		!slices.Equal(p.Scopes, []string{"tool:alpha", "tool:beta"}) || !p.ExpiresAt.Equal(testNow.Add(time.Hour)) {
		t.Errorf("principal %+v", p)
	}
	if len(e.Hints) != 0 || !e.At.Equal(testNow) {
		t.Errorf("hints %q at %v", e.Hints, e.At)
	}
	for _, c := range e.Checks {
		if c.State != CheckPassed {
			t.Errorf("%+v", c)
		}
	}
}

// The refusal says what the server's log would.
func TestExplainRefusalIsVerifys(t *testing.T) {
	v, _ := testVerifier(testNow, nil)
	for _, edit := range []func(*draft){claim("iss", `"x"`), claim("sub", `7`), member("kid", `"junk"`), func(d *draft) { d.header = "{" }} {
		raw, _ := row{edit: edit}.token()
		_, err := v.Verify(t.Context(), raw)
		want, ok := errors.AsType[*Refusal](err)
		if !ok {
			t.Fatal(err)
		}
		if got := v.Explain(t.Context(), raw).Refusal; got == nil || *got != *want {
			t.Errorf("refusal %+v, want %+v", got, want)
		}
	}
}
