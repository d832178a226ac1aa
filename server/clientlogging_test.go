package server

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// levels are those of MCP (server/utilities/logging, "Log Levels"), the least first.
var levels = []string{"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"}

// messagesOf are the messages of an answer, in their order: the levels of what was
// logged, and at last what the answer is.
func messagesOf(t *testing.T, w *httptest.ResponseRecorder) (list []string) {
	t.Helper()
	for line := range strings.Lines(w.Body.String()) {
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok && !strings.HasPrefix(line, "{") {
			continue
		}
		if !ok {
			data = line
		}
		var m wireMessage
		if err := json.Unmarshal([]byte(data), &m); err != nil {
			t.Fatalf("%q: %v", data, err)
		}
		switch {
		case m.Method == "notifications/message":
			if m.Params["data"] != "at "+m.Params["level"].(string) {
				t.Errorf("%+v", m.Params)
			}
			list = append(list, m.Params["level"].(string))
		case m.Error != nil:
			list = append(list, m.Error.Message)
		default:
			list = append(list, "result")
		}
	}
	return list
}

// logging is a rig with a tool that logs at each level.
func logging(t *testing.T) *rig {
	r := newRig(t)
	tool := tools.Define("logs", tools.Options{Title: "t", Description: "d", Scopes: []string{"tool:alpha"}},
		func(ctx context.Context, c tools.Caller, _ emptyInput) (emptyOutput, error) {
			for _, level := range levels {
				if err := c.Log(ctx, mcp.LoggingLevel(level), "at "+level); err != nil {
					return emptyOutput{}, err
				}
			}
			return emptyOutput{}, nil
		})
	r.server.Install(r.generationOf(2, tool))
	return r
}

// TestLoggingInSessions: a session is sent what it asked for, on the stream of the call
// and in front of its result, and no other session is.
func TestLoggingInSessions(t *testing.T) {
	r := logging(t)
	token := r.token("tool:alpha")
	open := r.listening()
	session, other := r.legacySession(token), r.legacySession(token)
	streams := []*wire{open(r.sessionStream(token, session)), open(r.sessionStream(token, other))}
	call := func(session string) []string {
		return messagesOf(t, r.serve(r.inSession(http.MethodPost, token, session, body(false, "tools/call", `"name":"logs"`))))
	}
	if got := call(session); !slices.Equal(got, []string{"result"}) {
		t.Errorf("before a level was set: %q", got)
	}
	for i, level := range levels {
		if a := r.inLegacy(token, session, methodSetLevel, `"level":"`+level+`"`); a.Error != nil {
			t.Fatalf("%+v", a.Error)
		}
		if got, want := call(session), append(slices.Clone(levels[i:]), "result"); !slices.Equal(got, want) {
			t.Errorf("from %s on: %q, want %q", level, got, want)
		}
		if got := call(other); !slices.Equal(got, []string{"result"}) {
			t.Errorf("the other session, which has set no level: %q", got)
		}
	}
	for _, level := range []string{"", "Info", "warn", "trace"} {
		if a := r.inLegacy(token, session, methodSetLevel, `"level":"`+level+`"`); a.Error == nil || a.Error.Code != -32602 {
			t.Errorf("the level %q: %+v", level, a.Error)
		}
	}
	if got := call(session); !slices.Equal(got, []string{"emergency", "result"}) {
		t.Errorf("after levels that there are not: %q", got)
	}
	// What comes next on the streams of the sessions is none of all that.
	r.install(auth.DefaultAccessConfig(), r.named("alpha"))
	for _, w := range streams {
		w.wantNext("notifications/tools/list_changed", "")
	}
}

// TestLoggingOfModernRequests: each request says for itself what it wants.
func TestLoggingOfModernRequests(t *testing.T) {
	r := logging(t)
	token := r.token("tool:alpha")
	meta := func(level string) string {
		return strings.Replace(modernMeta, "{", `{"io.modelcontextprotocol/logLevel":`+level+`,`, 1)
	}
	all := append(slices.Clone(levels), "result")
	for _, tt := range []struct {
		name, meta string
		want       []string
	}{
		{"debug", meta(`"debug"`), all},
		{"error", meta(`"error"`), all[4:]},
		{"emergency", meta(`"emergency"`), all[7:]},
		{"none", modernMeta, all[8:]},
		{"one that there is not", meta(`"loud"`), []string{faultLogLevel.text}},
		{"the empty one", meta(`""`), []string{faultLogLevel.text}},
		{"none after some", modernMeta, all[8:]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"logs",` + tt.meta + `}}`
			if got := messagesOf(t, r.serve(r.request(true, token, text, "tools/call", "logs"))); !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
