//go:build interop && linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A child is a program of others, with nothing of this machine's: no home, no settings,
// and no way to any network but loopback.
type child struct {
	t   *testing.T
	dir string
	env []string
}

// newChild has a home of its own, and a browser that needs no window.
func newChild(t *testing.T, env ...string) *child {
	t.Helper()
	home, browser := t.TempDir(), headlessBrowser(t)
	return &child{t: t, dir: home, env: append(env,
		"HOME="+home, "PATH="+browser+":"+os.Getenv("PATH"), "BROWSER="+browser+"/xdg-open", "TERM=dumb", "NO_COLOR=1", "CI=1",
		// Nobody listens there.
		"HTTPS_PROXY=http://127.0.0.1:9", "https_proxy=http://127.0.0.1:9", "NO_PROXY=127.0.0.1,localhost", "no_proxy=127.0.0.1,localhost",
	)}
}

// headlessBrowser is a folder with the commands by which programs open a browser.
func headlessBrowser(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\nexec '" + node + "' '" + filepath.Join(interopDir(t), "oidc", "browser.mjs") + "' \"$1\" 2>>'" + filepath.Join(dir, "browser.log") + "'\n"
	for _, name := range []string{"xdg-open", "www-browser"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if said, err := os.ReadFile(filepath.Join(dir, "browser.log")); err == nil && len(said) > 0 {
			t.Logf("the browser said:\n%s", said)
		}
	})
	return dir
}

// command prepares a program that ends with all that it started.
func (c *child) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = c.dir, c.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// run runs a program to its end and returns its exit status and all that it said.
func (c *child) run(name string, args ...string) (status int, output string) {
	c.t.Helper()
	var out bytes.Buffer
	status = c.wait(func(cmd *exec.Cmd) { cmd.Stdout, cmd.Stderr = &out, &out }, name, args)
	c.t.Logf("%s %q: exit status %d\n%s", filepath.Base(name), args, status, out.String())
	return status, out.String()
}

// runInTerminal is run for a program that wants to talk with somebody.
func (c *child) runInTerminal(name string, args ...string) (status int, screen string) {
	c.t.Helper()
	user, terminal := openTerminal(c.t)
	const end = "\nthat was all\n"
	shown := make(chan string)
	go func() {
		defer close(shown)
		var all []byte
		for !bytes.HasSuffix(bytes.ReplaceAll(all, []byte("\r"), nil), []byte(end)) {
			piece := make([]byte, 4096)
			n, err := user.Read(piece)
			if err != nil {
				break
			}
			all = append(all, piece[:n]...)
		}
		shown <- string(all)
	}()
	status = c.wait(func(cmd *exec.Cmd) { cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal }, name, args)
	if _, err := terminal.WriteString(end); err != nil {
		c.t.Fatal(err)
	}
	screen = within(c.t, "the screen", shown)
	c.t.Logf("%s %q: exit status %d\n%s", filepath.Base(name), args, status, screen)
	return status, screen
}

func (c *child) wait(connect func(*exec.Cmd), name string, args []string) (status int) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 90*time.Second)
	defer cancel()
	cmd := c.command(ctx, name, args...)
	connect(cmd)
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	err := cmd.Wait()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what it left behind
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.t.Errorf("%s: %v", name, err)
	}
	if ctx.Err() != nil {
		c.t.Errorf("%s did not end", name)
	}
	return cmd.ProcessState.ExitCode()
}

// steps runs a program that tells of steps, as those of internal/interop do.
func (c *child) steps(name string, args []string, plan any) []toldStep {
	c.t.Helper()
	argument, err := json.Marshal(plan)
	if err != nil {
		c.t.Fatal(err)
	}
	status, output := c.run(name, append(slices.Clone(args), string(argument))...)
	if status != 0 {
		c.t.Errorf("exit status %d", status)
	}
	var steps []toldStep
	for line := range strings.Lines(output) {
		var step toldStep
		if json.Unmarshal([]byte(line), &step) == nil && step.Step != "" {
			steps = append(steps, step)
		}
	}
	return steps
}
