package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// probe is a tool whose handler is the test's.
func probe[In, Out any](handler func(context.Context, Caller, In) (Out, error)) Tool {
	return Define("probe", Options{Title: "Probe", Description: "For tests."}, handler)
}

type (
	nothing struct{}
	answer  struct {
		N int `json:"n"`
	}
)

// answering returns a tool that does do, and then answers 1.
func answering(do func() error) Tool {
	return probe(func(context.Context, Caller, nothing) (answer, error) {
		if err := do(); err != nil {
			return answer{N: 2}, err
		}
		return answer{N: 1}, nil
	})
}

func TestCallPassesTheCaller(t *testing.T) {
	type key struct{}
	want := Caller{Principal: auth.Principal{Subject: "somebody", Scopes: []string{"a"}}, RequestID: "R1"}
	called := false
	tool := probe(func(ctx context.Context, got Caller, _ nothing) (answer, error) {
		called = true
		if ctx.Value(key{}) != "here" {
			t.Error("the context is another one")
		}
		if got.RequestID != want.RequestID || got.Principal.Identity() != want.Principal.Identity() {
			t.Errorf("caller = %+v, want %+v", got, want)
		}
		return answer{}, nil
	})
	if _, err := tool.Call(context.WithValue(t.Context(), key{}, "here"), want, nil); err != nil || !called {
		t.Errorf("error %v, called %v", err, called)
	}
}

func TestCallErrors(t *testing.T) {
	secret := errors.New("dial tcp 10.0.0.7:5432: refused")
	tests := []struct {
		name  string
		err   error
		shown string // "" where the caller must not see it
	}{
		{"made by Errorf", Errorf("no unit is called %q", "ell"), `no unit is called "ell"`},
		// What stands around it may be internal: only its own text is shown.
		{"made by Errorf, wrapped", fmt.Errorf("at 10.0.0.7: %w", Errorf("no such unit")), "no such unit"},
		{"any other", secret, ""},
		{"any other, wrapped", fmt.Errorf("asking: %w", secret), ""},
		{"wrapped by Errorf: its text, as whoever wrote it wanted", Errorf("failed: %v", secret), "failed: dial tcp 10.0.0.7:5432: refused"},
		{"a call that was cancelled", context.Canceled, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tool := answering(func() error { return tt.err })
			if tt.shown != "" {
				wantShownError(t, tool, "", tt.shown)
				return
			}
			result, err := tool.Call(t.Context(), Caller{}, nil)
			if !errors.Is(err, tt.err) {
				t.Errorf("error = %v, want %v", err, tt.err)
			}
			wantNothingSaid(t, result)
		})
	}
	t.Run("the twin", func(t *testing.T) {
		wantResult(t, answering(func() error { return nil }), "", `{"n":1}`)
	})
}

// A handler runs on a goroutine of the SDK: without the recovery the process
// would end, and this test with it.
func TestCallRecoversPanics(t *testing.T) {
	const secret = "a caller's data"
	tests := []struct {
		name  string
		panic func()
		want  string // the first line of the error
	}{
		{"a runtime error", func() { _ = []int{}[len(secret)] }, "panic: runtime error: index out of range [15] with length 0"},
		{"a nil map", func() { var m map[string]int; fill(m) }, "panic: assignment to entry in nil map"},
		{"a runtime error in another", func() {
			defer func() { panic(fmt.Errorf("%s: %w", secret, recover().(error))) }()
			_ = []int{}[1+len(secret)]
		}, "panic: runtime error: index out of range [16] with length 0"},
		{"a string", func() { panic(secret) }, "panic: value of type string"},
		{"an error", func() { panic(errors.New(secret)) }, "panic: value of type *errors.errorString"},
		{"a struct", func() { panic(struct{ Token string }{secret}) }, "panic: value of type struct { Token string }"},
		{"nil", func() { panic(nil) }, "panic: panic called with nil argument"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			result, err := answering(func() error { tt.panic(); return nil }).Call(t.Context(), Caller{}, nil)
			wantNothingSaid(t, result)
			if err == nil {
				t.Fatal("no error for the log")
			}
			first, stack, _ := strings.Cut(err.Error(), "\n")
			if first != tt.want {
				t.Errorf("error begins %q, want %q", first, tt.want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Error("the error holds the panic's value")
			}
			if !strings.Contains(stack, "call_test.go") {
				t.Errorf("the error does not say where:\n%s", stack)
			}
		})
	}
}

func fill(m map[string]int) { m["x"] = 1 }

// What the handler gives is held to the schema that clients were shown.
func TestCallHoldsOutputToItsSchema(t *testing.T) {
	tests := []struct {
		name string
		tool Tool
		want string
	}{
		{
			"a member of another type",
			lying(),
			`validating the output: validating root: validating /properties/n: type: many has type "string", want "integer"`,
		},
		{
			"a number that JSON does not have",
			probe(func(context.Context, Caller, nothing) (BMIOutput, error) { return BMIOutput{BMI: math.NaN()}, nil }),
			"marshalling the output: ",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			result, err := tt.tool.Call(t.Context(), Caller{}, nil)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("error = %v, want %s…", err, tt.want)
			}
			wantNothingSaid(t, result)
		})
	}
	t.Run("text that is no UTF-8 is mended", func(t *testing.T) {
		tool := probe(func(context.Context, Caller, nothing) (BMIOutput, error) { return BMIOutput{Category: "a\xffb"}, nil })
		result, err := tool.Call(t.Context(), Caller{}, nil)
		if err != nil || !strings.Contains(fmt.Sprintf("%s", result.StructuredContent), "a\uFFFDb") {
			t.Errorf("%+v, %v", result, err)
		}
	})
	t.Run("the twin", func(t *testing.T) {
		tool := probe(func(context.Context, Caller, nothing) (BMIOutput, error) {
			return BMIOutput{BMI: 1, Category: "é"}, nil
		})
		wantResult(t, tool, "", `{"bmi":1,"category":"é"}`)
	})
}

// lying returns a tool whose output is not what its schema says. Define refuses the
// types by which this could come about, so the schema is taken from another one.
func lying() Tool {
	type written struct {
		N string `json:"n"`
	}
	in, out := mustSchema[nothing]("lying", "input", nil), mustSchema[answer]("lying", "output", nil)
	return Tool{call: typedCall(in, out, func(context.Context, Caller, nothing) (written, error) { return written{"many"}, nil })}
}

func TestCallWithoutArguments(t *testing.T) {
	type optional struct {
		Times int `json:"times,omitempty"`
	}
	tool := probe(func(_ context.Context, _ Caller, in optional) (answer, error) { return answer{N: in.Times}, nil })
	for _, arguments := range []string{"", "null", " null\n", "{}", " ", "{ }"} {
		t.Run(fmt.Sprintf("%q", arguments), func(t *testing.T) {
			wantResult(t, tool, arguments, `{"n":0}`)
		})
	}
	t.Run("empty, not nil", func(t *testing.T) {
		result, err := tool.Call(t.Context(), Caller{}, json.RawMessage{})
		if err != nil || result.IsError {
			t.Errorf("= %+v, %v", result, err)
		}
	})
	t.Run("the twin", func(t *testing.T) { wantResult(t, tool, `{"times":3}`, `{"n":3}`) })
}

func TestCallArguments(t *testing.T) {
	type input struct {
		Count int     `json:"count,omitempty"`
		Deep  [][]any `json:"deep,omitempty"`
	}
	tool := probe(func(_ context.Context, _ Caller, in input) (answer, error) { return answer{N: int(in.Count)}, nil })
	nested := func(depth int) string {
		return `{"deep":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `}`
	}
	wantResult(t, tool, `{"count":9007199254740993}`, `{"n":9007199254740993}`)
	wantResult(t, tool, nested(maxArgumentsDepth-1), `{"n":0}`)
	wantShownError(t, tool, nested(maxArgumentsDepth), "invalid arguments: JSON nested too deeply")
	wantShownError(t, tool, nested(1e6), "invalid arguments: JSON nested too deeply")
	wantShownError(t, tool, "\xff", "invalid arguments: not one valid JSON value")
	wantShownError(t, tool, `{"deep":["\ud800"]}`, "invalid arguments: not one valid JSON value")
	// A whole number to the schema, whose integers have no end.
	wantShownError(t, tool, `{"count":1e30}`, "invalid arguments: a value does not fit its type")
}

// A refusal repeats what was sent; a model pays for each character of it.
func TestCallClipsRefusals(t *testing.T) {
	for _, name := range []string{strings.Repeat("x", 10_000), strings.Repeat("é", 10_000)} {
		result, err := CalculateBMI().Call(t.Context(), Caller{}, raw(`{"weight_kg":70,"height_m":1.75,"`+name+`":1}`))
		if err != nil {
			t.Fatal(err)
		}
		text := onlyText(t, result)
		if limit := len("invalid arguments: ") + maxErrorBytes + len("…"); len(text) > limit {
			t.Errorf("%d bytes, want at most %d", len(text), limit)
		}
		if !strings.HasSuffix(text, "…") || !utf8.ValidString(text) {
			t.Errorf("text = %q", text)
		}
	}
}

// wantNothingSaid wants the result that tells a caller only that the call failed.
func wantNothingSaid(t *testing.T, result *mcp.CallToolResult) {
	t.Helper()
	if !result.IsError || result.StructuredContent != nil || onlyText(t, result) != "internal error" {
		t.Errorf("the result is %+v", result)
	}
}

// What an operator has to know of goes to the log, and only its words to the caller.
func TestCallErrorBecause(t *testing.T) {
	cause := errors.New("dial tcp 10.0.0.7:5432: refused")
	result, err := answering(func() error { return fmt.Errorf("asking: %w", ErrorBecause(cause, "the %s is down", "shop")) }).Call(t.Context(), Caller{}, nil)
	if !errors.Is(err, cause) || !result.IsError || onlyText(t, result) != "the shop is down" {
		t.Errorf("= %q, %v", onlyText(t, result), err)
	}
}

// Words come first, the JSON after them; what is not UTF-8 in them is mended.
func TestCallWords(t *testing.T) {
	tool := probe(func(context.Context, Caller, nothing) (said, error) { return said{N: 1}, nil })
	wantSaid(t, tool, Caller{}, "", "One\uFFFD.", `{"n":1}`)
}

type said struct {
	N int `json:"n"`
}

func (said) Words() string { return "One\xff." }
