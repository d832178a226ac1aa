package server

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/audit"
)

// Options are what a Server is made of. All but Audit and PageSize are required.
type Options struct {
	HTTP HTTPConfig
	MCP  MCPConfig
	Auth auth.Config
	// Version is what the server calls itself in MCP.
	Version string
	// Trust is asked by /readyz.
	Trust *auth.Trust
	// Loopback says that the listener is reached from this machine alone, so that
	// its local names are its own.
	Loopback bool
	// Audit takes a line for each decision. Nil: none is written.
	Audit *audit.Log
	// PageSize bounds a page of tools/list; 0 means 1,000.
	PageSize int
	Logger   *slog.Logger
}

// maxRetryAfter is the longest that a caller is sent away for: the store tries
// again at least this often while an issuer fails.
const maxRetryAfter = 30 * time.Second

// Server serves MCP to callers with an access token. See the package comment.
type Server struct {
	opts       Options
	log        *slog.Logger
	publicURL  *url.URL
	challenger auth.Challenger
	generation atomic.Pointer[Generation]
	install    sync.Mutex // serializes Install
	watches    watches    // guarded by install
	mcp        *mcp.Server
	modern     http.Handler // MCP 2026-07-28: each request stands alone
	legacy     http.Handler // MCP 2025-11-25 and older
	sessions   *sessionTable
	listeners  *listeners
	useless    clientLog
	state      *sealer
	tls        *tls.Config     // nil for plain HTTP
	calls      inflight        // what a stop waits for
	draining   context.Context // done when the server is told to stop
	drain      context.CancelFunc
	streams    context.Context // done when the streams are to end
	endStreams context.CancelFunc
	handler    http.Handler
}

// New returns a server that serves first. The configuration must be valid.
func New(o Options, first *Generation) (*Server, error) {
	publicURL, err := url.Parse(o.HTTP.PublicURL)
	if err != nil {
		return nil, err
	}
	if o.PageSize == 0 {
		o.PageSize = defaultPageSize
	}
	s := &Server{
		opts:      o,
		log:       o.Logger,
		publicURL: publicURL,
		challenger: auth.Challenger{
			MetadataURL: auth.MetadataURL(publicURL),
			Baseline:    o.Auth.RequiredScopes,
			RetryAfter:  min(o.Auth.JWKS.Cooldown, maxRetryAfter),
		},
	}
	if s.state, err = newSealer(o.MCP.StateKey); err != nil {
		return nil, err
	}
	if s.tls, err = o.HTTP.TLS.Load(); err != nil {
		return nil, err
	}
	s.draining, s.drain = context.WithCancel(context.Background())
	s.streams, s.endStreams = context.WithCancel(context.Background())
	s.sessions = newSessionTable(o.MCP, s.log)
	context.AfterFunc(s.streams, s.sessions.stop)
	s.mcp = s.newMCPServer()
	s.modern, s.legacy = s.newTransports()
	s.Install(first)
	s.handler = s.routes()
	s.mcp.AddReceivingMiddleware(s.recoverCall) // the last one is in front
	return s, nil
}

// Install makes g what new requests are judged by, and keeps the SDK's registry
// in step, which tells clients that the list has changed. Requests that are under
// way keep the generation that they entered with.
func (s *Server) Install(g *Generation) {
	s.install.Lock()
	defer s.install.Unlock()
	old := s.generation.Swap(g)
	s.register(old, g)
}

// Handler is the whole server: guards, metadata, health and the MCP endpoint.
func (s *Server) Handler() http.Handler { return s.handler }

// metadata is the protected resource metadata under the request's generation.
// Nothing in it is taken from the request.
func (s *Server) metadata(r *http.Request) auth.Metadata {
	return auth.Metadata{
		Resource:               s.opts.HTTP.PublicURL,
		AuthorizationServers:   s.opts.Auth.AuthorizationServers(),
		ScopesSupported:        exchangeOf(r).generation.Policy.Scopes(),
		BearerMethodsSupported: []string{"header"},
		ResourceName:           s.opts.MCP.Title,
		ResourceDocumentation:  s.opts.MCP.DocumentationURL,
	}
}

// endpointPaths are where MCP is served: /mcp and the public URL's path, which
// differ where a proxy adds a prefix and keeps it.
func (s *Server) endpointPaths() []string {
	paths := []string{pathMCP, s.publicURL.Path}
	slices.Sort(paths)
	return slices.Compact(paths)
}
