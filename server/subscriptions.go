package server

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// subscriptions knows on whose behalf a session is told that a resource has changed. The
// SDK keeps who is told at all, and takes it out when a session ends; it asks nobody
// whether the caller may know of the resource, neither at first nor later.
type subscriptions struct {
	generation *atomic.Pointer[Generation]

	mu       sync.Mutex
	sessions map[*mcp.ServerSession]*subscriber
}

// subscriber is a session that has subscribed to something, or a subscriptions/listen,
// which is a session of its own.
type subscriber struct {
	principals map[string]auth.Principal // by the URI of the resource
	// begun is closed when the client of a listen may be told of something: what was
	// agreed comes first. Nil in a session.
	begun chan struct{}
}

func newSubscriptions(generation *atomic.Pointer[Generation]) *subscriptions {
	return &subscriptions{generation: generation, sessions: map[*mcp.ServerSession]*subscriber{}}
}

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
func (t *subscriptions) receive(next mcp.MethodHandler) mcp.MethodHandler {
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
func (t *subscriptions) subscribe(ctx context.Context, next mcp.MethodHandler, r *mcp.SubscribeRequest) (mcp.Result, error) {
	c, ok := callFrom(r)
	switch {
	case !ok:
		return nil, internalError()
	case !subscribable(c.generation, r.Params.URI, c.principal):
		return nil, &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: "the resource cannot be subscribed to"}
	}
	t.add(r.Session, r.Params.URI, c.principal)
	result, err := next(ctx, methodSubscribe, r)
	if err != nil {
		t.remove(r.Session, r.Params.URI)
	}
	return result, err
}

// listen is one subscriptions/listen, as long as it lasts. What is asked for in vain is
// left out, and so missing in the acknowledgement; why is not told.
func (t *subscriptions) listen(ctx context.Context, next mcp.MethodHandler, r *mcp.SubscriptionsListenRequest) (mcp.Result, error) {
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
	subscriber := &subscriber{principals: map[string]auth.Principal{}, begun: make(chan struct{})}
	for _, uri := range wanted.ResourceSubscriptions {
		if !slices.Contains(agreed.ResourceSubscriptions, uri) && subscribable(c.generation, uri, c.principal) {
			agreed.ResourceSubscriptions = append(agreed.ResourceSubscriptions, uri)
			subscriber.principals[uri] = c.principal
		}
	}
	params := *r.Params
	params.Notifications = &agreed
	own := *r
	own.Params = &params
	t.put(r.Session, subscriber)
	defer t.drop(r.Session)
	return next(ctx, methodListen, &own)
}

func (t *subscriptions) put(session *mcp.ServerSession, s *subscriber) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sessions[session] = s
}

// drop forgets a session.
func (t *subscriptions) drop(session *mcp.ServerSession) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.sessions, session)
}

// add notes a subscription of a session, until that ends. The SDK ends none while a
// request of it is being served.
func (t *subscriptions) add(session *mcp.ServerSession, uri string, p auth.Principal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.sessions[session]
	if s == nil {
		s = &subscriber{principals: map[string]auth.Principal{}}
		t.sessions[session] = s
		go func() {
			_ = session.Wait()
			t.drop(session)
		}()
	}
	s.principals[uri] = p
}

func (t *subscriptions) remove(session *mcp.ServerSession, uri string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.sessions[session]; s != nil {
		delete(s.principals, uri)
	}
}

// acknowledged says that the client of a listen knows what was agreed.
func (t *subscriptions) acknowledged(session *mcp.ServerSession) {
	if begun := t.begun(session); begun != nil {
		close(begun)
	}
}

// begun is closed when session may be told of something; nil: it may at any time.
func (t *subscriptions) begun(session *mcp.ServerSession) chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.sessions[session]; s != nil {
		return s.begun
	}
	return nil
}

// stands reports whether session may be told, now, that the resource has changed: rules
// and resources may be others than when it subscribed.
func (t *subscriptions) stands(session *mcp.ServerSession, uri string) bool {
	t.mu.Lock()
	var p auth.Principal
	s, ok := t.sessions[session]
	if ok {
		p, ok = s.principals[uri]
	}
	t.mu.Unlock()
	return ok && subscribable(t.generation.Load(), uri, p)
}
