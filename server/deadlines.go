package server

import (
	"net/http"
	"time"
)

const (
	// readTimeout is how long a request may take to arrive, body included.
	readTimeout = 30 * time.Second
	// writeTimeout is how long one write may wait for a client that does not
	// read. A stream as a whole may last for as long as its token.
	writeTimeout = 30 * time.Second
)

// deadlines bounds each read of a request and each write of an answer. Timeouts
// of the whole server would cut long streams.
func deadlines(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		// A recorder in a test has no deadlines; a connection always does.
		_ = control.SetReadDeadline(time.Now().Add(readTimeout))
		dw := &deadlineWriter{ResponseWriter: w, control: control}
		dw.extend() // for an answer that writes nothing itself
		next.ServeHTTP(dw, r)
	})
}

// arrived lifts the read deadline when the request has been read: what is read
// from then on is only whether the client is still there.
func arrived(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
}

type deadlineWriter struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (w *deadlineWriter) extend() { _ = w.control.SetWriteDeadline(time.Now().Add(writeTimeout)) }

func (w *deadlineWriter) WriteHeader(status int) {
	w.extend()
	w.ResponseWriter.WriteHeader(status)
}

func (w *deadlineWriter) Write(b []byte) (int, error) {
	w.extend()
	return w.ResponseWriter.Write(b)
}

// FlushError is what http.ResponseController looks for.
func (w *deadlineWriter) FlushError() error {
	w.extend()
	return w.control.Flush()
}

// Unwrap is what http.ResponseController looks for.
func (w *deadlineWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
