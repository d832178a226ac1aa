package tools

import (
	"context"
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Client is the MCP client that sent a request, as far as what serves the request may
// turn to it. The server makes it.
type Client interface {
	// Capabilities are what the client declared, for this request or for its session.
	// They are never nil.
	Capabilities() *mcp.ClientCapabilities
	// Reachable reports whether the client can be asked at all. A request of MCP
	// 2025-11-25 or older leads back to its client in a session alone.
	Reachable() bool
	// Progress does what [Caller.Progress] says.
	Progress(ctx context.Context, done, total float64, text string) error
	// Log does what [Caller.Log] says.
	Log(ctx context.Context, level mcp.LoggingLevel, data any) error
	// Ask does what [Caller.Ask] says, for questions that are well-formed and that the
	// client can be asked.
	Ask(ctx context.Context, questions mcp.InputRequestMap) (mcp.InputResponseMap, error)
	// Once returns what make returned when the call was first made: an answer to a
	// question may reach the server with a request of its own, which runs the handler
	// from its beginning again.
	Once(ctx context.Context, key string, make func() (json.RawMessage, error)) (json.RawMessage, error)
}

// InputNeeded is the error by which a handler stops that cannot go on before the client
// has answered (MCP 2026-07-28, "Multi Round-Trip Requests"). [Caller.Ask] returns it,
// and the handler MUST return it, wrapped or not. The client sends the request again,
// with the answers.
type InputNeeded struct {
	Requests mcp.InputRequestMap
	// State is what the server needs to go on, sealed.
	State string
}

func (e *InputNeeded) Error() string { return "the client has to answer first" }

// CapabilityNeeded is the error for a client that cannot be asked: it has not declared
// the capability, or its transport leads nowhere.
type CapabilityNeeded struct {
	// Required is what the client would have to declare.
	Required *mcp.ClientCapabilities
	text     string
}

// newCapabilityNeeded returns the error. text is for the caller.
func newCapabilityNeeded(required *mcp.ClientCapabilities, text string) *CapabilityNeeded {
	return &CapabilityNeeded{Required: required, text: text}
}

func (e *CapabilityNeeded) Error() string {
	if e == nil { // a handler returned a variable that it had not set
		return "no capability is needed"
	}
	return e.text
}
