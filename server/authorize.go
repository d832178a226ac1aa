package server

import (
	"net/http"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"mcp-resource-server/auth"
)

// authorize asks the policy about the message and answers what it refuses. It
// only ever refuses: who passes is judged again by the authority.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request, msg message) bool {
	x := exchangeOf(r)
	decision := x.generation.Policy.Check(msg.operation(), *x.principal)
	switch decision.Verdict {
	case auth.Allowed:
		x.operation = msg.operation()
		return true
	case auth.NoTool:
		x.refuse(reasonUnknownTool)
		x.operation = auth.Operation{Method: msg.method}
		return true // the authority answers, as the protocol has it
	case auth.Denied:
		x.refuse(auth.ReasonScope)
		x.operation = auth.Operation{Method: msg.method}
		if _, known := x.generation.Tools.Get(msg.tool); known {
			x.operation.Tool = msg.tool
		}
		s.challenger.InsufficientScope(w, decision.Scopes)
		writeRPCError(w, http.StatusForbidden, msg.id, codeForbidden, forbiddenText(decision.Scopes), map[string]any{"required_scopes": decision.Scopes})
		return false
	default:
		x.refuse(reasonMethod)
		s.refuseMethod(w, msg)
		return false
	}
}

// forbiddenText says what the operation needs, to a client that can ask for it
// and to the administrator who may have to grant it first. Scopes come from the
// configuration and the tools, never from the request.
func forbiddenText(scopes []string) string {
	return "insufficient scope: this operation needs " + strings.Join(scopes, " ") +
		"; request these scopes, or have an administrator grant them to the client"
}

// refuseMethod answers a method that has no rule: it does not exist here.
func (s *Server) refuseMethod(w http.ResponseWriter, msg message) {
	status := http.StatusOK // a JSON-RPC error like any other, to a legacy client
	switch {
	case msg.modern:
		status = http.StatusNotFound // MCP 2026-07-28, Streamable HTTP
	case msg.id == nil:
		status = http.StatusBadRequest // nobody waits for an answer to a notification
	}
	writeRPCError(w, status, msg.id, jsonrpc.CodeMethodNotFound, "method not found", nil)
}
