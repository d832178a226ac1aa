package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/config"
)

// TestShutdown: on the signal streams end and calls in flight finish.
func TestShutdown(t *testing.T) {
	t.Parallel()
	for _, era := range bothEras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
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
			// A client dials one connection more than it uses where another becomes free
			// meanwhile, and net/http gives one that has sent nothing five seconds. It is
			// not what is looked at here.
			http.DefaultClient.CloseIdleConnections()
			begin := time.Now()
			if err := s.stop(); err != nil {
				t.Errorf("run: %v", err)
			}
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("it took %v: the open stream was waited for", took)
			}
			if err := within(t, "the call in flight has an end", result); err != nil {
				t.Errorf("the call in flight failed: %v", err)
			}
			if resp, err := http.Get(s.mcpURL); err == nil {
				resp.Body.Close()
				t.Error("connections are still accepted")
			}
		})
	}
}

// TestShutdownDuringAnUpload: a body that is still on its way does not hold the
// stop up for the whole grace.
func TestShutdownDuringAnUpload(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn, err := net.Dial("tcp", s.app.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	_, err = fmt.Fprintf(conn, "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", s.token(nil))
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // until the request waits for its body, which nothing shows
	begin := time.Now()
	if err := s.stop(); err != nil {
		t.Errorf("run: %v", err)
	}
	if took := time.Since(begin); took > 8*time.Second {
		t.Errorf("it took %v", took)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("the half message got %d", resp.StatusCode)
	}
}

// TestDisconnectCancels: a modern client that goes away ends its call.
func TestDisconnectCancels(t *testing.T) {
	s := start(t)
	body, header := callBody(modernEra, "probe", `{"wait_ms":60000}`)
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.mcpURL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range with(header, "Authorization", "Bearer "+s.token(nil)) {
		req.Header.Set(k, v)
	}
	go func() {
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
		}
	}()
	eventually(t, "the call is in flight", func() bool { return s.probed.Load() == 1 })
	cancel()
	eventually(t, "the tool has ended", func() bool { return s.ended.Load() == 1 })
}

// TestShutdownGrace: a call that takes longer than the grace is cut off, and the
// stop is still an orderly one.
func TestShutdownGrace(t *testing.T) {
	t.Parallel()
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
