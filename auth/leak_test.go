package auth

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

const window = 12

// sample returns a piece of twelve bytes that both texts have, or "".
func sample(public, secret string) string {
	seen := map[string]bool{}
	for i := range len(public) - window + 1 {
		seen[public[i:i+window]] = true
	}
	for i := range len(secret) - window + 1 {
		if seen[secret[i:i+window]] {
			return secret[i : i+window]
		}
	}
	return ""
}

// Nothing of a refused token is in the answer or, at the debug level, in the log:
// not of its text, and not of the header and claims in it.
func TestRefusalsLeakNothing(t *testing.T) {
	for group, rows := range allRows() {
		for _, r := range rows {
			if r.want == "" {
				continue
			}
			if raw, _ := r.token(); strings.HasPrefix(raw, " ") {
				continue // at the door a space in front is the scheme's
			}
			t.Run(group+"/"+r.name, func(t *testing.T) {
				raw, now := r.token()
				d := goodDraft()
				if r.edit != nil {
					r.edit(&d)
				}
				v, _ := r.verifier(now)
				public, log := refuseAndLog(t, v, raw, r.want)
				for name, secret := range map[string]string{"token": raw, "header": d.header, "claims": d.claims} {
					if s := sample(public, secret); s != "" {
						t.Errorf("%q of the %s is in the answer:\n%s", s, name, public)
					}
					// The log names the configured issuer, whose name the claims have, too.
					if s := sample(strings.NewReplacer(testIssuer, "", otherIssuer, "").Replace(log), secret); s != "" {
						t.Errorf("%q of the %s is in the log:\n%s", s, name, log)
					}
				}
			})
		}
	}
}

// refuseAndLog sends a token to the door and returns all of the answer and the
// log.
func refuseAndLog(t *testing.T, v *Verifier, raw string, want Reason) (public, logged string) {
	t.Helper()
	var log bytes.Buffer
	logger := testLogger(&log)
	handler := Bearer(BearerOptions{
		Verify:     v.Verify,
		Challenger: testChallenger(),
		OnRefusal: func(r *http.Request, refusal *Refusal) {
			if refusal.Reason != want {
				t.Errorf("reason %q, want %q", refusal.Reason, want)
			}
			logger.LogAttrs(r.Context(), slog.LevelDebug, "refused", slog.Any("refusal", *refusal), slog.Any("error", refusal))
		},
	})(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the request came through") }))
	r := httptest.NewRequest(http.MethodPost, "/mcp", noBody{t})
	r.Header.Set("Authorization", "Bearer "+raw)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if log.Len() == 0 {
		t.Error("nothing was logged")
	}
	w.Header().Del("Content-Type") // "application/json": a token may have the first word of it
	return fmt.Sprint(w.Header()) + w.Body.String(), log.String()
}

// The check itself finds what it is for.
func TestSample(t *testing.T) {
	if sample("the subject-of-the-token is here", goodDraft().claims) == "" {
		t.Error("a claim in the answer is not found")
	}
	if s := sample("nothing of it is here at all", goodDraft().claims); s != "" {
		t.Errorf("%q is found where it is not", s)
	}
}

// What a key store logs of its troubles holds no kid that a token named.
func TestKeyStoreLogsNoKeyID(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, r running) {
		_, _ = r.key(t.Context(), "a-kid-that-somebody-chose")
		r.issuer.set(func(f *fakeIssuer) { f.fault = keyFaults()["HTML"].give })
		_, _ = r.key(t.Context(), "another-kid-that-somebody-chose")
		log := r.log.String()
		if strings.Contains(log, "somebody-chose") || strings.Contains(log, "maintenance") {
			t.Errorf("the log has what came from outside:\n%s", log)
		}
		if levels := []string{`"level":"INFO"`, `"level":"WARN"`}; slices.ContainsFunc(levels, func(l string) bool { return !strings.Contains(log, l) }) {
			t.Errorf("the log does not tell of it:\n%s", log)
		}
	})
}
