package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"mcp-resource-server/internal/oauthclient"
)

func (p *program) tokenCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Print an access token for the server",
		Long: `Print an access token for the server, alone on stdout:

  curl -H "Authorization: Bearer $(mcpctl token)" …

Whoever has it can do what the client can until it expires: mind your terminal's
scrollback. With -o json it prints {access_token, token_type, expires_at, scope,
issuer}; with -v stderr tells where it came from.`,
		Args: cobra.NoArgs,
	}
	return p.command(cmd, func(ctx context.Context, s settings, _ []string) error {
		c, err := p.newClient(s)
		if err != nil {
			return err
		}
		token, err := c.token(ctx)
		if err != nil {
			return err
		}
		if !s.json {
			return p.write(token.Value + "\n")
		}
		out, err := c.describe(token)
		if err != nil {
			return err
		}
		return p.printJSON(out)
	})
}

// token asks for a token without a session.
func (c *client) token(ctx context.Context) (oauthclient.Token, error) {
	ctx, o, cancel := c.bounded(ctx)
	defer cancel()
	token, err := c.auth.Token(ctx)
	if errors.Is(err, oauthclient.ErrNoCredentials) { // nobody asked the server whether it wants one
		return oauthclient.Token{}, failf(exitAuth, "there are no client credentials: set MCP_CLIENT_ID and MCP_CLIENT_SECRET").because(err)
	}
	if err != nil {
		o.exchanged("", exchange{err: err})
		return oauthclient.Token{}, c.trouble(ctx, err, o)
	}
	if c.settings.token != "" {
		c.console.note("token: the one of MCP_TOKEN")
	}
	return token, nil
}

// describe is a token as RFC 6749 §5.1 has it, with a point in time where that has
// a number of seconds.
func (c *client) describe(t oauthclient.Token) (jsontext.Value, error) {
	c.mu.Lock()
	issuer := c.issuer
	c.mu.Unlock()
	expires := ""
	if !t.Expiry.IsZero() {
		expires = t.Expiry.UTC().Format(time.RFC3339)
	}
	return json.Marshal(struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresAt   string `json:"expires_at,omitempty"`
		Scope       string `json:"scope,omitempty"`
		Issuer      string `json:"issuer,omitempty"`
	}{t.Value, "Bearer", expires, strings.Join(t.Scopes, " "), issuer})
}

// eventText tells what the token side did.
func eventText(e oauthclient.Event) string {
	scopes := "no scopes in particular"
	if len(e.Scopes) > 0 {
		scopes = "scopes " + strings.Join(e.Scopes, " ")
	}
	switch e.Kind {
	case oauthclient.Discovered:
		return "issuer: " + e.Issuer
	case oauthclient.TokenRequested:
		return fmt.Sprintf("token: a new one from %s (%s)", e.Issuer, scopes)
	case oauthclient.TokenFromCache:
		return fmt.Sprintf("token: from the cache, of %s (%s)", e.Issuer, scopes)
	case oauthclient.Retried401:
		return "token: the server refused it, trying once more"
	case oauthclient.SteppedUp:
		return "token: the server wants more scopes, trying once more with " + scopes
	default:
		text := "token: " + string(e.Kind)
		if e.Err != nil {
			text += ": " + e.Err.Error()
		}
		return text
	}
}
