package server

import (
	"context"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

const (
	noticeAcknowledged = "notifications/subscriptions/acknowledged"
	noticeUpdated      = "notifications/resources/updated"
)

// toldToMany are the notifications that go to many sessions. The SDK tells one session
// after the other, all within 10 s: a client that does not read would keep the news from
// the others.
var toldToMany = map[string]bool{
	"notifications/tools/list_changed":     true,
	"notifications/prompts/list_changed":   true,
	"notifications/resources/list_changed": true,
	noticeUpdated:                          true,
}

// notice is one notification to one listener.
type notice struct {
	method, uri string
	send        func() error
}

func (n notice) same(as notice) bool { return n.method == as.method && n.uri == as.uri }

// send is sending middleware. It sends what is told to many to each at its own pace. What
// has not been sent when the same happens again is sent once, and what finds no stream
// waits for the next: it has no end of its own but that of the session, since each write
// to a stream has one.
func (t *listeners) send(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		session, ok := req.GetSession().(*mcp.ServerSession)
		switch {
		case ok && toldToMany[method]:
			ctx = context.WithoutCancel(ctx)
			own := notice{method: method, send: func() error {
				_, err := next(ctx, method, req)
				return err
			}}
			if p, ok := req.GetParams().(*mcp.ResourceUpdatedNotificationParams); ok {
				own.uri = p.URI
			}
			t.enqueue(session, own)
			return nil, nil //nolint:nilnil // a notification has no result
		case ok && method == noticeAcknowledged:
			result, err := next(ctx, method, req)
			if l := t.find(session); l != nil && err == nil {
				t.opened(l, l.caller)
			}
			return result, err
		}
		return next(ctx, method, req)
	}
}

// enqueue has own sent, unless the same waits already. A session that has ended is told
// nothing.
func (t *listeners) enqueue(session *mcp.ServerSession, own notice) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.all[session]
	if l == nil {
		return
	}
	if !slices.ContainsFunc(l.waiting, own.same) {
		l.waiting = append(l.waiting, own)
	}
	t.start(l) // also what waited because nobody could be told when it came
}

// start has what waits sent, where there is a stream. t is locked.
func (t *listeners) start(l *listener) {
	if l.stream == nil || len(l.waiting) == 0 || l.sending {
		return
	}
	l.sending = true
	go func() {
		for t.sendNext(l) {
		}
	}()
}

// sendNext sends what waits for the longest time, if its turn has come and the stream may
// have it. It reports whether there may be more to send.
func (t *listeners) sendNext(l *listener) bool {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	own, stream, ok := t.take(l)
	if !ok {
		return false
	}
	g := t.generation.Load()
	if g.Verifier.Standing(*stream) != nil {
		t.keep(l, own)
		return false
	}
	if own.method == noticeUpdated && !t.mayHear(g, l, stream, own.uri) {
		return true
	}
	if own.send() != nil { // the stream has ended
		t.keep(l, own)
		return false
	}
	return true
}

// take takes what is next to be sent, and says on whose stream.
func (t *listeners) take(l *listener) (own notice, stream *auth.Principal, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.stream == nil || len(l.waiting) == 0 {
		l.sending = false
		return notice{}, nil, false
	}
	own = l.waiting[0]
	l.waiting = slices.Delete(l.waiting, 0, 1)
	return own, l.stream, true
}

// keep keeps what could not be sent for the next stream.
func (t *listeners) keep(l *listener, own notice) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l.sending = false
	if !slices.ContainsFunc(l.waiting, own.same) {
		l.waiting = slices.Insert(l.waiting, 0, own)
	}
}
