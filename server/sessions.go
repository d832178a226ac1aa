package server

import (
	"container/list"
	"log/slog"
	"sync"
	"time"
)

// sessionTable knows every session of the older protocol versions: to whom it belongs
// and whether it is in use. It bounds how many there are, and closes those that nobody
// uses any more. The SDK bounds nothing, counts a session as idle while its stream is
// open, and refuses another user's session with an answer of its own, which tells that
// the session exists.
//
// A place is what the caps count: there is one for each session, and for each that is
// being opened or closed. Nothing is closed while the table is locked.
type sessionTable struct {
	max, perOwner int
	timeout       time.Duration
	log           *slog.Logger

	mu       sync.Mutex
	sessions map[string]*session
	owners   map[string]*owner
	places   int
	idle     list.List   // of *session, the longest idle one first
	janitor  *time.Timer // nil while nothing is idle
	stopped  bool
}

// owner is what one principal has. Its session that has not been used for the longest
// time is found by looking at all of them, which are few.
type owner struct {
	places   int
	sessions map[*session]struct{}
}

// session is one that can be used.
type session struct {
	id, owner         string
	streamable        bool          // of Streamable HTTP; else of the older transport
	close             func()        // ends it, and returns when it has ended
	requests, streams int           // under way
	load                            // of the messages that hold a share (see underway.go)
	settling          load          // of those that settle others
	last              time.Time     // when a request or stream began or ended
	idle              *list.Element // nil while it is in use
	gone              bool
}

func newSessionTable(c MCPConfig, log *slog.Logger) *sessionTable {
	return &sessionTable{
		max: c.MaxSessions, perOwner: c.MaxSessionsPerPrincipal, timeout: c.SessionTimeout, log: log,
		sessions: map[string]*session{}, owners: map[string]*owner{},
	}
}

// owns reports whether there is such a session of the older transport, and it belongs
// to owner.
func (t *sessionTable) owns(id, owner string) bool { return t.has(id, owner, false) }

func (t *sessionTable) has(id, owner string, streamable bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.find(id, owner, streamable) != nil
}

// find returns owner's session, or nil: a session of somebody else and none are the
// same, and so is one of another transport.
func (t *sessionTable) find(id, owner string, streamable bool) *session {
	s := t.sessions[id]
	if s == nil || s.owner != owner || s.streamable != streamable {
		return nil
	}
	return s
}

// begin says that a request of the session is under way, or a stream of it is open,
// until end is called.
func (t *sessionTable) begin(id string, stream bool) (end func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.use(t.sessions[id], stream)
}

// enter is begin for the stream of owner's session of Streamable HTTP, and false where
// there is none (any more).
func (t *sessionTable) enter(id, owner string) (end func(), ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.find(id, owner, true)
	return t.use(s, true), s != nil
}

// use notes a use of s, which may be nil. t is locked; the function that it returns
// locks it.
func (t *sessionTable) use(s *session, stream bool) (end func()) {
	if s == nil {
		return func() {}
	}
	n := &s.requests
	if stream {
		n = &s.streams
	}
	*n++
	t.touch(s)
	return sync.OnceFunc(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		*n--
		t.touch(s)
	})
}

// touch notes that s was used just now. t is locked.
func (t *sessionTable) touch(s *session) {
	if s.gone {
		return
	}
	s.last = time.Now()
	if s.idle != nil {
		t.idle.Remove(s.idle)
		s.idle = nil
	}
	if s.requests == 0 && s.streams == 0 {
		s.idle = t.idle.PushBack(s)
		t.watchIdle()
	}
}

// forget ends a session: from now on it is as if it had never been. It is closed in
// the background, and keeps its place until then.
func (t *sessionTable) forget(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.sessions[id]; s != nil {
		t.remove(s)
		go t.close(s)
	}
}

// remove takes s out, but leaves its place. t is locked.
func (t *sessionTable) remove(s *session) {
	s.gone = true
	delete(t.sessions, s.id)
	delete(t.owners[s.owner].sessions, s)
	if s.idle != nil {
		t.idle.Remove(s.idle)
		s.idle = nil
	}
}

// close closes a session that was removed, and gives up its place.
func (t *sessionTable) close(s *session) {
	s.close()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.vacate(s.owner)
}

// vacate gives up one place of owner. t is locked.
func (t *sessionTable) vacate(owner string) {
	t.places--
	o := t.owners[owner]
	if o.places--; o.places == 0 {
		delete(t.owners, owner)
	}
}

// stop closes all sessions, and lets none be opened any more.
func (t *sessionTable) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopped = true
	if t.janitor != nil {
		t.janitor.Stop()
		t.janitor = nil
	}
	for _, s := range t.sessions {
		t.remove(s)
		go t.close(s)
	}
}
