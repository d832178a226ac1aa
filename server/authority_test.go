package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	sdkauth "github.com/modelcontextprotocol/go-sdk/auth"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/audit"
	"mcp-resource-server/tools"
)

// TestAuthorityWithoutTheGate: a request that reached the SDK on another way than
// through the gate has no caller, and gets nothing.
func TestAuthorityWithoutTheGate(t *testing.T) {
	r := newRig(t)
	client, server := mcp.NewInMemoryTransports()
	if _, err := r.server.mcp.Connect(t.Context(), server, nil); err != nil {
		t.Fatal(err)
	}
	_, err := mcp.NewClient(&mcp.Implementation{Name: "x"}, nil).Connect(t.Context(), client, nil)
	if err == nil || !strings.Contains(err.Error(), "internal error") {
		t.Errorf("connect: %v", err)
	}
}

// TestAuthorityDecidesAlone: what the SDK decoded is judged by the caller's own
// scopes, whatever the gate said it was; the last row is the twin.
func TestAuthorityDecidesAlone(t *testing.T) {
	r := newRig(t)
	reached := false
	handler := r.server.authority(func(context.Context, string, mcp.Request) (mcp.Result, error) {
		reached = true
		return &mcp.CallToolResult{}, nil
	})
	for _, tt := range []struct {
		name    string
		gate    auth.Operation // what the gate let pass
		method  string
		decoded string // the tool that the SDK decoded
		scopes  []string
		want    int64 // the error's code; 0: reached
	}{
		{"a tool without its scope", auth.Operation{Method: "tools/call", Target: auth.Tool("beta")}, "tools/call", "beta", []string{"tool:alpha"}, codeForbidden},
		{"the gate saw another tool", auth.Operation{Method: "tools/call", Target: auth.Tool("alpha")}, "tools/call", "beta", []string{"tool:alpha", "tool:beta"}, jsonrpc.CodeInvalidRequest},
		{"the gate saw another method", auth.Operation{Method: "ping"}, "tools/call", "beta", []string{"tool:beta"}, jsonrpc.CodeInvalidRequest},
		{"an unknown tool", auth.Operation{Method: "tools/call", Target: auth.Tool("nonesuch")}, "tools/call", "nonesuch", []string{"tool:alpha"}, jsonrpc.CodeInvalidParams},
		{"a method without a rule", auth.Operation{Method: "tools/evil"}, "tools/evil", "", []string{"tool:alpha"}, jsonrpc.CodeMethodNotFound},
		{"good", auth.Operation{Method: "tools/call", Target: auth.Tool("beta")}, "tools/call", "beta", []string{"tool:beta"}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reached = false
			extra := map[string]any{callKey: call{requestID: "id", generation: r.server.generation.Load(), operation: tt.gate, record: newRecord()}}
			auth.PutPrincipal(extra, auth.Principal{Issuer: "i", Subject: "s", Scopes: tt.scopes})
			req := &mcp.CallToolRequest{
				Params: &mcp.CallToolParamsRaw{Name: tt.decoded},
				Extra:  &mcp.RequestExtra{TokenInfo: &sdkauth.TokenInfo{Extra: extra}},
			}
			_, err := handler(t.Context(), tt.method, req)
			var got int64
			if rpc, ok := errors.AsType[*jsonrpc.Error](err); ok {
				got = rpc.Code
			}
			if got != tt.want || reached != (tt.want == 0) {
				t.Errorf("code %d, reached %v, error %v", got, reached, err)
			}
		})
	}
}

// TestNoToolSeesTheToken: the headers that the SDK has hold a placeholder, and those that
// a tool has not even that.
func TestNoToolSeesTheToken(t *testing.T) {
	r := newRig(t)
	var told http.Header
	r.server.Install(r.generationOf(2, tools.Define("alpha", tools.Options{Title: "t", Description: "d", Scopes: []string{"tool:alpha"}},
		func(_ context.Context, c tools.Caller, _ emptyInput) (emptyOutput, error) {
			told = c.Header
			return emptyOutput{}, nil
		})))
	var seen http.Header
	r.server.mcp.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			seen = req.GetExtra().Header
			return next(ctx, method, req)
		}
	})
	req := r.modernCall("alpha")
	req.Header.Set("Cookie", "session=secret")
	req.Header.Set("X-Mine", "here")
	req.Header.Set("Proxy-Authorization", "Basic secret")
	if w := r.serve(req); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if seen.Get("Authorization") != tokenPlaceholder || seen.Get("Cookie") != "" || seen.Get("Proxy-Authorization") != "" {
		t.Errorf("headers at the SDK: %v", seen)
	}
	want := maps.Clone(seen)
	want.Del("Authorization")
	if !reflect.DeepEqual(told, want) || told.Get("X-Mine") != "here" {
		t.Errorf("headers at the tool: %v", told)
	}
}

// TestToolFailuresStayInside: a tool's internal error and its panic are one fixed
// answer, the cause is in the log, and the process lives.
func TestToolFailuresStayInside(t *testing.T) {
	r := newRig(t)
	options := tools.Options{Title: "t", Description: "d", Scopes: []string{"tool:alpha"}}
	r.server.Install(r.generationOf(2,
		tools.Define("fails", options, func(context.Context, tools.Caller, emptyInput) (emptyOutput, error) {
			return emptyOutput{}, errors.New("database at 10.0.0.5 refused")
		}),
		tools.Define("gives-up", options, func(context.Context, tools.Caller, emptyInput) (emptyOutput, error) {
			return emptyOutput{}, fmt.Errorf("a part of the work at 10.0.0.6: %w", context.Canceled)
		}),
		tools.Define("panics", options, func(context.Context, tools.Caller, emptyInput) (emptyOutput, error) {
			var nothing []string
			return emptyOutput{}, errors.New(nothing[len(r.opts.Version)])
		}),
		tools.Define("explains", options, func(context.Context, tools.Caller, emptyInput) (emptyOutput, error) {
			return emptyOutput{}, tools.Errorf("no such city")
		}),
	))
	for tool, want := range map[string]string{"fails": "internal error", "gives-up": "internal error", "panics": "internal error", "explains": "no such city"} {
		w := r.serve(r.modernCall(tool))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"text":"`+want+`"`) || !strings.Contains(w.Body.String(), `"isError":true`) {
			t.Errorf("%s: %d %s", tool, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), "10.0.0.5") || strings.Contains(w.Body.String(), "index out of range") {
			t.Errorf("%s: the cause is in the answer", tool)
		}
	}
	for _, want := range []string{"10.0.0.5", "10.0.0.6", "index out of range"} {
		if !strings.Contains(r.logs.String(), want) {
			t.Errorf("the log lacks %q", want)
		}
	}
}

// TestGenerations: a request under way keeps the generation that it entered with,
// and the next one has the new.
func TestGenerations(t *testing.T) {
	r := newRig(t)
	entered, release := make(chan struct{}), make(chan struct{})
	options := tools.Options{Title: "t", Description: "d", Scopes: []string{"tool:alpha"}}
	type output struct {
		Answer string `json:"answer"`
	}
	r.server.Install(r.generationOf(2, tools.Define("slow", options, func(context.Context, tools.Caller, emptyInput) (output, error) {
		close(entered)
		<-release
		return output{"old"}, nil
	})))
	first := make(chan string, 1)
	go func() { first <- r.serve(r.modernCall("slow")).Body.String() }()
	within(t, "the call has begun", entered)
	r.server.Install(r.generationOf(3, tools.Define("slow", options, func(context.Context, tools.Caller, emptyInput) (output, error) {
		return output{"new"}, nil
	})))
	if got := r.serve(r.modernCall("slow")).Body.String(); !strings.Contains(got, `"answer":"new"`) {
		t.Errorf("the next request: %s", got)
	}
	close(release)
	if got := within(t, "the request under way has an answer", first); !strings.Contains(got, `"answer":"old"`) {
		t.Errorf("the request under way: %s", got)
	}
	r.server.Install(r.generation(4, "alpha"))
	if w := r.serve(r.modernCall("slow")); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "unknown tool") {
		t.Errorf("a tool that is gone: %d %s", w.Code, w.Body)
	}
}

// sealBroken is a refusal by a handler.
type sealBroken struct{ wire *jsonrpc.Error }

func (e sealBroken) Error() string     { return e.wire.Error() }
func (sealBroken) Reason() auth.Reason { return "test_reason" }

// TestHandlerRefuses: an error with a reason is a refusal to the operator, and one
// without is an error; the caller is told the same of both.
func TestHandlerRefuses(t *testing.T) {
	wire := &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: "broken"}
	for _, tt := range []struct {
		name             string
		err              error
		decision, reason string
	}{
		{"a refusal", sealBroken{wire}, audit.Refused, "test_reason"},
		{"a refusal, wrapped", fmt.Errorf("opening: %w", sealBroken{wire}), audit.Refused, "test_reason"},
		{"an error", wire, audit.Allowed, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var lines syncBuffer
			log, err := audit.Open(audit.DefaultConfig(), &lines, nil)
			if err != nil {
				t.Fatal(err)
			}
			r := newRig(t, func(o *Options) { o.Audit = log })
			handler := r.server.authority(func(context.Context, string, mcp.Request) (mcp.Result, error) { return nil, tt.err })
			op := auth.Operation{Method: "tools/call", Target: auth.Tool("alpha"), Modern: true}
			record := newRecord()
			record.log = log
			extra := map[string]any{callKey: call{requestID: "id", generation: r.server.generation.Load(), operation: op, record: record}}
			auth.PutPrincipal(extra, auth.Principal{Issuer: "i", Subject: "s", Scopes: []string{"tool:alpha"}})
			_, err = handler(t.Context(), "tools/call", &mcp.CallToolRequest{
				Params: &mcp.CallToolParamsRaw{Name: "alpha"}, Extra: &mcp.RequestExtra{TokenInfo: &sdkauth.TokenInfo{Extra: extra}},
			})
			if !errors.Is(err, tt.err) {
				t.Errorf("%v", err)
			}
			var got audit.Entry
			until(t, "the line", func() bool { return strings.Contains(lines.String(), "\n") })
			if _, err := audit.Read(strings.NewReader(lines.String()), func(e audit.Entry) { got = e }); err != nil {
				t.Fatal(err)
			}
			if got.Decision != tt.decision || got.Reason != tt.reason || got.Tool != "alpha" {
				t.Errorf("%+v", got)
			}
		})
	}
}
