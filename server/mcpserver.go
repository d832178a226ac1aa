package server

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	methodSubscribe   = "resources/subscribe"
	methodUnsubscribe = "resources/unsubscribe"
)

// newMCPServer returns the one MCP server behind both eras.
func (s *Server) newMCPServer() *mcp.Server {
	subscriptions := newSubscriptions(&s.generation)
	server := mcp.NewServer(&mcp.Implementation{
		Name:    s.opts.MCP.Name,
		Title:   s.opts.MCP.Title,
		Version: s.opts.Version,

		WebsiteURL: s.opts.MCP.WebsiteURL,
		Icons:      s.opts.MCP.icons(),
	}, &mcp.ServerOptions{
		Instructions:              s.opts.MCP.Instructions,
		SupportedProtocolVersions: s.opts.MCP.ProtocolVersions,
		Capabilities: &mcp.ServerCapabilities{
			Tools:   &mcp.ToolCapabilities{ListChanged: true},
			Logging: &mcp.LoggingCapabilities{},
		},
		// What one caller may see is no other's to be shown from a cache.
		SetCacheable: func(_ context.Context, _ mcp.Request, c *mcp.Cacheable) { c.CacheScope = cacheScopePrivate },
		// That there are these makes the SDK keep subscriptions; who may have one is
		// decided in front of it.
		SubscribeHandler:   func(context.Context, *mcp.SubscribeRequest) error { return nil },
		UnsubscribeHandler: func(context.Context, *mcp.UnsubscribeRequest) error { return nil },
	})
	server.AddReceivingMiddleware(s.authority, inputRequired, subscriptions.receive)
	server.AddSendingMiddleware(newNotices(subscriptions).send)
	return server
}

const cacheScopePrivate = "private"

// announce makes the capabilities of a result those of the request's generation: the
// SDK tells what is in its registry. Where nothing outlasts a request, the server has no
// way to tell its client of anything.
func (c call) announce(result mcp.Result, req mcp.Request) {
	var told *mcp.ServerCapabilities
	switch r := result.(type) {
	case *mcp.InitializeResult:
		told = r.Capabilities
	case *mcp.DiscoverResult:
		told = r.Capabilities
	}
	if told == nil {
		return
	}
	has, lasts := c.generation.has, c.lasts(req)
	told.Tools = &mcp.ToolCapabilities{ListChanged: lasts}
	told.Prompts, told.Resources, told.Completions = nil, nil, nil
	if has.prompts {
		told.Prompts = &mcp.PromptCapabilities{ListChanged: lasts}
	}
	if has.resources {
		told.Resources = &mcp.ResourceCapabilities{ListChanged: lasts, Subscribe: lasts && has.watched}
	}
	if has.completes {
		told.Completions = &mcp.CompletionCapabilities{}
	}
	if !lasts {
		told.Logging = nil
	}
}
