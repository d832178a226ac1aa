package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
	"mcp-resource-server/internal/audit"
	"mcp-resource-server/internal/buildinfo"
	"mcp-resource-server/internal/oauthclient"
	"mcp-resource-server/server"
	"mcp-resource-server/tools"
)

// toolTimeout bounds each exchange of a tool with another service.
const toolTimeout = 30 * time.Second

// app is the whole program, wired: what serve and dev run, and what the
// end-to-end tests start.
type app struct {
	server   *server.Server
	trust    *auth.Trust
	audit    *audit.Log
	listener net.Listener
	log      *slog.Logger
}

// runtimeDeps are the things of the process that no configuration holds.
type runtimeDeps struct {
	// log takes every line of the program.
	log *slog.Logger
	// now is the clock that tokens are judged by.
	now func() time.Time
	// listener is where the server is reached; app closes it.
	listener net.Listener
	// inventory is all that there is: tools.enabled chooses from its tools.
	inventory tools.Inventory
	// audit takes the record of decisions where no file is named.
	audit io.Writer
}

// newApp wires the program. cfg must be valid.
func newApp(cfg config.Config, d runtimeDeps) (*app, error) {
	all := tools.NewSet(d.inventory, tools.Config{})
	if err := config.CheckAccess(cfg, all.Protected()).Err(); err != nil {
		return nil, fmt.Errorf("configuration:\n%w", err)
	}
	trust, err := newTrust(cfg.Auth, d.log)
	if err != nil {
		return nil, err
	}
	record, err := audit.Open(cfg.Audit, d.audit, d.log)
	if err != nil {
		return nil, err
	}
	first := server.NewGeneration(1,
		auth.NewVerifier(cfg.Auth, trust, d.now),
		cfg.Access, cfg.Auth.RequiredScopes,
		tools.NewSet(d.inventory, cfg.Tools),
	)
	srv, err := server.New(server.Options{
		HTTP:     cfg.HTTP,
		MCP:      cfg.MCP,
		Auth:     cfg.Auth,
		Version:  build().Version,
		Trust:    trust,
		Loopback: isLoopback(d.listener.Addr()),
		Audit:    record,
		Logger:   d.log,
	}, first)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("building the server: %w", err), record.Close())
	}
	return &app{server: srv, trust: trust, audit: record, listener: d.listener, log: d.log}, nil
}

// newTrust reads the files that c names. Keys are fetched only while it runs.
func newTrust(c auth.Config, log *slog.Logger) (*auth.Trust, error) {
	client, err := auth.NewHTTPClient(c)
	if err != nil {
		return nil, err
	}
	return auth.NewTrust(c, client, log)
}

// run serves until ctx is done and everything has ended, or until a part fails.
func (a *app) run(ctx context.Context) error {
	// Trust outlives the stop signal: calls in flight may still need a key.
	trusting, stopTrust := context.WithCancel(context.WithoutCancel(ctx))
	var trust sync.WaitGroup
	trust.Go(func() { a.trust.Run(trusting) })
	a.log.Info("serving MCP", "addr", a.listener.Addr().String(), "build", build().String())
	err := a.server.Serve(ctx, a.listener)
	stopTrust()
	trust.Wait()
	return errors.Join(err, a.audit.Close()) // last: calls that were cut off still have their lines to write
}

// waitReady waits until tokens can be verified, or returns ctx's error.
func (a *app) waitReady(ctx context.Context) error {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		if ready, _ := a.trust.Ready(); ready {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the issuer's keys: %w", ctx.Err())
		case <-ticker.C:
		}
	}
}

// toolDeps returns what tools need of the process. The client's own timeout is a
// last bound: a tool sets its own.
func toolDeps(now func() time.Time) tools.Deps {
	return tools.Deps{Now: now, HTTP: oauthclient.NewHTTPClient(toolTimeout)}
}

func isLoopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

func build() buildinfo.Info { return buildinfo.Read() }
