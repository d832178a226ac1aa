package tools

import (
	"context"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// Tool is one thing that the server can do. It is immutable, and made by
// [Define].
type Tool struct {
	definition mcp.Tool
	scopes     []string
	call       func(context.Context, Caller, json.RawMessage) (*mcp.CallToolResult, error)
}

// Options describe a tool to clients and to the access policy.
type Options struct {
	// Title is the tool's name for people. Required.
	Title string
	// Description tells a model what the tool does, when to use it and in which
	// units. Required.
	Description string
	// Annotations are hints about what a call may do.
	Annotations Annotations
	// Scopes are all needed for a call, under access.default: tool_scope. Empty:
	// the one scope "tool:<name>".
	Scopes []string
}

// Annotations tell a client what a call may do. The zero value says the worst: it
// changes things, may destroy some, does so again each time, and reaches out
// into the world.
type Annotations struct {
	// ReadOnly: a call changes nothing.
	ReadOnly bool
	// Additive: a call that changes things destroys none.
	Additive bool
	// Idempotent: a second call with the same arguments changes nothing more.
	Idempotent bool
	// Closed: a call touches nothing outside this server.
	Closed bool
}

// validName is what MCP 2025-11-25 (server/tools, "Tool Names") allows. The SDK
// would only log an invalid one.
var validName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,128}$`)

// Define makes a tool from a typed handler. The schemas are derived from In and
// Out (package jsonschema: field names from json tags, descriptions from
// jsonschema tags; a field without omitempty is required). The handler gets
// arguments that hold to In's schema; its result is held to Out's.
//
// An error made by [Errorf] is shown to the caller; of any other the caller
// learns nothing but that it happened.
//
// Define panics on a mistake in the definition, such as an invalid name or a type
// without a schema: it is called when the program starts.
func Define[In, Out any](name string, o Options, handler func(context.Context, Caller, In) (Out, error)) Tool {
	if !validName.MatchString(name) {
		panic(fmt.Sprintf("tool %q: invalid name", name))
	}
	if o.Title == "" || o.Description == "" {
		panic(fmt.Sprintf("tool %q: needs a title and a description", name))
	}
	in, out := mustSchema[In](name, "input"), mustSchema[Out](name, "output")
	if len(o.Scopes) == 0 {
		o.Scopes = []string{"tool:" + name}
	}
	mustScopes(fmt.Sprintf("tool %q", name), o.Scopes)
	return Tool{
		definition: mcp.Tool{
			Name:         name,
			Title:        o.Title,
			Description:  o.Description,
			Annotations:  o.Annotations.hints(),
			InputSchema:  in.raw,
			OutputSchema: out.raw,
		},
		scopes: slices.Clone(o.Scopes),
		call:   typedCall(in, out, handler),
	}
}

// mustScopes panics where one of the scopes is none.
func mustScopes(what string, scopes []string) {
	for _, s := range scopes {
		if !auth.ValidScope(s) {
			panic(fmt.Sprintf("%s: %q is not a scope", what, s))
		}
	}
}

// Name returns the tool's name.
func (t Tool) Name() string { return t.definition.Name }

// Scopes returns the scopes that the tool itself asks for.
func (t Tool) Scopes() []string { return slices.Clone(t.scopes) }

// Target is the tool as the access policy knows it.
func (t Tool) Target() auth.Target { return auth.Tool(t.Name()) }

// Definition returns the tool as tools/list shows it. Its schemas are
// json.RawMessage: the SDK marshals any other form anew for each call.
func (t Tool) Definition() *mcp.Tool {
	d := t.definition
	return &d
}

// Call runs the tool with the arguments as they stand in the request (nil for
// none). The result is for the caller and never nil: whatever went wrong is one with
// IsError set. The error is for the log alone: an internal one, or the cause of what
// the caller is shown.
func (t Tool) Call(ctx context.Context, caller Caller, arguments json.RawMessage) (result *mcp.CallToolResult, err error) {
	// A tool runs on a goroutine of the SDK, where nobody else recovers: a panic
	// would end the process and every other call in it.
	defer func() {
		if r := recover(); r != nil {
			result, err = internalError(), newPanicError(r)
		}
	}()
	return t.call(ctx, caller, arguments)
}

func (a Annotations) hints() *mcp.ToolAnnotations {
	destructive, open := !a.ReadOnly && !a.Additive, !a.Closed
	return &mcp.ToolAnnotations{
		ReadOnlyHint:    a.ReadOnly,
		DestructiveHint: &destructive,
		IdempotentHint:  a.Idempotent || a.ReadOnly,
		OpenWorldHint:   &open,
	}
}

// schema is a JSON schema, ready to be shown and ready to be used.
type schema struct {
	raw      json.RawMessage
	resolved *jsonschema.Resolved
}

func mustSchema[T any](tool, what string) schema {
	if t := reflect.TypeFor[T](); t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("tool %q: the %s must be a struct", tool, what))
	}
	s, err := jsonschema.For[T](nil)
	if err != nil {
		panic(fmt.Sprintf("tool %q: %s schema: %v", tool, what, err))
	}
	if path := unwritable(reflect.TypeFor[T](), what); path != "" {
		panic(fmt.Sprintf("tool %q: %s is of a type whose JSON is not what its schema says: use a string or a number", tool, path))
	}
	plainArrays(s)
	if s.Properties == nil {
		// Left out, it makes OpenAI's API refuse the whole list of tools.
		s.Properties = map[string]*jsonschema.Schema{}
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		panic(fmt.Sprintf("tool %q: %s schema: %v", tool, what, err))
	}
	raw, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("tool %q: %s schema: %v", tool, what, err))
	}
	return schema{raw: raw, resolved: resolved}
}

// plainArrays makes every array of a derived schema an array and nothing else. A
// Go slice may be nil, from which the library takes that null is allowed; here an
// empty array is written for it, and many clients cannot read a list of types.
func plainArrays(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if slices.Equal(s.Types, []string{"null", "array"}) {
		s.Type, s.Types = "array", nil
	}
	if s.Items != nil && reflect.ValueOf(*s.Items).IsZero() {
		// It would be written as true, which few clients know for a schema.
		s.Items.Description = "a value of any type"
	}
	for _, property := range s.Properties {
		plainArrays(property)
	}
	plainArrays(s.Items)
	plainArrays(s.AdditionalProperties)
}

// unwritable returns the path of a field whose JSON form and derived schema differ,
// so that no call could ever hold to both, or "" where there is none: a duration
// (an integer to the one, no form to the other), bytes (an array, base64), a type
// with a JSON form of its own that the schema cannot know, and a pointer to a list
// (whose null the schema does not have). It looks into structs and lists, each type
// once.
func unwritable(t reflect.Type, path string) string {
	return findUnwritable(t, path, map[reflect.Type]bool{})
}

func findUnwritable(t reflect.Type, path string, seen map[reflect.Type]bool) string {
	if seen[t] || t == reflect.TypeFor[time.Time]() {
		return ""
	}
	seen[t] = true
	if t == reflect.TypeFor[time.Duration]() || hasOwnForm(t) {
		return path
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return path
		}
		return findUnwritable(t.Elem(), path+"[]", seen)
	case reflect.Pointer:
		if t.Elem().Kind() == reflect.Slice {
			return path
		}
		return findUnwritable(t.Elem(), path, seen)
	case reflect.Map:
		return findUnwritable(t.Elem(), path, seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if !f.IsExported() {
				continue
			}
			if at := findUnwritable(f.Type, path+"."+f.Name, seen); at != "" {
				return at
			}
		}
	}
	return ""
}

// hasOwnForm reports a type that writes itself.
func hasOwnForm(t reflect.Type) bool {
	for _, form := range []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()} {
		if t.Implements(form) || reflect.PointerTo(t).Implements(form) {
			return true
		}
	}
	return false
}
