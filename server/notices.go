package server

import (
	"context"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	noticeAcknowledged = "notifications/subscriptions/acknowledged"
	noticeUpdated      = "notifications/resources/updated"
)

// told to many are these. The SDK tells one session after the other, all within 10 s: a
// client that does not read would keep the news from the others.
var toldToMany = map[string]bool{
	"notifications/tools/list_changed":     true,
	"notifications/prompts/list_changed":   true,
	"notifications/resources/list_changed": true,
	noticeUpdated:                          true,
}

// noticeTimeout is how long a session's own turn may take.
const noticeTimeout = 10 * time.Second

// notices sends what is told to many sessions, to each at its own pace. What has not
// been sent when the same happens again is sent once.
type notices struct {
	subscriptions *subscriptions

	mu      sync.Mutex
	waiting map[*mcp.ServerSession][]notice // an entry: somebody is sending
}

// notice is one notification to one session.
type notice struct {
	method, uri string
	send        func(ctx context.Context)
}

func newNotices(s *subscriptions) *notices {
	return &notices{subscriptions: s, waiting: map[*mcp.ServerSession][]notice{}}
}

// send is sending middleware.
func (n *notices) send(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		session, ok := req.GetSession().(*mcp.ServerSession)
		switch {
		case ok && toldToMany[method]:
			own := notice{method: method, send: func(ctx context.Context) { _, _ = next(ctx, method, req) }}
			if p, ok := req.GetParams().(*mcp.ResourceUpdatedNotificationParams); ok {
				own.uri = p.URI
			}
			n.enqueue(context.WithoutCancel(ctx), session, own)
			return nil, nil //nolint:nilnil // a notification has no result
		case ok && method == noticeAcknowledged:
			defer n.subscriptions.acknowledged(session)
		}
		return next(ctx, method, req)
	}
}

func (n *notices) enqueue(ctx context.Context, session *mcp.ServerSession, own notice) {
	n.mu.Lock()
	defer n.mu.Unlock()
	waiting, sending := n.waiting[session]
	for _, w := range waiting {
		if w.method == own.method && w.uri == own.uri {
			return
		}
	}
	n.waiting[session] = append(waiting, own)
	if !sending {
		go n.sendAll(ctx, session)
	}
}

// sendAll sends what waits for a session until nothing does.
func (n *notices) sendAll(ctx context.Context, session *mcp.ServerSession) {
	for {
		n.mu.Lock()
		waiting := n.waiting[session]
		if len(waiting) == 0 {
			delete(n.waiting, session)
			n.mu.Unlock()
			return
		}
		own := waiting[0]
		n.waiting[session] = waiting[1:]
		n.mu.Unlock()
		n.sendOne(ctx, session, own)
	}
}

// sendOne sends a notice, if the session may have it by now.
func (n *notices) sendOne(ctx context.Context, session *mcp.ServerSession, own notice) {
	ctx, cancel := context.WithTimeout(ctx, noticeTimeout)
	defer cancel()
	if begun := n.subscriptions.begun(session); begun != nil {
		select {
		case <-begun:
		case <-ctx.Done():
			return
		}
	}
	if own.method != noticeUpdated || n.subscriptions.stands(session, own.uri) {
		own.send(ctx)
	}
}
