package server

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// singleHeaders refuses a request in which a header that decides stands twice:
// two readers could take one each.
func (s *Server) singleHeaders(w http.ResponseWriter, r *http.Request) bool {
	for name, values := range r.Header {
		if len(values) > 1 && standsOnce(name) {
			exchangeOf(r).refuse(reasonHeaders)
			writeRPCError(w, http.StatusBadRequest, nil, jsonrpc.CodeInvalidRequest, "a header of the protocol stands twice", nil)
			return false
		}
	}
	return true
}

func standsOnce(name string) bool {
	switch name {
	case headerVersion, headerSession, headerMethod, headerName, "Content-Type", "Content-Encoding":
		return true
	default:
		return strings.HasPrefix(name, headerParam)
	}
}

// plainJSON reports whether the body is JSON as it stands (RFC 8259 §8.1: UTF-8).
func plainJSON(h http.Header) bool {
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || media != mediaJSON {
		return false
	}
	charset, encoding := params["charset"], h.Get("Content-Encoding")
	return (charset == "" || strings.EqualFold(charset, "utf-8")) && (encoding == "" || strings.EqualFold(encoding, "identity"))
}

// readBody reads the body up to the limit and within the read deadline. One that
// says itself that it is larger is not read at all.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	calm := s.hurry(w)
	limit := s.opts.HTTP.MaxBodyBytes
	var body []byte
	var err error = &http.MaxBytesError{Limit: limit}
	if r.ContentLength <= limit {
		body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	}
	calm()
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		exchangeOf(r).refuse(reasonTooLarge)
		writeRPCError(w, http.StatusRequestEntityTooLarge, nil, jsonrpc.CodeInvalidRequest, "the body is larger than this server accepts", nil)
		return nil, false
	case err != nil:
		exchangeOf(r).refuse(reasonUnreadable)
		w.Header().Set("Connection", "close") // where the body ends is anybody's guess
		writeRPCError(w, http.StatusBadRequest, nil, jsonrpc.CodeParseError, "the body could not be read", nil)
		return nil, false
	}
	arrived(w)
	return body, true
}

// hurry shortens the read deadline when a stop begins, so that a body that is
// still on its way does not hold it up, until calm is called.
func (s *Server) hurry(w http.ResponseWriter) (calm func()) {
	done := make(chan struct{})
	stop := context.AfterFunc(s.draining, func() {
		defer close(done)
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(unreadTimeout))
	})
	return func() {
		if !stop() {
			<-done // or it would cut the call that is about to begin
		}
	}
}
