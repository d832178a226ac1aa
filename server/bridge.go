package server

import (
	"context"
	"errors"
	"maps"
	"net/http"

	sdkauth "github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// tokenPlaceholder stands where the access token stood: the SDK hands a request's
// headers to every tool, and no tool MUST see the token.
const tokenPlaceholder = "Bearer verified"

type tokenInfoKey struct{}

// newTransports returns the SDK's handlers for the two eras, both in front of the
// one MCP server.
func (s *Server) newTransports() (modern, legacy http.Handler) {
	server := func(*http.Request) *mcp.Server { return s.mcp }
	options := mcp.StreamableHTTPOptions{
		Stateless:                    true,
		MaxRequestBodyBytes:          s.opts.HTTP.MaxBodyBytes,
		DisableLocalhostProtection:   true, // it refuses a proxy's Host; ours stands in front
		PropagateRequestCancellation: true,
	}
	modern = passThrough(mcp.NewStreamableHTTPHandler(server, &options))
	if !s.opts.MCP.LegacySessions {
		return modern, modern
	}
	options.Stateless = false
	options.SessionTimeout = 0 // ours: the SDK's closes a session whose stream is open
	s.mcp.AddReceivingMiddleware(s.trackSessions)
	return modern, passThrough(mcp.NewStreamableHTTPHandler(server, &options))
}

// passThrough puts the request's TokenInfo where the SDK looks for it. The SDK's
// middleware is the only way in. It MUST NOT decide anything: it would answer in
// its own words and judge expiry by its own clock, so that it gets neither scopes
// nor an expiration.
func passThrough(next http.Handler) http.Handler {
	verifier := func(ctx context.Context, _ string, _ *http.Request) (*sdkauth.TokenInfo, error) {
		info, ok := ctx.Value(tokenInfoKey{}).(*sdkauth.TokenInfo)
		if !ok {
			return nil, errors.New("internal error")
		}
		return info, nil
	}
	return sdkauth.RequireBearerToken(verifier, &sdkauth.RequireBearerTokenOptions{AllowMissingExpiration: true})(next)
}

// forward hands a request that passed the gate to the SDK.
func (s *Server) forward(w http.ResponseWriter, r *http.Request, msg message) {
	x := exchangeOf(r)
	info := s.tokenInfo(x, msg)
	ctx, cancel := context.WithCancel(context.WithValue(r.Context(), tokenInfoKey{}, info))
	defer cancel()
	if msg.method == auth.OperationStream || msg.method == methodListen {
		var end context.CancelFunc
		ctx, end = s.whileStanding(ctx, *x.principal)
		defer end()
		defer hurry(ctx, w)()
	}
	stream := newStream(w, cancel)
	defer stream.Close()
	if msg.id != nil && msg.method != methodInitialize { // which has a header of its own to send
		stream.keepCall()
	}
	r = r.WithContext(ctx)
	answer := &rewordedAnswer{ResponseWriter: stream, request: r, msg: msg}
	r.Header = cleanHeader(r.Header)
	if s.inSession(msg) {
		s.serveSession(answer, r, msg, info)
		return
	}
	s.modern.ServeHTTP(answer, r)
}

// tokenInfo is what travels through the SDK with one request.
func (s *Server) tokenInfo(x *exchange, msg message) *sdkauth.TokenInfo {
	info := &sdkauth.TokenInfo{
		Scopes: x.principal.Scopes,
		UserID: x.principal.Identity(), // binds a legacy session to its caller
		Extra: map[string]any{
			callKey: call{requestID: x.id, generation: x.generation, operation: msg.operation(), record: x.record},
		},
	}
	auth.PutPrincipal(info.Extra, *x.principal)
	return info
}

// cleanHeader returns what the SDK, and with it every tool, may see of a header. The SDK
// keeps the last one of each session. What is taken out goes first: a clone holds all
// values in one piece, and would keep the token in memory.
func cleanHeader(header http.Header) http.Header {
	clean := maps.Clone(header)
	clean.Del("Authorization")
	clean.Del("Cookie")
	clean.Del("Last-Event-Id") // no stream here is resumable; the SDK would repeat it in a refusal
	clean.Del("Proxy-Authorization")
	clean = clean.Clone()
	clean.Set("Authorization", tokenPlaceholder)
	return clean
}
