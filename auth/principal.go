package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Principal is a verified caller: who the issuer says it is, through which
// client it came, and what it was granted. The zero value is nobody, and holds
// no scope.
type Principal struct {
	// Issuer is the configured issuer whose key verified the token.
	Issuer string
	// Subject is the token's sub.
	Subject string
	// ClientID is the OAuth client that the token was issued to, or "" where the
	// token names none.
	ClientID string
	// Scopes are the scopes granted, in the token's order.
	Scopes []string
	// ExpiresAt is the token's exp, without the clock skew.
	ExpiresAt time.Time

	claims   claimSet
	asking   asking
	standing standing
}

// HasScope reports whether scope was granted. Scopes are compared exactly.
func (p Principal) HasScope(scope string) bool { return slices.Contains(p.Scopes, scope) }

// Claim returns a copy of a verified claim of the token (string, bool, float64,
// []any, map[string]any or nil), and false where the token has none of that
// name. The token itself cannot be reached from a Principal.
func (p Principal) Claim(name string) (any, bool) {
	raw := p.claims.raw(name)
	if raw == nil {
		return nil, false
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return nil, false
	}
	return v, true
}

// Identity is an unambiguous, opaque name for (issuer, subject, client): what a
// session belongs to. Lengths keep ("a","bc") and ("ab","c") apart.
func (p Principal) Identity() string {
	h := sha256.New()
	for _, part := range []string{p.Issuer, p.Subject, p.ClientID} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// principalKey is where a request's Principal stands in TokenInfo.Extra.
const principalKey = "mcp-resource-server/principal"

// PutPrincipal stores p among the things that travel with one request.
func PutPrincipal(extra map[string]any, p Principal) { extra[principalKey] = p }

// PrincipalFrom returns the caller of req: of this very request, also within a
// session that another token opened. It is the only reader of what
// [PutPrincipal] stored; the context of a handler in a legacy session is that of
// the session's first request and MUST NOT be asked.
func PrincipalFrom(req mcp.Request) (Principal, bool) {
	extra := req.GetExtra()
	if extra == nil || extra.TokenInfo == nil {
		return Principal{}, false
	}
	p, ok := extra.TokenInfo.Extra[principalKey].(Principal)
	return p, ok
}
