package server

import (
	"context"
	"net/http"

	"mcp-resource-server/auth"
)

// verify judges a token under the request's generation.
func (s *Server) verify(ctx context.Context, raw string) (auth.Principal, error) {
	return exchangeFrom(ctx).generation.Verifier.Verify(ctx, raw)
}

// noteRefusal keeps what the log says of a refused credential.
func noteRefusal(r *http.Request, refusal *auth.Refusal) {
	x := exchangeOf(r)
	x.reason, x.issuer, x.keyFingerprint = refusal.Reason, refusal.Issuer, refusal.KeyFingerprint
}

func (s *Server) withPrincipal(ctx context.Context, p auth.Principal) context.Context {
	exchangeFrom(ctx).principal = &p
	return ctx
}
