package oauthclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"mcp-resource-server/internal/outbound"
)

// Errors to branch on, beside those of discovery and of token requests.
var (
	// ErrNoCredentials is a server that wants a token where there are no client
	// credentials to ask for one.
	ErrNoCredentials = errors.New("no client credentials")
	// ErrInsecureEndpoint is an address without TLS that a token or a secret would have
	// to go to.
	ErrInsecureEndpoint = errors.New("http is for loopback hosts only")
	// ErrForeignOrigin is a request to another origin than the endpoint's.
	ErrForeignOrigin = errors.New("request to another origin than the endpoint's")
)

// Authorizer is an [http.RoundTripper] that gets access tokens for one endpoint and
// adds them to the requests to it. It may be used by several goroutines at once.
//
// The first request goes without a token. A 401 tells where tokens come from (RFC 9728
// §5.1), and the request is sent again with one. From then on the token in memory is
// used: issuers meter tokens, so that one serves all goroutines until it is about to
// expire, and processes share it through Options.CacheDir.
//
// Of answers, these lead to another attempt, if the request has no body or one that
// can be had again (GetBody); all others are the caller's:
//   - 401: with a token that the server has not refused yet. Once a request was sent
//     with a new one, a second 401 is the answer; so is the first one for a minute
//     after a token was asked for in the place of a refused one.
//   - 403 with the challenge insufficient_scope (RFC 6750 §3.1): with a token that has
//     the scopes of the challenge too, twice at most. If the issuer refuses that, the
//     403 is the answer, and [Authorizer.LastRefusal] has the reason.
//
// Requests to another origin than the endpoint's are refused: a server can name any
// address, as SSE ones do, and a token must not go there. As for every RoundTripper,
// redirects are answers; an http.Client on top MUST NOT follow them, see
// [Authorizer.HTTPClient]. The Authorization header of requests is the Authorizer's
// own: what the caller put there is not sent.
type Authorizer struct {
	o       Options    // with the defaults in place
	origin  string     // of the endpoint
	files   *fileCache // nil: tokens are kept in memory alone
	flights singleflight.Group
	// asking holds the one place of those who ask for a token. It is a channel so that
	// a wait for it can end.
	asking chan struct{}

	// Used by who holds the place in asking.
	scopesUnwanted bool // the issuer refused scopes_supported
	throttled      *TokenError
	throttledUntil time.Time

	mu          sync.Mutex
	source      *source  // nil until it was discovered
	base        *wish    // what the first token is asked for; nil until there was a challenge
	current     *held    // the token in use, or nil
	count       int      // of tokens held so far
	struck      []string // values of the last tokens held, for Strike
	refusals    []refusal
	lastRefusal error
}

// NewAuthorizer refuses options that are wrong. It sends nothing yet.
func NewAuthorizer(o Options) (*Authorizer, error) {
	if err := o.validate(); err != nil {
		return nil, fmt.Errorf("authorization: %w", err)
	}
	a := &Authorizer{o: o.withDefaults(), asking: make(chan struct{}, 1)}
	a.origin, _ = origin(o.Endpoint) // it has one: validate saw to that
	if o.CacheDir != "" {
		a.files = &fileCache{dir: o.CacheDir, now: a.o.Now}
	}
	return a, nil
}

// Format writes what may be known of the Authorizer, whatever the verb: it holds
// secrets, and a client that holds it is easily printed.
func (a *Authorizer) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.o.String()) }

// HTTPClient returns a client for requests to the endpoint. It hands redirects back
// unfollowed. It has no timeout, because answers may be streams: a request's context
// bounds it.
func (a *Authorizer) HTTPClient() *http.Client {
	return &http.Client{Transport: a, CheckRedirect: outbound.UseLastResponse}
}

// CloseIdleConnections is what an http.Client asks of its transport: it closes those to
// the endpoint.
func (a *Authorizer) CloseIdleConnections() {
	if base, ok := a.o.Base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

// Token returns a token for the endpoint: the one in use, or else a new one, after the
// endpoint was asked without a token for its challenge. A server that does not
// challenge a GET may still have metadata at the well-known addresses.
func (a *Authorizer) Token(ctx context.Context) (Token, error) {
	if a.o.StaticToken != "" {
		return Token{Value: a.o.StaticToken}, nil
	}
	if a.o.Client.isZero() {
		return Token{}, ErrNoCredentials
	}
	h, err := a.ready(ctx)
	if err == nil && h == nil {
		h, err = a.unprompted(ctx)
	}
	if err != nil {
		return Token{}, err
	}
	return h.token, nil
}

// unprompted gets the first token where no answer asked for one.
func (a *Authorizer) unprompted(ctx context.Context) (*held, error) {
	if a.known() != nil {
		return a.first(ctx, Challenge{})
	}
	challenge, err := a.probe(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking the endpoint for its challenge: %w", err)
	}
	return a.first(ctx, challenge)
}

// probeTimeout bounds how long an endpoint may take to begin its answer to a probe.
const probeTimeout = 10 * time.Second

// probe sends a GET, which changes nothing, and which every transport of MCP answers.
func (a *Authorizer) probe(ctx context.Context) (Challenge, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.o.Endpoint, http.NoBody)
	if err != nil {
		return Challenge{}, errors.New("not a URL")
	}
	req.Header.Set("Accept", "application/json, text/event-stream")
	resp, err := a.o.Base.RoundTrip(req)
	if err != nil {
		return Challenge{}, inOurWords(err)
	}
	defer resp.Body.Close() // it may be a stream: nothing is read
	if resp.StatusCode != http.StatusUnauthorized {
		return Challenge{}, nil
	}
	challenge, _ := BearerChallenge(resp.Header)
	return challenge, nil
}

// LastRefusal says why the last request for a token of more scopes was refused, so
// that a caller who sees a 403 can tell. It is nil if there was none; the error in the
// chain is mostly a [*TokenError].
func (a *Authorizer) LastRefusal() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lastRefusal
}

// ready returns the token to send a request with, and nil if there is none yet. One
// that is about to expire is renewed first, and stays in use if that fails or takes
// long.
func (a *Authorizer) ready(ctx context.Context) (*held, error) {
	h := a.inUse()
	switch {
	case h == nil || a.fresh(h):
		return h, nil
	case !h.validAt(a.o.Now()):
		return a.renew(ctx, h, nil)
	}
	patient, cancel := context.WithTimeout(ctx, renewalPatience)
	defer cancel()
	renewed, err := a.acquire(patient, need{wish: h.wish})
	if err != nil {
		a.postpone(h)
		return h, nil
	}
	return renewed, nil
}

// renew gets another token for what h is for. If the issuer has come to refuse the
// scopes that were added to it, those of the start are still good.
func (a *Authorizer) renew(ctx context.Context, h, failed *held) (*held, error) {
	renewed, err := a.acquire(ctx, need{wish: h.wish, failed: failed})
	if scopesRefused(err) {
		a.mu.Lock()
		base := *a.base
		a.mu.Unlock()
		if !covers(base.scopes, h.wish.scopes) {
			return a.acquire(ctx, need{wish: base, failed: failed})
		}
	}
	return renewed, err
}

// first gets the first token, as a challenge asks for it.
func (a *Authorizer) first(ctx context.Context, c Challenge) (*held, error) {
	s, err := a.discover(ctx, c.ResourceMetadata)
	if err != nil {
		return nil, err
	}
	return a.acquire(ctx, need{wish: a.choose(c, s)})
}

// choose decides once what the first token is asked for (MCP authorization, "Scope
// Selection Strategy"): the options' scopes, else the challenge's, else all that the
// server supports, else none in particular.
//
// Only the third is optional: if the issuer refuses it, a token without scopes is
// asked for, which gives what the client was granted. The options' scopes are what
// somebody decided on. And those of a challenge are what the server says every
// request needs: a token without them would be paid for only to be refused there, and
// the issuer's words, which say what is not granted, would be lost.
func (a *Authorizer) choose(c Challenge, s *source) wish {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.base == nil {
		switch {
		case len(a.o.Scopes) > 0:
			a.base = &wish{scopes: union(a.o.Scopes)}
		case len(c.Scopes) > 0:
			a.base = &wish{scopes: c.Scopes}
		default:
			a.base = &wish{scopes: s.supported, optional: true}
		}
	}
	return *a.base
}

func (a *Authorizer) observe(kind EventKind, scopes []string, err error) {
	e := Event{Kind: kind, Scopes: union(scopes), Err: err}
	if s := a.known(); s != nil {
		e.Issuer = s.metadata.Issuer
	}
	a.o.Observe(e)
}
