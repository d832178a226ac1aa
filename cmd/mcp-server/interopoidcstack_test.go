//go:build interop && linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/config"
)

// foreignStack is the server with the issuer of others, configured by a file as an
// operator writes it.
type foreignStack struct {
	*stack
	issuer *foreignIssuer
	wire   *exchangeTap
}

// All that an operator has to write.
const foreignConfig = `
http:
  addr: ADDR
auth:
  issuer: ISSUER
  audience: AUDIENCE
`

// Little at first, and more when it is needed.
const foreignConfigBaseline = foreignConfig + `
  required_scopes: [tool:greet]
access:
  metadata_scopes: baseline
  rules:
    - tools: [whoami]
      all_of: [tool:whoami, tool:get_time]
`

func startForeign(t *testing.T, yaml string, change ...func(*foreignPlan)) *foreignStack {
	t.Helper()
	ln := &exchangeTap{Listener: listen(t, "127.0.0.1:0")}
	addr := ln.Addr().String()
	plan := foreignPlan{
		Resources: []string{"http://" + addr + "/mcp", "http://" + addr + "/other"},
		Scopes:    allScopes(), KeyID: "first", TTL: 600, Clients: foreignClients(),
	}
	for _, c := range change {
		c(&plan)
	}
	issuer := startForeignIssuer(t, plan)
	file := filepath.Join(t.TempDir(), "config.yaml")
	yaml = strings.NewReplacer("ADDR", addr, "ISSUER", issuer.url, "AUDIENCE", plan.Resources[0]).Replace(yaml)
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(config.Source{File: file})
	if err != nil {
		t.Fatal(err)
	}
	clock := newClock()
	s := &foreignStack{startServer(t, ln, "", clock, func(c *config.Config) { *c = cfg }), issuer, ln}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the issuer did:\n%+v\nto the server:\n%s", issuer.deeds(), ln.told(t))
		}
	})
	s.follow(clock)
	eventually(t, "the issuer's keys", func() bool { ready, _ := s.app.trust.Ready(); return ready })
	return s
}

// follow lets the server's clock go with that of the issuer, which is the machine's.
func (s *foreignStack) follow(clock *clock) {
	ticker, last := time.NewTicker(100*time.Millisecond), clock.start
	done := s.t.Context().Done()
	go func() {
		defer ticker.Stop()
		for {
			select {
			case now := <-ticker.C:
				clock.advance(now.Sub(last))
				last = now
			case <-done:
				return
			}
		}
	}()
}

// finish stops the server, so that every answer has gone out.
func (s *foreignStack) finish() {
	s.t.Helper()
	if err := s.stop(); err != nil {
		s.t.Error(err)
	}
}
