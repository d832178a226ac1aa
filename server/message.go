package server

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// message is what the gate takes from a request's body: just what decides.
type message struct {
	// id is the request's id as it was written, nil for a notification.
	id jsontext.Value
	// method is the JSON-RPC method.
	method string
	// tool is params.name of a tools/call.
	tool string
	// modern says that params._meta names a protocol version, as requests of MCP
	// 2026-07-28 do.
	modern bool
}

// operation is what the policy is asked about.
func (m message) operation() auth.Operation {
	return auth.Operation{Method: m.method, Tool: m.tool, Modern: m.modern}
}

const (
	methodInitialize = "initialize"
	methodCallTool   = "tools/call"
	methodListTools  = "tools/list"
	methodListen     = "subscriptions/listen"

	// maxMessageDepth bounds the nesting of a message.
	maxMessageDepth = 64
	// maxSafeInteger bounds a numeric id: beyond it the SDK, which reads ids as
	// floating point, would answer to another one.
	maxSafeInteger = 1<<53 - 1
)

// rpcFault is a message that cannot be served, as the caller is told.
type rpcFault struct {
	code int64
	text string // a constant
}

var (
	faultParse     = &rpcFault{jsonrpc.CodeParseError, "the body is not one valid JSON value"}
	faultTooDeep   = &rpcFault{jsonrpc.CodeParseError, "the body is nested too deeply"}
	faultNotObject = &rpcFault{jsonrpc.CodeInvalidRequest, "the body must be one JSON-RPC message; batches are not accepted"}
	faultVersion   = &rpcFault{jsonrpc.CodeInvalidRequest, `the member jsonrpc must be "2.0"`}
	faultMethod    = &rpcFault{jsonrpc.CodeInvalidRequest, "the member method must be a non-empty string; responses are not accepted"}
	faultID        = &rpcFault{jsonrpc.CodeInvalidRequest, "the member id must be a string or a whole number"}
	faultParams    = &rpcFault{jsonrpc.CodeInvalidRequest, "the member params must be an object"}
	faultCase      = &rpcFault{jsonrpc.CodeInvalidRequest, "a member differs from one of the protocol only in case"}
	faultToolName  = &rpcFault{jsonrpc.CodeInvalidParams, "params.name must be a non-empty string"}
	faultParamType = &rpcFault{jsonrpc.CodeInvalidParams, "a member of params has the wrong type"}
	faultNumber    = &rpcFault{jsonrpc.CodeInvalidParams, "a number is too large"}
	faultOldMeta   = &rpcFault{mcp.CodeUnsupportedProtocolVersion, "params._meta names a protocol version that is older than this member"}
)

// level is where in a message an object stands.
type level int

const (
	levelMessage level = iota
	levelParams
	levelMeta
)

// protocolNames are the members that MCP reads at each level. The SDK matches
// them exactly, other readers do not: a variant in another case is what makes
// two of them see two messages.
var protocolNames = [...][]string{
	levelMessage: {"jsonrpc", "id", "method", "params", "result", "error"},
	levelParams: {
		"_meta", "argument", "arguments", "capabilities", "clientInfo", "context", "cursor", "inputResponses",
		"level", "message", "name", "notifications", "progress", "progressToken", "protocolVersion", "reason",
		"ref", "requestId", "requestState", "task", "taskId", "total", "uri",
	},
	levelMeta: {
		"progressToken", mcp.MetaKeyProtocolVersion, mcp.MetaKeyClientInfo, mcp.MetaKeyClientCapabilities,
		mcp.MetaKeySubscriptionID, "io.modelcontextprotocol/logLevel",
	},
}

// messageReader walks over a body once. The decoder refuses duplicate members
// (after unescaping, at any depth), invalid UTF-8 and lone surrogates.
type messageReader struct {
	body   []byte
	dec    *jsontext.Decoder
	msg    message
	kind   map[string]jsontext.Kind // of the members of the message itself
	v2     bool
	name   *string        // params.name, where it is a string
	params jsontext.Value // as written, where it is an object
	meta   string         // the protocol version in _meta, "" for none
}

// parseMessage reads one JSON-RPC request or notification. On a fault in what is
// a message otherwise, the message has its id; of what is none, nothing is kept.
func parseMessage(body []byte) (message, *rpcFault) {
	r := &messageReader{body: body, dec: jsontext.NewDecoder(bytes.NewBuffer(body)), kind: map[string]jsontext.Kind{}}
	switch r.dec.PeekKind() {
	case '{':
	case jsontext.KindInvalid:
		return message{}, faultParse
	default:
		return message{}, faultNotObject
	}
	if fault := r.object(levelMessage); fault != nil {
		return message{}, fault
	}
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return message{}, faultParse
	}
	return r.msg, r.judge()
}

// judge holds what was read to JSON-RPC 2.0 §4 and MCP's narrower rules.
func (r *messageReader) judge() *rpcFault {
	if k, present := r.kind["id"]; present && !validID(k, r.msg.id) {
		r.msg.id = nil
		return faultID
	}
	if !r.v2 {
		return faultVersion
	}
	if r.msg.method == "" {
		return faultMethod
	}
	if k, present := r.kind["params"]; present && k != '{' && k != 'n' {
		return faultParams
	}
	if r.msg.method == methodCallTool {
		if r.name == nil || *r.name == "" {
			return faultToolName
		}
		r.msg.tool = *r.name
	}
	if r.msg.modern && r.meta < modernVersion {
		return faultOldMeta
	}
	if !paramsFit(r.msg.method, r.params) {
		return faultParamType
	}
	return nil
}

// object reads one object whose members matter.
func (r *messageReader) object(at level) *rpcFault {
	if _, err := r.dec.ReadToken(); err != nil {
		return faultParse
	}
	for r.dec.PeekKind() != '}' {
		name, err := r.dec.ReadToken()
		if err != nil || name.Kind() != '"' {
			return faultParse
		}
		if fault := r.member(at, name.String()); fault != nil {
			return fault
		}
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return faultParse
	}
	return nil
}

// member reads the value of one member.
func (r *messageReader) member(at level, name string) *rpcFault {
	for _, known := range protocolNames[at] {
		if name != known && strings.EqualFold(name, known) {
			return faultCase
		}
	}
	kind := r.dec.PeekKind()
	switch {
	case at == levelMessage && name == "params" && kind == '{':
		r.kind[name] = kind
		begin := r.dec.InputOffset()
		fault := r.object(levelParams)
		written := r.body[begin:r.dec.InputOffset()]
		r.params = written[max(0, bytes.IndexByte(written, '{')):] // behind the colon
		return fault
	case at == levelParams && name == "_meta" && kind == '{':
		return r.object(levelMeta)
	case at == levelMeta && name == mcp.MetaKeyProtocolVersion && kind != '"':
		return faultParamType
	case kind == '{' || kind == '[':
		if at == levelMessage {
			r.kind[name] = kind
		}
		return r.skip()
	}
	value, err := r.dec.ReadValue()
	if err != nil {
		return faultParse
	}
	return r.scalar(at, name, value)
}

// scalar notes a member whose value is no object and no array.
func (r *messageReader) scalar(at level, name string, value jsontext.Value) *rpcFault {
	if tooLarge(value.Kind(), string(value)) {
		return faultNumber
	}
	text := func() string {
		unquoted, err := jsontext.AppendUnquote(nil, value)
		if value.Kind() != '"' || err != nil {
			return ""
		}
		return string(unquoted)
	}
	switch at {
	case levelMessage:
		r.kind[name] = value.Kind()
		switch name {
		case "id":
			r.msg.id = value.Clone()
		case "jsonrpc":
			r.v2 = text() == "2.0"
		case "method":
			r.msg.method = text()
		}
	case levelParams:
		if name == "name" && value.Kind() == '"' {
			s := text()
			r.name = &s
		}
	case levelMeta:
		if name == mcp.MetaKeyProtocolVersion {
			r.msg.modern, r.meta = true, text()
		}
	}
	return nil
}

// tooLarge reports a number that no float64 holds: readers differ on what it is.
func tooLarge(kind jsontext.Kind, written string) bool {
	if kind != '0' {
		return false
	}
	_, err := strconv.ParseFloat(written, 64)
	return err != nil
}

// skip passes over an object or array whose content is not ours to read.
func (r *messageReader) skip() *rpcFault {
	outer := r.dec.StackDepth()
	for {
		token, err := r.dec.ReadToken()
		if err != nil {
			return faultParse
		}
		if tooLarge(token.Kind(), token.String()) {
			return faultNumber
		}
		if r.dec.StackDepth() > maxMessageDepth {
			return faultTooDeep
		}
		if r.dec.StackDepth() == outer {
			return nil
		}
	}
}

func validID(kind jsontext.Kind, id jsontext.Value) bool {
	switch kind {
	case '"':
		return true
	case '0':
		n, err := strconv.ParseInt(string(id), 10, 64)
		return err == nil && n >= -maxSafeInteger && n <= maxSafeInteger
	default:
		return false
	}
}
