//go:build interop

package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/config"
	"mcp-resource-server/tools"
)

// Clients that are asked in the middle of a call, and told how far it is.
func testAsking(t *testing.T, results *interopResults, sdks interopLibraries) {
	for _, c := range []interopClient{
		sdks.typescript2.over("http", "legacy", unharmed), sdks.typescript2.over("http", "modern", unharmed),
		sdks.python2.over("http", "legacy", unharmed), sdks.python2.over("http", "auto", unharmed),
	} {
		results.flow(t, c, "elicitation and progress", testAsked)
	}
}

func testAsked(t *testing.T, c interopClient) {
	s := startAsking(t)
	token := s.mint(func(claims map[string]any) { claims["scope"] = "tool:book" })
	steps := s.run(c, interopPlan{Token: token, Calls: []string{"book"}, Answer: map[string]any{"seat": "window"}})

	s.wantConnected(c, steps, "book")
	if len(steps) != 3 {
		t.Fatalf("%d steps: %+v", len(steps), steps)
	}
	got := steps[2]
	if got.Error != nil || got.IsError || got.Content["seat"] != "window" {
		t.Errorf("book: %+v, %+v", got, got.Error)
	}
	if want := []string{"Which seat?"}; !slices.Equal(got.Asked, want) {
		t.Errorf("asked %q, want %q", got.Asked, want)
	}
	// The TypeScript client tells of each round trip, too.
	told := slices.DeleteFunc(got.Progress, func(step string) bool { return !strings.HasPrefix(step, "step ") })
	if want := []string{"step 1", "step 2", "step 3"}; !slices.Equal(told, want) {
		t.Errorf("progress %q, want %q", got.Progress, want)
	}
	s.wantRefusals()
}

type bookInput struct{}

type bookOutput struct {
	Seat string `json:"seat"`
}

// bookTool asks, and then takes three steps.
func bookTool() tools.Tool {
	return tools.Define("book", tools.Options{Title: "Book a seat", Description: "Asks for the seat."},
		func(ctx context.Context, c tools.Caller, _ bookInput) (bookOutput, error) {
			answer, err := c.Elicit(ctx, "seat", &mcp.ElicitParams{
				Message: "Which seat?",
				RequestedSchema: json.RawMessage(`{
					"type": "object",
					"properties": {"seat": {"type": "string", "enum": ["window", "aisle"]}},
					"required": ["seat"]
				}`),
			})
			if err != nil {
				return bookOutput{}, err
			}
			for i := range 3 {
				if err := c.Progress(ctx, float64(i+1), 3, "step"); err != nil {
					return bookOutput{}, err
				}
			}
			seat, _ := answer.Content["seat"].(string)
			return bookOutput{Seat: seat}, nil
		})
}

// startAsking starts the program with this tool alone.
func startAsking(t *testing.T) *interopStack {
	t.Helper()
	ln := listen(t, "127.0.0.1:0")
	mcpURL := "http://" + ln.Addr().String() + "/mcp"
	s := &stack{t: t, mcpURL: mcpURL, clock: newClock(), logs: &logBuffer{}, audit: &logBuffer{}}
	traced := traceInterop(t, s, &wiretap{Listener: ln}, &wiretap{Listener: listen(t, "127.0.0.1:0")})
	s.issuer = startIssuer(t, traced.tap, mcpURL, s.clock)
	cfg := config.Default()
	cfg.HTTP.Addr, cfg.HTTP.PublicURL = ln.Addr().String(), mcpURL
	cfg.Auth.Issuer, cfg.Auth.Audience = s.issuer.Issuer(), mcpURL
	var err error
	s.app, err = newApp(cfg, runtimeDeps{
		log:       slog.New(slog.NewJSONHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		now:       s.clock.now,
		listener:  traced.wire,
		inventory: tools.Inventory{Tools: []tools.Tool{bookTool()}},
		audit:     s.audit,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.app.run(ctx) }()
	s.stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(traced.finish)
	eventually(t, "the issuer's keys", func() bool { ready, _ := s.app.trust.Ready(); return ready })
	return traced
}
