package tools

import (
	"context"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// Caller is what a tool, prompt or resource knows of the request that it serves.
type Caller struct {
	// Principal is who calls, as the access token of this very request says.
	Principal auth.Principal
	// RequestID is the id of the HTTP request, as in X-Request-Id and in the log.
	RequestID string
	// Header is a copy of that of the HTTP request, without Authorization. It is nil for
	// a completion.
	Header http.Header
	// Client is the MCP client that sent the request. It is nil where there is no
	// server, in which case its methods here do nothing, or fail.
	Client Client
	// Tools returns the tools that the caller is shown in a list, and what a call of
	// each needs. It is nil where nobody asks a policy.
	Tools func() []Documented
}

// Progress tells the caller how far the call is: done of total (0 where that is not
// known), and a text for people. ctx is the handler's. A caller that did not ask
// for progress is told nothing.
func (c Caller) Progress(ctx context.Context, done, total float64, text string) error {
	if c.Client == nil {
		return nil
	}
	return c.Client.Progress(ctx, done, total, text)
}

// Log sends a message to the client's log: a text, or any value that can be JSON. ctx is
// the handler's. A client that wants none, or none of that level, is sent nothing. It
// is for the people at the client; what the operator has to know goes into an error.
func (c Caller) Log(ctx context.Context, level mcp.LoggingLevel, data any) error {
	if c.Client == nil {
		return nil
	}
	return c.Client.Log(ctx, level, data)
}
