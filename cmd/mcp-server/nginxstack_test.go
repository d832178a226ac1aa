//go:build nginx

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mcp-resource-server/config"
	"mcp-resource-server/tools"
)

// The ways in which nginx stands in front, each on a port of its own.
const (
	documented = "deploy/nginx/mcp.conf"      // as we say
	byDefault  = "plain proxy_pass"           // all as it is without a word: HTTP/1.0, the upstream's Host
	stripped   = "prefix cut off"             // and the prefix, too
	deaf       = "X-Accel-Buffering ignored"  // the control run: nginx holds back what it may
	grouped    = "an upstream block"          // the Host is its name, which is not ours
	nobody     = "a server that says nothing" // another: what nginx does after 60 s
)

// nginxMain is all of nginx.conf but the servers. Its files lie where it is started.
const nginxMain = `daemon off; worker_processes 1; pid nginx.pid; error_log stderr; USER
events {}
http {
	access_log off;
	client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
	upstream backend { server UPSTREAM; }
	SERVERS
}
`

// nginxServers are the server blocks. The first is the documented one.
var nginxServers = []struct{ name, locations string }{
	{documented, "include mcp.conf;"},
	{byDefault, "location / { proxy_pass http://UPSTREAM; }"},
	{stripped, "location /team/ { proxy_pass http://UPSTREAM/; } location /.well-known/ { proxy_pass http://UPSTREAM; }"},
	{deaf, "location / { proxy_pass http://UPSTREAM; proxy_http_version 1.0; proxy_ignore_headers X-Accel-Buffering; }"},
	{grouped, "location / { proxy_pass http://backend; }"},
	{nobody, "location / { proxy_pass http://SILENT; }"},
}

// nginxStack is the program behind nginx.
type nginxStack struct {
	*stack
	urls map[string]string // of the MCP endpoint, by the way to it
}

// by is the stack as clients see it that come by one of the ways.
func (s *nginxStack) by(t *testing.T, way string) *stack {
	return &stack{t: t, issuer: s.issuer, app: s.app, mcpURL: s.urls[way], clock: s.clock, logs: s.logs, audit: s.audit}
}

// startNginx starts it all. Its public URL is that of the documented way.
func startNginx(t *testing.T) *nginxStack {
	t.Helper()
	ln, silent := listen(t, "127.0.0.1:0"), startSilent(t)
	s := &nginxStack{urls: map[string]string{}}
	var blocks strings.Builder
	for _, server := range nginxServers {
		addr := freeAddr(t)
		s.urls[server.name] = "http://" + addr + "/team/mcp"
		fmt.Fprintf(&blocks, "server { listen %s; %s }\n", addr, server.locations)
	}
	publicURL := s.urls[documented]
	s.stack = &stack{t: t, mcpURL: publicURL, clock: newClock(), logs: &logBuffer{}, audit: &logBuffer{}}
	s.issuer = startIssuer(t, listen(t, "127.0.0.1:0"), publicURL, s.clock)
	s.startApp(ln)
	runNginx(t, strings.NewReplacer("UPSTREAM", ln.Addr().String(), "SILENT", silent).Replace(blocks.String()), ln.Addr().String())
	for _, address := range s.urls {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "nginx listens", func() bool {
			conn, err := net.Dial("tcp", u.Host)
			if err != nil {
				return false
			}
			return conn.Close() == nil
		})
	}
	return s
}

// startApp starts the program on ln, as one has it behind a proxy on the same machine.
func (s *nginxStack) startApp(ln net.Listener) {
	t := s.t
	t.Helper()
	cfg := config.Default()
	cfg.HTTP.Addr, cfg.HTTP.PublicURL, cfg.HTTP.TrustedProxies = ln.Addr().String(), s.mcpURL, []string{"127.0.0.1"}
	cfg.Auth.Issuer, cfg.Auth.Audience = s.issuer.Issuer(), s.mcpURL
	cfg.MCP.LegacySSE = true
	app, err := newApp(cfg, runtimeDeps{
		log:       slog.New(slog.NewJSONHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		now:       s.clock.now,
		listener:  ln,
		inventory: tools.Inventory{Tools: append(s.ownTools(cfg), s.probeTool(), stepsTool())},
		audit:     s.audit,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.app = app
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- app.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("server: %v", err)
		}
	})
	ready, stopWaiting := context.WithTimeout(t.Context(), 10*time.Second)
	defer stopWaiting()
	if err := app.waitReady(ready); err != nil {
		t.Fatal(err)
	}
}

// startSilent starts a server that takes requests and answers none.
func startSilent(t *testing.T) (addr string) {
	t.Helper()
	ln := listen(t, "127.0.0.1:0")
	over := make(chan struct{})
	srv := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-over:
		}
	})}
	var wg sync.WaitGroup
	wg.Go(func() { _ = srv.Serve(ln) })
	t.Cleanup(func() {
		close(over)
		_ = srv.Close()
		wg.Wait()
	})
	return ln.Addr().String()
}

// runNginx runs an nginx with the server blocks, in a directory of its own.
func runNginx(t *testing.T, servers, upstream string) {
	t.Helper()
	dir, user := t.TempDir(), ""
	if os.Geteuid() == 0 {
		user = "user root;" // it would give up root, and could not read its own files here
	}
	snippet, err := os.ReadFile(filepath.Join("..", "..", "deploy", "nginx", "mcp.conf"))
	if err != nil {
		t.Fatal(err)
	}
	own := strings.ReplaceAll(string(snippet), "127.0.0.1:8080", upstream) // all that is changed of it
	if strings.Count(own, upstream) != 3 {
		t.Fatalf("deploy/nginx/mcp.conf names its upstream %d times", strings.Count(own, upstream))
	}
	for name, content := range map[string]string{
		"mcp.conf": own, "nginx.conf": strings.NewReplacer("USER", user, "UPSTREAM", upstream, "SERVERS", servers).Replace(nginxMain),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said := &logBuffer{}
	cmd := exec.Command("nginx", "-p", dir, "-e", "stderr", "-c", "nginx.conf")
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: `make nginx` installs it and runs this", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("nginx said:\n%s", said)
		}
	})
}
