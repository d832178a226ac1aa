package server

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	sdkauth "github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/audit"
	"mcp-resource-server/tools"
)

// evilError panics where it is looked into, which happens behind the handler.
type evilError struct{}

func (evilError) Error() string { return "an error" }
func (evilError) Unwrap() error { panic("EVIL") }

// TestPanicOfACall: a panic on a goroutine of the SDK is answered, logged and audited, and
// the process lives.
func TestPanicOfACall(t *testing.T) {
	r := newAuditedRig(t, audit.DefaultConfig())
	r.installScripts(map[string]script{"evil": func(context.Context, tools.Caller) (string, error) { return "", evilError{} }})
	token := r.token("tool:evil", "prompt:evil")
	answers := map[string]*httptest.ResponseRecorder{
		"a prompt":                    r.round(token, "prompt", "evil"),
		"a resource":                  r.round(token, "resource", "evil"),
		"a prompt of a session":       r.ask(false, token, "prompts/get", "", `"name":"evil"`),
		"a resource without a client": r.ask(true, token, "resources/read", "ask://evil", `"uri":"ask://evil"`),
	}
	for name, w := range answers {
		if a := answerOf(t, w); a.Error == nil || a.Error.Code != -32603 || a.Error.Message != "internal error" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if lines := r.of(w); len(lines) != 1 || lines[0].Result != resultInternal || lines[0].Decision != audit.Allowed || lines[0].Prompt+lines[0].Resource == "" {
			t.Errorf("%s: audit %+v", name, lines)
		}
		if got := r.logged(w)["reason"]; got != "panic" {
			t.Errorf("%s: logged reason %v", name, got)
		}
	}
	logs := r.logs.String()
	if n := strings.Count(logs, `"msg":"panic"`); n != len(answers) || !strings.Contains(logs, "recover_test.go") || strings.Contains(logs, "EVIL") {
		t.Errorf("%d panics logged: %s", n, logs)
	}
}

// TestPanicOfAStream: the line of a stream was written when it began. There is no other,
// and none that is waited for.
func TestPanicOfAStream(t *testing.T) {
	r := newAuditedRig(t, audit.DefaultConfig())
	rec := newRecord()
	rec.log = r.server.opts.Audit
	c := call{requestID: "R1", generation: r.server.generation.Load(), operation: auth.Operation{Method: methodListen, Modern: true}, record: rec}
	info := &sdkauth.TokenInfo{Extra: map[string]any{callKey: c}}
	auth.PutPrincipal(info.Extra, auth.Principal{Issuer: "i", Subject: "s", Scopes: []string{"tool:alpha"}})
	req := &mcp.ServerRequest[*mcp.SubscriptionsListenParams]{Params: &mcp.SubscriptionsListenParams{}, Extra: &mcp.RequestExtra{TokenInfo: info}}
	handler := r.server.recoverCall(r.server.authority(func(context.Context, string, mcp.Request) (mcp.Result, error) { panic("EVIL") }))
	if _, err := handler(t.Context(), methodListen, req); err == nil || err.Error() != internalError().Error() {
		t.Errorf("%v", err)
	}
	if err := r.server.opts.Audit.Close(); err != nil {
		t.Errorf("something is waited for: %v", err)
	}
	if n := strings.Count(r.lines.String(), `"R1"`); n != 1 {
		t.Errorf("%d lines: %s", n, r.lines.String())
	}
}

// TestPanicOfAQuestion: one on a goroutine that asks ends the question. Its value is not
// told.
func TestPanicOfAQuestion(t *testing.T) {
	q := &inquiry{stopping: t.Context(), ended: func() bool { return false }} // of no session
	answers, err := q.ask(t.Context(), mcp.InputRequestMap{"a": okForm, "b": okForm})
	if answers != nil || err == nil || !strings.Contains(err.Error(), "panic: value of type runtime.errorString") || !strings.Contains(err.Error(), "asksession.go") {
		t.Errorf("%v, %v", answers, err)
	}
}

// TestPointersToNothing: a handler that returns an error variable of its own, which it
// did not set, has failed, and asks for nothing.
func TestPointersToNothing(t *testing.T) {
	var input *tools.InputNeeded
	var capability *tools.CapabilityNeeded
	for name, fault := range map[string]error{"input": input, "capability": capability} {
		t.Run(name, func(t *testing.T) {
			r := newAuditedRig(t, audit.DefaultConfig())
			r.installScripts(map[string]script{"confirm": func(context.Context, tools.Caller) (string, error) { return "", fault }})
			token := r.token("tool:confirm", "prompt:confirm")
			for kind := range targets {
				w := r.round(token, kind, "confirm")
				a := answerOf(t, w)
				if told := w.Body.String(); !strings.Contains(told, "internal error") || strings.Contains(told, "requiredCapabilities") || a.Result["resultType"] == "input_required" {
					t.Errorf("%s: %d %s", kind, w.Code, told)
				}
				if !strings.Contains(r.logs.String(), `"msg":"`+kind+` failed"`) {
					t.Errorf("%s: logged %s", kind, r.logs)
				}
			}
			for kind, get := range kinds {
				if _, err := get(t.Context(), r.connect(t, "2025-11-25", "/mcp", willing(nil)), "confirm"); err == nil || !strings.HasSuffix(err.Error(), "internal error") {
					t.Errorf("in a session, %s: %v", kind, err)
				}
			}
			if strings.Contains(r.logs.String(), `"msg":"panic"`) {
				t.Errorf("a panic: %s", r.logs)
			}
		})
	}
}
