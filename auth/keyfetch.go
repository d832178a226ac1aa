package auth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"mcp-resource-server/internal/oauthclient"
)

// MaxKeySetBytes bounds a key set document, wherever it comes from; a hundred RSA-4096
// keys with their certificates fit.
const MaxKeySetBytes = 512 << 10

const (
	// discoveryExchanges is how many addresses discovery tries at most.
	discoveryExchanges = 3
	// rediscoverSoon is when metadata that could not be had is asked for again.
	rediscoverSoon = 5 * time.Minute
	// rediscoverAfter is how long a key set's address is used before the issuer's
	// metadata is read again, so that an issuer may move it.
	rediscoverAfter = time.Hour
)

var (
	errNoKeySetAddress = errors.New("the issuer's metadata has no jwks_uri")
	errForeignKeySet   = errors.New("the issuer's metadata puts jwks_uri on another origin: set jwks_url if that is meant")
)

// keyFetcher fetches one issuer's key set. It is used by one goroutine.
type keyFetcher struct {
	issuer     IssuerConfig
	client     oauthclient.Doer
	timeout    time.Duration // of one exchange
	discovered string        // the key set's address as the metadata gave it, or ""
	rediscover time.Time     // when the metadata is to be read again
}

// keyAnswer is a good answer of an issuer.
type keyAnswer struct {
	set      keySet
	document []byte // that the set was read from
	// maxAge is how long it is fresh: what the issuer says, between minMaxAge and
	// maxMaxAge, or 0 where it says nothing.
	maxAge time.Duration
}

// fetch asks the issuer for its key set.
func (f *keyFetcher) fetch(ctx context.Context) (keyAnswer, error) {
	address, err := f.address(ctx)
	if err != nil {
		return keyAnswer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	body, header, err := oauthclient.Get(ctx, f.client, address, MaxKeySetBytes)
	if err != nil {
		f.rediscover = time.Time{} // it may have moved
		return keyAnswer{}, err
	}
	set, err := parseKeySet(body, f.issuer.Algorithms)
	if err != nil {
		f.rediscover = time.Time{}
		return keyAnswer{}, fmt.Errorf("reading %s: %w", address, err)
	}
	answer := keyAnswer{set: set, document: body}
	if maxAge, ok := oauthclient.MaxAge(header); ok {
		answer.maxAge = max(minMaxAge, min(maxAge, maxMaxAge))
	}
	return answer, nil
}

// address returns where the key set is: as configured, else as discovered, and
// then on the issuer's own origin alone: a metadata document must not be able to
// send us elsewhere for the keys that decide everything.
func (f *keyFetcher) address(ctx context.Context) (string, error) {
	if f.issuer.JWKSURL != "" {
		return f.issuer.JWKSURL, nil
	}
	if time.Now().Before(f.rediscover) {
		return f.discovered, nil
	}
	// Metadata that hangs must leave the keys their own time.
	ctx, cancel := context.WithTimeout(ctx, discoveryExchanges*f.timeout)
	defer cancel()
	discover := oauthclient.Discover
	if f.issuer.InsecureHTTP {
		discover = oauthclient.DiscoverInsecureHTTP
	}
	metadata, err := discover(ctx, f.client, f.issuer.Issuer)
	switch {
	case err != nil && f.discovered != "" && (errors.Is(err, oauthclient.ErrUnavailable) || !errors.Is(err, oauthclient.ErrIssuerMismatch)):
		// Where the keys were before is better than nowhere: metadata that cannot be
		// had must not make good keys grow stale. Metadata of somebody else must, but
		// not that of another host at the second address while the first is down.
		f.rediscover = time.Now().Add(rediscoverSoon)
		return f.discovered, nil
	case err != nil:
		return "", err
	case metadata.JWKSURI == "":
		return "", errNoKeySetAddress
	case !oauthclient.SameOrigin(metadata.JWKSURI, f.issuer.Issuer):
		return "", errForeignKeySet
	}
	f.discovered, f.rediscover = metadata.JWKSURI, time.Now().Add(rediscoverAfter)
	return f.discovered, nil
}

// fetchErrorClass puts a failed fetch into one of a few classes that may be
// shown to anybody: the error's own text holds addresses and is for the log.
func fetchErrorClass(err error) string {
	var status *oauthclient.StatusError
	var network net.Error
	var proxy *proxyError
	switch {
	case errors.Is(err, oauthclient.ErrIssuerMismatch):
		return "issuer_mismatch"
	case errors.Is(err, errForeignKeySet), errors.Is(err, errNoKeySetAddress), errors.Is(err, oauthclient.ErrMalformed):
		return "bad_metadata"
	case errors.Is(err, errNotAKeySet), errors.Is(err, errTooManyKeys), errors.Is(err, errNoUsableKey):
		return "bad_key_set"
	case errors.Is(err, oauthclient.ErrTooLarge):
		return "too_large"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "timeout"
	case errors.As(err, &proxy):
		return "proxy"
	case errors.As(err, &status) && status.Code == http.StatusTooManyRequests:
		return "rate_limited"
	case errors.As(err, &status):
		return "http_status"
	default:
		return "unreachable"
	}
}

// fetchErrorText is what the log says of a failed fetch. Words of another machine's
// are not in it: of a proxy that refuses, its status stands for them.
func fetchErrorText(err error) string {
	if e, ok := errors.AsType[*proxyError](err); ok {
		return e.Error()
	}
	return err.Error()
}
