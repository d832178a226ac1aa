package server

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// subscribable reports whether p may subscribe to the resource. A subscription tells of
// what can be read, so that both rules have to allow it, in both eras: the one for
// reading the resource and the one for subscribing to it. In MCP 2026-07-28, where
// subscribing is no method, it is asked as that of the older versions.
func subscribable(g *Generation, uri string, p auth.Principal) bool {
	resource, ok := g.Tools.Resource(uri)
	if !ok || !resource.Watched() {
		return false
	}
	subscribe := auth.Operation{Method: methodSubscribe, Target: resource.Target()}
	return g.Policy.Check(resource.Target().Use(false), p).Verdict == auth.Allowed &&
		g.Policy.Check(subscribe, p).Verdict == auth.Allowed
}

// receive is receiving middleware behind the authority.
func (t *listeners) receive(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		switch r := req.(type) {
		case *mcp.SubscribeRequest:
			return t.subscribe(ctx, next, r)
		case *mcp.UnsubscribeRequest:
			result, err := next(ctx, method, req)
			if err == nil {
				t.remove(r.Session, r.Params.URI)
			}
			return result, err
		case *mcp.SubscriptionsListenRequest:
			return t.listen(ctx, next, r)
		default:
			return next(ctx, method, req)
		}
	}
}

// subscribe begins a subscription of a session.
func (t *listeners) subscribe(ctx context.Context, next mcp.MethodHandler, r *mcp.SubscribeRequest) (mcp.Result, error) {
	c, ok := callFrom(r)
	switch {
	case !ok:
		return nil, internalError()
	case !subscribable(c.generation, r.Params.URI, c.principal):
		return nil, &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: "the resource cannot be subscribed to"}
	}
	t.add(r.Session, r.Params.URI)
	result, err := next(ctx, methodSubscribe, r)
	if err != nil {
		t.remove(r.Session, r.Params.URI)
	}
	return result, err
}

// listen is one subscriptions/listen, as long as it lasts. What is asked for in vain is
// left out, and so missing in the acknowledgement; why is not told.
func (t *listeners) listen(ctx context.Context, next mcp.MethodHandler, r *mcp.SubscriptionsListenRequest) (mcp.Result, error) {
	c, ok := callFrom(r)
	if !ok {
		return nil, internalError()
	}
	wanted := r.Params.Notifications
	if wanted == nil {
		return nil, &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: "notifications is required"}
	}
	has := c.generation.has
	agreed := mcp.NotificationSubscriptions{
		ToolsListChanged:     wanted.ToolsListChanged,
		PromptsListChanged:   wanted.PromptsListChanged && has.prompts,
		ResourcesListChanged: wanted.ResourcesListChanged && has.resources,
	}
	subscribed := map[string]bool{}
	for _, uri := range wanted.ResourceSubscriptions {
		if !subscribed[uri] && subscribable(c.generation, uri, c.principal) {
			agreed.ResourceSubscriptions = append(agreed.ResourceSubscriptions, uri)
			subscribed[uri] = true
		}
	}
	params := *r.Params
	params.Notifications = &agreed
	own := *r
	own.Params = &params
	l := t.put(r.Session)
	l.caller, l.subscribed = &c.principal, subscribed // the SDK tells it of nothing yet
	defer t.drop(r.Session)
	return next(ctx, methodListen, &own)
}

// add notes a subscription of a session.
func (t *listeners) add(session *mcp.ServerSession, uri string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.all[session]; l != nil {
		l.subscribed[uri] = true
	}
}

func (t *listeners) remove(session *mcp.ServerSession, uri string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.all[session]; l != nil {
		delete(l.subscribed, uri)
	}
}

// mayHear reports whether l may be told on this stream, now, that the resource has
// changed: rules and resources may be others than when it subscribed, and so may the
// token that the stream is served on be.
func (t *listeners) mayHear(g *Generation, l *listener, stream *auth.Principal, uri string) bool {
	t.mu.Lock()
	subscribed := l.subscribed[uri]
	t.mu.Unlock()
	return subscribed && subscribable(g, uri, *stream)
}
