package auth

import (
	"maps"
	"slices"
)

// Operation is what a caller asks for: an MCP method, and what it names.
type Operation struct {
	Method string
	// Target is what the method acts on: zero for one that names nothing.
	Target Target
	// Modern says that the request is one of MCP 2026-07-28 or later. The eras have
	// different methods.
	Modern bool
}

// Target is a thing that an operation can name.
type Target struct {
	Kind Kind
	// Name is the name of a tool or prompt, and the URI of a resource.
	Name string
}

// Kind is what a target is.
type Kind string

// The kinds.
const (
	KindTool     Kind = "tool"
	KindPrompt   Kind = "prompt"
	KindResource Kind = "resource"
)

// Tool is the target of a call of the tool called name.
func Tool(name string) Target { return Target{Kind: KindTool, Name: name} }

// Prompt is the target that is the prompt called name.
func Prompt(name string) Target { return Target{Kind: KindPrompt, Name: name} }

// Resource is the target that is the resource with the URI.
func Resource(uri string) Target { return Target{Kind: KindResource, Name: uri} }

// usedBy is the method by which a target of each kind is used. It exists in every era.
var usedBy = map[Kind]string{KindTool: "tools/call", KindPrompt: "prompts/get", KindResource: methodRead}

// Use is the operation by which a target is used: a call, or a read.
func (t Target) Use(modern bool) Operation {
	return Operation{Method: usedBy[t.Kind], Target: t, Modern: modern}
}

// The operations that are no JSON-RPC method: what GET and DELETE ask for on the
// MCP endpoint in a legacy session, what GET asks for on /sse, and a response that
// a client posts to a request of the server.
const (
	OperationStream     = "http:stream"
	OperationEndSession = "http:end-session"
	OperationSSE        = "http:sse"
	OperationResponse   = "rpc:response"
)

// method is what is known of one method: in which eras it exists, and of which kinds
// the target is that it names. One that exists in neither era is known, and refused
// to everybody.
type method struct {
	legacy, modern bool
	names          []Kind
}

// methods are those that have a rule; any other is refused. Which of them a
// server answers is for the server to say: a rule grants, it does not promise.
var methods = map[string]method{
	"tools/call":    {legacy: true, modern: true, names: []Kind{KindTool}},
	"prompts/get":   {legacy: true, modern: true, names: []Kind{KindPrompt}},
	methodRead:      {legacy: true, modern: true, names: []Kind{KindResource}},
	methodComplete:  {legacy: true, modern: true, names: []Kind{KindPrompt, KindResource}},
	methodSubscribe: {legacy: true, names: []Kind{KindResource}},
	// It ends what its caller has begun.
	"resources/unsubscribe": {legacy: true, names: []Kind{KindResource}},

	// Each list holds what its caller may use.
	"tools/list":               {legacy: true, modern: true},
	"prompts/list":             {legacy: true, modern: true},
	"resources/list":           {legacy: true, modern: true},
	"resources/templates/list": {legacy: true, modern: true},

	"initialize":           {legacy: true},
	"ping":                 {legacy: true},
	"logging/setLevel":     {legacy: true},
	"server/discover":      {modern: true},
	"subscriptions/listen": {modern: true},

	"notifications/cancelled":          {legacy: true, modern: true},
	"notifications/progress":           {legacy: true, modern: true},
	"notifications/initialized":        {legacy: true},
	"notifications/roots/list_changed": {legacy: true},

	OperationStream:     {legacy: true},
	OperationEndSession: {legacy: true},
	OperationSSE:        {legacy: true},
	OperationResponse:   {legacy: true},

	// Tasks (MCP 2025-11-25) are not offered.
	"tasks/get": {}, "tasks/list": {}, "tasks/result": {}, "tasks/cancel": {},
	// What a server sends is nothing that it takes.
	"sampling/createMessage": {}, "elicitation/create": {}, "roots/list": {},
	"notifications/message": {}, "notifications/elicitation/complete": {}, "notifications/tasks/status": {},
	"notifications/tools/list_changed": {}, "notifications/prompts/list_changed": {},
	"notifications/resources/list_changed": {}, "notifications/resources/updated": {},
	"notifications/subscriptions/acknowledged": {},
}

const (
	methodRead      = "resources/read"
	methodComplete  = "completion/complete"
	methodSubscribe = "resources/subscribe"
)

// in reports whether the method exists in an era.
func (m method) in(modern bool) bool {
	if modern {
		return m.modern
	}
	return m.legacy
}

// offered are the methods that exist in some era, sorted.
func offered() []string {
	all := slices.Sorted(maps.Keys(methods))
	return slices.DeleteFunc(all, func(name string) bool { return !methods[name].in(false) && !methods[name].in(true) })
}
