package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/internal/oauthclient"
	"mcp-resource-server/internal/outbound"
	"mcp-resource-server/internal/strictjson"
)

// where is the server's address without what could be a secret in it.
func (c *client) where() string { return line(withoutQuery(c.settings.endpoint)) }

func withoutQuery(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "the server"
	}
	return flat((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
}

// trouble says what an operation with the server failed of, and what to do. It goes
// by what was observed; the SDK's own text is the last resort.
func (c *client) trouble(ctx context.Context, err error, o *observation) error {
	last, network := o.lastExchange()
	rpc := o.responseError() // the SDK's type also stands for errors of its own
	switch {
	case last.status == http.StatusUnauthorized:
		return c.refused401(last)
	case last.status == http.StatusForbidden:
		return c.refused403(last)
	case errors.Is(context.Cause(ctx), errTimeout) && o.authorizing():
		return failf(exitAuth, "%s gave no token within %s (--timeout)", c.issuerName(), c.settings.timeout).because(err)
	case errors.Is(context.Cause(ctx), errTimeout):
		return failf(exitNetwork, "%s gave no answer within %s (--timeout)", c.where(), c.settings.timeout).because(err)
	case ctx.Err() != nil:
		return err // the program was interrupted
	case network != nil:
		return c.unreachable(network)
	case last.err != nil:
		return c.unauthorized(last.err)
	case rpc != nil:
		return failf(exitTool, "the server answered with an error: %s (code %d)", c.console.line(rpc.Message), rpc.Code).because(err)
	case errors.Is(err, mcp.ErrSessionMissing):
		return failf(exitNetwork, "%s has ended the session", c.where()).because(err)
	default:
		return c.unexpected(last, err)
	}
}

func (c *client) unreachable(err error) error {
	hint := ""
	if c.settings.dev {
		hint = "; does `mcp-server dev` still run?"
	}
	return failf(exitNetwork, "cannot reach %s: %s%s", c.where(), c.console.line(outbound.Words(err)), hint).because(err)
}

// unexpected is an answer that is none of MCP.
func (c *client) unexpected(last exchange, err error) error {
	status := strings.TrimSpace(fmt.Sprintf("%d %s", last.status, http.StatusText(last.status)))
	var f *failure
	switch {
	case last.status >= 300 && last.status <= 399:
		f = failf(exitNetwork, "%s sends on to %s: redirects are not followed, set MCP_URL to where it is",
			c.where(), c.console.line(withoutQuery(last.header.Get("Location"))))
	case last.status >= 500 || last.status == http.StatusTooManyRequests:
		f = failf(exitNetwork, "%s answered %s: try again later", c.where(), status)
	case last.status >= 400:
		f = failf(exitNetwork, "%s answered %s: is it the address of an MCP server?", c.where(), status)
	default:
		f = failf(exitNetwork, "%s does not answer as an MCP server does: %s", c.where(), c.console.line(err.Error()))
	}
	return f.because(err)
}

// unauthorized is what the authorizer failed of.
func (c *client) unauthorized(err error) error {
	f := failf(exitAuth, "%s", "")
	refused, isRefused := errors.AsType[*oauthclient.TokenError](err)
	switch {
	case errors.Is(err, oauthclient.ErrNoCredentials):
		f.text = fmt.Sprintf("%s wants an access token: set MCP_CLIENT_ID and MCP_CLIENT_SECRET, or MCP_TOKEN", c.where())
	case isRefused:
		f.text = fmt.Sprintf("%s refused to give a token: %s%s", c.issuerName(), c.console.line(refusalText(refused)), refusalHint(refused))
	case errors.Is(err, oauthclient.ErrForeignOrigin):
		f.text = fmt.Sprintf("%s names another host as the place for messages: neither they nor the token go there", c.where())
	case errors.Is(err, oauthclient.ErrNoIssuer):
		f.text = fmt.Sprintf("%s wants an access token and does not say which issuer gives it: set MCP_ISSUER, or MCP_TOKEN", c.where())
	default:
		f.text = "getting an access token: " + c.console.line(err.Error())
		if errors.Is(err, oauthclient.ErrIssuerMismatch) {
			f.text += " (set MCP_ISSUER to the issuer's own spelling: look at the slash at its end)"
		}
	}
	return f.because(err)
}

// refusalText is what an issuer said.
func refusalText(e *oauthclient.TokenError) string {
	text := e.Code
	if text == "" {
		text = fmt.Sprintf("status %d", e.Status)
	}
	if e.Description != "" {
		text += ": " + e.Description
	}
	return text
}

// refusalHint says what to do about the codes of RFC 6749 §5.2 and RFC 8707 §2.
func refusalHint(e *oauthclient.TokenError) string {
	switch {
	case e.Code == "invalid_client":
		return " (check MCP_CLIENT_ID and MCP_CLIENT_SECRET)"
	case e.Code == "invalid_scope":
		return " (ask for other scopes with --scope, or have them granted to this client)"
	case e.Code == "unauthorized_client", e.Code == "access_denied":
		return " (this client must be allowed to use the API with client credentials)"
	case e.Code == "invalid_target":
		return " (check MCP_AUDIENCE)"
	case e.Status == http.StatusTooManyRequests && e.RetryAfter > 0:
		return fmt.Sprintf(" (try again in %s)", e.RetryAfter)
	default:
		return ""
	}
}

func (c *client) refused401(last exchange) error {
	challenge, _ := oauthclient.BearerChallenge(last.header)
	reason := ""
	if challenge.Error != "" {
		reason = ": " + c.console.line(strings.TrimSuffix(challenge.Error+": "+challenge.Description, ": "))
	}
	if c.settings.token != "" {
		return failf(exitAuth, "%s refused the token of MCP_TOKEN%s", c.where(), reason)
	}
	return failf(exitAuth, "%s refused the token of %s%s", c.where(), c.issuerName(), reason)
}

// refused403 tells which scopes are missing, and who can do what about it.
func (c *client) refused403(last exchange) error {
	challenge, _ := oauthclient.BearerChallenge(last.header)
	body := readRefusal(last.body)
	text := body.message
	if text == "" {
		text = "403 Forbidden"
		if challenge.Description != "" {
			text = challenge.Description
		}
	}
	missing := body.missing
	if len(missing) == 0 {
		missing = challenge.Scopes
	}
	if slices.ContainsFunc(missing, func(scope string) bool { return !strings.Contains(text, scope) }) {
		text += " (needs " + strings.Join(missing, " ") + ")"
	}
	refusal := c.auth.LastRefusal()
	refused, isRefused := errors.AsType[*oauthclient.TokenError](refusal)
	switch {
	case isRefused:
		text += fmt.Sprintf("; %s refused a token with it: %s", c.issuerName(), refusalText(refused))
	case refusal != nil:
		text += "; " + refusal.Error()
	case body.final:
		text += "; asking for another token will not help: have it granted to this client"
	}
	return failf(exitAuth, "%s refused: %s", c.where(), c.console.line(text)).because(refusal)
}

// refusal is what the body of a 403 says: a JSON-RPC error whose data name the
// scopes. Any member may be absent, and none is believed to have a type.
type refusal struct {
	message string
	missing []string
	final   bool
}

// maxRefusalDepth is more than any such body nests.
const maxRefusalDepth = 16

func readRefusal(body []byte) refusal {
	var r refusal
	answer, err := strictjson.Object(body, maxRefusalDepth)
	if err != nil {
		return r
	}
	rpc, err := strictjson.Object(answer["error"], maxRefusalDepth)
	if err != nil {
		return r
	}
	r.message, _ = strictjson.String(rpc["message"])
	data, err := strictjson.Object(rpc["data"], maxRefusalDepth)
	if err != nil {
		return r
	}
	r.final = string(data["final"]) == "true"
	for _, name := range []string{"missing", "required_scopes"} {
		if scopes, ok := strictjson.Strings(data[name]); ok && len(r.missing) == 0 {
			r.missing = scopes
		}
	}
	return r
}
