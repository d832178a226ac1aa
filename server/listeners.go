package server

import (
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// listeners are who is told of what concerns many: the sessions of the older versions,
// and each subscriptions/listen, which is a session of its own. The SDK keeps who has
// subscribed to what; it asks nobody whether the caller may know of it, neither at first
// nor later.
type listeners struct {
	generation *atomic.Pointer[Generation]

	mu   sync.Mutex
	all  map[*mcp.ServerSession]*listener
	byID map[string]*listener // those of Streamable HTTP
}

// listener is one of them. All but turn is guarded by the mutex of listeners.
type listener struct {
	// turn is full while something is sent, and while a stream of the session is being
	// opened: what was judged by the token of one stream is not sent on the next.
	turn chan struct{}

	stream     *auth.Principal // whose token the open stream is served on; nil: there is none
	caller     *auth.Principal // of a listen, whose stream is open once it is acknowledged
	subscribed map[string]bool // by URI
	waiting    []notice
	sending    bool
}

func newListeners(generation *atomic.Pointer[Generation]) *listeners {
	return &listeners{generation: generation, all: map[*mcp.ServerSession]*listener{}, byID: map[string]*listener{}}
}

// put notes a session, for which drop MUST be called when it has ended.
func (t *listeners) put(session *mcp.ServerSession) *listener {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := &listener{turn: make(chan struct{}, 1), subscribed: map[string]bool{}}
	t.all[session] = l
	if id := session.ID(); id != "" {
		t.byID[id] = l
	}
	return l
}

// drop forgets a session, and what it has not been told.
func (t *listeners) drop(session *mcp.ServerSession) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.all[session]; l != nil {
		l.stream, l.waiting = nil, nil
	}
	delete(t.all, session)
	delete(t.byID, session.ID())
}

func (t *listeners) find(session *mcp.ServerSession) *listener {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all[session]
}

// opened says that l has a stream now, which is served on the strength of p's token.
func (t *listeners) opened(l *listener, p *auth.Principal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l.stream = p
	t.start(l)
}

// closed says that the stream which was opened for p, and for no other, has ended.
func (t *listeners) closed(l *listener, p *auth.Principal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.stream == p {
		l.stream = nil
	}
}

// whileOpen has serve answer a GET for the stream of a session, and notes when it is open.
// The SDK refuses a second one.
func (t *listeners) whileOpen(w http.ResponseWriter, id string, p *auth.Principal, serve func(http.ResponseWriter)) {
	t.mu.Lock()
	l := t.byID[id]
	t.mu.Unlock()
	if l == nil { // the session has ended just now
		serve(w)
		return
	}
	l.turn <- struct{}{}
	pass := sync.OnceFunc(func() { <-l.turn })
	defer pass()
	defer t.closed(l, p)
	serve(&openingAnswer{ResponseWriter: w, opened: func() {
		t.opened(l, p)
		pass()
	}})
}

// openingAnswer says when a stream is open: whatever is sent after its header goes there.
type openingAnswer struct {
	http.ResponseWriter
	opened func()
}

func (a *openingAnswer) WriteHeader(status int) {
	a.ResponseWriter.WriteHeader(status)
	if status == http.StatusOK {
		a.opened()
	}
}

// Unwrap is what http.ResponseController looks for.
func (a *openingAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
