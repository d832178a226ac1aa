package auth

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Without required scopes the parameter is left out, and clients go by the
// metadata's scopes_supported.
func TestChallengeWithoutBaseline(t *testing.T) {
	c := Challenger{MetadataURL: testMetadata, RetryAfter: time.Second}
	for reason, want := range map[Reason]string{
		ReasonMissing:         `Bearer resource_metadata="` + testMetadata + `"`,
		ReasonAmbiguous:       `Bearer error="invalid_request", error_description="more than one credential was sent", resource_metadata="` + testMetadata + `"`,
		ReasonExpired:         `Bearer error="invalid_token", error_description="` + textBad + `", resource_metadata="` + testMetadata + `"`,
		ReasonKeysUnavailable: "",
	} {
		w := httptest.NewRecorder()
		c.Refuse(w, reason)
		if got := w.Header().Get("WWW-Authenticate"); got != want {
			t.Errorf("%s: %s\nwant %s", reason, got, want)
		}
	}
}

// Outside, all refusals of a token look the same: the reason is nobody's business.
func TestChallengeTellsNoReason(t *testing.T) {
	for r := range reasonConstants(t) {
		switch r {
		case ReasonMissing, ReasonAmbiguous, ReasonKeysUnavailable:
			continue
		}
		w := httptest.NewRecorder()
		testChallenger().Refuse(w, r)
		answerBad.wants(t, w)
	}
}

// What explain says that the server answers is what it answers.
func TestAnswerToIsTheChallengers(t *testing.T) {
	for reason := range reasonConstants(t) {
		if reason == ReasonScope || reason == ReasonPermission {
			continue // the body is a JSON-RPC error: what is asserted below
		}
		w := httptest.NewRecorder()
		testChallenger().Refuse(w, reason)
		var body struct{ Error string }
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Fatal(err)
		}
		if reason == ReasonMissing {
			body.Error = "" // RFC 6750 §3.1: the challenge has none
		}
		if status, code := AnswerTo(reason); status != w.Code || code != body.Error {
			t.Errorf("%s: %d %q, and the answer is %d %q", reason, status, code, w.Code, body.Error)
		}
	}
	if status, code := AnswerTo(ReasonScope); status != 403 || code != "insufficient_scope" {
		t.Errorf("%s: %d %q", ReasonScope, status, code)
	}
	if status, code := AnswerTo(ReasonPermission); status != 403 || code != "" {
		t.Errorf("%s: %d %q", ReasonPermission, status, code)
	}
}

func TestChallengeInsufficientScope(t *testing.T) {
	w := httptest.NewRecorder()
	w.Header().Set("WWW-Authenticate", "Basic") // whoever was here before
	testChallenger().InsufficientScope(w, []string{"mcp:use", "tool:alpha", "tool:beta"})
	want := []string{`Bearer error="insufficient_scope", error_description="the access token lacks a scope that this operation needs", scope="mcp:use tool:alpha tool:beta", resource_metadata="` + testMetadata + `"`}
	if got := w.Header().Values("WWW-Authenticate"); len(got) != 1 || got[0] != want[0] {
		t.Errorf("challenge %q\nwant %q", got, want)
	}
	if w.Body.Len() > 0 || w.Code != http.StatusOK {
		t.Errorf("status %d, body %q: both are the caller's", w.Code, w.Body)
	}
}

func TestChallengeRetryAfter(t *testing.T) {
	for after, want := range map[time.Duration]string{
		0: "1", 100 * time.Millisecond: "1", time.Second: "1", 30 * time.Second: "30", 5 * time.Minute: "300",
		1500 * time.Millisecond: "2", // a second would be too early
	} {
		w := httptest.NewRecorder()
		Challenger{RetryAfter: after}.Refuse(w, ReasonKeysUnavailable)
		if got := w.Header().Get("Retry-After"); got != want {
			t.Errorf("%v: Retry-After %q, want %q", after, got, want)
		}
	}
}

// No value can end its quotes or begin a line, whatever it is.
func FuzzChallenge(f *testing.F) {
	f.Add(testMetadata, "mcp:use tool:alpha")
	f.Add(`https://x/" , error="`, "a\"b\\c")
	f.Add("https://x/\r\nSet-Cookie: a=b", "a\nb\x00\x7f")
	f.Add("https://größe.example/\xff", "é\xc3 ,")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, url, scopes string) {
		c := Challenger{MetadataURL: url, Baseline: strings.Split(scopes, " ")}
		for _, reason := range []Reason{ReasonMissing, ReasonAmbiguous, ReasonExpired} {
			w := httptest.NewRecorder()
			c.Refuse(w, reason)
			checkChallenge(t, w.Header())
		}
		w := httptest.NewRecorder()
		c.InsufficientScope(w, strings.Split(scopes, " "))
		checkChallenge(t, w.Header())
	})
}

func checkChallenge(t *testing.T, h http.Header) {
	t.Helper()
	lines := h.Values("WWW-Authenticate")
	if len(lines) != 1 {
		t.Fatalf("%d challenges", len(lines))
	}
	line, known := lines[0], map[string]bool{"error": true, "error_description": true, "scope": true, "resource_metadata": true}
	for _, c := range []byte(line) {
		if c < 0x20 || c > 0x7e || c == '\\' {
			t.Fatalf("byte %#x in %q", c, line)
		}
	}
	rest, ok := strings.CutPrefix(line, "Bearer ")
	if !ok {
		t.Fatalf("scheme of %q", line)
	}
	for rest != "" {
		name, after, ok := strings.Cut(rest, `="`)
		if !ok || !known[name] {
			t.Fatalf("parameter %q of %q", name, line)
		}
		known[name] = false // each at most once
		if _, after, ok = strings.Cut(after, `"`); !ok {
			t.Fatalf("quotes of %q", line)
		}
		if after != "" {
			if after, ok = strings.CutPrefix(after, ", "); !ok || after == "" {
				t.Fatalf("what follows %s in %q", name, line)
			}
		}
		rest = after
	}
	if known["resource_metadata"] {
		t.Fatalf("no metadata in %q", line)
	}
}
