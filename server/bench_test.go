package server

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkCall is one tools/call of MCP 2026-07-28 through the whole chain,
// signature included, without a network.
func BenchmarkCall(b *testing.B) {
	r := newRig(b)
	req := r.modernCall("alpha")
	body, err := io.ReadAll(req.Body)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		again := req.Clone(b.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		w := httptest.NewRecorder()
		r.server.Handler().ServeHTTP(w, again)
		if w.Code != http.StatusOK {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
	}
}

// BenchmarkGate is the same without the SDK behind the gate.
func BenchmarkGate(b *testing.B) {
	r := newRig(b)
	r.server.modern = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	req := r.modernCall("alpha")
	body, err := io.ReadAll(req.Body)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		again := req.Clone(b.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		w := httptest.NewRecorder()
		r.server.Handler().ServeHTTP(w, again)
		if w.Code != http.StatusOK {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
	}
}
