package main

import (
	"context"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// connect makes a client and connects it.
func (p *program) connect(ctx context.Context, s settings) (*client, error) {
	c, err := p.newClient(s)
	if err != nil {
		return nil, err
	}
	if err := c.connect(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// connect opens the connection over the transport that was asked for. With auto it
// falls back as the specification says (MCP 2025-11-25, basic/transports,
// "Backwards Compatibility"), and never because of a refused token.
func (c *client) connect(ctx context.Context) error {
	if c.settings.transport == sse {
		_, err := c.dial(ctx, sse)
		return err
	}
	o, err := c.dial(ctx, streamable)
	if err == nil || c.settings.transport == streamable || !o.tellsOfOlderTransport() || c.settings.version() >= firstModern {
		return err
	}
	c.console.note("%s does not take MCP messages by POST: trying the older sse transport", c.where())
	_, sseErr := c.dial(ctx, sse)
	if exitCode(sseErr) == exitNetwork && ctx.Err() == nil {
		return err // no sse either: what the first one said is what the user asked for
	}
	return sseErr
}

func (c *client) dial(ctx context.Context, carrier transport) (*observation, error) {
	ctx, o := observed(ctx)
	// The sse transport's stream lives as long as the context that opened it, so a
	// timer bounds the wait and not a deadline.
	ctx, hangUp := context.WithCancelCause(ctx)
	if c.settings.timeout > 0 {
		timer := time.AfterFunc(c.settings.timeout, func() { hangUp(errTimeout) })
		defer timer.Stop()
	}
	session, err := mcp.NewClient(
		&mcp.Implementation{Name: "mcpctl", Version: build().Version},
		&mcp.ClientOptions{
			Capabilities:                &mcp.ClientCapabilities{}, // nothing that a server could ask of us
			ProgressNotificationHandler: c.progress.notified,
			MultiRoundTrip:              &mcp.MultiRoundTripOptions{Disabled: true},
		},
	).Connect(ctx, c.transport(carrier), &mcp.ClientSessionOptions{ProtocolVersion: c.version(carrier)})
	if err != nil {
		err = c.trouble(ctx, err, o)
		hangUp(nil)
		return o, err
	}
	c.session, c.carrier, c.hangUp = session, carrier, hangUp
	return o, c.welcome()
}

func (c *client) transport(carrier transport) mcp.Transport {
	if carrier == sse {
		return &mcp.SSEClientTransport{Endpoint: c.settings.endpoint, HTTPClient: c.http}
	}
	return &mcp.StreamableClientTransport{
		Endpoint:   c.settings.endpoint,
		HTTPClient: c.http,
		MaxRetries: 1,
		// What belongs to a call comes with its answer. Nothing else is waited for.
		DisableStandaloneSSE: true,
	}
}

// version is the one to begin with. A server with the sse transport is older than
// server/discover, and some of them do not answer a method that they do not know.
func (c *client) version(carrier transport) string {
	if carrier == sse && c.settings.protocol == anyEra {
		return lastLegacy
	}
	return c.settings.version()
}

// welcome checks what was negotiated and tells of it.
func (c *client) welcome() error {
	got := c.session.InitializeResult()
	if !c.settings.takes(got.ProtocolVersion) {
		c.close()
		return failf(exitNetwork, "%s speaks protocol %s, and not %s as --protocol wants", c.where(), c.console.line(got.ProtocolVersion), c.settings.protocol)
	}
	name, version := "a server without a name", ""
	if info := got.ServerInfo; info != nil && info.Name != "" {
		name, version = info.Name, " v"+info.Version
	}
	era := legacyEra
	if got.ProtocolVersion >= firstModern {
		era = modernEra
	}
	c.console.note("Connected to %s (protocol %s, %s; transport %s)", c.console.line(name+version), c.console.line(got.ProtocolVersion), era, c.carrier)
	return nil
}

// close ends the session politely where there is one.
func (c *client) close() {
	if c.session == nil {
		return
	}
	_ = c.session.Close() // the results are there, or the error is
	c.hangUp(nil)
	c.session = nil
}
