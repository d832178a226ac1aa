package server

import (
	"context"
	"errors"
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
	options.SessionTimeout = s.opts.MCP.SessionTimeout
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
	info := &sdkauth.TokenInfo{
		Scopes: x.principal.Scopes,
		UserID: x.principal.Identity(), // binds a legacy session to its caller
		Extra: map[string]any{
			callKey: call{requestID: x.id, generation: x.generation, operation: msg.operation()},
		},
	}
	auth.PutPrincipal(info.Extra, *x.principal)

	ctx := context.WithValue(r.Context(), tokenInfoKey{}, info)
	if msg.method == auth.OperationStream || msg.method == methodListen {
		// A stream without an end of its own is ended when the server stops.
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(s.streams, cancel)()
	}
	r = r.WithContext(ctx)
	r.Header = r.Header.Clone()
	r.Header.Set("Authorization", tokenPlaceholder)
	r.Header.Del("Cookie")
	r.Header.Del("Last-Event-Id") // no stream here is resumable; the SDK would repeat it in a refusal
	r.Header.Del("Proxy-Authorization")
	if msg.modern {
		s.modern.ServeHTTP(w, r)
		return
	}
	s.legacy.ServeHTTP(w, r)
}
