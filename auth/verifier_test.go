package auth

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// row is a good token with one thing changed, and what is to become of it.
type row struct {
	name string
	// edit changes the draft before it is signed.
	edit func(*draft)
	// conf changes the settings of the token's issuer, for the twin, too.
	conf func(*IssuerConfig)
	// spoil changes the signed token.
	spoil func(string) string
	// want is the reason of the refusal; "" is none.
	want Reason
	// asks says that the key is needed for this outcome.
	asks bool
}

// verifier is the one that the row is judged by.
func (r row) verifier(now time.Time) (*Verifier, *fakeKeys) {
	return testVerifier(now, func(c *Config) {
		if r.conf != nil {
			r.conf(&c.Issuers[0])
		}
	})
}

func (r row) token() (raw string, now time.Time) {
	d := goodDraft()
	if r.edit != nil {
		r.edit(&d)
	}
	raw = d.token()
	if r.spoil != nil {
		raw = r.spoil(raw)
	}
	return raw, d.now
}

// allRows is every row of the tables below, by their groups.
func allRows() map[string][]row {
	return map[string][]row{
		"form": formRows(), "header": headerRows(), "claims": claimRows(), "party": partyRows(),
		"time": timeRows(), "key": keyRows(), "rules": ruleRows(), "grants": grantRows(),
	}
}

func TestVerify(t *testing.T) {
	total := 0
	for group, rows := range allRows() {
		t.Run(group, func(t *testing.T) {
			for _, r := range rows {
				t.Run(r.name, func(t *testing.T) { r.check(t) })
			}
		})
		total += len(rows)
	}
	if total < 230 {
		t.Errorf("%d rows, want at least 230: a table was lost", total)
	}
}

// check judges the row's token and, before it, its twin: the same token, at the
// same verifier, without the change.
func (r row) check(t *testing.T) {
	t.Helper()
	raw, now := r.token()
	v, keys := r.verifier(now)
	twin := goodDraft()
	if r.want != "" && now.Equal(twin.now) {
		if _, err := v.Verify(t.Context(), twin.token()); err != nil {
			t.Fatalf("the twin: %v", err)
		}
	}
	keys.asked = 0
	principal, err := v.Verify(t.Context(), raw)
	if r.want == "" && err != nil {
		t.Fatalf("Verify = %v, want a principal", err)
	}
	if r.want != "" && !errors.Is(err, &Refusal{Reason: r.want}) {
		t.Fatalf("Verify = %v, want the reason %s", err, r.want)
	}
	if (principal.Subject != "") != (r.want == "") {
		t.Errorf("principal = %+v with err = %v", principal, err)
	}
	if asks := r.asks || r.want == ""; (keys.asked == 1) != asks || keys.asked > 1 {
		t.Errorf("the key was asked for %d times, needed: %v", keys.asked, asks)
	}
}

// waitingKeys lets something happen while a key is waited for.
type waitingKeys struct {
	fakeKeys
	meanwhile func()
}

func (w *waitingKeys) key(ctx context.Context, kid string) (publicKey, error) {
	w.meanwhile()
	return w.fakeKeys.key(ctx, kid)
}

// A key may be waited for longer than the token lives, or than somebody needs to
// revoke it.
func TestVerifyAfterTheWait(t *testing.T) {
	for _, tt := range []struct {
		name string
		wait time.Duration
		deny string
		want Reason
	}{
		{"a moment", time.Second, "# nobody", ""},
		{"beyond max_token_age and the skew", 30*time.Minute + 30*time.Second, "# nobody", ReasonLifetime},
		{"to the end of the skew", time.Hour + 30*time.Second - 1, "# nobody", ""},
		{"beyond exp and the skew", time.Hour + 30*time.Second, "# nobody", ReasonExpired},
		{"until it is denied", time.Second, "subjects: [subject-of-the-token]", ReasonRevoked},
		{"until another is denied", time.Second, "subjects: [another]", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, keys := testVerifier(testNow, func(c *Config) {
				if tt.want == ReasonLifetime {
					c.Issuers[0].MaxTokenAge = 30 * time.Minute
				}
			})
			now := testNow
			v.now = func() time.Time { return now }
			v.trust.denylist = denying(t, "# nobody")
			v.issuers[testIssuer].keys = &waitingKeys{*keys, func() {
				now = now.Add(tt.wait)
				if err := v.trust.denylist.use([]byte(tt.deny)); err != nil {
					t.Fatal(err)
				}
			}}
			_, err := v.Verify(t.Context(), goodDraft().token())
			if got := reason(t, err); got != tt.want {
				t.Errorf("reason %q, want %q", got, tt.want)
			}
		})
	}
}

func TestVerifyGivesThePrincipal(t *testing.T) {
	v, _ := testVerifier(testNow, nil)
	p, err := v.Verify(t.Context(), goodDraft().token())
	if err != nil {
		t.Fatal(err)
	}
	if p.Issuer != testIssuer || p.Subject != "subject-of-the-token" || p.ClientID != "client-of-the-token" {
		t.Errorf("principal = %+v", p)
	}
	if !slices.Equal(p.Scopes, []string{"tool:alpha", "tool:beta"}) {
		t.Errorf("scopes = %q", p.Scopes)
	}
	if want := testNow.Add(time.Hour); !p.ExpiresAt.Equal(want) {
		t.Errorf("expiry = %v, want %v: the skew is not part of it", p.ExpiresAt, want)
	}
}

// Of a refused token the log may hold the reason, the configured issuer's name
// where one matched, and a fingerprint of the kid.
func TestRefusalTells(t *testing.T) {
	fingerprint := keyFingerprint(testKID)
	for _, tt := range []struct {
		name string
		edit func(*draft)
		want Refusal
	}{
		{"nothing of a token that cannot be read", func(d *draft) { d.header = "{" }, Refusal{Reason: ReasonHeader}},
		{"no name of an issuer that is none of ours", claim("iss", `"https://evil.example/"`), Refusal{ReasonIssuer, "", fingerprint}},
		{"the issuer of a token with a wrong claim", claim("sub", `7`), Refusal{ReasonClaim, testIssuer, fingerprint}},
		{"the issuer of a bound token", claim("cnf", `{}`), Refusal{ReasonSenderConstrained, testIssuer, fingerprint}},
		{"the issuer of an expired token", claim("exp", at(-31)), Refusal{ReasonExpired, testIssuer, fingerprint}},
		{"the issuer of a forged token", func(d *draft) { d.key = rsaKey2() }, Refusal{ReasonSignature, testIssuer, fingerprint}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := goodDraft()
			tt.edit(&d)
			v, _ := testVerifier(testNow, nil)
			_, err := v.Verify(t.Context(), d.token())
			refusal, ok := errors.AsType[*Refusal](err)
			if !ok || *refusal != tt.want {
				t.Errorf("refusal = %+v, want %+v", refusal, tt.want)
			}
		})
	}
	if len(fingerprint) != 8 || strings.Contains(testKID, fingerprint) {
		t.Errorf("fingerprint %q", fingerprint)
	}
}

// A KeySource that fails in a way that nobody foresaw is our fault, not the
// token's: the client must keep its token.
func TestVerifyForeignKeyErrorIsUnavailable(t *testing.T) {
	v, keys := testVerifier(testNow, nil)
	keys.errs[testKID] = context.DeadlineExceeded
	_, err := v.Verify(t.Context(), goodDraft().token())
	if got := reason(t, err); got != ReasonKeysUnavailable {
		t.Errorf("reason = %q, want %q", got, ReasonKeysUnavailable)
	}
	if got := reasonOf(context.Canceled); got != ReasonKeysUnavailable {
		t.Errorf("reasonOf(foreign) = %q", got)
	}
}

func TestRefusalIs(t *testing.T) {
	full := &Refusal{Reason: ReasonExpired, Issuer: testIssuer, KeyFingerprint: "0badc0de"}
	if !errors.Is(full, &Refusal{Reason: ReasonExpired}) {
		t.Error("a refusal is not its reason")
	}
	if errors.Is(full, &Refusal{Reason: ReasonSignature}) || errors.Is(full, errUnknownKey) {
		t.Error("a refusal is something else")
	}
	if got := full.Error(); got != "access token refused: expired" {
		t.Errorf("text %q", got)
	}
}
