package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/config"
)

// TestShutdown: on the signal streams end and calls in flight finish.
func TestShutdown(t *testing.T) {
	for _, era := range bothEras {
		t.Run(era, func(t *testing.T) {
			s := start(t)
			session := s.mustConnect(era, s.token(nil)) // in the legacy era with an open GET stream
			result := make(chan error, 1)
			go func() {
				r, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "probe", Arguments: map[string]any{"wait_ms": 500}})
				if err == nil && r.IsError {
					t.Errorf("the call in flight: %+v", r.Content)
				}
				result <- err
			}()
			eventually(t, "the call is in flight", func() bool { return s.probed.Load() == 1 })
			begin := time.Now()
			if err := s.stop(); err != nil {
				t.Errorf("run: %v", err)
			}
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("it took %v: the open stream was waited for", took)
			}
			if err := <-result; err != nil {
				t.Errorf("the call in flight failed: %v", err)
			}
			if resp, err := http.Get(s.mcpURL); err == nil {
				resp.Body.Close()
				t.Error("connections are still accepted")
			}
		})
	}
}

// TestShutdownGrace: a call that takes longer than the grace is cut off, and the
// stop is still an orderly one.
func TestShutdownGrace(t *testing.T) {
	s := start(t, func(c *config.Config) { c.HTTP.ShutdownGrace = 50 * time.Millisecond })
	session := s.mustConnect(modernEra, s.token(nil))
	go func() {
		_, _ = session.CallTool(t.Context(), &mcp.CallToolParams{Name: "probe", Arguments: map[string]any{"wait_ms": 60_000}})
	}()
	eventually(t, "the call is in flight", func() bool { return s.probed.Load() == 1 })
	begin := time.Now()
	if err := s.stop(); err != nil {
		t.Errorf("run: %v", err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}
