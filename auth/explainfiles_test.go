package auth

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// written writes a file of the configuration.
func written(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// noFetch is a client of somebody who must not need one.
type noFetch struct{ t testing.TB }

func (n noFetch) Do(r *http.Request) (*http.Response, error) {
	n.t.Errorf("%s was asked for", r.URL)
	return nil, http.ErrNotSupported
}

// explainer judges by a key set in a file, and the files of c.
func explainer(t *testing.T, c Config) *Verifier {
	t.Helper()
	c.Issuers = testConfig().Issuers
	trust, _, err := NewTrustOnce(c, noFetch{t}, []byte(set(good(testKID), good2("two"))))
	if err != nil {
		t.Fatal(err)
	}
	return NewVerifier(c, trust, func() time.Time { return testNow })
}

func TestExplainDenylist(t *testing.T) {
	raw := goodDraft().token()
	for _, tt := range []struct{ name, file, got, fix string }{
		{"issuer", "issuers: ['" + testIssuer + "']", "denied by issuers", "look at issuers in auth.denylist_file"},
		{"kid", "kids: [" + testKID + "]", "denied by kids", "look at kids in auth.denylist_file"},
		{"client", "client_ids: [client-of-the-token]", "denied by client_ids", "look at client_ids in auth.denylist_file"},
		{"subject", "subjects: [subject-of-the-token]", "denied by subjects", "look at subjects in auth.denylist_file"},
		{"jti", "jti: [identifier-of-the-token]", "denied by jti", "this one token was revoked: get a new one"},
		{"two", "kids: [" + testKID + "]\njti: [identifier-of-the-token]", "denied by kids and jti", "look at kids and jti in"},
		{"twin", "kids: [another]\njti: [another]", "not denied", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := DefaultConfig()
			c.DenylistFile = written(t, tt.file)
			v := explainer(t, c)
			want := ReasonRevoked
			if tt.fix == "" {
				want = ""
			}
			e := v.Explain(t.Context(), raw)
			agrees(t, e, verdict(t, v, raw))
			agrees(t, e, want)
			sound(t, e, raw)
			got := e.check(t, checkRevocation)
			if got.Got != tt.got || !strings.Contains(got.Fix, tt.fix) || got.Expected != "not denied" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestExplainStaticTokens(t *testing.T) {
	good, goodEntry, err := NewStaticToken("ci", []string{"tool:alpha"}, testNow.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	old, oldEntry, err := NewStaticToken("old", nil, testNow.Add(-time.Second))
	if err != nil {
		t.Fatal(err)
	}
	revoked, revokedEntry, err := NewStaticToken("leaked", nil, testNow.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	unknown, _, err := NewStaticToken("unknown", nil, testNow.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	c := DefaultConfig()
	c.StaticTokensFile = written(t, goodEntry+oldEntry+revokedEntry)
	c.DenylistFile = written(t, "subjects: [leaked]\nclient_ids: [leaked]")
	v := explainer(t, c)
	for _, tt := range []struct {
		name, given string
		want        Reason
		bare        Reason
		got, fix    string // of the first that failed, or of the static token
	}{
		{"good", good, "", "", `, the token "ci"`, ""},
		{"unknown", unknown, ReasonUnknownToken, ReasonUnknownToken, "SHA-256 ", "no entry has this digest"},
		{"expired", old, ReasonExpired, ReasonExpired, "SHA-256 ", "the entry has expired: make a new token"},
		{"revoked", revoked, ReasonRevoked, ReasonRevoked, "denied by client_ids and subjects", "look at client_ids and subjects in auth.denylist_file"},
		{"in a header", "Bearer " + good, ReasonMalformed, "", `"Bearer" in front`, "send the token without that"},
		{"revoked, in a header", "Bearer " + revoked, ReasonMalformed, ReasonRevoked, `"Bearer" in front`, "send the token without that"},
		{"cut off", good[:len(good)-2], ReasonMalformed, ReasonMalformed, "1 part", "was cut off or changed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := v.Explain(t.Context(), tt.given)
			agrees(t, e, verdict(t, v, tt.given))
			agrees(t, e, tt.want)
			sound(t, e, tt.given)
			if e.Bare == nil && tt.bare != "" || e.Bare != nil && e.Bare.Reason != tt.bare {
				t.Errorf("the token alone: %v, want %q", e.Bare, tt.bare)
			}
			c := e.firstFailure()
			if tt.want == "" {
				c = e.Checks[0]
				if e.Principal.Issuer != StaticIssuer || !slices.Equal(e.Principal.Scopes, []string{"tool:alpha"}) {
					t.Errorf("principal %+v", e.Principal)
				}
			}
			if !strings.Contains(c.Got, tt.got) || !strings.Contains(c.Fix, tt.fix) || tt.fix == "" && c.Fix != "" {
				t.Errorf("%+v", c)
			}
			if s := sample(e.texts(), strings.TrimPrefix(tt.given, "Bearer ")); s != "" {
				t.Errorf("%q of the token is shown", s)
			}
		})
	}
}
