package server

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mcp-resource-server/tools"
)

// serveApart serves req until what it returns is called, and closes ended then.
func (r *rig) serveApart(req *http.Request) (hangUp context.CancelFunc, answer *httptest.ResponseRecorder, ended <-chan struct{}) {
	ctx, cancel := context.WithCancel(req.Context())
	w, done := httptest.NewRecorder(), make(chan struct{})
	go func() {
		defer close(done)
		r.server.Handler().ServeHTTP(w, req.WithContext(ctx))
	}()
	return cancel, w, done
}

// TestWhatCancels: a modern call is cancelled when its client hangs up (MCP 2026-07-28,
// Streamable HTTP, "Cancellation"); one in a session is not, but by its client's word
// (MCP 2025-11-25, Streamable HTTP, "Sending Messages to the Server").
func TestWhatCancels(t *testing.T) {
	began, release, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	r := newRig(t)
	r.server.Install(r.generationOf(2, tools.Define("alpha", tools.Options{Title: "Alpha", Description: "d"},
		func(ctx context.Context, _ tools.Caller, _ emptyInput) (emptyOutput, error) {
			began <- struct{}{}
			select {
			case <-ctx.Done():
			case <-release:
			}
			ended <- ctx.Err()
			return emptyOutput{}, nil
		})))
	token := r.token("tool:alpha")
	session := r.initialize(token)
	cancelled := func(id string) {
		w := r.serve(r.inSession(http.MethodPost, token, session, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":`+id+`}}`))
		if w.Code != http.StatusAccepted {
			t.Errorf("the notification: %d %s", w.Code, w.Body)
		}
	}
	for i, tt := range []struct {
		name   string
		modern bool
		do     func(hangUp context.CancelFunc, over <-chan struct{})
		want   error
	}{
		{"a modern client hangs up", true, func(hangUp context.CancelFunc, _ <-chan struct{}) { hangUp() }, context.Canceled},
		{"a legacy client hangs up", false, func(hangUp context.CancelFunc, over <-chan struct{}) {
			hangUp()
			within(t, "the request is over", over)
			release <- struct{}{}
		}, nil},
		{"a legacy client cancels", false, func(context.CancelFunc, <-chan struct{}) { cancelled("12") }, context.Canceled},
		{"a legacy client cancels another call", false, func(context.CancelFunc, <-chan struct{}) {
			cancelled("12")
			release <- struct{}{}
		}, nil},
	} {
		// Each has its own id: one that was given up may still be in use.
		req := r.inSession(http.MethodPost, token, session, strings.Replace(callAlpha, `"id":1`, fmt.Sprintf(`"id":%d`, 10+i), 1))
		if tt.modern {
			req = r.modernCall("alpha")
		}
		hangUp, _, over := r.serveApart(req.WithContext(t.Context()))
		within(t, tt.name+": the call begins", began)
		tt.do(hangUp, over)
		if err := within(t, tt.name+": the tool ends", ended); err != tt.want { //nolint:errorlint // the context's own
			t.Errorf("%s: the tool's context says %v, want %v", tt.name, err, tt.want)
		}
		hangUp()
		within(t, tt.name+": the request is over", over)
	}
}
