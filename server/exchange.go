package server

import (
	"context"
	"crypto/rand"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// exchange is one HTTP request on its way. It is written by the goroutine that
// serves the request and by no other.
type exchange struct {
	id         string
	generation *Generation
	principal  *auth.Principal // nil until the token is verified
	operation  auth.Operation  // as far as the policy knows it, else zero
	decision   auth.Decision   // of the gate, zero where it was not asked
	record     *record         // the audit line to be
	answer     interface{ Status() int }
	// reason is why the request was refused, "" if it was not; with a token, the
	// issuer that it claims and a fingerprint of its key id stand beside it.
	reason                 auth.Reason
	issuer, keyFingerprint string
}

// refuse notes why the request is refused.
func (x *exchange) refuse(reason auth.Reason) { x.reason = reason }

type exchangeKey struct{}

// exchangeOf returns the exchange of r.
func exchangeOf(r *http.Request) *exchange { return exchangeFrom(r.Context()) }

// exchangeFrom returns the exchange of a request's context. Every request that
// reaches a handler of this package has one; without it nothing can be judged.
func exchangeFrom(ctx context.Context) *exchange {
	x, ok := ctx.Value(exchangeKey{}).(*exchange)
	if !ok {
		panic("a request outside an exchange")
	}
	return x
}

// open begins an exchange: it reads the generation, once, and names the request.
// An id that the client sent is not taken over: it could be anything.
func (s *Server) open(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{id: rand.Text(), generation: s.generation.Load(), record: newRecord()}
		x.record.log = s.opts.Audit
		w.Header().Set("X-Request-Id", x.id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x)))
	})
}

// call is what travels with one request through the SDK, in TokenInfo.Extra: the
// context of a handler in a legacy session is that of its first request.
type call struct {
	requestID  string
	generation *Generation
	operation  auth.Operation
	principal  auth.Principal
	record     *record
}

const callKey = "mcp-resource-server/call"

// callFrom returns what travels with req, and false where nothing does: a request
// that did not come through the gate, or that was given up meanwhile.
func callFrom(req mcp.Request) (call, bool) {
	extra := req.GetExtra()
	if extra == nil || extra.TokenInfo == nil {
		return call{}, false
	}
	c, ok := extra.TokenInfo.Extra[callKey].(call)
	if !ok || c.record == nil {
		return call{}, false
	}
	c.principal, ok = auth.PrincipalFrom(req)
	return c, ok && (oneWay(c.operation.Method) || c.record.take())
}
