package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// Tool is one thing that the server can do. It is immutable, and made by
// [Define], [DefineContent] or [DefineSchema].
type Tool struct {
	definition mcp.Tool
	scopes     []string
	headers    []Header
	call       callFunc
}

type callFunc func(context.Context, Caller, json.RawMessage) (*mcp.CallToolResult, error)

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
	// Icons are pictures of the tool, for people: see [SVG].
	Icons []mcp.Icon
	// Headers are the arguments that a client repeats in a header of the request, for
	// proxies that route by it: the name of the argument, and what the header is called
	// behind Mcp-Param- (MCP 2026-07-28, Streamable HTTP, "Custom Headers from Tool
	// Parameters"). It has to be a string, an integer or a boolean, and MUST NOT be a
	// secret: headers are written to logs.
	Headers map[string]string
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
	in, out := mustSchema[In](name, "input", o.Headers), mustSchema[Out](name, "output", nil)
	t := newTool(name, o, in)
	t.definition.OutputSchema = out.raw
	t.call = typedCall(in, out, handler)
	return t
}

// newTool is what all tools have in common.
func newTool(name string, o Options, in schema) Tool {
	if !validName.MatchString(name) {
		panic(fmt.Sprintf("tool %q: invalid name", name))
	}
	if o.Title == "" || o.Description == "" {
		panic(fmt.Sprintf("tool %q: needs a title and a description", name))
	}
	if len(o.Scopes) == 0 {
		o.Scopes = []string{"tool:" + name}
	}
	mustScopes(fmt.Sprintf("tool %q", name), o.Scopes)
	headers, err := headersOf(in.resolved.Schema())
	if err != nil {
		panic(fmt.Sprintf("tool %q: %v", name, err))
	}
	return Tool{
		definition: mcp.Tool{
			Name:        name,
			Title:       o.Title,
			Description: o.Description,
			Annotations: o.Annotations.hints(),
			InputSchema: in.raw,
			Icons:       mustIcons(fmt.Sprintf("tool %q", name), o.Icons),
		},
		scopes:  slices.Clone(o.Scopes),
		headers: headers,
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

// Headers returns the arguments that a client repeats in a header. Nobody changes them.
func (t Tool) Headers() []Header { return t.headers }

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
// IsError set. The error is for the log alone (an internal one, or the cause of what the
// caller is shown), but for [*InputNeeded] and [*CapabilityNeeded], which the server
// answers in its own way.
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
