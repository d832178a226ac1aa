package server

import (
	"net/http"
	"slices"

	"mcp-resource-server/internal/httperr"
)

// originGuard refuses requests of web pages whose origin is not configured
// (MCP 2025-11-25, Streamable HTTP, "Security Warning"). Programs send no Origin.
func (s *Server) originGuard() func(http.Handler) http.Handler {
	allowed := s.opts.HTTP.AllowedOrigins
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			origins := r.Header.Values("Origin")
			if len(origins) > 0 && (len(origins) > 1 || !slices.Contains(allowed, origins[0])) {
				exchangeOf(r).refuse(reasonOrigin)
				httperr.Write(w, http.StatusForbidden, httperr.Body{Error: "forbidden", Description: "pages of that Origin may not call this server"})
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}
