package server

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// newMCPServer returns the one MCP server behind both eras.
func (s *Server) newMCPServer() *mcp.Server {
	s.listeners = newListeners(&s.generation)
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
	server.AddReceivingMiddleware(s.authority, inputRequired, s.listeners.receive)
	server.AddSendingMiddleware(s.listeners.send, boundForms)
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

// lasts reports whether what req asks for can outlast it: a request of MCP 2026-07-28
// has subscriptions/listen and says for itself what is to be logged, and one of older
// versions needs a session.
func (c call) lasts(req mcp.Request) bool {
	return c.operation.Modern || req.GetSession().ID() != "" || carries(req, postedKey)
}

// fits refuses what is meant to outlast its request where nothing does. The SDK would
// agree, and forget.
func (c call) fits(req mcp.Request) error {
	switch req.(type) {
	case *mcp.SubscribeRequest, *mcp.UnsubscribeRequest, *setLevelRequest:
		if !c.lasts(req) {
			return methodNotFound()
		}
	}
	return nil
}

type setLevelRequest = mcp.ServerRequest[*mcp.SetLoggingLevelParams]
