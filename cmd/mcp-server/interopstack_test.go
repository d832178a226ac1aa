//go:build interop

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"mcp-resource-server/config"
)

// interopStack is a stack whose issuer is listened to.
type interopStack struct {
	*stack
	tap  *wiretap // of the issuer
	wire *wiretap // of the server
}

func startInterop(t *testing.T, change ...func(*config.Config)) *interopStack {
	t.Helper()
	ln := &wiretap{Listener: listen(t, "127.0.0.1:0")}
	mcpURL := "http://" + ln.Addr().String() + "/mcp"
	clock := newClock()
	tap := &wiretap{Listener: listen(t, "127.0.0.1:0")}
	issuer := startIssuer(t, tap, mcpURL, clock)
	s := startServer(t, ln, issuer.Issuer(), clock, append(change, func(cfg *config.Config) { cfg.MCP.LegacySSE = true })...)
	s.issuer = issuer
	eventually(t, "the issuer's keys", func() bool { ready, _ := s.app.trust.Ready(); return ready })
	return traceInterop(t, s, ln, tap)
}

// traceInterop shows what was sent to whom if the test fails.
func traceInterop(t *testing.T, s *stack, wire, tap *wiretap) *interopStack {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("to the issuer:\n%sto the server:\n%s", tap.trace(t), wire.trace(t))
		}
	})
	return &interopStack{stack: s, tap: tap, wire: wire}
}

// run runs a client to its end.
func (s *interopStack) run(c interopClient, p interopPlan) []toldStep {
	s.t.Helper()
	p.URL, p.Issuer, p.ClientSecret = s.mcpURL, s.issuer.Issuer(), clientSecret
	if c.transport == "sse" {
		p.URL = strings.TrimSuffix(s.mcpURL, "/mcp") + "/sse"
	}
	steps := c.run(s.t, p)
	s.finish()
	if c.transport == "http" {
		s.wantWire(c.wire())
	}
	return steps
}

// finish stops the server, so that every line has been logged.
func (s *interopStack) finish() {
	s.t.Helper()
	if err := s.stop(); err != nil {
		s.t.Error(err)
	}
}

// wantWire expects that all messages were sent in one protocol version. The first need
// not tell any.
func (s *interopStack) wantWire(want string) {
	s.t.Helper()
	got := slices.DeleteFunc(s.wire.versions(s.t), func(version string) bool { return version == "" })
	if !slices.Equal(got, []string{want}) {
		s.t.Errorf("spoke %q, want %q", got, want)
	}
}

// wantConnected expects that the client got as far as the calls.
func (s *interopStack) wantConnected(c interopClient, steps []toldStep, tools ...string) {
	s.t.Helper()
	if len(steps) < 3 {
		s.t.Fatalf("%d steps: %+v", len(steps), steps)
	}
	if got := steps[0]; got.Error != nil || got.Version != c.speaks() {
		s.t.Errorf("connected in %q, want %q: %+v", got.Version, c.speaks(), got.Error)
	}
	if got := steps[1].Tools; !slices.Equal(got, tools) {
		s.t.Errorf("tools: %q, want %q", got, tools)
	}
}

// wantRefusals compares every message that was refused with "status reason", in order.
// It is not about GET: some clients try before there is a session whether there is a
// stream, or open it twice.
func (s *interopStack) wantRefusals(want ...string) {
	s.t.Helper()
	var got []string
	for line := range strings.Lines(s.logs.String()) {
		var l struct {
			Msg, Method, Reason string
			Status              int
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			s.t.Fatal(err)
		}
		if l.Msg == "request" && l.Method == http.MethodPost && l.Status >= http.StatusBadRequest {
			got = append(got, fmt.Sprintf("%d %s", l.Status, l.Reason))
		}
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("refused: %q, want %q\n%s", got, want, s.logs.String())
	}
}

// wantTokenRequests compares the scopes of all token requests that the issuer got, in
// order of time, each sorted. Nil stands for any with tool:probe.
func (s *interopStack) wantTokenRequests(want ...[]string) {
	s.t.Helper()
	var got [][]string
	for _, form := range s.tap.tokenRequests(s.t) {
		if form.Get("grant_type") != "client_credentials" || !slices.Equal(form["resource"], []string{s.mcpURL}) {
			s.t.Errorf("token request: %v", form)
		}
		scopes := strings.Fields(form.Get("scope"))
		slices.Sort(scopes)
		got = append(got, scopes)
	}
	same := func(got, want []string) bool {
		return slices.Equal(got, want) || want == nil && slices.Contains(got, "tool:probe")
	}
	if !slices.EqualFunc(got, want, same) {
		s.t.Errorf("asked for %q, want %q", got, want)
	}
	if n := s.issuer.Fetches().Token; n != int64(len(want)) {
		s.t.Errorf("the issuer counts %d token requests, want %d", n, len(want))
	}
}

// wantProbed expects that the tool ran so often.
func (s *interopStack) wantProbed(want int64) {
	s.t.Helper()
	if got := s.probed.Load(); got != want {
		s.t.Errorf("probe ran %d times, want %d", got, want)
	}
}
