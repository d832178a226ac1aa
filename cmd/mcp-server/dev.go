package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"mcp-resource-server/auth"
	"mcp-resource-server/auth/devauth"
	"mcp-resource-server/config"
	"mcp-resource-server/internal/devstate"
	"mcp-resource-server/server"
	"mcp-resource-server/tools"
)

// devTimeout bounds the wait for keys of an issuer in the same process.
const devTimeout = 10 * time.Second

// devKeys are the sections and keys of the configuration that dev leaves to whoever
// starts it. Where it listens and whom it trusts is its own affair.
var devKeys = []string{"access", "audit", "auth.allow_query_token", "http.allowed_origins", "mcp", "tools"}

func (p *program) devCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dev",
		Short: "Serve with an embedded development authorization server, on loopback addresses",
		Long: "FOR DEVELOPMENT ONLY. Starts the resource server together with an authorization server that\n" +
			"hands tokens to one made-up client, and prints what is needed to call it. Both listen on\n" +
			"loopback addresses and refuse any other.\n\n" +
			"It needs no configuration. Of one, it takes the sections access, audit, mcp and tools, and\n" +
			"auth.allow_query_token and http.allowed_origins; the rest of auth and http, and log, are its\n" +
			"own, and what a file or the environment sets there only has to be valid.",
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	addr := flags.String("addr", "127.0.0.1:8080", "address of the resource server; port 0 takes a free one")
	issuerAddr := flags.String("issuer-addr", "127.0.0.1:9000", "address of the authorization server; port 0 takes a free one")
	offline := flags.Bool("offline", false, "sample weather instead of a weather service, and a stand-in for a model")
	samplesAddr := flags.String("samples-addr", "127.0.0.1:9001", "address of what --offline serves; port 0 takes a free one")
	asJSON := flags.Bool("json", false, "print one JSON line when all listen, and logs to stderr")
	file := flags.String("config", "", "configuration file; none is read unless it is named")
	config.AddFlags(flags, devKeys...)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if flags.Changed("samples-addr") && !*offline {
			return errors.New("--samples-addr is for --offline alone")
		}
		// A terminal that is closed ends it like Ctrl-C: it leaves nothing behind.
		ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGHUP)
		defer stop()
		d, err := newDev(devOptions{
			addr: *addr, issuerAddr: *issuerAddr, offline: *offline, samplesAddr: *samplesAddr,
			config: config.Source{File: *file, Environ: p.environ, Flags: flags},
			log:    slog.New(slog.NewTextHandler(p.stderr, nil)),
			audit:  p.stderr, // what is printed on stdout is for whoever starts it
		})
		if err != nil {
			return err
		}
		tell := d.info.text
		if *asJSON {
			tell = d.info.json
		}
		return d.run(ctx, func() error { return tell(p.stdout) })
	}
	return cmd
}

type devOptions struct {
	addr, issuerAddr string
	offline          bool
	samplesAddr      string // only where offline
	config           config.Source
	log              *slog.Logger
	audit            io.Writer
}

// dev is the resource server with an issuer of its own.
type dev struct {
	app     *app
	issuer  *devauth.Server
	samples *samples // nil unless offline
	info    devInfo
	log     *slog.Logger
	audit   io.Writer
}

func newDev(o devOptions) (_ *dev, err error) {
	d := &dev{log: o.log, audit: o.audit}
	var opened []net.Listener
	defer func() {
		if err != nil {
			for _, ln := range opened {
				_ = ln.Close()
			}
		}
	}()
	// All are held to loopback: the client's secret is printed.
	listen := func(flag, addr string) (net.Listener, error) {
		ln, err := devauth.Listen(addr)
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, fmt.Errorf("--%s: another program listens on %s: give another address, such as 127.0.0.1:0", flag, addr)
		}
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", flag, err)
		}
		opened = append(opened, ln)
		return ln, nil
	}
	listener, err := listen("addr", o.addr)
	if err != nil {
		return nil, err
	}
	issuerListener, err := listen("issuer-addr", o.issuerAddr)
	if err != nil {
		return nil, err
	}
	if o.offline {
		ln, err := listen("samples-addr", o.samplesAddr)
		if err != nil {
			return nil, err
		}
		d.samples = newSamples(ln)
	}
	cfg, err := devConfig(o.config, listener.Addr(), "http://"+issuerListener.Addr().String()+"/", d.samples)
	if err != nil {
		return nil, err
	}
	return d, d.wire(cfg, listener, issuerListener)
}

// devConfig reads what is left to whoever starts dev, and sets the rest.
func devConfig(src config.Source, addr net.Addr, issuer string, s *samples) (config.Config, error) {
	mcpURL := (&url.URL{Scheme: "http", Host: addr.String(), Path: "/mcp"}).String()
	src.Fix = func(c *config.Config) {
		origins := c.HTTP.AllowedOrigins
		c.HTTP = server.DefaultHTTPConfig()
		c.HTTP.AllowedOrigins = origins
		c.HTTP.Addr = addr.String()
		c.HTTP.PublicURL = mcpURL
		queryToken := c.Auth.AllowQueryToken
		c.Auth = auth.DefaultConfig()
		c.Auth.Issuer, c.Auth.Audience, c.Auth.AllowQueryToken = issuer, mcpURL, queryToken
		c.Log = config.Default().Log
		if s != nil {
			c.Tools.Weather = s.weatherConfig()
		}
	}
	cfg, err := config.Load(src)
	if err != nil {
		return config.Config{}, fmt.Errorf("configuration:\n%w", err)
	}
	return cfg, nil
}

// wire builds the issuer and the server that trusts it.
func (d *dev) wire(cfg config.Config, listener, issuerListener net.Listener) error {
	inventory := tools.Everything(cfg.Tools, toolDeps(time.Now))
	// A secret that is guessed once is guessed everywhere: each start has its own.
	table := accessTableOf(cfg, inventory)
	client := devauth.Client{ID: "dev-agent", Secret: rand.Text(), Scopes: table.scopes()}
	issuer, err := devauth.New(issuerListener, devauth.Config{
		Audiences: []string{cfg.Auth.Audience},
		Clients:   []devauth.Client{client},
		Logger:    d.log, // it marks its own lines
	})
	if err != nil {
		return fmt.Errorf("starting the development issuer: %w", err)
	}
	d.issuer = issuer
	d.app, err = newApp(cfg, runtimeDeps{
		log: d.log.With("development_only", true), now: time.Now, listener: listener, inventory: inventory, audit: d.audit,
	})
	if err != nil {
		return err
	}
	d.info, err = newDevInfo(cfg, issuer, client, d.samples)
	return err
}

// run serves all until ctx is done, and calls started when tokens are accepted.
func (d *dev) run(ctx context.Context, started func() error) error {
	g, ctx := errgroup.WithContext(ctx)
	forget := func() {}
	// The issuer goes on while calls in flight finish.
	issuerCtx, stopIssuer := context.WithCancel(context.WithoutCancel(ctx))
	g.Go(func() error { return d.issuer.Serve(issuerCtx) })
	if d.samples != nil {
		g.Go(func() error { return d.samples.serve(issuerCtx) })
	}
	g.Go(func() error {
		defer stopIssuer()
		return d.app.run(ctx)
	})
	g.Go(func() error {
		wait, cancel := context.WithTimeout(ctx, devTimeout)
		defer cancel()
		if err := d.app.waitReady(wait); err != nil {
			if ctx.Err() != nil {
				return nil // stopped before it was ready
			}
			return err
		}
		forget = d.remember()
		return started()
	})
	err := g.Wait()
	forget()
	return err
}

// remember writes the file by which `mcpctl --dev` finds this server, and returns
// what removes it. Without a place for it the server serves all the same.
func (d *dev) remember() (forget func()) {
	state := d.info.state()
	state.PID = os.Getpid()
	path, err := devstate.Path()
	if err == nil {
		err = devstate.Write(path, state)
	}
	if err != nil {
		d.log.Warn("mcpctl --dev will not find this server", "error", err)
		return func() {}
	}
	return func() {
		if err := devstate.Remove(path, state); err != nil && !errors.Is(err, devstate.ErrNotRunning) {
			d.log.Warn("the state file is left behind", "error", err)
		}
	}
}
