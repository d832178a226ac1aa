package oauthclient

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Errors to branch on where no issuer can be asked for a token.
var (
	// ErrNoIssuer is a server that does not say which issuer it trusts, where
	// Options.Issuer does not say it either.
	ErrNoIssuer = errors.New("no issuer")
	// ErrIssuerNotListed is a server that does not trust Options.Issuer.
	ErrIssuerNotListed = errors.New("the server does not list this issuer")
)

// source is where the tokens for the endpoint come from.
type source struct {
	metadata  Metadata
	audience  string
	resource  string
	supported []string // scopes that the server's metadata lists
}

// discover finds the source once for all.
func (a *Authorizer) discover(ctx context.Context, hint string) (*source, error) {
	if s := a.known(); s != nil {
		return s, nil
	}
	return share(ctx, a, "discovery", func(ctx context.Context) (*source, error) {
		if s := a.known(); s != nil {
			return s, nil
		}
		s, err := a.find(ctx, hint)
		if err != nil {
			return nil, err
		}
		a.mu.Lock()
		a.source = s
		a.mu.Unlock()
		a.observe(Discovered, s.supported, nil)
		return s, nil
	})
}

func (a *Authorizer) known() *source {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.source
}

func (a *Authorizer) find(ctx context.Context, hint string) (*source, error) {
	s := &source{resource: withoutQuery(a.o.Endpoint)}
	issuer := a.o.Issuer
	m, err := DiscoverResource(ctx, a.o.HTTP, a.o.Endpoint, hint)
	switch {
	case err == nil:
		s.resource = m.Resource
		s.supported = withoutOpenID(m.ScopesSupported)
		if issuer, err = a.issuerOf(m); err != nil {
			return nil, err
		}
	case !isAbsent(err):
		return nil, err // it may be there, and not list the issuer
	case issuer == "":
		return nil, fmt.Errorf("%w: %w", ErrNoIssuer, err)
	}
	s.audience = cmp.Or(a.o.Audience, s.resource)
	s.metadata, err = a.discoverIssuer(ctx, issuer)
	return s, err
}

// discoverIssuer reads the metadata of the issuer that the server lists. Servers whose
// library normalizes URLs list another spelling than the issuer's own, with a slash more
// or less at its end; then the spelling that was named by hand counts. It has the same
// host and path, and is compared exactly, too (RFC 8414 §3.3).
func (a *Authorizer) discoverIssuer(ctx context.Context, listed string) (Metadata, error) {
	m, err := discover(ctx, a.o.HTTP, listed, a.o.check())
	if errors.Is(err, ErrIssuerMismatch) && a.o.Issuer != "" && a.o.Issuer != listed {
		return discover(ctx, a.o.HTTP, a.o.Issuer, a.o.check())
	}
	return m, err
}

// issuerOf chooses among the issuers that the server trusts, which is the client's to
// do (RFC 9728 §7.6). Another one than the first is used only if it was named by hand:
// the secret belongs to one issuer, and is not tried on all of them.
func (a *Authorizer) issuerOf(m ResourceMetadata) (string, error) {
	if a.o.Issuer != "" {
		// The slash is lost and added on the way through many hands.
		i := slices.IndexFunc(m.AuthorizationServers, func(s string) bool {
			return strings.TrimSuffix(s, "/") == strings.TrimSuffix(a.o.Issuer, "/")
		})
		if i < 0 {
			return "", ErrIssuerNotListed
		}
		return m.AuthorizationServers[i], nil
	}
	if len(m.AuthorizationServers) == 0 {
		return "", fmt.Errorf("%w: the server's metadata lists none", ErrNoIssuer)
	}
	// A server elsewhere must not be able to send the secret to a port of this machine.
	first := m.AuthorizationServers[0]
	if u, err := url.Parse(first); err == nil && u.Scheme == "http" && strings.HasPrefix(strings.ToLower(a.o.Endpoint), "https:") {
		return "", fmt.Errorf("issuer of an https server: %w", ErrInsecureEndpoint)
	}
	return first, nil
}

// isAbsent tells whether every address answered that there is no metadata, or none for
// us. Servers that want a token for whatever they are asked answer 401 or 403; they
// could as well say 404.
func isAbsent(err error) bool {
	failed, ok := errors.AsType[*discoveryError](err)
	return ok && !slices.ContainsFunc(failed.causes, func(cause error) bool {
		status, ok := errors.AsType[*StatusError](cause)
		return !ok || !slices.Contains([]int{
			http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone, http.StatusUnauthorized, http.StatusForbidden,
		}, status.Code)
	})
}
