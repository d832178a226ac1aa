package server

import (
	"net/http"

	"mcp-resource-server/auth"
)

// audited writes the line of every request that the authority does not take: those
// that were refused on their way, the streams, and what nobody waits for.
func (s *Server) audited(next http.Handler) http.Handler {
	if s.opts.Audit == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		panicked := true
		defer func() { s.conclude(r, panicked) }()
		if r.Method == http.MethodGet {
			w = &beginning{ResponseWriter: w, begin: func() { s.streamBegins(exchangeOf(r)) }}
		}
		next.ServeHTTP(w, r)
		panicked = false
	})
}

// conclude writes the line of a request whose HTTP side is over.
func (s *Server) conclude(r *http.Request, panicked bool) {
	x := exchangeOf(r)
	l := x.line()
	switch status := x.answer.Status(); {
	case panicked:
		l.refused(reasonPanic)
		l.Result = resultInternal
	case x.reason != "":
		l.refused(x.reason)
	case status >= http.StatusBadRequest:
		l.refused(reasonProtocol)
	case oneWay(x.operation.Method):
		l.Result = resultAccepted
	case x.operation.Method == auth.OperationEndSession:
		l.Result = resultOK
	case status == http.StatusAccepted, r.Context().Err() != nil && r.Method == http.MethodPost && !x.operation.Modern:
		// A call in a session goes on without its HTTP request. The SDK may not have
		// come to it yet.
		l.Result = resultCancelled
		x.record.await(l, func() { s.write(x.record, l) })
		return
	case r.Context().Err() != nil:
		l.Result = resultCancelled
	default:
		l.refused(reasonProtocol) // the SDK answered with a JSON-RPC error of its own
	}
	if x.record.conclude() {
		s.write(x.record, l)
	}
}

// line begins the line of what the HTTP layer knows.
func (x *exchange) line() *line {
	l := newLine(x.record, x.id, x.generation, x.principal, x.operation, x.decision)
	if x.principal == nil {
		l.Issuer = x.issuer
	}
	return l
}

// streamBegins writes the line of a stream: it may last for days.
func (s *Server) streamBegins(x *exchange) {
	if x.reason != "" || x.decision.Verdict != auth.Allowed || !x.record.conclude() {
		return
	}
	l := x.line()
	l.Result = resultStream
	s.write(x.record, l)
}

// beginning calls begin before the first byte of an answer that is none of a refusal.
type beginning struct {
	http.ResponseWriter
	begin func()
	begun bool
}

func (w *beginning) WriteHeader(status int) {
	if !w.begun && status < http.StatusBadRequest {
		w.begin()
	}
	w.begun = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *beginning) Write(b []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// FlushError is what http.ResponseController looks for.
func (w *beginning) FlushError() error {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap is what http.ResponseController looks for.
func (w *beginning) Unwrap() http.ResponseWriter { return w.ResponseWriter }
