package main

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/internal/oauthclient"
	"mcp-resource-server/internal/outbound"
)

var errTimeout = errors.New("no answer in time")

// client is one server, seen from here.
type client struct {
	settings settings
	console  *console
	auth     *oauthclient.Authorizer
	http     *http.Client
	progress *progressBoard

	mu           sync.Mutex
	issuer       string // the one that tokens come from, once it is known
	cacheTrouble bool   // was told

	// Those of a connection.
	session *mcp.ClientSession
	carrier transport
	hangUp  context.CancelCauseFunc
}

func (p *program) newClient(s settings) (*client, error) {
	c := &client{settings: s, console: p.console, issuer: s.issuer, progress: newProgressBoard(p.console, p.now)}
	base := p.base
	if base == nil {
		base = newTransport()
	}
	auth, err := oauthclient.NewAuthorizer(oauthclient.Options{
		Endpoint:     s.endpoint,
		InsecureHTTP: s.insecureHTTP,
		Client:       s.client,
		StaticToken:  s.token,
		Issuer:       s.issuer,
		Audience:     s.audience,
		Scopes:       s.scopes,
		CacheDir:     s.cacheDir,
		HTTP:         oauthclient.NewHTTPClient(0),
		Base:         wire{base},
		Now:          p.now,
		Observe:      c.tokenEvent,
	})
	if err != nil {
		return nil, usagef("%s", c.console.line(err.Error())).because(err)
	}
	c.auth = auth
	c.console.guard(auth.Strike)
	c.http = &http.Client{
		Transport: newRecorder(auth, auth.Once()),
		// A redirect would carry the token, or the arguments, to who knows where.
		CheckRedirect: outbound.UseLastResponse,
	}
	return c, nil
}

// bounded is the context of one operation, whose exchanges are observed.
func (c *client) bounded(ctx context.Context) (context.Context, *observation, context.CancelFunc) {
	ctx, o := observed(ctx)
	if c.settings.timeout == 0 {
		return ctx, o, func() {}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.settings.timeout, errTimeout)
	return ctx, o, cancel
}

// tools returns the server's tools, all pages of them, with their definitions as
// they were sent.
func (c *client) tools(ctx context.Context) ([]tool, error) {
	all, err := allPages(func(cursor string) (toolPage, error) {
		return c.toolsPage(ctx, &mcp.ListToolsParams{Cursor: cursor})
	})
	if errors.Is(err, errEndless) {
		return nil, failf(exitNetwork, "the list of tools of %s does not end", c.where()).because(err)
	}
	return all, err
}

func (c *client) toolsPage(ctx context.Context, params *mcp.ListToolsParams) (toolPage, error) {
	ctx, o, cancel := c.bounded(ctx)
	defer cancel()
	result, err := c.session.ListTools(ctx, params)
	if err != nil {
		return toolPage{}, c.trouble(ctx, err, o)
	}
	return newToolPage(result, o.rawResult())
}

// call calls a tool once.
func (c *client) call(ctx context.Context, params *mcp.CallToolParams) (answer, error) {
	ctx, o, cancel := c.bounded(ctx)
	defer cancel()
	done := c.progress.ask(params)
	result, err := c.session.CallTool(ctx, params)
	done()
	if err != nil {
		return answer{}, c.trouble(ctx, err, o)
	}
	return newAnswer(result, o.rawResult())
}

// tokenEvent hears what the token side does.
func (c *client) tokenEvent(e oauthclient.Event) {
	if e.Issuer != "" {
		c.mu.Lock()
		c.issuer = e.Issuer
		c.mu.Unlock()
	}
	text := c.console.line(eventText(e))
	if e.Kind == oauthclient.CacheFailed && c.first(&c.cacheTrouble) {
		// Without the cache each process pays for a token: nobody wants that in silence.
		c.console.warn("%s", text)
		return
	}
	c.console.note("%s", text)
}

// first reports whether something happened for the first time.
func (c *client) first(happened *bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := *happened
	*happened = true
	return !was
}

func (c *client) issuerName() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.issuer == "" {
		return "the issuer"
	}
	return c.console.line(c.issuer)
}
