package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	// readyTimeout is for the server to have its keys.
	readyTimeout = 15 * time.Second
	// stopGrace is more than the server gives its own calls, and then it is killed.
	stopGrace = 15 * time.Second
)

// conduct builds and starts everything, runs the drill and stops everything. said
// is what the server wrote to stderr.
func conduct(ctx context.Context, o options, environ []string, stderr io.Writer) (_ report, said string, err error) {
	dir, err := os.MkdirTemp("", "drill")
	if err != nil {
		return report{}, "", fmt.Errorf("making a directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	tell := narrator(stderr)
	binary := o.binary
	if binary == "" {
		tell("building the server")
		if binary, err = build(ctx, dir); err != nil {
			return report{}, "", err
		}
	}
	addr, err := freeAddr(ctx)
	if err != nil {
		return report{}, "", err
	}
	p := newPlan(o)
	mcpURL := "http://" + addr + "/mcp"
	issuer, stopIssuer, err := startIssuer(ctx, mcpURL)
	if err != nil {
		return report{}, "", err
	}
	defer func() { err = errors.Join(err, stopIssuer()) }()
	c, err := startChild(binary, dir, serverEnviron(environ, p, addr, issuer))
	if err != nil {
		return report{}, "", err
	}
	d := &drill{
		plan: p, issuer: issuer, pool: newPool(issuer),
		server: newServer(mcpURL, callTransport()),
		flood:  newFlood(newServer(mcpURL, junkTransport()), p.junk),
		memory: c.memory, tell: tell,
	}
	err = c.during(ctx, func(ctx context.Context) error {
		if err := waitReady(ctx, "http://"+addr+"/readyz"); err != nil {
			return err
		}
		tell(fmt.Sprintf("the server is ready; the drill takes %s", p.total().Round(time.Second)))
		return d.run(ctx)
	})
	stopped := c.stop(stopGrace)
	if errors.Is(err, errEnded) {
		err = stopped // it knows how
	}
	if err != nil {
		return report{}, c.said(), err
	}
	exit := ""
	if stopped != nil {
		exit = stopped.Error()
	}
	return d.report(exit), c.said(), nil
}

// serverEnviron is the process's own environment with no setting of ours but those
// that the drill is about.
func serverEnviron(environ []string, p plan, addr string, i *issuer) []string {
	var env []string
	for _, entry := range environ {
		if !strings.HasPrefix(entry, "MCPRS_") {
			env = append(env, entry)
		}
	}
	return append(env,
		"MCPRS_HTTP_ADDR="+addr,
		"MCPRS_HTTP_PUBLIC_URL="+i.audience,
		"MCPRS_HTTP_SHUTDOWN_GRACE=5s",
		"MCPRS_AUTH_ISSUER="+i.base,
		"MCPRS_AUTH_AUDIENCE="+i.audience,
		"MCPRS_AUTH_JWKS_REFRESH_INTERVAL="+p.refresh.String(),
		"MCPRS_AUTH_JWKS_COOLDOWN="+p.cooldown.String(),
		"MCPRS_AUTH_JWKS_TIMEOUT="+p.timeout.String(),
		"MCPRS_LOG_LEVEL=error",
	)
}

// freeAddr is a loopback address that nobody listens on now. The server cannot
// choose one itself: its public URL is configured beforehand.
func freeAddr(ctx context.Context) (string, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("looking for a free port: %w", err)
	}
	defer ln.Close()
	return ln.Addr().String(), nil
}

var errNotReady = errors.New("the server did not become ready")

// waitReady asks until the answer is 200.
func waitReady(ctx context.Context, url string) error {
	until := time.Now().Add(readyTimeout)
	client := &http.Client{Transport: callTransport(), Timeout: time.Second}
	defer client.CloseIdleConnections()
	for time.Now().Before(until) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return fmt.Errorf("asking for readiness: %w", err)
		}
		if resp, err := client.Do(req); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		if err := waitUntil(ctx, time.Now().Add(50*time.Millisecond)); err != nil {
			return err
		}
	}
	return errNotReady
}
