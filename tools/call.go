package tools

import (
	"bytes"
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/internal/strictjson"
)

const (
	// maxArgumentsDepth bounds the nesting of a tool's arguments.
	maxArgumentsDepth = 64
	// maxErrorBytes bounds what a refusal of arguments repeats of them.
	maxErrorBytes = 500
)

// userError is an error whose text is meant for the caller, and whose cause is not.
type userError struct {
	text  string
	cause error // nil: there is nothing to log
}

func (e *userError) Error() string { return e.text }
func (e *userError) Unwrap() error { return e.cause }

// Errorf returns an error whose text is shown to the caller, and so to a model:
// what was wrong with the arguments, or why there is no answer, in words that
// help to ask again. It MUST hold nothing internal.
func Errorf(format string, args ...any) error {
	return &userError{text: fmt.Sprintf(format, args...)}
}

// ErrorBecause is Errorf for what an operator has to know of, such as a service that
// is down: the caller is shown the text, the log gets the cause.
func ErrorBecause(cause error, format string, args ...any) error {
	return &userError{text: fmt.Sprintf(format, args...), cause: cause}
}

// typedCall wraps a typed handler in what the SDK's typed AddTool does, from
// which the low-level one keeps away: decoding and validation on both sides.
func typedCall[In, Out any](in, out schema, handler func(context.Context, Caller, In) (Out, error)) callFunc {
	return func(ctx context.Context, caller Caller, arguments stdjson.RawMessage) (*mcp.CallToolResult, error) {
		input, err := decode[In](in, arguments)
		if err != nil {
			return failed(refused(err))
		}
		output, err := handler(ctx, caller, input)
		if err != nil {
			return failed(err)
		}
		result, err := encode(out, output)
		if err != nil {
			return internalError(), err
		}
		return result, nil
	}
}

// failed is the result of a call whose handler returned err, and what of it is for the
// log.
func failed(err error) (*mcp.CallToolResult, error) {
	if needed, ok := errors.AsType[*InputNeeded](err); ok && needed != nil {
		return errorResult(needed.Error()), needed
	}
	if needed, ok := errors.AsType[*CapabilityNeeded](err); ok && needed != nil {
		return errorResult(needed.text), needed
	}
	if shown, ok := errors.AsType[*userError](err); ok {
		return errorResult(shown.text), shown.cause
	}
	return internalError(), err
}

// refused is the error of a call whose arguments do not fit.
func refused(err error) error { return Errorf("invalid arguments: %v", err) }

// decode holds arguments to the schema and reads them. The error is for the caller.
func decode[In any](in schema, arguments []byte) (In, error) {
	var input In
	arguments, err := in.check(arguments)
	if err != nil {
		return input, err
	}
	if err := json.Unmarshal(arguments, &input); err != nil {
		// The schema took it and the Go type did not: a number out of its range.
		return input, errors.New("a value does not fit its type")
	}
	return input, nil
}

var errLargeArguments = errors.New("the arguments are too large for this tool")

// check holds arguments to the schema, and returns them. The error is for the caller.
func (s schema) check(arguments []byte) ([]byte, error) {
	// Arguments are optional (MCP, CallToolRequest); none are an empty object.
	if len(bytes.TrimSpace(arguments)) == 0 || string(bytes.TrimSpace(arguments)) == "null" {
		arguments = []byte("{}")
	}
	if err := strictjson.Check(arguments, maxArgumentsDepth); err != nil {
		return nil, err
	}
	var value any
	if err := json.Unmarshal(arguments, &value); err != nil {
		// It is JSON, but holds what no float64 does.
		return nil, errors.New("a number is too large")
	}
	switch err := s.validate(value); {
	case errors.Is(err, errTooCostly):
		return nil, errLargeArguments
	case err != nil:
		// The library names what null is in Go.
		return nil, errors.New(clip(strings.ReplaceAll(err.Error(), "<invalid reflect.Value>", "null")))
	}
	return arguments, nil
}

// Worded is an output that can be said. Its words are the first text of the result,
// before the JSON, which many a model and many a person reads less well.
type Worded interface {
	// Words returns the output as a sentence or two. They MUST hold nothing that the
	// output does not.
	Words() string
}

// encode turns a handler's output into a result that holds to the output schema.
// An output that does not is a fault of the tool.
func encode[Out any](out schema, output Out) (*mcp.CallToolResult, error) {
	// Text from elsewhere may not be UTF-8; a broken character is no reason to fail.
	data, err := json.Marshal(output, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return nil, fmt.Errorf("marshalling the output: %w", err)
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, fmt.Errorf("reading the output: %w", err)
	}
	if err := out.validate(value); err != nil {
		return nil, fmt.Errorf("validating the output: %w", err)
	}
	// MCP 2025-11-25, server/tools, "Structured Content": the JSON also as text, for
	// clients that know no other.
	content := []mcp.Content{&mcp.TextContent{Text: string(data)}}
	if w, ok := any(output).(Worded); ok {
		content = slices.Insert(content, 0, mcp.Content(&mcp.TextContent{Text: strings.ToValidUTF8(w.Words(), "\uFFFD")}))
	}
	return &mcp.CallToolResult{StructuredContent: stdjson.RawMessage(data), Content: content}, nil
}

// InternalErrorText is all that a caller learns of a call that failed for a reason that
// is not its to know.
const InternalErrorText = "internal error"

func internalError() *mcp.CallToolResult { return errorResult(InternalErrorText) }

func errorResult(text string) *mcp.CallToolResult {
	return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: text}}}
}

// clip bounds a text that may repeat what the caller sent, at a character's edge.
func clip(s string) string {
	if len(s) <= maxErrorBytes {
		return s
	}
	end := maxErrorBytes
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// panicError is a panic of a handler. Its text leaves out the value of the panic
// where that could be anything, such as a caller's data.
type panicError struct {
	cause string
	stack []byte
}

func newPanicError(r any) error {
	cause := fmt.Sprintf("value of type %T", r)
	var runtimeError runtime.Error
	if err, ok := r.(error); ok && errors.As(err, &runtimeError) {
		cause = runtimeError.Error()
	}
	return &panicError{cause: cause, stack: debug.Stack()}
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %s\n%s", e.cause, e.stack) }
