//go:build interop

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
)

// interopClient is a client that nobody here wrote, in one of the ways to use it.
type interopClient struct {
	name, version string
	program       []string // and its argument, in $INTEROP_DIR
	transport     string   // http or sse
	mode          string   // of its negotiation: legacy, auto or modern
	remote        []string // what mcp-remote is told, where the client goes through it
	listAll       bool     // it calls nothing that is not in the list
	noScope       bool     // it names no scope to the issuer
	told          string   // what it says of a missing scope, where that is not what the server says
	note          string   // for the table
	refused       afterRefusal
}

// afterRefusal is what is left of a client's connection after a refusal, by its own
// doing.
type afterRefusal int

const (
	unharmed afterRefusal = iota // all
	mute                         // it tells of the refusal, and can send nothing from then on
	gone                         // nothing, and all that it tells is the HTTP status
)

func (a afterRefusal) note() string {
	return [...]string{"", "sends nothing more after a 403", "its connection ends with a 403 that it cannot mend"}[a]
}

func (c interopClient) over(transport, mode string, refused afterRefusal) interopClient {
	c.transport, c.mode, c.refused = transport, mode, refused
	return c
}

// speaks is the protocol version that its mode comes to, as the client tells it. What
// mcp-remote speaks at the one end is not what it speaks at the other.
func (c interopClient) speaks() string {
	if c.remote != nil {
		return legacyEra
	}
	return c.wire()
}

// wire is the version that the server hears.
func (c interopClient) wire() string {
	if c.mode == "legacy" {
		return legacyEra
	}
	return modernEra
}

// era is the cell of the table.
func (c interopClient) era() string { return c.mode + " (" + c.wire() + ")" }

func (c interopClient) String() string {
	return strings.Join([]string{c.name, c.version, c.transport, c.mode}, " ")
}

// listing is the setting under which the client tries to call what it may not.
func (c interopClient) listing(cfg *config.Config) {
	if c.listAll {
		cfg.Access.List = auth.ListAll
	}
}

// lists is what it is shown then.
func (c interopClient) lists(permitted ...string) []string {
	if c.listAll {
		return allTools()
	}
	return permitted
}

// flow runs one flow of a client at the development issuer.
func (r *interopResults) flow(t *testing.T, c interopClient, name string, test func(*testing.T, interopClient)) {
	t.Helper()
	r.run(t, interopRow{
		Client: c.name, Version: c.version, Era: c.era(), Transport: c.transport, Flow: name, Issuer: devIssuer, Note: cmp.Or(c.note, c.refused.note()),
	}, func(t *testing.T) { test(t, c) })
}

// interopPlan is what a client is told to do.
type interopPlan struct {
	URL          string   `json:"url"`
	Issuer       string   `json:"issuer"`
	Transport    string   `json:"transport"`
	Mode         string   `json:"mode"`
	Remote       []string `json:"remote,omitempty"`
	ClientID     string   `json:"clientId"`
	ClientSecret string   `json:"clientSecret"`
	Token        string   `json:"token,omitempty"` // sent as it is, instead of these two
	Calls        []string `json:"calls"`           // of tools, without arguments
	PatienceMS   int64    `json:"patienceMs"`      // for the answer to a call
	// Answer is what it fills every form with.
	Answer map[string]any `json:"answer,omitempty"`
}

// toldStep is what a client tells of one step.
type toldStep struct {
	Step     string         `json:"step"`
	Version  string         `json:"version"`
	Tools    []string       `json:"tools"`
	IsError  bool           `json:"isError"`
	Content  map[string]any `json:"content"`
	Error    *toldError     `json:"error"`
	Asked    []string       `json:"asked"`    // the messages of the questions
	Progress []string       `json:"progress"` // "message number"
	Gone     bool           `json:"gone"`     // the connection ended with it
}

type toldError struct {
	Name    string `json:"name"`
	Message string `json:"message"`
	Code    any    `json:"code"`
	Status  int    `json:"status"` // of HTTP
	Data    any    `json:"data"`
}

// run runs the client to its end and returns what it tells of each step.
func (c interopClient) run(t *testing.T, p interopPlan) []toldStep {
	t.Helper()
	p.Mode, p.Transport, p.Remote, p.PatienceMS = c.mode, c.transport, c.remote, (20 * time.Second).Milliseconds()
	argument, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.program[0], append(slices.Clone(c.program[1:]), string(argument))...)
	cmd.Dir = interopDir(t)
	// Nothing of this machine's: a proxy, above all.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s said:\n%s%s", c, stdout.String(), stderr.String())
		}
	})
	if err != nil {
		t.Fatalf("%s: %v", c, err)
	}
	var steps []toldStep
	for line := range strings.Lines(stdout.String()) {
		var step toldStep
		if err := json.Unmarshal([]byte(line), &step); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		steps = append(steps, step)
	}
	return steps
}

// interopDir is where the clients are installed.
func interopDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("INTEROP_DIR")
	if dir == "" {
		t.Fatal("INTEROP_DIR is not set: `make interop` installs the clients and runs this")
	}
	return filepath.Clean(dir)
}
