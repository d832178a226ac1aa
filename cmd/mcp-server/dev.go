package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"mcp-resource-server/auth"
	"mcp-resource-server/auth/devauth"
	"mcp-resource-server/config"
	"mcp-resource-server/tools"
)

// devTimeout bounds the wait for keys of an issuer in the same process.
const devTimeout = 10 * time.Second

func (p *program) devCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dev",
		Short: "Serve with an embedded development authorization server, on loopback addresses",
		Long: "FOR DEVELOPMENT ONLY. Starts the resource server together with an authorization server that\n" +
			"hands tokens to one made-up client, and prints what is needed to call it. Both listen on\n" +
			"loopback addresses and refuse any other. It reads no configuration.",
		Args: cobra.NoArgs,
	}
	addr := cmd.Flags().String("addr", "127.0.0.1:8080", "address of the resource server; port 0 takes a free one")
	issuerAddr := cmd.Flags().String("issuer-addr", "127.0.0.1:9000", "address of the authorization server; port 0 takes a free one")
	asJSON := cmd.Flags().Bool("json", false, "print one JSON line when both listen, and logs to stderr")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := slog.New(slog.NewTextHandler(p.stderr, nil))
		d, err := newDev(*addr, *issuerAddr, log)
		if err != nil {
			return err
		}
		tell := d.info.text
		if *asJSON {
			tell = d.info.json
		}
		return d.run(cmd.Context(), func() error { return tell(p.stdout) })
	}
	return cmd
}

// dev is the resource server with an issuer of its own.
type dev struct {
	app    *app
	issuer *devauth.Server
	info   devInfo
}

// devInfo is all that a caller needs.
type devInfo struct {
	MCPURL       string   `json:"mcp_url"`
	MetadataURL  string   `json:"metadata_url"`
	Issuer       string   `json:"issuer"`
	TokenURL     string   `json:"token_url"`
	JWKSURL      string   `json:"jwks_url"`
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret"`
	Scopes       []string `json:"scopes"`
}

func newDev(addr, issuerAddr string, log *slog.Logger) (*dev, error) {
	// Both are held to loopback: the client's secret is printed.
	listener, err := devauth.Listen(addr)
	if err != nil {
		return nil, fmt.Errorf("--addr: %w", err)
	}
	issuerListener, err := devauth.Listen(issuerAddr)
	if err != nil {
		return nil, fmt.Errorf("--issuer-addr: %w", err)
	}
	mcpURL := &url.URL{Scheme: "http", Host: listener.Addr().String(), Path: "/mcp"}

	// A secret that is guessed once is guessed everywhere: each start has its own.
	client := devauth.Client{ID: "dev-agent", Secret: rand.Text()}
	for _, t := range tools.All() {
		client.Scopes = append(client.Scopes, t.Scopes()...)
	}
	slices.Sort(client.Scopes)
	client.Scopes = slices.Compact(client.Scopes)
	issuer, err := devauth.New(issuerListener, devauth.Config{
		Audiences: []string{mcpURL.String()},
		Clients:   []devauth.Client{client},
		Logger:    log, // it marks its own lines
	})
	if err != nil {
		return nil, fmt.Errorf("starting the development issuer: %w", err)
	}

	cfg := config.Default()
	cfg.HTTP.Addr = listener.Addr().String()
	cfg.HTTP.PublicURL = mcpURL.String()
	cfg.Auth.Issuer = issuer.Issuer()
	cfg.Auth.Audience = mcpURL.String()
	a, err := newApp(cfg, runtimeDeps{log: log.With("development_only", true), now: time.Now, listener: listener, tools: tools.All()})
	if err != nil {
		return nil, err
	}
	return &dev{app: a, issuer: issuer, info: devInfo{
		MCPURL:       mcpURL.String(),
		MetadataURL:  auth.MetadataURL(mcpURL),
		Issuer:       issuer.Issuer(),
		TokenURL:     issuer.TokenURL(),
		JWKSURL:      issuer.JWKSURL(),
		ClientID:     client.ID,
		ClientSecret: client.Secret,
		Scopes:       client.Scopes,
	}}, nil
}

// run serves both until ctx is done, and calls started when tokens are accepted.
func (d *dev) run(ctx context.Context, started func() error) error {
	g, ctx := errgroup.WithContext(ctx)
	// The issuer goes on while calls in flight finish.
	issuerCtx, stopIssuer := context.WithCancel(context.WithoutCancel(ctx))
	g.Go(func() error { return d.issuer.Serve(issuerCtx) })
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
		return started()
	})
	return g.Wait()
}

func (i devInfo) json(w io.Writer) error {
	return json.NewEncoder(w).Encode(i) //nolint:gosec // the secret is made up for this run, and printing it is the point
}

var devText = template.Must(template.New("dev").Funcs(template.FuncMap{"join": strings.Join}).Parse(
	`FOR DEVELOPMENT ONLY: an MCP resource server with an authorization server of its own.

MCP URL        {{.MCPURL}}
metadata       {{.MetadataURL}}
issuer         {{.Issuer}}
client id      {{.ClientID}}
client secret  {{.ClientSecret}}
scopes         {{join .Scopes " "}}

Get a token, then call a tool:

TOKEN=$(curl -s {{.TokenURL}} \
  -d grant_type=client_credentials -d audience={{.MCPURL}} \
  -d client_id={{.ClientID}} -d client_secret={{.ClientSecret}} \
  | sed -E 's/.*"access_token": ?"([^"]+)".*/\1/')

curl -s {{.MCPURL}} -H "Authorization: Bearer $TOKEN" \
  -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \
  -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' -H 'Mcp-Name: calculate_bmi' \
  -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{
        "name":"calculate_bmi","arguments":{"weight_kg":70,"height_m":1.75},
        "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",
                 "io.modelcontextprotocol/clientCapabilities":{}}}}'

Stop with Ctrl-C.
`))

func (i devInfo) text(w io.Writer) error {
	return devText.Execute(w, i)
}
