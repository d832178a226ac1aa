package tools

import (
	"context"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// Caller is what a tool knows of the request that it serves.
type Caller struct {
	// Principal is who calls, as the access token of this very request says.
	Principal auth.Principal
	// RequestID is the id of the HTTP request, as in X-Request-Id and in the log.
	RequestID string
	// Request is the SDK's own request, for what has no method here. Its headers
	// hold no token. It is nil where a tool is called without a server.
	Request *mcp.CallToolRequest
	// Tools returns the tools that the caller is shown in a list, and what a call of
	// each needs. It is nil where nobody asks a policy.
	Tools func() []Documented
}

// Progress tells the caller how far the call is: done of total (0 where that is not
// known), and a text for people. ctx is the handler's. A caller that did not ask
// for progress is told nothing.
func (c Caller) Progress(ctx context.Context, done, total float64, text string) error {
	if c.Request == nil {
		return nil
	}
	token := c.Request.Params.GetProgressToken()
	if token == nil {
		return nil
	}
	err := c.Request.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
		ProgressToken: token, Progress: done, Total: total, Message: text,
	})
	if err != nil {
		return fmt.Errorf("telling of progress: %w", err)
	}
	return nil
}
