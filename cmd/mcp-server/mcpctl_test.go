package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/tools"
)

// buildClient builds mcpctl as its users do, into a directory of the test.
func buildClient(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "mcpctl")
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", name, "../mcpctl").CombinedOutput(); err != nil {
		t.Fatalf("building mcpctl: %v\n%s", err, out)
	}
	return name
}

// client runs mcpctl in an environment of its own and returns what it printed.
type client struct {
	t    *testing.T
	path string
	env  []string
}

func (c client) run(args ...string) (status int, stdout, stderr string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, c.path, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = c.env, &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		status = exit.ExitCode()
	case err != nil:
		c.t.Fatalf("mcpctl %q: %v", args, err)
	}
	return status, out.String(), errs.String()
}

// TestAgentDevelopersFirstDay is what an agent developer does first, with the real
// client as a process of its own: list, call every tool, let a model choose.
func TestAgentDevelopersFirstDay(t *testing.T) {
	path := buildClient(t)
	info, stderr, stop := startDev(t, nil, "--offline", "--samples-addr", "127.0.0.1:0")
	ctl := client{t, path, []string{
		"XDG_CACHE_HOME=" + os.Getenv("XDG_CACHE_HOME"), "HOME=" + os.Getenv("HOME"),
		"OPENAI_API_KEY=none", "OPENAI_BASE_URL=" + info.ModelURL,
	}}

	t.Run("list", func(t *testing.T) {
		status, stdout, stderr := ctl.run("--dev", "list", "--output", "json")
		if status != 0 {
			t.Fatalf("exit status %d: %s", status, stderr)
		}
		for _, tool := range tools.Everything(tools.DefaultConfig(), tools.Deps{}).Tools {
			if !strings.Contains(stdout, `"`+tool.Name()+`"`) {
				t.Errorf("no %s in %s", tool.Name(), stdout)
			}
		}
	})

	calls := []struct {
		tool string
		args []string
		want string
	}{
		{"calculate_bmi", []string{"weight_kg=70", "height_m=1.75"}, "22.86"},
		{"extension", []string{"--json", `{"config":{"max_items":2},"data":[1,2],"action":"sync"}`}, `Accepted: "sync" on 2 items.`},
		{"get_time", []string{"city=Bengaluru"}, "The time in Bengaluru, Karnataka, India is "},
		{"get_weather", []string{"location=Dubai"}, "The weather in Dubai, United Arab Emirates is clear sky with a temperature of 30.4 °C."},
		{"greet", []string{"name=Ada"}, "Hello, Ada! This was asked for by dev-agent ("},
		{"whoami", nil, `dev-agent`},
	}
	for _, call := range calls {
		t.Run(call.tool, func(t *testing.T) {
			status, stdout, stderr := ctl.run(append([]string{"--dev", "call", call.tool}, call.args...)...)
			if status != 0 || !strings.Contains(stdout, call.want) {
				t.Errorf("exit status %d, %s%s; want %q", status, stdout, stderr, call.want)
			}
		})
	}

	t.Run("ask", func(t *testing.T) {
		status, stdout, stderr := ctl.run("--dev", "ask", "What is the time in Bengaluru?", "What is the weather like right now in Dubai?")
		if status != 0 {
			t.Fatalf("exit status %d: %s", status, stderr)
		}
		for _, want := range []string{"Bengaluru, Karnataka, India", "clear sky with a temperature of 30.4 °C"} {
			if !strings.Contains(stdout, want) {
				t.Errorf("no %q in the answers:\n%s", want, stdout)
			}
		}
	})

	t.Run("a hundred calls cost one token", func(t *testing.T) {
		before := tokensIssued(stderr)
		status, stdout, errs := ctl.run("--dev", "call", "whoami", "--repeat", "100")
		if got := strings.Count(stdout, "dev-agent"); status != 0 || got < 100 {
			t.Fatalf("exit status %d, %d answers: %s", status, got, errs)
		}
		if got := tokensIssued(stderr) - before; got != 1 {
			t.Errorf("%d tokens were issued, want 1", got)
		}
	})

	t.Run("so do five processes with a cache", func(t *testing.T) {
		before := tokensIssued(stderr)
		dir := filepath.Join(t.TempDir(), "tokens")
		for range 5 {
			if status, _, errs := ctl.run("--dev", "--token-cache-dir", dir, "call", "whoami"); status != 0 {
				t.Fatalf("exit status %d: %s", status, errs)
			}
		}
		if got := tokensIssued(stderr) - before; got != 1 {
			t.Errorf("%d tokens were issued, want 1", got)
		}
	})

	t.Run("both eras", func(t *testing.T) {
		for _, era := range []string{"legacy", "modern", "2025-06-18"} {
			if status, stdout, errs := ctl.run("--dev", "--protocol", era, "call", "greet", "name=Ada"); status != 0 || !strings.Contains(stdout, "Hello, Ada!") {
				t.Errorf("%s: exit status %d, %s%s", era, status, stdout, errs)
			}
		}
	})

	t.Run("a token for curl", func(t *testing.T) {
		status, stdout, errs := ctl.run("--dev", "token", "--output", "json")
		var token struct {
			AccessToken string `json:"access_token"`
		}
		if err := json.Unmarshal([]byte(stdout), &token); status != 0 || err != nil || strings.Count(token.AccessToken, ".") != 2 {
			t.Errorf("exit status %d, %v: %s", status, err, errs)
		}
	})

	if status := stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	t.Run("when it has stopped", func(t *testing.T) {
		if status, _, errs := ctl.run("--dev", "list"); status == 0 || !strings.Contains(errs, "mcp-server dev") {
			t.Errorf("exit status %d: %s", status, errs)
		}
	})
}

// tokensIssued counts the tokens that the development issuer says it gave.
func tokensIssued(log *logBuffer) int { return strings.Count(log.String(), `msg="token issued"`) }
