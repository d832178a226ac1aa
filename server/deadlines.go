package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// readTimeout is how long a request may take to arrive, body included.
	readTimeout = 30 * time.Second
	// unreadTimeout is how long an answer waits for a body that was not read.
	unreadTimeout = time.Second
	// writeTimeout is how long one write may wait for a client that does not
	// read. A stream as a whole may last for as long as its token.
	writeTimeout = 30 * time.Second
)

// deadlines bounds the read of a request's body and each write of an answer.
// Timeouts of the whole server would cut long streams.
//
// A body that has ended has no deadline. Over HTTP/1 net/http reads on behind it, to
// see whether the client is still there; a deadline that passes then cancels the
// context of the *connection*, and with it every later request on it.
func deadlines(read, write time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			control := http.NewResponseController(w)
			body := &arrivingBody{ReadCloser: r.Body}
			if body.ended.Store(r.Body == http.NoBody); !body.ended.Load() {
				// A recorder in a test has no deadlines; a connection always does.
				_ = control.SetReadDeadline(time.Now().Add(read))
				r = r.WithContext(r.Context()) // a copy: the caller's stays as it is
				r.Body = body
			}
			dw := &deadlineWriter{ResponseWriter: w, control: control, timeout: write}
			if r.ProtoMajor < 2 {
				dw.end() // that of the answer before, on the same connection
			}
			next.ServeHTTP(dw, r)
			if r.ProtoMajor >= 2 {
				return
			}
			// net/http still writes the end of the answer, and before that reads a
			// little of a body that nobody wanted.
			if !body.ended.Load() {
				_ = control.SetReadDeadline(time.Now().Add(min(read, unreadTimeout)))
			}
			dw.begin()
		})
	}
}

// arrivingBody notes when a body has ended.
type arrivingBody struct {
	io.ReadCloser
	ended atomic.Bool
}

func (b *arrivingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		b.ended.Store(true)
	}
	return n, err
}

// arrived lifts the read deadline when the request has been read: what is read
// from then on is only whether the client is still there.
func arrived(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
}

// hurry bounds what is being written on w, and all that is still to be, when ctx ends,
// until calm is called: a client that does not read would hold up the end of its stream,
// and a stop.
func hurry(ctx context.Context, w http.ResponseWriter) (calm func()) {
	hurried := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(hurried)
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(unreadTimeout))
	})
	return func() {
		if !stop() {
			<-hurried
		}
	}
}

type deadlineWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration

	mu   sync.Mutex
	last time.Time // when the whole answer is to have been written; zero: nobody has said so
}

// SetWriteDeadline is what http.ResponseController looks for. It is the deadline of the
// answer: no write that begins later has a longer one.
func (w *deadlineWriter) SetWriteDeadline(last time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = last
	return w.control.SetWriteDeadline(last)
}

// begin starts the clock of one write.
func (w *deadlineWriter) begin() { w.set(time.Now().Add(w.timeout)) }

// end stops it: in HTTP/2 a deadline that passes resets the stream even while
// nothing is being written, and an idle stream would not live.
func (w *deadlineWriter) end() { w.set(time.Time{}) }

func (w *deadlineWriter) set(deadline time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last.IsZero() {
		_ = w.control.SetWriteDeadline(deadline)
	}
}

func (w *deadlineWriter) WriteHeader(status int) {
	w.begin()
	defer w.end()
	w.ResponseWriter.WriteHeader(status)
}

func (w *deadlineWriter) Write(b []byte) (int, error) {
	w.begin()
	defer w.end()
	return w.ResponseWriter.Write(b)
}

// FlushError is what http.ResponseController looks for.
func (w *deadlineWriter) FlushError() error {
	w.begin()
	defer w.end()
	return w.control.Flush()
}

// Unwrap is what http.ResponseController looks for.
func (w *deadlineWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
