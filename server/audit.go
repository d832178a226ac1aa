package server

import (
	"context"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/audit"
	"mcp-resource-server/tools"
)

// What came of a request, in its audit line.
const (
	resultOK        = "ok"
	resultAsked     = "asked"          // the client has to answer first
	resultToolError = "tool_error"     // the tool says that it failed
	resultError     = "error"          // a JSON-RPC error
	resultCancelled = "cancelled"      // by the caller, or because it went away
	resultStream    = "stream"         // a stream began
	resultAccepted  = "accepted"       // there is no answer to wait for
	resultRefused   = "refused"        // the decision is the answer
	resultInternal  = "internal_error" // a fault of ours, such as a panic
)

// line is an entry in the making.
type line struct {
	audit.Entry
	// elsewhere says that the HTTP layer writes the line, and that this is none.
	elsewhere bool
}

// decided begins the line of a decision that the authority made.
func (c call) decided(known auth.Operation, d auth.Decision) *line {
	l := newLine(c.record, c.requestID, c.generation, &c.principal, known, d)
	if l.elsewhere = oneWay(c.operation.Method); !l.elsewhere {
		c.record.log.Await(l.Entry)
	}
	return l
}

func newLine(rec *record, requestID string, g *Generation, p *auth.Principal, op auth.Operation, d auth.Decision) *line {
	l := &line{Entry: audit.Entry{
		Time: rec.start, RequestID: requestID, Client: rec.client, Decision: audit.Allowed, Rule: d.Rule, Generation: g.Number,
		Needs: d.Needs.AllOf, AnyOf: d.Needs.AnyOf, Method: op.Method,
	}}
	if p != nil {
		l.Issuer, l.Subject, l.ClientID = p.Issuer, p.Subject, p.ClientID
		if l.Held = p.Scopes; l.Held == nil {
			l.Held = []string{}
		}
	}
	if op.Method != "" {
		l.Era = audit.EraLegacy
		if op.Modern {
			l.Era = audit.EraModern
		}
	}
	switch op.Target.Kind {
	case auth.KindTool:
		l.Tool = op.Target.Name
	case auth.KindPrompt:
		l.Prompt = op.Target.Name
	case auth.KindResource:
		l.Resource = op.Target.Name
	}
	return l
}

// refused makes it the line of a refusal.
func (l *line) refused(reason auth.Reason) {
	l.Decision, l.Reason, l.Result = audit.Refused, string(reason), resultRefused
}

// write writes the line of a request, unless that was done already.
func (s *Server) write(rec *record, l *line) {
	if l.elsewhere || rec.written.Swap(true) {
		return
	}
	l.Milliseconds = audit.Lasted(time.Since(rec.start))
	s.opts.Audit.Write(l.Entry)
}

// ended notes what came of a request that the SDK handled. What was done in spite of a
// cancellation was done.
func (l *line) ended(ctx context.Context, result mcp.Result, err error) {
	if l.Result = resultOf(result, err); l.Result != resultOK && ctx.Err() != nil {
		l.Result = resultCancelled
	}
}

// resultOf says what came of it, its caller aside.
func resultOf(result mcp.Result, err error) string {
	if err != nil {
		return resultError
	}
	switch r := result.(type) {
	case *inputRequiredResult:
		return resultAsked
	case *mcp.CallToolResult:
		if r.IsError && internal(r) {
			return resultInternal
		}
		if r.IsError {
			return resultToolError
		}
	}
	return resultOK
}

// internal reports the one text by which a tool's failure is told to a caller who is
// not to know of it.
func internal(r *mcp.CallToolResult) bool {
	if len(r.Content) != 1 {
		return false
	}
	text, ok := r.Content[0].(*mcp.TextContent)
	return ok && text.Text == tools.InternalErrorText
}
