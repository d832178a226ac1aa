package server

import "github.com/modelcontextprotocol/go-sdk/mcp"

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
