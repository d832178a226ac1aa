package server

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	sdkauth "github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/audit"
)

// TestRecordIsClaimedOnce: of the two that could write a line one does, and keeps it.
func TestRecordIsClaimedOnce(t *testing.T) {
	r := newRecord()
	if !r.take() || r.conclude() || !r.take() {
		t.Error("the authority was first")
	}
	r = newRecord()
	if !r.conclude() || r.take() || !r.conclude() {
		t.Error("the HTTP layer was first")
	}
}

// late serves one request to the end of its HTTP side, which the SDK answers with
// handler, and returns its record.
func (r *auditedRig) late(ctx context.Context, op auth.Operation, handler http.HandlerFunc) *record {
	var rec *record
	s := r.server
	s.open(s.accessLog(s.audited(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		x := exchangeOf(req)
		x.principal, x.operation, x.decision = &auth.Principal{Issuer: "i"}, op, auth.Decision{Verdict: auth.Allowed}
		rec = x.record
		handler(w, req)
	})))).ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodPost, "/mcp", nil))
	return rec
}

// TestLateCalls: a call whose HTTP request ends before the SDK comes to it is left to
// the authority for a while, and is given up then, which its line says.
func TestLateCalls(t *testing.T) {
	r := newAuditedRig(t, audit.DefaultConfig())
	op := auth.Operation{Method: methodCallTool, Target: auth.Tool("alpha")}
	modern := op
	modern.Modern = true
	gone := func(http.ResponseWriter, *http.Request) {}
	accepted := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }
	for _, tt := range []struct {
		name    string
		op      auth.Operation
		handler http.HandlerFunc
		after   time.Duration // until the authority takes it
		taken   bool
		want    string // what the HTTP layer writes
	}{
		{"in a session, soon", op, gone, time.Second, true, ""},
		{"in a session, too late", op, gone, lateGrace + time.Second, false, resultCancelled},
		{"over SSE, soon", op, accepted, time.Second, true, ""},
		{"over SSE, too late", op, accepted, lateGrace + time.Second, false, resultCancelled},
		{"without a session", modern, gone, 0, false, resultCancelled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				before := len(r.entries())
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				rec := r.late(ctx, tt.op, tt.handler)
				time.Sleep(tt.after)
				if got := rec.take(); got != tt.taken {
					t.Errorf("taken %v", got)
				}
				time.Sleep(2 * lateGrace)
				synctest.Wait()
				got := r.entries()[before:]
				if tt.want == "" && len(got) == 0 {
					return
				}
				if len(got) != 1 || got[0].Result != tt.want || got[0].Tool != "alpha" {
					t.Errorf("%+v, want %s", got, tt.want)
				}
			})
		})
	}
}

// TestLateCallAtTheEnd: what nobody has come to when the log is closed has its line.
func TestLateCallAtTheEnd(t *testing.T) {
	r := newAuditedRig(t, audit.DefaultConfig())
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r.late(ctx, auth.Operation{Method: methodCallTool}, func(http.ResponseWriter, *http.Request) {})
		if err := r.opts.Audit.Close(); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * lateGrace)
		if got := r.entries(); len(got) != 1 || got[0].Result != audit.Unfinished {
			t.Errorf("%+v", got)
		}
	})
}

// TestNotificationsAreTheHTTPLayers: the authority writes nothing of a message that
// nobody waits for, and leaves its record alone; the twin is a call.
func TestNotificationsAreTheHTTPLayers(t *testing.T) {
	for method, want := range map[string]int{"notifications/initialized": 0, "ping": 1} {
		r := newAuditedRig(t, audit.DefaultConfig())
		handler := r.server.authority(func(context.Context, string, mcp.Request) (mcp.Result, error) { return nil, nil })
		rec := newRecord()
		extra := map[string]any{callKey: call{
			requestID: "id", generation: r.server.generation.Load(), record: rec, operation: auth.Operation{Method: method},
		}}
		auth.PutPrincipal(extra, auth.Principal{Issuer: "i", Subject: "s"})
		req := &mcp.ServerRequest[*mcp.PingParams]{Extra: &mcp.RequestExtra{TokenInfo: &sdkauth.TokenInfo{Extra: extra}}}
		if _, err := handler(t.Context(), method, req); err != nil {
			t.Fatal(err)
		}
		if n := len(r.entries()); n != want || rec.conclude() != (want == 0) {
			t.Errorf("%s: %d lines", method, n)
		}
	}
}

// TestAnsweredByTheSDK: a call whose client is there, and that the authority never saw,
// was answered by the SDK itself.
func TestAnsweredByTheSDK(t *testing.T) {
	r := newAuditedRig(t, audit.DefaultConfig())
	r.late(t.Context(), auth.Operation{Method: methodCallTool, Target: auth.Tool("alpha")}, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
	})
	if got := r.entries(); len(got) != 1 || got[0].Decision != audit.Refused || got[0].Reason != string(reasonProtocol) {
		t.Errorf("%+v", got)
	}
}

// TestGivenUpIsNotRun: what has a line that says that it was given up is not run any
// more; the twin is.
func TestGivenUpIsNotRun(t *testing.T) {
	for _, givenUp := range []bool{true, false} {
		r := newRig(t)
		reached := false
		handler := r.server.authority(func(context.Context, string, mcp.Request) (mcp.Result, error) {
			reached = true
			return &mcp.CallToolResult{}, nil
		})
		rec := newRecord()
		if givenUp {
			rec.conclude()
		}
		extra := map[string]any{callKey: call{
			requestID: "id", generation: r.server.generation.Load(), record: rec,
			operation: auth.Operation{Method: methodCallTool, Target: auth.Tool("beta")},
		}}
		auth.PutPrincipal(extra, auth.Principal{Issuer: "i", Subject: "s", Scopes: []string{"tool:beta"}})
		_, err := handler(t.Context(), methodCallTool, &mcp.CallToolRequest{
			Params: &mcp.CallToolParamsRaw{Name: "beta"},
			Extra:  &mcp.RequestExtra{TokenInfo: &sdkauth.TokenInfo{Extra: extra}},
		})
		rpc, refused := errors.AsType[*jsonrpc.Error](err)
		if reached == givenUp || refused != givenUp || refused && rpc.Code != jsonrpc.CodeInternalError {
			t.Errorf("given up %v: reached %v, %v", givenUp, reached, err)
		}
	}
}
