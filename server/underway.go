package server

import (
	"net/http"
	"time"

	"mcp-resource-server/auth"
)

// What a session has under way is bounded, by number and by size: a call of the older
// protocol versions goes on when its client hangs up, and an answer waits for a stream
// that is not read. The connections that a client has open bound neither.

const (
	// maxUnderWay is how many messages of a session may be under way: those that are
	// being served or wait for it, and the answers that were not sent yet. A client
	// that has a hundred calls at once is served.
	maxUnderWay = 128
	// maxBodiesUnderWay is how many times http.max_body_bytes they may be together: one
	// is being served while the next comes in. An idle session has room for any body.
	maxBodiesUnderWay = 2
	// maxBodiesSettling is the same for what settles a call that is under way.
	maxBodiesSettling = 1
)

// load is what messages take of what a session may have under way.
type load struct {
	messages int
	bytes    int64
}

// settles reports a message by which a call that is under way can come to its end: the
// answer to a question that it asks, or its cancellation. Such messages have room of
// their own, or calls that ask could fill a session, and none could be answered.
func settles(msg message) bool {
	return msg.method == auth.OperationResponse || msg.method == methodCancelled
}

// share is what one message takes of what its session may have under way. Of a call of
// Streamable HTTP there are two that hold it, the HTTP request and the SDK, either of
// which may be over first.
type share struct {
	table   *sessionTable
	load    *load // of its session, which it is a part of
	bytes   int64
	end     func() // of the use of the session
	holders int    // 0: it was given back
	begun   bool   // by the SDK
	// late is set while the HTTP request has ended and the SDK has not come to the
	// message, which it may never do: it then gives the share back.
	late *time.Timer
}

// admit takes a share for a message of a session of the caller. It is false where there
// is no such session, and nil where the session has no room.
func (s *Server) admit(r *http.Request, id string, streamable bool, msg message, bytes int) (*share, bool) {
	return s.sessions.admit(id, exchangeOf(r).principal.Identity(), streamable, settles(msg), int64(bytes), s.opts.HTTP.MaxBodyBytes)
}

func (t *sessionTable) admit(id, owner string, streamable, settles bool, bytes, maxBody int64) (*share, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.find(id, owner, streamable)
	if s == nil {
		return nil, false
	}
	l, limit := &s.load, maxBodiesUnderWay*maxBody
	if settles {
		l, limit = &s.settling, maxBodiesSettling*maxBody
	}
	if l.messages >= maxUnderWay || l.bytes+bytes > limit {
		return nil, true
	}
	l.messages++
	l.bytes += bytes
	return &share{table: t, load: l, bytes: bytes, end: t.use(s, false), holders: 1}, true
}

// done says that one of those who hold the share does so no longer.
func (h *share) done() {
	h.table.mu.Lock()
	h.holders--
	last := h.holders == 0
	if last {
		h.load.messages--
		h.load.bytes -= h.bytes
	}
	h.table.mu.Unlock()
	if last {
		h.end()
	}
}

// resize says what the message takes now: its answer has taken its place.
func (h *share) resize(bytes int) {
	h.table.mu.Lock()
	defer h.table.mu.Unlock()
	if h.holders > 0 {
		h.load.bytes += int64(bytes) - h.bytes
		h.bytes = int64(bytes)
	}
}

// begin says that the SDK begins with the message. done is for when that is over.
func (h *share) begin() (done func()) {
	h.table.mu.Lock()
	defer h.table.mu.Unlock()
	h.begun = true
	switch {
	case h.holders == 0: // it was given up
		return func() {}
	case h.late != nil: // what the HTTP request held is passed on
		h.late.Stop()
		h.late = nil
	default:
		h.holders++
	}
	return h.done
}

// leave says that the HTTP request is over. pending says that the SDK may come to its
// message yet.
func (h *share) leave(pending bool) {
	h.table.mu.Lock()
	pending = pending && !h.begun
	if pending {
		h.late = time.AfterFunc(lateGrace, h.giveUp)
	}
	h.table.mu.Unlock()
	if !pending {
		h.done()
	}
}

func (h *share) giveUp() {
	h.table.mu.Lock()
	owed := h.late != nil
	h.late = nil
	h.table.mu.Unlock()
	if owed {
		h.done()
	}
}
