package tools

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

var promptOptions = PromptOptions{
	Title: "Title", Description: "Description.",
	Arguments: []*mcp.PromptArgument{{Name: "city", Required: true}, {Name: "tone"}},
}

func says(text string) *mcp.GetPromptResult {
	return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{{Role: "user", Content: &mcp.TextContent{Text: text}}}}
}

// wantTold wants an error that says text to the caller, and whose cause contains cause
// ("" for none).
func wantTold(t *testing.T, err error, text, cause string) {
	t.Helper()
	gotText, gotCause := Told(err)
	if gotText != text || (gotCause != nil) != (cause != "") || (gotCause != nil && !strings.Contains(gotCause.Error(), cause)) {
		t.Errorf("told %q, because of %v; want %q, %q", gotText, gotCause, text, cause)
	}
}

func message(m *mcp.PromptMessage) PromptFunc {
	return func(context.Context, Caller, map[string]string) (*mcp.GetPromptResult, error) {
		return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{m}}, nil
	}
}

func TestPromptGet(t *testing.T) {
	down := errors.New("10.0.0.5 refused")
	for _, tt := range []struct {
		name        string
		get         PromptFunc
		arguments   map[string]string
		text, cause string // of the error
		want        string // the first message
	}{
		{name: "good", arguments: map[string]string{"city": "Oslo", "tone": "dry"}, want: "Oslo dry"},
		{name: "without the optional one", arguments: map[string]string{"city": "Oslo"}, want: "Oslo "},
		{name: "required, and empty", arguments: map[string]string{"city": ""}, want: " "},
		{name: "without the required one", arguments: map[string]string{"tone": "dry"}, text: "an argument that the prompt requires is missing"},
		{name: "none at all", text: "an argument that the prompt requires is missing"},
		{name: "an unknown one", arguments: map[string]string{"city": "Oslo", "evil": "x"}, text: "the prompt has no such argument"},
		{name: "in another case", arguments: map[string]string{"City": "Oslo"}, text: "the prompt has no such argument"},
		{name: "a fault of the caller", get: func(context.Context, Caller, map[string]string) (*mcp.GetPromptResult, error) {
			return nil, Errorf("no such city")
		}, arguments: map[string]string{"city": "x"}, text: "no such city"},
		{name: "a service that is down", get: func(context.Context, Caller, map[string]string) (*mcp.GetPromptResult, error) {
			return nil, ErrorBecause(down, "try again")
		}, arguments: map[string]string{"city": "x"}, text: "try again", cause: "10.0.0.5"},
		{name: "a fault of ours", get: func(context.Context, Caller, map[string]string) (*mcp.GetPromptResult, error) {
			return nil, down
		}, arguments: map[string]string{"city": "x"}, cause: "10.0.0.5"},
		{name: "a panic", get: func(_ context.Context, _ Caller, a map[string]string) (*mcp.GetPromptResult, error) {
			return says(a["city"][5:]), nil
		}, arguments: map[string]string{"city": "x"}, cause: "panic: runtime error: slice bounds out of range"},
		{name: "no result", get: func(context.Context, Caller, map[string]string) (*mcp.GetPromptResult, error) {
			return nil, nil //nolint:nilnil // the fault
		}, arguments: map[string]string{"city": "x"}, cause: "the prompt has no result"},
		{name: "a message without content", get: func(context.Context, Caller, map[string]string) (*mcp.GetPromptResult, error) {
			return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{{Role: "user"}}}, nil
		}, arguments: map[string]string{"city": "x"}, cause: "message 0 of the prompt: it is nil"},
		{name: "a message that is none", get: message(nil), arguments: map[string]string{"city": "x"}, cause: "message 0 of the prompt: it is nil"},
		{name: "a content that is none of its type", get: message(&mcp.PromptMessage{Content: (*mcp.TextContent)(nil)}), arguments: map[string]string{"city": "x"}, cause: "message 0 of the prompt: it is nil"},
		{name: "a resource that is none", get: message(&mcp.PromptMessage{Content: &mcp.EmbeddedResource{}}), arguments: map[string]string{"city": "x"}, cause: "message 0 of the prompt: it is nil"},
		{name: "the result of a tool", get: message(&mcp.PromptMessage{Content: &mcp.ToolResultContent{Content: []mcp.Content{nil}}}), arguments: map[string]string{"city": "x"}, cause: "message 0 of the prompt: a *mcp.ToolResultContent is for sampling alone"},
		{name: "no number", get: message(&mcp.PromptMessage{Content: &mcp.TextContent{Annotations: &mcp.Annotations{Priority: math.NaN()}}}), arguments: map[string]string{"city": "x"}, cause: "message 0 of the prompt: marshalling it: "},
		{name: "no JSON beside the messages", get: func(context.Context, Caller, map[string]string) (*mcp.GetPromptResult, error) {
			return &mcp.GetPromptResult{Meta: mcp.Meta{"x": make(chan int)}}, nil
		}, arguments: map[string]string{"city": "x"}, cause: "the result of the prompt: marshalling it: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.get == nil {
				tt.get = func(_ context.Context, _ Caller, a map[string]string) (*mcp.GetPromptResult, error) {
					return says(a["city"] + " " + a["tone"]), nil
				}
			}
			result, err := NewPrompt("p", promptOptions, tt.get).Get(t.Context(), Caller{}, tt.arguments)
			if tt.text != "" || tt.cause != "" {
				wantTold(t, err, tt.text, tt.cause)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := result.Messages[0].Content.(*mcp.TextContent).Text; got != tt.want {
				t.Errorf("message %q, want %q", got, tt.want)
			}
		})
	}
}

// What a prompt keeps is not what the SDK writes into, and no list is null.
func TestPromptResultIsItsOwn(t *testing.T) {
	kept := &mcp.GetPromptResult{}
	p := NewPrompt("p", PromptOptions{Title: "T", Description: "D"}, func(context.Context, Caller, map[string]string) (*mcp.GetPromptResult, error) {
		return kept, nil
	})
	result, err := p.Get(t.Context(), Caller{}, nil)
	if err != nil || result == kept || result.Messages == nil {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestPromptComplete(t *testing.T) {
	options := promptOptions
	options.Complete = func(_ context.Context, _ Caller, argument, value string, others map[string]string) ([]string, error) {
		if value == "!" {
			panic(value)
		}
		return []string{argument, value, others["tone"]}, nil
	}
	p, mute := NewPrompt("p", options, nil), NewPrompt("p", promptOptions, nil)
	if !p.Completes() || mute.Completes() {
		t.Errorf("completes: %v and %v", p.Completes(), mute.Completes())
	}
	got, err := p.Complete(t.Context(), Caller{}, "city", "Os", map[string]string{"tone": "dry"})
	if want := []string{"city", "Os", "dry"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := mute.Complete(t.Context(), Caller{}, "city", "Os", nil); err != nil || len(got) != 0 {
		t.Errorf("a prompt that proposes nothing: %q, %v", got, err)
	}
	_, err = p.Complete(t.Context(), Caller{}, "evil", "Os", nil)
	wantTold(t, err, "the prompt has no such argument", "")
	_, err = p.Complete(t.Context(), Caller{}, "city", "Os", map[string]string{"evil": ""})
	wantTold(t, err, "the prompt has no such argument", "")
	_, err = p.Complete(t.Context(), Caller{}, "city", "!", nil)
	wantTold(t, err, "", "panic: value of type string")
}

func TestNewPromptPanics(t *testing.T) {
	for _, tt := range []struct {
		name   string
		called string
		change func(*PromptOptions)
		want   string
	}{
		{"an invalid name", "a b", func(*PromptOptions) {}, `prompt "a b": invalid name`},
		{"no title", "p", func(o *PromptOptions) { o.Title = "" }, `prompt "p": needs a title and a description`},
		{"no description", "p", func(o *PromptOptions) { o.Description = "" }, `prompt "p": needs a title and a description`},
		{"a scope that is none", "p", func(o *PromptOptions) { o.Scopes = []string{"a b"} }, `prompt "p": "a b" is not a scope`},
		{"an argument without a name", "p", func(o *PromptOptions) { o.Arguments = []*mcp.PromptArgument{{}} }, `prompt "p": each argument needs a name of its own`},
		{"no argument", "p", func(o *PromptOptions) { o.Arguments = []*mcp.PromptArgument{nil} }, `prompt "p": each argument needs a name of its own`},
		{"an argument twice", "p", func(o *PromptOptions) { o.Arguments = []*mcp.PromptArgument{{Name: "a"}, {Name: "a"}} }, `prompt "p": each argument needs a name of its own`},
		{"good", "p", func(*PromptOptions) {}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := promptOptions
			tt.change(&o)
			wantPanic(t, tt.want, func() { NewPrompt(tt.called, o, nil) })
		})
	}
	if got := NewPrompt("p", promptOptions, nil).Scopes(); !slices.Equal(got, []string{"prompt:p"}) {
		t.Errorf("scopes %q", got)
	}
}

// wantPanic wants f to panic with the text, or not at all where that is "".
func wantPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		if got, _ := recover().(string); got != want {
			t.Errorf("panic(%q), want %q", got, want)
		}
	}()
	f()
}
