package auth

import (
	"encoding/json"
	"net/http/httptest"
	"testing"
)

// What explain says that the server answers is what it answers.
func TestAnswerToIsTheChallengers(t *testing.T) {
	for reason := range reasonConstants(t) {
		if reason == ReasonScope {
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
}
