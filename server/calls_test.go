package server

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// TestFailureBehindAnEvent: what a call is refused with after it has told of progress is
// an event of its stream, too. The twin tells nothing, and is refused by status.
func TestFailureBehindAnEvent(t *testing.T) {
	r := newRig(t)
	r.server.Install(r.generationOf(2, tools.Define("alpha", tools.Options{Title: "Alpha", Description: "d"},
		func(ctx context.Context, c tools.Caller, _ emptyInput) (emptyOutput, error) {
			if err := c.Progress(ctx, 1, 2, "half"); err != nil {
				return emptyOutput{}, err
			}
			_, err := c.Elicit(ctx, "name", &mcp.ElicitParams{Message: "Who?"})
			return emptyOutput{}, err
		})))
	const failure = `{"jsonrpc":"2.0","id":7,"error":{"code":-32021,`
	for name, tt := range map[string]struct {
		token  string
		status int
		begin  string
	}{
		"told of progress": {`,"progressToken":"p"`, http.StatusOK, "event: message\ndata: " + failure},
		"told of nothing":  {"", http.StatusBadRequest, failure},
	} {
		t.Run(name, func(t *testing.T) {
			req := with(r.token("tool:alpha"), modernBody("tools/call", `"name":"alpha"`, metaVersion, metaCaps+tt.token))
			req.Header = r.modernCall("alpha").Header
			w := r.serve(req)
			body := w.Body.String()
			last := body[max(0, strings.Index(body, tt.begin)):]
			if w.Code != tt.status || !strings.HasPrefix(last, tt.begin) {
				t.Errorf("%d %s", w.Code, body)
			}
			if tt.status == http.StatusOK && !strings.HasSuffix(last, "}\n\n") {
				t.Errorf("the event has no end: %q", last)
			}
		})
	}
}

// TestProgressTokens: a token is what an id may be, for each event repeats it.
func TestProgressTokens(t *testing.T) {
	r := newRig(t)
	token := r.token("tool:alpha")
	session := r.initialize(token)
	for written, good := range map[string]bool{
		`"p"`: true, `7`: true, `null`: true, `"` + strings.Repeat("x", 256) + `"`: true,
		`"` + strings.Repeat("x", 257) + `"`: false, `1.5`: true, `1759000000000000000`: true, strings.Repeat("1", 33): false, `true`: false, `{}`: false, `[1]`: false,
	} {
		modern := with(token, modernBody("tools/call", `"name":"alpha"`, metaVersion, metaCaps+`,"progressToken":`+written))
		modern.Header = r.modernCall("alpha").Header
		legacy := r.inSession(http.MethodPost, token, session, strings.Replace(callAlpha, `{}`, `{},"_meta":{"progressToken":`+written+`}`, 1))
		for era, req := range map[string]*http.Request{"modern": modern, "legacy": legacy} {
			status, body := http.StatusOK, ""
			if !good {
				status, body = http.StatusBadRequest, refused(map[string]string{"modern": "7", "legacy": "1"}[era], -32602, "params._meta.progressToken must be a string of at most 256 bytes or a number", "")
			}
			if w := r.serve(req); w.Code != status || body != "" && w.Body.String() != body {
				t.Errorf("%s, %.30s: %d %s", era, written, w.Code, w.Body)
			}
		}
	}
}

// TestIDInUse: the id of a call that is under way in its session is no other's; when the
// call has ended it is free. In the refusal stands nothing of it but itself.
func TestIDInUse(t *testing.T) {
	began, release := make(chan struct{}), make(chan struct{})
	r := newRig(t)
	r.server.Install(r.generationOf(2, tools.Define("alpha", tools.Options{Title: "Alpha", Description: "d"},
		func(context.Context, tools.Caller, emptyInput) (emptyOutput, error) {
			began <- struct{}{}
			<-release
			return emptyOutput{}, nil
		})))
	token := r.token("tool:alpha")
	session := r.initialize(token)
	call := func() *http.Request {
		return r.inSession(http.MethodPost, token, session, strings.Replace(callAlpha, `"id":1`, `"id":"s3cret"`, 1))
	}
	for range 2 {
		_, answer, over := r.serveApart(call().WithContext(t.Context()))
		within(t, "the call begins", began)
		w := r.serve(call())
		if want := refused(`"s3cret"`, -32600, "the id is that of a request which is still under way", ""); w.Code != http.StatusBadRequest || w.Body.String() != want || r.logged(w)["reason"] != "message" {
			t.Errorf("%d %s, logged %v", w.Code, w.Body, r.logged(w)["reason"])
		}
		release <- struct{}{}
		within(t, "the call ends", over)
		if answer.Code != http.StatusOK {
			t.Errorf("the call: %d %s", answer.Code, answer.Body)
		}
	}
}
