package server

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
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

var errAnswered = errors.New("the answer has ended")

// streamWriter writes an answer. Where that is an event stream, it tells proxies not to
// hold it back, and writes a comment every 15 to 25 s from its first event on, by which
// proxies see that the stream lives, and the server that the client does. The answer to
// a call begins with such a comment if there is nothing else by then: see keepCall.
//
// The comments never stand within an event, which is written by one Write.
type streamWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	failed  func()
	header  http.Header // of a call: what the SDK sees and sets; nil of other answers

	mu      sync.Mutex
	begun   bool
	streams bool // it is an event stream that has begun
	early   bool // a comment began it, before the SDK did
	framed  bool // what is written is no event yet: the SDK chose another answer
	closed  bool
	timer   *time.Timer // nil where there is no comment to come
}

// newStream returns a writer for one answer on w. failed is called when w can no
// longer be written to, and must not wait. Close MUST be called before the handler
// returns.
func newStream(w http.ResponseWriter, failed func()) *streamWriter {
	return &streamWriter{ResponseWriter: w, control: http.NewResponseController(w), failed: failed}
}

// Close ends the answer: nothing is written from then on.
func (w *streamWriter) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.begun {
		w.send() // what net/http will
	}
	w.end()
}

// end ends it. w is locked, here and in what follows.
func (w *streamWriter) end() {
	w.closed = true
	w.stop()
}

func (w *streamWriter) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
}

// begin looks at the header when it is about to be sent.
func (w *streamWriter) begin() {
	if w.begun {
		return
	}
	w.begun = true
	w.stop()
	w.send()
	header := w.ResponseWriter.Header()
	if w.streams = strings.HasPrefix(header.Get("Content-Type"), "text/event-stream"); w.streams {
		header.Set("X-Accel-Buffering", "no") // of nginx, and honoured by others
		w.timer = time.AfterFunc(keepAliveInterval(), w.keepAlive)
	}
}

// check ends the answer where err says that it cannot be written.
func (w *streamWriter) check(err error) error {
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		w.end()
		w.failed()
	}
	return err
}

func (w *streamWriter) keepAlive() {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed, w.begun && !w.streams:
		return
	case !w.begun:
		w.beginEarly()
	}
	if _, err := w.ResponseWriter.Write([]byte(keepAlive)); w.check(err) != nil {
		return
	}
	_ = w.check(w.control.Flush())
	if !w.closed {
		w.timer.Reset(keepAliveInterval())
	}
}

func keepAliveInterval() time.Duration {
	return keepAliveAfter + rand.N(keepAliveSpread) //nolint:gosec // nothing depends on its being secret
}

func (w *streamWriter) WriteHeader(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
		return
	case w.early:
		w.framed = status != http.StatusOK // the status has been sent: what it is about comes as an event
		return
	}
	w.begin()
	w.ResponseWriter.WriteHeader(status)
}

func (w *streamWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0, errAnswered
	}
	w.begin()
	if w.framed {
		return len(b), w.event(b)
	}
	n, err := w.ResponseWriter.Write(b)
	return n, w.check(err)
}

// FlushError is what http.ResponseController looks for.
func (w *streamWriter) FlushError() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return errAnswered
	}
	w.begin()
	return w.check(w.control.Flush())
}

// Unwrap is what http.ResponseController looks for.
func (w *streamWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
