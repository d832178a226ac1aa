package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mcp-resource-server/auth"
)

// TestSessionEndedBelow: a session that the SDK has ended, and we not yet, is none.
func TestSessionEndedBelow(t *testing.T) {
	r := newRig(t)
	token := r.token("tool:alpha")
	session := r.initialize(token)
	call := func(method, body string) *httptest.ResponseRecorder {
		return r.serve(r.inSession(method, token, session, body))
	}
	if w := call(http.MethodPost, callAlpha); w.Code != http.StatusOK {
		t.Fatalf("the twin: %d %s", w.Code, w.Body)
	}
	for s := range r.server.mcp.Sessions() {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for method, want := range map[string]string{
		http.MethodPost: refused("1", -32600, "session not found", ""),
		http.MethodGet:  refused("null", -32600, "session not found", ""),
	} {
		body := ""
		if method == http.MethodPost {
			body = callAlpha
		}
		w := call(method, body)
		if w.Code != http.StatusNotFound || w.Body.String() != want || r.logged(w)["reason"] != "session" {
			t.Errorf("%s: %d %s, logged %v", method, w.Code, w.Body, r.logged(w)["reason"])
		}
	}
}

// TestSecondStream: a session has one stream at a time.
func TestSecondStream(t *testing.T) {
	r := newRig(t)
	token := r.token("tool:alpha")
	session := r.initialize(token)
	hangUp, _, ended := r.stream(token, session)
	r.eventually("the stream is open", func() bool { return r.streams(session) == 1 })
	second := func() *httptest.ResponseRecorder {
		return r.serve(r.inSession(http.MethodGet, token, session, ""))
	}
	want := refused("null", -32600, "the session has a stream already", "")
	if w := second(); w.Code != http.StatusConflict || w.Body.String() != want || r.logged(w)["reason"] != "session" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	hangUp()
	within(t, "the stream ends", ended)
	hangUp, w, ended := r.stream(token, session)
	r.eventually("another is open", func() bool { return r.streams(session) == 1 })
	hangUp()
	within(t, "it ends", ended)
	if w.Code != http.StatusOK {
		t.Errorf("the twin: %d %s", w.Code, w.Body)
	}
}

func protocolError(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprint(w, "{}")
}

// TestReworded: what is plain text and an error is said in our words, and nothing else.
func TestReworded(t *testing.T) {
	for _, tt := range []struct {
		name   string
		modern bool
		serve  http.HandlerFunc
		status int
		want   string
		reason auth.Reason
	}{
		{"no session", false, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "EVIL", http.StatusNotFound) }, http.StatusNotFound, refused("5", -32600, "session not found", ""), reasonSession},
		{"a stream", false, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "EVIL", http.StatusConflict) }, http.StatusConflict, refused("5", -32600, "the session has a stream already", ""), reasonSession},
		{"a failure", false, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "EVIL", http.StatusInternalServerError) }, http.StatusInternalServerError, refused("5", -32603, "internal error", ""), reasonProtocol},
		{"anything else", false, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "EVIL", http.StatusBadRequest) }, http.StatusBadRequest, refused("5", -32600, "the request cannot be served", ""), reasonProtocol},
		{"an error of the protocol", true, protocolError, http.StatusBadRequest, "{}", ""},
		{"the one that there is to a legacy message", false, protocolError, http.StatusBadRequest, refused("5", -32600, "the id is that of a request which is still under way", ""), reasonMessage},
		{"no error", false, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			fmt.Fprint(w, "fine")
		}, 200, "fine", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			var reason auth.Reason
			w := httptest.NewRecorder()
			r.server.open(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				tt.serve(&rewordedAnswer{ResponseWriter: w, request: req, msg: message{id: []byte("5"), modern: tt.modern}}, req)
				reason = exchangeOf(req).reason
			})).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/mcp", nil))
			if w.Code != tt.status || w.Body.String() != tt.want || reason != tt.reason {
				t.Errorf("%d %s, reason %q", w.Code, w.Body, reason)
			}
			if tt.reason != "" && !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
				t.Errorf("header %v", w.Header())
			}
		})
	}
}

// TestLastEventID: no stream here is resumable, so that it says nothing, on a GET either.
func TestLastEventID(t *testing.T) {
	r := newRig(t)
	token := r.token("tool:alpha")
	session := r.initialize(token)
	req := r.inSession(http.MethodGet, token, session, "")
	req.Header.Set("Last-Event-ID", "EVIL")
	hangUp, w, ended := r.serveApart(req)
	r.eventually("the stream is open", func() bool { return r.streams(session) == 1 })
	hangUp()
	within(t, "it ends", ended)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/event-stream" || strings.Contains(w.Body.String(), "EVIL") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}
