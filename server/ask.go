package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// client is the MCP client of one request, as what serves the request may turn to it.
type client struct {
	session       *mcp.ServerSession
	capabilities  *mcp.ClientCapabilities
	progressToken any // nil: it wants none
	// One of the two is not nil where the client can be asked.
	rounds  *rounds
	inquiry *inquiry
}

// request is what the SDK's requests have in common that a client can be asked in.
type request interface {
	mcp.Request
	ClientCapabilities() *mcp.ClientCapabilities
}

// clientOf returns the client that sent req, whose progress token is given. The error is
// the answer, such as that to a request whose state does not open.
func (s *Server) clientOf(c call, req request, progressToken any, r retry) (*client, error) {
	session, _ := req.GetSession().(*mcp.ServerSession)
	if session == nil { // the SDK's requests have one
		return nil, internalError()
	}
	capabilities := req.ClientCapabilities()
	if capabilities == nil {
		capabilities = &mcp.ClientCapabilities{}
	}
	made := &client{session: session, capabilities: capabilities, progressToken: progressToken}
	switch {
	case c.operation.Modern:
		var err error
		if made.rounds, err = s.rounds(c, r); err != nil {
			return nil, err
		}
	case s.leadsBack(req, session):
		made.inquiry = s.inquiry(c, session)
	}
	return made, nil
}

var _ tools.Client = (*client)(nil)

func (c *client) Capabilities() *mcp.ClientCapabilities { return c.capabilities }

func (c *client) Reachable() bool { return c.rounds != nil || c.inquiry != nil }

func (c *client) Progress(ctx context.Context, done, total float64, text string) error {
	if c.progressToken == nil {
		return nil
	}
	err := c.session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
		ProgressToken: c.progressToken, Progress: done, Total: total, Message: text,
	})
	if err != nil {
		return fmt.Errorf("telling of progress: %w", err)
	}
	return nil
}

func (c *client) Log(ctx context.Context, level mcp.LoggingLevel, data any) error {
	if err := c.session.Log(ctx, &mcp.LoggingMessageParams{Level: level, Data: data}); err != nil {
		return fmt.Errorf("logging to the client: %w", err)
	}
	return nil
}

func (c *client) Ask(ctx context.Context, questions mcp.InputRequestMap) (mcp.InputResponseMap, error) {
	switch {
	case c.rounds != nil:
		return c.rounds.ask(questions)
	case c.inquiry != nil:
		return c.inquiry.ask(ctx, questions)
	default:
		return nil, errors.New("a client out of reach was asked")
	}
}

func (c *client) Once(_ context.Context, key string, make func() (json.RawMessage, error)) (json.RawMessage, error) {
	if c.rounds == nil {
		return make() // the handler runs once
	}
	return c.rounds.once(key, make)
}
