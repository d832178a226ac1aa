package tools

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

var plainOptions = Options{Title: "Probe", Description: "For tests."}

// showing returns a tool that answers with the content.
func showing(content ...mcp.Content) Tool {
	return DefineContent("probe", plainOptions, func(context.Context, Caller, nothing) ([]mcp.Content, error) {
		return content, nil
	})
}

func TestContent(t *testing.T) {
	text := &mcp.TextContent{Text: "a"}
	for _, tt := range []struct {
		name  string
		block mcp.Content
		want  string // the error; "" where it is sent
	}{
		{"text", text, ""},
		{"text without text", &mcp.TextContent{}, ""},
		{"nil", nil, "it is nil"},
		{"nil text", (*mcp.TextContent)(nil), "it is nil"},
		{"an image", &mcp.ImageContent{Data: []byte{1}, MIMEType: "image/png"}, ""},
		{"an image without a type", &mcp.ImageContent{Data: []byte{1}}, "it has no type"},
		{"a nil image", (*mcp.ImageContent)(nil), "it is nil"},
		{"a sound", &mcp.AudioContent{Data: []byte{1}, MIMEType: "audio/wav"}, ""},
		{"a sound without a type", &mcp.AudioContent{Data: []byte{1}}, "it has no type"},
		{"a nil sound", (*mcp.AudioContent)(nil), "it is nil"},
		{"a link", &mcp.ResourceLink{URI: "docs://tools", Name: "tools"}, ""},
		{"a link without a URI", &mcp.ResourceLink{Name: "tools"}, "it has no URI"},
		{"a link without a name", &mcp.ResourceLink{URI: "docs://tools"}, "it has no name"},
		{"a nil link", (*mcp.ResourceLink)(nil), "it is nil"},
		{"a resource", &mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: "docs://tools", Text: "x"}}, ""},
		{"a resource without content", &mcp.EmbeddedResource{}, "it is nil"},
		{"a resource without a URI", &mcp.EmbeddedResource{Resource: &mcp.ResourceContents{Text: "x"}}, "it has no URI"},
		{"a nil resource", (*mcp.EmbeddedResource)(nil), "it is nil"},
		{"what is for sampling", &mcp.ToolUseContent{ID: "1", Name: "x"}, "a *mcp.ToolUseContent is for sampling alone"},
		{"metadata", &mcp.TextContent{Meta: mcp.Meta{"a": 1}, Annotations: &mcp.Annotations{Priority: 1}}, ""},
		{"metadata that is no JSON", &mcp.TextContent{Meta: mcp.Meta{"a": func() {}}}, "marshalling it: json: unsupported type: func()"},
		{"a priority that is no JSON", &mcp.ImageContent{MIMEType: "image/png", Annotations: &mcp.Annotations{Priority: math.NaN()}}, "marshalling it: json: unsupported value: NaN"},
		{"a resource's metadata that is no JSON", &mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: "a:b", Meta: mcp.Meta{"a": func() {}}}}, "marshalling it: json: unsupported type: func()"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			result, err := showing(text, tt.block).Call(t.Context(), Caller{}, nil)
			if tt.want != "" {
				if err == nil || err.Error() != "block 1 of the content: "+tt.want {
					t.Errorf("error = %v, want %s", err, tt.want)
				}
				wantNothingSaid(t, result)
				return
			}
			if err != nil || result.IsError || len(result.Content) != 2 || result.Content[1] != tt.block {
				t.Errorf("%+v, %v", result, err)
			}
		})
	}
}

// A tool may keep its list: nobody writes into it. And no list is null.
func TestContentIsItsOwn(t *testing.T) {
	kept := []mcp.Content{&mcp.TextContent{Text: "a"}}
	result, err := showing(kept...).Call(t.Context(), Caller{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	result.Content[0] = nil
	if kept[0] == nil {
		t.Error("the tool's own list was handed out")
	}
	if result, err := showing().Call(t.Context(), Caller{}, nil); err != nil || result.Content == nil || len(result.Content) != 0 {
		t.Errorf("without content: %+v, %v", result, err)
	}
}

// All that Define does for arguments, errors and panics.
func TestDefineContentCalls(t *testing.T) {
	type input struct {
		N int `json:"n"`
	}
	secret := errors.New("10.0.0.7 refused")
	tool := DefineContent("probe", plainOptions, func(_ context.Context, _ Caller, in input) ([]mcp.Content, error) {
		switch in.N {
		case 1:
			return nil, Errorf("not one")
		case 2:
			return nil, secret
		case 3:
			panic(secret)
		}
		return []mcp.Content{&mcp.TextContent{Text: "good"}}, nil
	})
	wantCalls(t, tool, secret)
	wantShownError(t, tool, `{"n":1e30}`, "invalid arguments: a value does not fit its type")
	if d := tool.Definition(); d.OutputSchema != nil {
		t.Errorf("output schema %v", d.OutputSchema)
	}
}

func TestDefineSchemaCalls(t *testing.T) {
	secret := errors.New("10.0.0.7 refused")
	tool := DefineSchema("probe", plainOptions, Schemas{Input: schemaOfN}, func(_ context.Context, _ Caller, arguments json.RawMessage) (Result, error) {
		switch string(arguments) {
		case `{"n":1}`:
			return Result{}, Errorf("not one")
		case `{"n":2}`:
			return Result{}, secret
		case `{"n":3}`:
			panic(secret)
		}
		return Result{Content: []mcp.Content{&mcp.TextContent{Text: "good"}}}, nil
	})
	wantCalls(t, tool, secret)
}

var schemaOfN = json.RawMessage(`{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}`)

// wantCalls calls a tool with an argument n: 1 is refused by the handler, 2 fails because
// of secret, 3 panics with it.
func wantCalls(t *testing.T, tool Tool, secret error) {
	t.Helper()
	for arguments, want := range map[string]string{
		`{"n":1}`:         "not one",
		``:                `invalid arguments: validating root: required: missing properties: ["n"]`,
		`{"n":4,"m":1}`:   `invalid arguments: validating root: unexpected additional properties ["m"]`,
		`{"N":4}`:         `invalid arguments: validating root: unexpected additional properties ["N"]`,
		`{"n":4,"n":4}`:   "invalid arguments: not one valid JSON value",
		`{"n":4}x`:        "invalid arguments: not one valid JSON value",
		`{"n":null}`:      `invalid arguments: validating root: validating /properties/n: type: null has type "null", want "integer"`,
		`[4]`:             `invalid arguments: validating root: type: [4] has type "array", want "object"`,
		`{"n":"\ud800"}`:  "invalid arguments: not one valid JSON value",
		deepArguments(65): "invalid arguments: JSON nested too deeply",
	} {
		wantShownError(t, tool, arguments, want)
	}
	result, err := tool.Call(t.Context(), Caller{}, raw(`{"n":2}`))
	wantNothingSaid(t, result)
	if !errors.Is(err, secret) {
		t.Errorf("error = %v, want %v", err, secret)
	}
	result, err = tool.Call(t.Context(), Caller{}, raw(`{"n":3}`))
	wantNothingSaid(t, result)
	if err == nil || !strings.HasPrefix(err.Error(), "panic: value of type *errors.errorString\n") {
		t.Errorf("error = %v, want the panic", err)
	}
	if result, err = tool.Call(t.Context(), Caller{}, raw(`{"n":4}`)); err != nil || onlyText(t, result) != "good" {
		t.Errorf("the twin: %+v, %v", result, err)
	}
}

func deepArguments(depth int) string {
	return strings.Repeat("[", depth) + strings.Repeat("]", depth)
}

func TestDefineSchemaOutput(t *testing.T) {
	text := []mcp.Content{&mcp.TextContent{Text: "four"}}
	for _, tt := range []struct {
		name   string
		output json.RawMessage // the schema
		made   Result
		err    string // for the log
		text   string // the content
	}{
		{"good", schemaOfN, Result{Structured: raw(`{"n":4}`)}, "", `{"n":4}`},
		{"good, with content", schemaOfN, Result{Content: text, Structured: raw(`{"n":4}`)}, "", "four"},
		{"none", schemaOfN, Result{Content: text}, "the output schema wants structured content, and there is none", ""},
		{"empty", schemaOfN, Result{Structured: json.RawMessage{}}, "reading the output: not one valid JSON value", ""},
		{"no JSON", schemaOfN, Result{Structured: raw(`{"n":4`)}, "reading the output: not one valid JSON value", ""},
		{"a member twice", schemaOfN, Result{Structured: raw(`{"n":4,"n":5}`)}, "reading the output: not one valid JSON value", ""},
		{"too deep", schemaOfN, Result{Structured: raw(deepArguments(65))}, "reading the output: JSON nested too deeply", ""},
		{"a number beyond all numbers", schemaOfN, Result{Structured: raw(`{"n":1e400}`)}, "reading the output: json: cannot unmarshal number 1e400 into Go value of type float64", ""},
		{"a list", schemaOfN, Result{Structured: raw(`[4]`)}, "reading the output: not an object", ""},
		{"null", schemaOfN, Result{Structured: raw(`null`)}, "reading the output: not an object", ""},
		{"of another type", schemaOfN, Result{Structured: raw(`{"n":"4"}`)}, `validating the output: validating root: validating /properties/n: type: 4 has type "string", want "integer"`, ""},
		{"without a schema", nil, Result{Structured: raw(`{"n":"4"}`)}, "", `{"n":"4"}`},
		{"without a schema, a list", nil, Result{Structured: raw(`[4]`)}, "reading the output: not an object", ""},
		{"without a schema, content alone", nil, Result{Content: text}, "", "four"},
		{"text that is no UTF-8 is mended", nil, Result{Structured: raw("{\"n\":\"a\xffb\"}")}, "", "{\"n\":\"a\uFFFDb\"}"},
		{"content that is none", schemaOfN, Result{Content: []mcp.Content{nil}, Structured: raw(`{"n":4}`)}, "block 0 of the content: it is nil", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tool := DefineSchema("probe", plainOptions, Schemas{Input: schemaOfN, Output: tt.output}, func(context.Context, Caller, json.RawMessage) (Result, error) {
				return tt.made, nil
			})
			result, err := tool.Call(t.Context(), Caller{}, raw(`{"n":1}`))
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Errorf("error = %v, want %s", err, tt.err)
				}
				wantNothingSaid(t, result)
				return
			}
			if err != nil || onlyText(t, result) != tt.text {
				t.Errorf("%q, %v, want %q", onlyText(t, result), err, tt.text)
			}
			if has := result.StructuredContent != nil; has != (tt.made.Structured != nil) {
				t.Errorf("structured content %v", result.StructuredContent)
			}
		})
	}
}

// What clients are shown is what was given, in its order and in one line, and stays so.
func TestDefineSchemaShowsSchemas(t *testing.T) {
	given := raw("{\n \"type\": \"object\", \"z\": 1.0, \"properties\": {\"b\": true, \"a\": {\"const\": 9007199254740993}} }")
	want := `{"type":"object","z":1.0,"properties":{"b":true,"a":{"const":9007199254740993}}}`
	tool := DefineSchema("probe", plainOptions, Schemas{Input: given, Output: given}, nil)
	given[0] = 'x'
	d := tool.Definition()
	for _, shown := range []any{d.InputSchema, d.OutputSchema} {
		if got := string(shown.(json.RawMessage)); got != want {
			t.Errorf("shown %s, want %s", got, want)
		}
	}
}

func TestDefineSchemaPanics(t *testing.T) {
	define := func(name string, o Options, s Schemas) func() {
		return func() { DefineSchema(name, o, s, nil) }
	}
	good := Schemas{Input: schemaOfN}
	for _, tt := range []struct {
		name   string
		define func()
		want   string
	}{
		{"no schema", define("t", plainOptions, Schemas{}), `tool "t": input schema: not one valid JSON value`},
		{"an output schema that is none", define("t", plainOptions, Schemas{Input: schemaOfN, Output: raw("true")}), `tool "t": output schema: not a JSON object`},
		{"an invalid name", define("a b", plainOptions, good), `tool "a b": invalid name`},
		{"no title", define("t", Options{Description: "D"}, good), `tool "t": needs a title and a description`},
		{"headers beside the schema", define("t", Options{Title: "T", Description: "D", Headers: map[string]string{"n": "N"}}, good), `tool "t": its headers are marked in the schema`},
		{"good", define("t", plainOptions, good), ""},
	} {
		t.Run(tt.name, func(t *testing.T) { wantPanic(t, tt.want, tt.define) })
	}
}
