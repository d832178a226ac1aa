package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"mcp-resource-server/config"
	"mcp-resource-server/internal/audit"
)

// entries are the audit lines in text, and how many other lines there are.
func entries(t *testing.T, text string) (list []audit.Entry, others int) {
	t.Helper()
	others, err := audit.Read(strings.NewReader(text), func(e audit.Entry) { list = append(list, e) })
	if err != nil {
		t.Fatal(err)
	}
	return list, others
}

// served runs `serve` with an issuer beside it, as command lines and processes do.
type served struct {
	*stack
	environ []string
}

func newServed(t *testing.T, environ ...string) served {
	t.Helper()
	addr := freeAddr(t)
	mcpURL := "http://" + addr + "/mcp"
	issuer := startIssuer(t, listen(t, "127.0.0.1:0"), mcpURL, newClock())
	return served{
		stack:   &stack{t: t, issuer: issuer, mcpURL: mcpURL},
		environ: append(environ, "MCPRS_AUTH_ISSUER="+issuer.Issuer(), "MCPRS_AUTH_AUDIENCE="+mcpURL, "MCPRS_HTTP_ADDR="+addr),
	}
}

// whoami calls a tool.
func (s served) whoami() answer {
	s.t.Helper()
	body, header := callBody(modernEra, "whoami", "{}")
	return s.send(http.MethodPost, body, with(header, "Authorization", "Bearer "+s.token(nil)))
}

// untilReady waits until tokens are accepted. It needs none of its own.
func (s served) untilReady() {
	s.t.Helper()
	eventually(s.t, "ready", func() bool {
		resp, err := http.Get(strings.TrimSuffix(s.mcpURL, "/mcp") + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// TestAuditOnStdout: serve writes the lines to stdout, and nothing else.
func TestAuditOnStdout(t *testing.T) {
	for _, tt := range []struct {
		name    string
		environ []string
		want    int
	}{
		{"by default", nil, 2},
		{"switched off", []string{"MCPRS_AUDIT_ENABLED=false"}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServed(t, tt.environ...)
			stdout, stderr, stop := background(t, s.environ, "serve")
			s.untilReady()
			if got := s.whoami(); got.status != http.StatusOK {
				t.Fatalf("%d %s", got.status, got.body)
			}
			s.send(http.MethodPost, "", nil)
			if status := stop(); status != 0 {
				t.Errorf("exit status %d: %s", status, stderr)
			}
			list, others := entries(t, stdout.String())
			if len(list) != tt.want || others != 0 {
				t.Fatalf("%d lines and %d others: %s", len(list), others, stdout)
			}
			if tt.want > 0 && (list[0].Tool != "whoami" || list[0].Subject != "" || list[1].Reason != "missing") {
				t.Errorf("%+v", list)
			}
			if list, _ := entries(t, stderr.String()); len(list) != 0 {
				t.Errorf("on stderr: %+v", list)
			}
		})
	}
}

// TestAuditUnderDev: stdout is for whoever starts dev, so that the lines go to stderr.
func TestAuditUnderDev(t *testing.T) {
	info, stderr, stop := startDev(t, nil)
	s := &stack{t: t, mcpURL: info.MCPURL}
	s.send(http.MethodPost, "", nil)
	stop()
	if list, _ := entries(t, stderr.String()); len(list) != 1 || list[0].Reason != "missing" {
		t.Errorf("%+v in %s", list, stderr)
	}
}

// TestAuditFile: the lines go to the file, which may be moved away meanwhile.
func TestAuditFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "audit.log")
	s := start(t, func(c *config.Config) { c.Audit.File, c.Audit.Subject = file, audit.SubjectPlain })
	read := func(name string) []audit.Entry {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		list, others := entries(t, string(content))
		if others != 0 {
			t.Errorf("%d other lines", others)
		}
		return list
	}
	body, header := callBody(modernEra, "whoami", "{}")
	header = with(header, "Authorization", "Bearer "+s.token(nil))
	s.send(http.MethodPost, body, header)
	if err := os.Rename(file, file+".1"); err != nil {
		t.Fatal(err)
	}
	s.send(http.MethodPost, body, header)
	for _, name := range []string{file, file + ".1"} {
		if list := read(name); len(list) != 1 || list[0].Tool != "whoami" || list[0].Subject != clientID+"@clients" {
			t.Errorf("%s: %+v", name, list)
		}
	}
	if s.audit.len() != 0 {
		t.Errorf("on stdout: %s", s.audit)
	}
}

// TestAuditRefusesTheStart: without its key or its file there is no record, and so no
// service; the last row is the twin.
func TestAuditRefusesTheStart(t *testing.T) {
	dir := t.TempDir()
	short := filepath.Join(dir, "short")
	if err := os.WriteFile(short, []byte("too-short-a-key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		environ []string
		want    string
	}{
		{"hmac without a key", []string{"MCPRS_AUDIT_SUBJECT=hmac"}, "audit.hmac_key_file: is required with subject: hmac"},
		{"a short key", []string{"MCPRS_AUDIT_SUBJECT=hmac", "MCPRS_AUDIT_HMAC_KEY_FILE=" + short}, "audit.hmac_key_file: holds fewer than 32 bytes"},
		{"no directory", []string{"MCPRS_AUDIT_FILE=" + dir + "/none/audit.log"}, "audit.file: access " + dir + "/none: no such file or directory"},
		{"good", []string{"MCPRS_AUDIT_FILE=" + dir + "/audit.log"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServed(t, tt.environ...)
			if tt.want == "" {
				_, stderr, stop := background(t, s.environ, "serve")
				s.untilReady()
				if status := stop(); status != 0 {
					t.Errorf("exit status %d: %s", status, stderr)
				}
				return
			}
			status, _, stderr := command(t, s.environ, "serve")
			if status != 1 || !strings.Contains(stderr, tt.want) || strings.Contains(stderr, "too-short") {
				t.Errorf("status %d, %s", status, stderr)
			}
		})
	}
}

// TestAuditOfGoneClients: who goes away has a line as anybody else, once. A call of
// MCP 2026-07-28 ends with its request; one in a session goes on without it.
func TestAuditOfGoneClients(t *testing.T) {
	t.Parallel()
	for era, want := range map[string]string{modernEra: "cancelled", legacyEra: "ok"} {
		t.Run(era, func(t *testing.T) {
			s := start(t)
			body, header := callBody(era, "probe", `{"wait_ms":200}`)
			header = with(header, "Authorization", "Bearer "+s.token(nil))
			if era == legacyEra {
				header = with(header, "Mcp-Session-Id", s.openSession(s.token(nil)))
			}
			ctx, cancel := context.WithCancel(t.Context())
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.mcpURL, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range header {
				req.Header.Set(k, v)
			}
			gone := make(chan struct{})
			go func() {
				defer close(gone)
				if resp, err := http.DefaultClient.Do(req); err == nil {
					resp.Body.Close()
				}
			}()
			eventually(t, "the call is in flight", func() bool { return s.probed.Load() == 1 })
			cancel()
			within(t, "the client is gone", gone)
			if err := s.stop(); err != nil {
				t.Error(err)
			}
			list, _ := entries(t, s.audit.String())
			list = slices.DeleteFunc(list, func(e audit.Entry) bool { return e.Tool != "probe" })
			if len(list) != 1 || list[0].Result != want || list[0].Decision != audit.Allowed {
				t.Errorf("%+v, want %s", list, want)
			}
		})
	}
}

// TestAuditOfCutCalls: a call in a session that outlives the stop has its line: it is
// not finished.
func TestAuditOfCutCalls(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *config.Config) { c.HTTP.ShutdownGrace = 50 * time.Millisecond })
	body, header := callBody(legacyEra, "probe", `{"wait_ms":5000}`)
	header = with(header, "Mcp-Session-Id", s.openSession(s.token(nil)))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.mcpURL, strings.NewReader(body))
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
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	list, _ := entries(t, s.audit.String())
	list = slices.DeleteFunc(list, func(e audit.Entry) bool { return e.Tool != "probe" })
	if len(list) != 1 || list[0].Result != audit.Unfinished && list[0].Result != "cancelled" {
		t.Errorf("%+v", list)
	}
}

// TestAuditPipeBreaks: when what reads stdout ends, the process goes on, and says so.
func TestAuditPipeBreaks(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := newServed(t, asProgram+"=1")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr := &logBuffer{}
	cmd := exec.CommandContext(t.Context(), program, "serve")
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = t.TempDir(), s.environ, write, stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.untilReady()
	_, _ = write.Close(), read.Close()
	for range 3 {
		if got := s.whoami(); got.status != http.StatusOK {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if want := `"msg":"audit lines could not be written","count":1,"error":"write /dev/stdout: broken pipe"`; strings.Count(stderr.String(), want) != 1 || !strings.Contains(stderr.String(), `"count":2`) {
		t.Errorf("%s", stderr)
	}
}
