package server

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/modelcontextprotocol/go-sdk/mcp"

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
			s.logPanic(r.Context(), exchangeOf(r).id, v)
			if ww, ok := w.(interface{ Status() int }); ok && ww.Status() != 0 {
				panic(http.ErrAbortHandler) // an answer has begun: it must not look whole
			}
			httperr.Write(w, http.StatusInternalServerError, httperr.Body{Error: "server_error", Description: "internal error"})
		}()
		next.ServeHTTP(w, r)
	})
}

// recoverCall is receiving middleware, in front of all other. The SDK serves a message on
// a goroutine of its own, where nobody recovers: a panic would end the process.
func (s *Server) recoverCall(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (result mcp.Result, err error) {
		defer func() {
			if v := recover(); v != nil {
				c, _ := carried(req, callKey).(call)
				s.logPanic(ctx, c.requestID, v)
				s.panicked(req)
				result, err = nil, internalError()
			}
		}()
		return next(ctx, method, req)
	}
}

// panicked writes the audit line of a message whose handling ended in a panic.
func (s *Server) panicked(req mcp.Request) {
	c, ok := callFrom(req)
	if !ok || c.record.written.Load() { // a stream's is written when it begins
		return
	}
	reason := reasonPanic
	c.record.reason.Store(&reason)
	known, decision := decide(c.generation, c.operation, c.principal)
	line := c.decided(known, decision)
	line.Result = resultInternal
	s.write(c.record, line)
}

// logPanic logs where a panic came from, and not its value.
func (s *Server) logPanic(ctx context.Context, requestID string, v any) {
	s.log.ErrorContext(ctx, "panic", "request_id", requestID, "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
}
