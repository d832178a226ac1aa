package tools

import (
	"math"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestAskSendable: what would end the process, or leave the caller without an answer, when
// the SDK writes it, is a fault of the handler, found before.
func TestAskSendable(t *testing.T) {
	var none *mcp.TextContent
	hello := &mcp.TextContent{Text: "hello"}
	one := func(c mcp.Content) *mcp.CreateMessageParams {
		return &mcp.CreateMessageParams{Messages: []*mcp.SamplingMessage{{Role: "user", Content: c}}}
	}
	many := func(c ...mcp.Content) *mcp.CreateMessageWithToolsParams {
		return &mcp.CreateMessageWithToolsParams{Messages: []*mcp.SamplingMessageV2{{Role: "user", Content: c}}}
	}
	result := func(c ...mcp.Content) *mcp.CreateMessageWithToolsParams {
		return many(&mcp.ToolResultContent{ToolUseID: "x", Content: c})
	}
	warm := func(temperature float64) *mcp.CreateMessageParams {
		q := one(hello)
		q.Temperature = temperature
		return q
	}
	noted := func(value any) mcp.Meta { return mcp.Meta{"x": value} }
	with := func(tool *mcp.Tool) *mcp.CreateMessageWithToolsParams {
		q := many(hello)
		q.Tools = []*mcp.Tool{tool}
		return q
	}
	for _, tt := range []struct {
		name  string
		ask   mcp.InputRequest
		want  string // the beginning of the error
		other mcp.InputRequest
	}{
		{"no message", &mcp.CreateMessageParams{Messages: []*mcp.SamplingMessage{nil}}, "message 0: it is nil", one(hello)},
		{"no message, tools", &mcp.CreateMessageWithToolsParams{Messages: []*mcp.SamplingMessageV2{nil}}, "message 0: it is nil", many(hello)},
		{"no content", one(nil), "message 0: it is nil", one(hello)},
		{"no content, tools", many(), "message 0: it is nil", many(hello)},
		{"none of its type", one(none), "message 0: it is nil", one(&mcp.TextContent{})},
		{"none of its type, tools", many(hello, none), "message 0: it is nil", many(hello, hello)},
		{"no use of a tool", many((*mcp.ToolUseContent)(nil)), "message 0: it is nil", many(&mcp.ToolUseContent{ID: "x", Name: "y"})},
		{"no result of a tool", many((*mcp.ToolResultContent)(nil)), "message 0: it is nil", result()},
		{"nothing in a result", result(hello, nil), "message 0: block 1 of a tool's result: it is nil", result(hello, hello)},
		{"none of its type in a result", result(none), "message 0: block 0 of a tool's result: it is nil", result(hello)},
		{"a link", one(&mcp.ResourceLink{URI: "a:b", Name: "c"}), "message 0: a *mcp.ResourceLink is none of a message", result(&mcp.ResourceLink{URI: "a:b", Name: "c"})},
		{"no tool", with(nil), "one of its tools is nil", with(&mcp.Tool{Name: "x"})},
		{"no number", warm(math.NaN()), "marshalling it: ", warm(0.5)},
		{"no JSON beside a text", one(&mcp.TextContent{Meta: noted(make(chan int))}), "message 0: marshalling it: ", one(&mcp.TextContent{Meta: noted(1)})},
		{"no JSON beside a message", &mcp.ElicitParams{Meta: noted(make(chan int))}, "marshalling it: ", &mcp.ElicitParams{Meta: noted(1)}},
		{"what panics", &mcp.ListRootsParams{Meta: noted(panicking{})}, "panic: value of type string", &mcp.ListRootsParams{Meta: noted(1)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := fillIn(tt.ask); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
			if _, err := fillIn(tt.other); err != nil {
				t.Errorf("the twin: %v", err)
			}
		})
	}
}

type panicking struct{}

func (panicking) MarshalJSON() ([]byte, error) { panic("x") }
