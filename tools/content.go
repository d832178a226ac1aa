package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/internal/strictjson"
)

// Result is what a tool answers that is not made from a Go type of output.
type Result struct {
	// Content is for people and models: texts, images, sounds, links to resources, and
	// resources. Where there is none, it is the text of Structured. Nobody changes what
	// it holds, so a tool may keep it.
	Content []mcp.Content
	// Structured is the same for programs, a JSON object. It holds to the output schema
	// where there is one; else it is nil, or any object.
	Structured json.RawMessage
}

// DefineContent makes a tool that answers with content of any kind, such as images, and
// has no output schema. For the rest it is as [Define].
func DefineContent[In any](name string, o Options, handler func(context.Context, Caller, In) ([]mcp.Content, error)) Tool {
	in := mustSchema[In](name, "input", o.Headers)
	t := newTool(name, o, in)
	t.call = resultCall(nil, func(ctx context.Context, caller Caller, arguments json.RawMessage) (Result, error) {
		input, err := decode[In](in, arguments)
		if err != nil {
			return Result{}, refused(err)
		}
		content, err := handler(ctx, caller, input)
		return Result{Content: content}, err
	})
	return t
}

// Schemas are those of a tool that is not made from Go types, as they are shown to
// clients: JSON Schema 2020-12 (or draft 7, where $schema says so) of an object. Output
// may be nil.
//
// References stay within the schema. A default is there for clients to read: it fills in
// no argument. Arguments that a client repeats in a header are marked with
// x-mcp-header (see [Options]).
type Schemas struct{ Input, Output json.RawMessage }

// DefineSchema makes a tool from schemas, and a handler that gets arguments, a JSON
// object, that hold to the one and answers with what holds to the other. For the rest it
// is as [Define], and panics on a mistake as that does; schemas that come from a document
// are checked by [Schemas.Check] before.
func DefineSchema(name string, o Options, s Schemas, handler func(context.Context, Caller, json.RawMessage) (Result, error)) Tool {
	in, out, err := s.read()
	if err != nil {
		panic(fmt.Sprintf("tool %q: %v", name, err))
	}
	if len(o.Headers) > 0 {
		panic(fmt.Sprintf("tool %q: its headers are marked in the schema", name))
	}
	t := newTool(name, o, in)
	if out != nil {
		t.definition.OutputSchema = out.raw
	}
	t.call = resultCall(out, func(ctx context.Context, caller Caller, arguments json.RawMessage) (Result, error) {
		checked, err := in.check(arguments)
		if err != nil {
			return Result{}, refused(err)
		}
		return handler(ctx, caller, checked)
	})
	return t
}

// Check says what keeps the schemas from being those of a tool. The error may repeat
// words of the schemas; it is short.
func (s Schemas) Check() error {
	_, _, err := s.read()
	return err
}

func (s Schemas) read() (in schema, out *schema, err error) {
	if in, err = readSchema(s.Input); err != nil {
		return in, nil, fmt.Errorf("input schema: %w", err)
	}
	if s.Output == nil {
		return in, nil, nil
	}
	o, err := readSchema(s.Output)
	if err != nil {
		return in, nil, fmt.Errorf("output schema: %w", err)
	}
	return in, &o, nil
}

// resultCall wraps a handler that makes a [Result]. out is nil for a tool without an
// output schema.
func resultCall(out *schema, handler func(context.Context, Caller, json.RawMessage) (Result, error)) callFunc {
	return func(ctx context.Context, caller Caller, arguments json.RawMessage) (*mcp.CallToolResult, error) {
		made, err := handler(ctx, caller, arguments)
		if err != nil {
			return failed(err)
		}
		result, err := made.encode(out)
		if err != nil {
			return internalError(), err
		}
		return result, nil
	}
}

// encode makes of r what a client is sent. What does not hold to the output schema, or
// cannot be sent, is a fault of the tool.
func (r Result) encode(out *schema) (*mcp.CallToolResult, error) {
	result := &mcp.CallToolResult{Content: slices.Clone(r.Content)}
	for i, c := range r.Content {
		if err := checkContent(c); err != nil {
			return nil, fmt.Errorf("block %d of the content: %w", i, err)
		}
	}
	switch {
	case r.Structured != nil:
		structured, err := checkStructured(out, r.Structured)
		if err != nil {
			return nil, err
		}
		result.StructuredContent = structured
		if len(result.Content) == 0 {
			// MCP 2025-11-25, server/tools, "Structured Content".
			result.Content = []mcp.Content{&mcp.TextContent{Text: string(structured)}}
		}
	case out != nil:
		return nil, errors.New("the output schema wants structured content, and there is none")
	}
	if result.Content == nil {
		result.Content = []mcp.Content{} // never null
	}
	return result, nil
}

// checkStructured holds structured content to the output schema (nil: any object), and
// returns it in UTF-8, as [encode] does.
func checkStructured(out *schema, structured json.RawMessage) (json.RawMessage, error) {
	structured = bytes.ToValidUTF8(structured, []byte("\uFFFD"))
	if err := strictjson.Check(structured, maxArgumentsDepth); err != nil {
		return nil, fmt.Errorf("reading the output: %w", err)
	}
	var value any
	if err := json.Unmarshal(structured, &value); err != nil {
		return nil, fmt.Errorf("reading the output: %w", err)
	}
	if _, ok := value.(map[string]any); !ok {
		return nil, errors.New("reading the output: not an object")
	}
	if out == nil {
		return structured, nil
	}
	if err := out.validate(value); err != nil {
		return nil, fmt.Errorf("validating the output: %w", err)
	}
	return structured, nil
}
