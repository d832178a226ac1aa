package server

import (
	"math/rand/v2"
	"time"
)

const (
	// A proxy gives up on an answer that is silent for a minute, some after 30 s. The
	// interval is drawn anew each time, so that streams do not write in step.
	keepAliveAfter  = 15 * time.Second
	keepAliveSpread = 10 * time.Second

	// keepAlive is a comment, which readers of an event stream skip (WHATWG HTML,
	// §9.2.6 "Interpreting an event stream").
	keepAlive = ": keep-alive\n\n"
)

// schedule makes the next comment come an interval from now. w is locked.
func (w *streamWriter) schedule() {
	after := keepAliveAfter + rand.N(keepAliveSpread) //nolint:gosec // nothing depends on its being secret
	if w.timer == nil {
		w.timer = time.AfterFunc(after, w.keepAlive)
		return
	}
	w.timer.Reset(after)
}

// keepAlive writes a comment, which begins the answer to a call that has not begun.
func (w *streamWriter) keepAlive() {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch w.state {
	case streamClosed, streamPlain: // since the timer went off
		return
	case streamWaiting:
		w.beginEarly()
	}
	if _, err := w.ResponseWriter.Write([]byte(keepAlive)); w.check(err) != nil {
		return
	}
	_ = w.check(w.control.Flush())
	if w.state != streamClosed {
		w.schedule() // from when it has been written: a slow client is not sent them in a row
	}
}
