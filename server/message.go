package server

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"mcp-resource-server/auth"
)

// message is what the gate takes from a request's body: just what decides.
type message struct {
	// id is the request's id as it was written, nil for a notification.
	id jsontext.Value
	// method is the JSON-RPC method.
	method string
	// target is what the method names: a tool, a prompt or a resource.
	target auth.Target
	// modern says that the message came as one of MCP 2026-07-28: by what params._meta
	// or the header names. The body alone does not tell.
	modern bool
	// meta is what params._meta says.
	meta requestMeta
	// params are the params as they were written, where they are an object.
	params jsontext.Value
	// initializes is the version that an initialize asks for.
	initializes string
}

// operation is what the policy is asked about.
func (m message) operation() auth.Operation {
	return auth.Operation{Method: m.method, Target: m.target, Modern: m.modern}
}

const (
	methodInitialize  = "initialize"
	methodPing        = "ping"
	methodCallTool    = "tools/call"
	methodListTools   = "tools/list"
	methodGetPrompt   = "prompts/get"
	methodRead        = "resources/read"
	methodSubscribe   = "resources/subscribe"
	methodUnsubscribe = "resources/unsubscribe"
	methodComplete    = "completion/complete"
	methodListen      = "subscriptions/listen"
	methodSetLevel    = "logging/setLevel"
	methodCancelled   = "notifications/cancelled"
)

const (
	// maxMessageDepth bounds the nesting of a message.
	maxMessageDepth = 64
	// maxSafeInteger bounds a numeric id: beyond it the SDK, which reads ids as
	// floating point, would answer to another one.
	maxSafeInteger = 1<<53 - 1
	// maxIDBytes bounds an id that is a string, as it is written: each answer repeats
	// it. JSON-RPC has no bound; clients count, or draw a UUID.
	maxIDBytes = 256
)

// judge holds what was read to JSON-RPC 2.0 §4 and MCP's narrower rules.
func (r *messageReader) judge() *rpcFault {
	if k, present := r.kind["id"]; present && !validID(k, r.msg.id) {
		r.msg.id = nil
		return faultID
	}
	if !r.v2 {
		return faultVersion
	}
	if _, present := r.kind["method"]; !present {
		return r.response()
	}
	return r.request()
}

// request judges a request or notification.
func (r *messageReader) request() *rpcFault {
	_, hasResult := r.kind["result"]
	_, hasError := r.kind["error"]
	switch k, hasParams := r.kind["params"]; {
	case r.msg.method == "":
		return faultMethod
	case strings.Contains(r.msg.method, ":"):
		return faultNoMethod // no method has a colon: it would be the name of another kind of operation
	case hasResult || hasError:
		return faultBoth
	case hasParams && k != '{' && k != 'n':
		return faultParams
	}
	if fault := idFits(r.msg.method, r.msg.id != nil); fault != nil {
		return fault
	}
	if r.msg.meta.names() && removed[r.msg.method] {
		return nil // that there is no such method is for the policy to say, whatever the params are
	}
	if r.msg.meta.strange() {
		return faultParamType
	}
	if !r.msg.meta.tokenFits() {
		return faultToken
	}
	if fault := r.target(); fault != nil {
		return fault
	}
	return paramsFit(r.msg.method, r.msg.params)
}

// response judges a message without a method: what a client answers to a request of
// the server (JSON-RPC 2.0 §5). Nobody answers to it.
func (r *messageReader) response() *rpcFault {
	_, hasResult := r.kind["result"]
	_, hasError := r.kind["error"]
	if !hasResult && !hasError {
		return faultMethod
	}
	_, hasParams := r.kind["params"]
	whole := !hasError || (r.failed["code"] && r.failed["message"])
	if r.msg.id == nil || hasResult == hasError || !whole || hasParams {
		return faultResponse
	}
	r.msg.id, r.msg.method = nil, auth.OperationResponse
	return nil
}

// target reads what the method names.
func (r *messageReader) target() *rpcFault {
	switch r.msg.method {
	case methodInitialize:
		r.msg.initializes = r.texts["protocolVersion"]
		return nil
	case methodCallTool:
		r.msg.target = auth.Tool(r.texts["name"])
	case methodGetPrompt:
		r.msg.target = auth.Prompt(r.texts["name"])
	case methodRead, methodSubscribe, methodUnsubscribe:
		r.msg.target = auth.Resource(r.texts["uri"])
	case methodComplete:
		return r.refTarget()
	default:
		return nil
	}
	switch {
	case r.msg.target.Name != "":
		return nil
	case r.msg.target.Kind == auth.KindResource:
		return faultURI
	default:
		return faultName
	}
}

// refTarget reads params.ref, which names a prompt by name or a resource by uri.
func (r *messageReader) refTarget() *rpcFault {
	switch name, uri := r.ref["name"], r.ref["uri"]; {
	case r.ref["type"] == "ref/prompt" && name != "" && uri == "":
		r.msg.target = auth.Prompt(name)
	case r.ref["type"] == "ref/resource" && uri != "" && name == "":
		r.msg.target = auth.Resource(uri)
	default:
		return faultRef
	}
	return nil
}

func validID(kind jsontext.Kind, id jsontext.Value) bool {
	switch kind {
	case '"':
		return len(id) <= maxIDBytes+len(`""`)
	case '0':
		return wholeNumber(id)
	default:
		return false
	}
}

// wholeNumber reports a number without fraction and exponent, in the range in which
// every reader has the same.
func wholeNumber(v jsontext.Value) bool {
	n, err := strconv.ParseInt(string(v), 10, 64)
	return err == nil && n >= -maxSafeInteger && n <= maxSafeInteger
}
