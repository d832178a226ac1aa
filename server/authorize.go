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
	x.operation, x.decision = decide(x.generation, msg.operation(), *x.principal)
	switch x.decision.Verdict {
	case auth.Allowed:
		return true
	case auth.NoTarget:
		x.refuse(reasonOf(x.decision, x.operation))
		refuseTarget(w, msg)
	case auth.Denied:
		x.refuse(reasonOf(x.decision, x.operation))
		s.warnUseless(r.Context(), x.id, x.generation, *x.principal)
		if !x.decision.Final {
			s.challenger.InsufficientScope(w, x.decision.Scopes)
		}
		writeRPCError(w, http.StatusForbidden, msg.id, codeForbidden, forbiddenText(x.decision, *x.principal), forbiddenData(x.decision))
	default:
		x.refuse(reasonOf(x.decision, x.operation))
		refuseMethod(w, msg)
	}
	return false
}

// decide asks the policy of g. The operation that it returns is what may be logged of
// op: nothing that the caller made up.
func decide(g *Generation, op auth.Operation, p auth.Principal) (auth.Operation, auth.Decision) {
	op.Target = resolve(g, op)
	d := g.Policy.Check(op, p)
	if !offers(g, op.Method) {
		d = auth.Decision{} // the rule is there, and nothing that it could be about
	}
	known := auth.Operation{Modern: op.Modern, Target: auth.Target{Kind: op.Target.Kind}}
	if d.Verdict != auth.NoRule || d.Concealed {
		known.Method = op.Method
	}
	if g.Tools.Has(op.Target) && known.Method != "" {
		known.Target = op.Target
	}
	return known, d
}

// reasonOf is the reason code of a decision that refuses.
func reasonOf(d auth.Decision, op auth.Operation) auth.Reason {
	switch {
	case d.Concealed:
		return reasonConcealed
	case d.Verdict == auth.Denied && d.Final:
		return reasonFinal
	case d.Verdict == auth.Denied:
		return auth.ReasonScope
	case d.Verdict == auth.NoTarget:
		return reasonUnknownTarget[op.Target.Kind]
	default:
		return reasonMethod
	}
}

// forbiddenText says what the operation needs, to a client that can ask for it
// and to the administrator who may have to grant it first. Scopes come from the
// configuration and the tools, never from the request; the client is named to itself,
// where nobody else can help.
func forbiddenText(d auth.Decision, p auth.Principal) string {
	if !d.Final {
		return "insufficient scope: this operation needs " + strings.Join(d.Scopes, " ") +
			"; request these scopes, or have an administrator grant them to the client"
	}
	client := "the client"
	if p.ClientID != "" {
		client += " " + auth.Printable(p.ClientID)
	}
	return "not permitted: an administrator must assign " + strings.Join(d.Missing, " ") + " to " + client +
		", or to its user; asking for another token before that does not help"
}

// forbiddenData is what a program can read of it.
func forbiddenData(d auth.Decision) any {
	if d.Final {
		return struct {
			Final   bool     `json:"final"`
			Missing []string `json:"missing"`
		}{true, d.Missing}
	}
	return struct {
		RequiredScopes []string `json:"required_scopes"`
	}{d.Scopes}
}

// refuseMethod answers a method that has no rule: it does not exist here.
func refuseMethod(w http.ResponseWriter, msg message) {
	writeRPCError(w, refusalStatus(msg, http.StatusNotFound), msg.id, jsonrpc.CodeMethodNotFound, "method not found", nil)
}

// refuseTarget answers a message that names nothing that there is, as far as its
// caller may know.
func refuseTarget(w http.ResponseWriter, msg message) {
	e := unknownTarget(msg.operation())
	writeRPCError(w, refusalStatus(msg, http.StatusBadRequest), msg.id, e.Code, e.Message, nil)
}

// refusalStatus is the HTTP status of a JSON-RPC error that MCP 2026-07-28 (Streamable
// HTTP) gives one of its own, and older versions do not.
func refusalStatus(msg message, modern int) int {
	switch {
	case msg.modern:
		return modern
	case msg.id == nil:
		return http.StatusBadRequest // nobody waits for an answer to a notification
	default:
		return http.StatusOK // a JSON-RPC error like any other
	}
}

// codeResourceNotFound is the code of MCP 2025-11-25 (server/resources, "Error
// Handling"); from 2026-07-28 on it is that of invalid params.
const codeResourceNotFound = -32002

// unknownTarget is the error of an operation that names nothing that there is.
func unknownTarget(op auth.Operation) *jsonrpc.Error {
	code := int64(jsonrpc.CodeInvalidParams)
	if op.Method == methodRead && !op.Modern {
		code = codeResourceNotFound
	}
	// Without data.uri, which the specification recommends: answers of one kind are the
	// same to the byte, so that what is concealed cannot be told from what is not there.
	return &jsonrpc.Error{Code: code, Message: "unknown " + string(op.Target.Kind)}
}

// resolve is the target under which the policy knows that of op. A completion may name a
// template by its text, or a document.
func resolve(g *Generation, op auth.Operation) auth.Target {
	if op.Method == methodComplete {
		return g.Tools.ResolveReference(op.Target)
	}
	return g.Tools.Resolve(op.Target)
}

// offers reports whether the server answers a method that has a rule.
func offers(g *Generation, method string) bool {
	switch method {
	case methodGetPrompt, "prompts/list":
		return g.has.prompts
	case methodRead, "resources/list", "resources/templates/list":
		return g.has.resources
	case methodComplete:
		return g.has.completes
	case methodSubscribe, methodUnsubscribe:
		return g.has.watched
	default:
		return true
	}
}
