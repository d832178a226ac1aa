package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"
)

// actsEnv makes the test binary act as a server's process.
const actsEnv = "DRILL_TEST_ACTS"

func TestMain(m *testing.M) {
	if act := os.Getenv(actsEnv); act != "" {
		os.Exit(acts(act))
	}
	os.Exit(m.Run())
}

// acts is the exit status of a process that is no server.
func acts(act string) int {
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	fmt.Fprintln(os.Stderr, act, strings.Join(os.Args[1:], " "))
	switch act {
	case "ends":
		return 3
	case "ends well":
		return 0
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		fmt.Fprintln(os.Stderr, "ignoring")
		select {}
	case "interrupts":
		parent, err := os.FindProcess(os.Getppid())
		if err == nil {
			err = parent.Signal(os.Interrupt)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	<-terminated
	if act == "stops badly" {
		return 4
	}
	return 0
}

// acting is the environment of such a process. A race detector in it would let it
// linger for a second.
func acting(act string) []string {
	return append(os.Environ(), actsEnv+"="+act, "GORACE=atexit_sleep_ms=0")
}

func act(t *testing.T, act string) *child {
	t.Helper()
	c, err := startChild(os.Args[0], t.TempDir(), acting(act))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.process.Kill() })
	return c
}

// waitSaid waits for what the child writes when it has come so far.
func waitSaid(t *testing.T, c *child, text string) {
	t.Helper()
	for !strings.Contains(c.said(), text) {
		if err := waitUntil(t.Context(), time.Now().Add(5*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestChildStop(t *testing.T) {
	for _, tt := range []struct {
		act   string
		ready string
		grace time.Duration
		want  string // "": none
	}{
		{"stops", "stops serve\n", time.Minute, ""},
		{"stops badly", "stops badly serve\n", time.Minute, "exit status 4"},
		{"stubborn", "ignoring", 50 * time.Millisecond, errKilled.Error()},
	} {
		t.Run(tt.act, func(t *testing.T) {
			c := act(t, tt.act)
			waitSaid(t, c, tt.ready)
			got := ""
			if err := c.stop(tt.grace); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			select {
			case <-c.ended:
			default:
				t.Error("it goes on")
			}
		})
	}
}

// A server that ends by itself ends the drill, even with status 0, and is no clean stop.
func TestChildEnds(t *testing.T) {
	for name, want := range map[string]string{
		"ends":      "the server ended by itself: exit status 3",
		"ends well": "the server ended by itself: exit status 0",
	} {
		t.Run(name, func(t *testing.T) {
			c := act(t, name)
			err := c.during(t.Context(), func(ctx context.Context) error {
				<-ctx.Done()
				return nil
			})
			if !errors.Is(err, errEnded) {
				t.Errorf("during: %v", err)
			}
			if err := c.stop(time.Minute); !errors.Is(err, errEnded) || err.Error() != want {
				t.Errorf("stop: %v, want %q", err, want)
			}
		})
	}
	t.Run("its twin goes on", func(t *testing.T) {
		c := act(t, "stops")
		waitSaid(t, c, "stops serve\n")
		errOwn := errors.New("own")
		if err := c.during(t.Context(), func(context.Context) error { return errOwn }); !errors.Is(err, errOwn) {
			t.Errorf("during: %v", err)
		}
		if held, known := c.memory(); known && held < 1<<20 {
			t.Errorf("it holds %d bytes", held)
		}
		if err := c.stop(time.Minute); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
}

func TestChildMissing(t *testing.T) {
	dir := t.TempDir()
	if _, err := startChild(dir+"/nowhere", dir, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// The whole program, with processes that are no server.
func TestRunEndsEarly(t *testing.T) {
	for _, tt := range []struct {
		act    string
		stderr string // its end
	}{
		{"ends", "drill: the server ended by itself: exit status 3\n\nWhat the server wrote to stderr:\nends serve\n"},
		{"interrupts", "drill: interrupted\n"},
	} {
		t.Run(tt.act, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			status := run(t.Context(), []string{"-short", "-binary", os.Args[0]}, acting(tt.act), &stdout, &stderr)
			if status != 1 || stdout.Len() > 0 || !strings.HasSuffix(stderr.String(), tt.stderr) {
				t.Errorf("status %d, stdout %q, stderr %q", status, stdout.String(), stderr.String())
			}
		})
	}
	t.Run("a wrong command line", func(t *testing.T) {
		var stdout, stderr bytes.Buffer
		if status := run(t.Context(), []string{"-long"}, nil, &stdout, &stderr); status != 2 || stderr.Len() == 0 {
			t.Errorf("status %d, stderr %q", status, stderr.String())
		}
		if status := run(t.Context(), []string{"-h"}, nil, &stdout, &stderr); status != 0 {
			t.Errorf("help: status %d", status)
		}
	})
}

// The server gets our settings and no others.
func TestServerEnviron(t *testing.T) {
	p := newPlan(options{short: true})
	i := &issuer{base: "http://127.0.0.1:2/", audience: "http://127.0.0.1:1/mcp"}
	got := strings.Join(serverEnviron([]string{"PATH=/bin", "MCPRS_LOG_LEVEL=debug", "MCPRS_HTTP_TLS_CERT_FILE=x"}, p, "127.0.0.1:1", i), "\n")
	const want = `PATH=/bin
MCPRS_HTTP_ADDR=127.0.0.1:1
MCPRS_HTTP_PUBLIC_URL=http://127.0.0.1:1/mcp
MCPRS_HTTP_SHUTDOWN_GRACE=5s
MCPRS_AUTH_ISSUER=http://127.0.0.1:2/
MCPRS_AUTH_AUDIENCE=http://127.0.0.1:1/mcp
MCPRS_AUTH_JWKS_REFRESH_INTERVAL=2s
MCPRS_AUTH_JWKS_COOLDOWN=1s
MCPRS_AUTH_JWKS_TIMEOUT=2s
MCPRS_LOG_LEVEL=error`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
