package auth

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// staticTokenOf makes a token that is good for an hour from testNow on.
func staticTokenOf(t testing.TB, name string, scopes ...string) (raw, entry string) {
	t.Helper()
	raw, entry, err := NewStaticToken(name, scopes, testNow.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return raw, entry
}

// holding returns the static tokens of a file with that content.
func holding(t testing.TB, content string) *staticTokens {
	t.Helper()
	s := &staticTokens{log: testLogger(&syncBuffer{})}
	if err := s.use([]byte(content)); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStaticTokenVerifies(t *testing.T) {
	one, first := staticTokenOf(t, "agent one", "tool:alpha", "tool:beta")
	two, second := staticTokenOf(t, "agent-two")
	v, keys := testVerifier(testNow, nil)
	v.trust.static = holding(t, first+second)
	for raw, want := range map[string]Principal{
		one: {Issuer: "static", Subject: "agent one", ClientID: "agent one", Scopes: []string{"tool:alpha", "tool:beta"}, ExpiresAt: testNow.Add(time.Hour)},
		two: {Issuer: "static", Subject: "agent-two", ClientID: "agent-two", ExpiresAt: testNow.Add(time.Hour)},
	} {
		got, err := v.Verify(t.Context(), raw)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Principal{}), cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
		for _, name := range []string{"sub", "iss", "scope", ""} {
			if value, ok := got.Claim(name); ok {
				t.Errorf("claim %q is %v", name, value)
			}
		}
		// What one caller does to its principal is no other's.
		for i := range got.Scopes {
			got.Scopes[i] = "tool:admin"
		}
	}
	if again, err := v.Verify(t.Context(), one); err != nil || again.HasScope("tool:admin") {
		t.Errorf("%v, %v", again.Scopes, err)
	}
	if keys.asked != 0 {
		t.Errorf("%d keys were looked up", keys.asked)
	}
	// The tokens of issuers are judged as ever.
	if p, err := v.Verify(t.Context(), goodDraft().token()); err != nil || p.Issuer != testIssuer {
		t.Errorf("%v, %v", p.Issuer, err)
	}
}

func TestStaticTokenRefusals(t *testing.T) {
	raw, entry := staticTokenOf(t, "agent", "tool:alpha")
	stranger, _ := staticTokenOf(t, "stranger")
	end := testNow.Add(time.Hour)
	const prefix = staticTokenPrefix
	for _, tt := range []struct {
		name string
		raw  string
		now  time.Time
		deny string
		want Reason
	}{
		{name: "the token itself", raw: raw},
		{name: "a moment before its end", raw: raw, now: end.Add(-1)},
		{name: "at its end, by our own clock", raw: raw, now: end, want: ReasonExpired},
		{name: "long after", raw: raw, now: end.AddDate(1, 0, 0), want: ReasonExpired},
		{name: "one that is in no file", raw: stranger, want: ReasonUnknownToken},
		{name: "one that is in no file, after an end", raw: stranger, now: end, want: ReasonUnknownToken},
		{name: "of zeros", raw: prefix + strings.Repeat("A", 43), want: ReasonUnknownToken},
		{name: "one character changed", raw: raw[:20] + flipped64(raw[20]) + raw[21:], want: ReasonUnknownToken},
		{name: "cut off", raw: raw[:len(raw)-1], want: ReasonMalformed},
		{name: "one character more", raw: raw + "A", want: ReasonMalformed},
		{name: "padded", raw: raw + "=", want: ReasonMalformed},
		{name: "another spelling of the last bits", raw: prefix + strings.Repeat("A", 42) + "B", want: ReasonMalformed},
		{name: "the other alphabet", raw: prefix + strings.Repeat("A", 42) + "+", want: ReasonMalformed},
		{name: "a line break", raw: prefix + strings.Repeat("A", 42) + "\n", want: ReasonMalformed},
		{name: "two line breaks beside the whole", raw: raw + "\r\n", want: ReasonMalformed},
		{name: "a space behind", raw: raw + " ", want: ReasonMalformed},
		{name: "without its prefix", raw: strings.TrimPrefix(raw, prefix), want: ReasonMalformed},
		{name: "the prefix alone", raw: prefix, want: ReasonMalformed},
		{name: "the prefix in capitals", raw: strings.Replace(raw, "mcprs", "MCPRS", 1), want: ReasonMalformed},
		{name: "its digest", raw: fmt.Sprintf("%x", sha256.Sum256([]byte(raw))), want: ReasonMalformed},
		{name: "three parts", raw: raw + ".." + raw, want: ReasonMalformed},
		{name: "denied by its client", raw: raw, deny: "client_ids: [agent]", want: ReasonRevoked},
		{name: "denied by its subject", raw: raw, deny: "subjects: [agent]", want: ReasonRevoked},
		{name: "denied with all of its kind", raw: raw, deny: "issuers: [static]", want: ReasonRevoked},
		{name: "others denied", raw: raw, deny: "issuers: ['" + testIssuer + "']\nclient_ids: [agent-2]\nsubjects: [Agent]\nkids: [agent]\njti: [agent]"},
		{name: "denied and expired", raw: raw, now: end, deny: "client_ids: [agent]", want: ReasonExpired},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.now.IsZero() {
				tt.now = testNow
			}
			v, _ := testVerifier(tt.now, nil)
			v.trust.static, v.trust.denylist = holding(t, entry), denying(t, tt.deny)
			p, err := v.Verify(t.Context(), tt.raw)
			if got := reason(t, err); got != tt.want {
				t.Errorf("reason %q, want %q", got, tt.want)
			}
			if err != nil && p.Issuer+p.Subject+p.ClientID != "" {
				t.Errorf("a principal beside a refusal: %+v", p)
			}
		})
	}
}

// flipped64 is another character of base64url than c.
func flipped64(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}

// Of a refused static token the caller learns nothing: not whether there are any
// here, nor whether this was one once. The log has its reason and nothing of it.
func TestStaticTokenAnswers(t *testing.T) {
	raw, entry := staticTokenOf(t, "agent")
	stranger, _ := staticTokenOf(t, "stranger")
	for _, tt := range []struct {
		name, raw string
		with      bool
		now       time.Time
		want      answer
		reason    Reason
		issuer    string
	}{
		{"accepted", raw, true, testNow, accepted, "", ""},
		{"unknown", stranger, true, testNow, answerBad, ReasonUnknownToken, StaticIssuer},
		{"expired", raw, true, testNow.Add(time.Hour), answerBad, ReasonExpired, StaticIssuer},
		{"where there are none", raw, false, testNow, answerBad, ReasonMalformed, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, _ := testVerifier(tt.now, nil)
			if tt.with {
				v.trust.static = holding(t, entry)
			}
			d := newDoor(v.Verify, testChallenger())
			r := httptest.NewRequest(http.MethodPost, "/mcp", noBody{t})
			r.Header.Set("Authorization", "Bearer "+tt.raw)
			tt.want.wants(t, d.send(r))
			if tt.reason == "" {
				return
			}
			if want := (Refusal{Reason: tt.reason, Issuer: tt.issuer}); len(d.refusals) != 1 || *d.refusals[0] != want {
				t.Errorf("refusals %+v, want %+v", d.refusals, want)
			}
		})
	}
}

// The comparison does not stop at what it finds: each of many tokens is found, and
// the digests of others are not.
func TestFindStaticToken(t *testing.T) {
	tokens := make([]staticToken, 5)
	for i := range tokens {
		tokens[i].digest = sha256.Sum256([]byte{byte(i)})
	}
	for i := range tokens {
		if got := find(tokens, sha256.Sum256([]byte{byte(i)})); got != i {
			t.Errorf("token %d is found at %d", i, got)
		}
	}
	near := tokens[2].digest
	near[31] ^= 1
	for name, digest := range map[string][32]byte{"another": sha256.Sum256([]byte("x")), "one bit off": near, "zeros": {}} {
		if got := find(tokens, digest); got != -1 {
			t.Errorf("%s is found at %d", name, got)
		}
	}
	if got := find(nil, near); got != -1 {
		t.Errorf("found at %d of none", got)
	}
}
