package server

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// accessLog writes one line for each request when it has been answered. Nothing
// in it comes from the request unless it is known to the program: the route, not
// the path; the method of a message only where the policy has a rule for it; the
// client's address, which nothing but the log and the audit line is told.
func (s *Server) accessLog(next http.Handler) http.Handler {
	trusted := parseTrustedProxies(s.opts.HTTP.TrustedProxies)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		x := exchangeOf(r)
		x.answer = ww
		if client := trusted.clientAddress(r); client.IsValid() {
			x.record.client = client.String()
		}
		defer func() {
			level, attrs := describe(r, ww.Status(), ww.BytesWritten(), time.Since(start))
			s.log.LogAttrs(r.Context(), level, "request", attrs...)
		}()
		next.ServeHTTP(ww, r)
	})
}

func describe(r *http.Request, status, bytes int, took time.Duration) (slog.Level, []slog.Attr) {
	x := exchangeOf(r)
	route := chi.RouteContext(r.Context()).RoutePattern()
	level := slog.LevelInfo
	switch route {
	case "":
		route = "unmatched"
	case pathHealth, pathReady:
		level = slog.LevelDebug // every few seconds, from every probe
	}
	attrs := []slog.Attr{
		slog.String("request_id", x.id),
		slog.String("method", knownMethod(r.Method)),
		slog.String("route", route),
		slog.Int("status", status),
		slog.Int("bytes", bytes),
		slog.Duration("duration", took),
		slog.Uint64("generation", x.generation.Number),
	}
	attrs = appendNonEmpty(attrs, "client", x.record.client)
	reason := x.reason
	if told := x.record.reason.Load(); reason == "" && told != nil {
		reason = *told
	}
	if reason == "" && status >= http.StatusBadRequest && route != "unmatched" && route != pathReady {
		reason = reasonProtocol // the SDK's own answer
	}
	attrs = appendNonEmpty(attrs, "reason", string(reason))
	attrs = appendNonEmpty(attrs, "issuer", x.issuer)
	attrs = appendNonEmpty(attrs, "kid_fingerprint", x.keyFingerprint)
	if x.principal != nil {
		attrs = appendNonEmpty(attrs, "issuer", x.principal.Issuer)
		attrs = appendNonEmpty(attrs, "client_id", x.principal.ClientID)
	}
	attrs = appendNonEmpty(attrs, "operation", x.operation.Method)
	if name := x.operation.Target.Name; name != "" {
		attrs = append(attrs, slog.String(string(x.operation.Target.Kind), name))
	}
	return level, attrs
}

func appendNonEmpty(attrs []slog.Attr, key, value string) []slog.Attr {
	if value == "" {
		return attrs
	}
	return append(attrs, slog.String(key, value))
}

// knownMethod returns the HTTP method where it is one of HTTP's own.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	default:
		return "other"
	}
}
