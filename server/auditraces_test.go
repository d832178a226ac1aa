package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"mcp-resource-server/internal/audit"
	"mcp-resource-server/tools"
)

// TestAuditOff: without a log nothing else is different.
func TestAuditOff(t *testing.T) {
	r := newRig(t)
	if w := r.serve(r.modernCall("alpha")); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestAuditRaces: 200 callers at once, some of whom go away at any moment, in both
// eras: each request has one line, and what ran has one that says so.
func TestAuditRaces(t *testing.T) {
	for _, era := range []string{"2025-11-25", "2026-07-28"} {
		t.Run(era, func(t *testing.T) {
			r := newAuditedRig(t, audit.DefaultConfig())
			var mu sync.Mutex
			ran := map[string]int{}
			options := tools.Options{Title: "t", Description: "d", Scopes: []string{"tool:alpha"}}
			r.server.Install(r.generationOf(2, tools.Define("slow", options, func(ctx context.Context, c tools.Caller, _ emptyInput) (emptyOutput, error) {
				mu.Lock()
				ran[c.RequestID]++
				mu.Unlock()
				select {
				case <-ctx.Done():
				case <-time.After(time.Millisecond):
				}
				return emptyOutput{}, ctx.Err()
			})))
			var sessions []string
			for range 4 {
				if era < modernVersion {
					sessions = append(sessions, r.session())
				}
			}
			begun := len(r.entries())
			var wg sync.WaitGroup
			ids := make([]string, 200)
			for i := range ids {
				req := r.modernCall("slow")
				if era < modernVersion {
					req = r.legacy(http.MethodPost, sessions[i%4], fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"slow"}}`, i))
				}
				wg.Go(func() {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					if i%2 == 0 {
						time.AfterFunc(time.Duration(i)*10*time.Microsecond, cancel)
					}
					ids[i] = r.serve(req.WithContext(ctx)).Header().Get("X-Request-Id")
				})
			}
			allDone(t, "every request has its answer", &wg)
			if err := r.opts.Audit.Close(); err != nil { // waits for what is still to come
				t.Fatal(err)
			}
			results := map[string][]string{}
			for _, e := range r.entries()[begun:] {
				results[e.RequestID] = append(results[e.RequestID], e.Result)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, id := range ids {
				if len(results[id]) != 1 {
					t.Errorf("%q: lines %v", id, results[id])
				} else if ran[id] == 0 && results[id][0] == resultOK || ran[id] > 1 {
					t.Errorf("%q: ran %d times, %v", id, ran[id], results[id])
				}
			}
			if len(results) != len(ids) {
				t.Errorf("%d requests have lines, of %d", len(results), len(ids))
			}
		})
	}
}

// BenchmarkAudit is BenchmarkCall with an audit file.
func BenchmarkAudit(b *testing.B) {
	for _, enabled := range []bool{false, true} {
		b.Run(fmt.Sprintf("enabled=%v", enabled), func(b *testing.B) {
			log, err := audit.Open(audit.Config{Enabled: enabled, File: filepath.Join(b.TempDir(), "audit.log")}, nil, slog.New(slog.DiscardHandler))
			if err != nil {
				b.Fatal(err)
			}
			r := newRig(b, func(o *Options) { o.Audit = log })
			req := r.modernCall("alpha")
			body, err := io.ReadAll(req.Body)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				again := req.Clone(b.Context())
				again.Body = io.NopCloser(bytes.NewReader(body))
				if w := r.serve(again); w.Code != http.StatusOK {
					b.Fatalf("%d %s", w.Code, w.Body)
				}
			}
		})
	}
}
