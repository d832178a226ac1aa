package main

import (
	"errors"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"mcp-resource-server/internal/devstate"
	"mcp-resource-server/internal/oauthclient"
)

// settings are what flags and environment say, read and checked once.
type settings struct {
	endpoint     string
	dev          bool
	token        string // ready-made; then there is no client
	client       oauthclient.Client
	issuer       string
	audience     string
	scopes       []string
	cacheDir     string // "" keeps tokens in memory
	insecureHTTP bool
	transport    transport
	protocol     string // auto, modern, legacy or a version
	timeout      time.Duration
	json         bool
	verbose      bool
	noColor      bool
}

// transport is a way to carry MCP over HTTP.
type transport string

const (
	anyTransport transport = "auto"
	streamable   transport = "streamable"
	sse          transport = "sse"
)

// The protocol versions by era: modern is without sessions, legacy begins with
// an initialize handshake.
const (
	anyEra    = "auto"
	modernEra = "modern"
	legacyEra = "legacy"

	firstModern = "2026-07-28"
	lastLegacy  = "2025-11-25"
)

var (
	// aboutServer are the variables that name a server and what it wants. They are
	// another server's than the one that --dev means.
	aboutServer = []string{
		"MCP_URL", "MCP_CLIENT_ID", "MCP_CLIENT_SECRET", "MCP_CLIENT_SECRET_FILE", "MCP_TOKEN", "MCP_TOKEN_FILE",
		"MCP_ISSUER", "MCP_AUDIENCE", "MCP_SCOPE", "MCP_AUTH_METHOD", "MCP_TOKEN_REQUEST",
	}
	notWithDev = []string{"url", "client-id", "client-secret-file", "token-file", "issuer", "audience"}
)

// settings reads everything at once and reports all faults in one usage error.
func (p *program) settings(flags *pflag.FlagSet) (settings, error) {
	src := &source{flags: flags, env: p.env}
	s := settings{
		dev:          src.bool("dev", ""),
		insecureHTTP: src.bool("insecure-http", ""),
		transport:    transport(src.choice("transport", "MCP_TRANSPORT")),
		protocol:     src.choice("protocol", "MCP_PROTOCOL"),
		timeout:      src.duration("timeout", "MCP_TIMEOUT"),
		json:         src.choice("output", "") == "json",
		verbose:      src.bool("verbose", ""),
		noColor:      src.bool("no-color", ""),
	}
	if s.transport == sse && (s.protocol == modernEra || s.protocol == firstModern) {
		src.fault("the sse transport is older than protocol %s", firstModern)
	}
	s.cacheDir = p.tokenCache(src)
	if s.dev {
		src.env = without(p.env, aboutServer)
	}
	s.readServer(src)
	if s.dev {
		for _, name := range notWithDev {
			if src.given(name) {
				src.fault("--dev knows the server and its client: --%s cannot be given with it", name)
			}
		}
	} else {
		s.checkServer(src)
	}
	if err := src.err(); err != nil || !s.dev {
		return s, err
	}
	return s, p.findDev(&s)
}

// readServer reads what is said of the server and its issuer.
func (s *settings) readServer(src *source) {
	s.endpoint, _ = src.text("url", "MCP_URL")
	s.token = src.secret("token-file", "MCP_TOKEN")
	s.client.ID, _ = src.text("client-id", "MCP_CLIENT_ID")
	s.client.Secret = src.secret("client-secret-file", "MCP_CLIENT_SECRET")
	s.client.AuthMethod = map[string]oauthclient.AuthMethod{
		"basic": oauthclient.ClientSecretBasic,
		"post":  oauthclient.ClientSecretPost,
	}[src.choice("auth-method", "MCP_AUTH_METHOD")]
	s.client.JSON = src.choice("token-request", "MCP_TOKEN_REQUEST") == "json"
	s.issuer, _ = src.text("issuer", "MCP_ISSUER")
	s.audience, _ = src.text("audience", "MCP_AUDIENCE")
	s.scopes = src.words("scope", "MCP_SCOPE")
}

func (s *settings) checkServer(src *source) {
	if s.endpoint == "" {
		src.fault("which server? Set MCP_URL or --url, or give --dev for the one that `mcp-server dev` runs here")
	} else if fault := checkURL(s.endpoint, s.insecureHTTP); fault != "" {
		_, name := src.text("url", "MCP_URL")
		src.fault("%s: %s", name, fault)
	}
	switch {
	case s.token != "" && (s.client.ID != "" || s.client.Secret != ""):
		src.fault("both a ready-made token and client credentials are set: MCP_TOKEN goes without MCP_CLIENT_ID and MCP_CLIENT_SECRET")
	case s.client.ID == "" && s.client.Secret != "":
		src.fault("there is a client secret and no client id: set MCP_CLIENT_ID")
	case s.client.ID != "" && s.client.Secret == "" && len(src.faults) == 0:
		src.fault("there is a client id and no client secret: set MCP_CLIENT_SECRET or MCP_CLIENT_SECRET_FILE")
	}
	// RFC 6750 §2.1. A header with anything else would not be sent, or not whole.
	if strings.ContainsFunc(s.token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		src.fault("the token has characters that no token has: give it alone, without \"Bearer\"")
	}
}

// checkURL says what is wrong with the address of a server, or "".
func checkURL(raw string, insecureHTTP bool) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return "not an address such as https://mcp.example.com/mcp"
	case u.User != nil:
		return "an address with a user or password would be shown in many places"
	case u.Fragment != "":
		return "an address of a server has no fragment"
	case u.Scheme == "http" && !insecureHTTP && !oauthclient.IsLoopbackHost(u.Hostname()):
		return "http would show the token to the network: use https, or --insecure-http on a private network"
	default:
		return ""
	}
}

// tokenCache is the directory of the token cache, which is there for whoever
// asks for it.
func (p *program) tokenCache(src *source) string {
	on := src.bool("token-cache", "MCP_TOKEN_CACHE")
	dir, name := src.text("token-cache-dir", "MCP_TOKEN_CACHE_DIR")
	switch {
	case src.given("token-cache") && !on: // --token-cache=false
		return ""
	case dir != "":
		return dir
	case src.given("token-cache-dir"):
		src.fault("%s is empty", name)
		return ""
	case !on:
		return ""
	}
	base, err := p.cacheDir()
	if err != nil {
		src.fault("--token-cache: %v: give --token-cache-dir", err)
	}
	return filepath.Join(base, "mcp-resource-server", "tokens")
}

// findDev takes the server and client of a development server on this machine.
func (p *program) findDev(s *settings) error {
	path, err := p.devState()
	if err != nil {
		return err
	}
	state, err := devstate.Read(path)
	switch {
	case errors.Is(err, devstate.ErrNotRunning):
		return failf(exitNetwork, "--dev: %v", err).because(err)
	case err != nil:
		return failf(exitOther, "--dev: %s: %s", path, line(err.Error())).because(err)
	}
	s.endpoint, s.issuer = state.MCPURL, state.Issuer
	s.client.ID, s.client.Secret = state.ClientID, state.ClientSecret
	if fault := checkURL(s.endpoint, false); fault != "" {
		return failf(exitOther, "--dev: %s: %s", path, fault)
	}
	return nil
}

// version is the protocol version to ask for, "" for the newest.
func (s *settings) version() string {
	switch s.protocol {
	case anyEra:
		return ""
	case modernEra:
		return firstModern
	case legacyEra:
		return lastLegacy
	default:
		return s.protocol
	}
}

// takes says whether a negotiated version is one that was asked for.
func (s *settings) takes(version string) bool {
	switch s.protocol {
	case anyEra:
		return true
	case modernEra:
		return version >= firstModern
	case legacyEra:
		return version < firstModern
	default:
		return version == s.protocol
	}
}
