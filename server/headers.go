package server

import (
	"encoding/base64"
	"net/http"
	"strings"
)

const (
	headerMethod = "Mcp-Method"
	headerName   = "Mcp-Name"
	headerParam  = "Mcp-Param-"
)

// The form of a header value that is not plain ASCII (MCP 2026-07-28, Streamable HTTP,
// "Value Encoding").
const base64Begin, base64End = "=?base64?", "?="

// agreeOnHeaders refuses a modern request whose headers do not say what its body says
// (MCP 2026-07-28, Streamable HTTP, "Server Validation"). What decides is the body,
// always: the headers are for those in between, who would otherwise have routed or
// counted another request than the one that runs.
//
// It comes behind the policy. Before it, the answer would tell of a concealed tool by
// the headers that its arguments need; and who may not call hears that first, so that
// the audit line names the operation.
func agreeOnHeaders(w http.ResponseWriter, r *http.Request, msg message) bool {
	if !msg.modern {
		return true
	}
	fault := standardHeaders(r.Header, msg)
	if fault == nil && msg.method == methodCallTool {
		fault = exchangeOf(r).generation.headers.agree(r.Header, msg)
	}
	if fault != nil {
		refuseHeader(w, r, msg, fault)
	}
	return fault == nil
}

func refuseHeader(w http.ResponseWriter, r *http.Request, msg message, fault *rpcFault) {
	exchangeOf(r).refuse(reasonHeaderMismatch)
	writeRPCError(w, http.StatusBadRequest, msg.id, fault.code, fault.text, nil)
}

// standardHeaders compares Mcp-Method and Mcp-Name. Which headers a notification has is
// left open by this version of MCP ("Sending Messages"): it needs none, and what it has
// must be true.
func standardHeaders(h http.Header, msg message) *rpcFault {
	switch method := h.Get(headerMethod); {
	case method == "" && msg.id == nil:
		h.Set(headerMethod, msg.method) // the SDK wants it of everything
	case method == "":
		return faultNoMethodHeader
	case method != msg.method:
		return faultMethodHeader
	}
	switch msg.method {
	case methodCallTool, methodGetPrompt, methodRead:
	default:
		return nil
	}
	if h.Get(headerName) == "" {
		return faultNoNameHeader
	}
	name, ok := decodeHeader(h.Get(headerName))
	if !ok || name != msg.target.Name {
		return faultNameHeader
	}
	h.Set(headerName, name) // the SDK compares it as it stands
	return nil
}

// decodeHeader returns what a header says: its value, or what that encodes. It is false
// for what no header can say: bytes that are no visible ASCII, space or tab, and base64
// that is not the one spelling of something.
func decodeHeader(value string) (string, bool) {
	strange := func(c rune) bool { return (c < ' ' && c != '\t') || c > '~' }
	if strings.ContainsFunc(value, strange) {
		return "", false
	}
	encoded, ok := strings.CutPrefix(value, base64Begin)
	if !ok {
		return value, true
	}
	if encoded, ok = strings.CutSuffix(encoded, base64End); !ok {
		return value, true
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(encoded)
	return string(decoded), err == nil
}
