package server

import (
	"fmt"
	"net/http"
	"runtime/debug"

	"mcp-resource-server/internal/httperr"
)

// recoverPanic answers a panic with a fixed 500 and logs where it came from. The
// value of the panic is not logged: it could hold anything of the request.
func (s *Server) recoverPanic(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so, too
				panic(v)
			}
			exchangeOf(r).refuse(reasonPanic)
			s.log.ErrorContext(r.Context(), "panic", "request_id", exchangeOf(r).id, "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
			if ww, ok := w.(interface{ Status() int }); ok && ww.Status() != 0 {
				panic(http.ErrAbortHandler) // an answer has begun: it must not look whole
			}
			httperr.Write(w, http.StatusInternalServerError, httperr.Body{Error: "server_error", Description: "internal error"})
		}()
		next.ServeHTTP(w, r)
	})
}
