package oauthclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// Errors to branch on, beside those of [Get].
var (
	// ErrIssuerMismatch is a metadata document that names another issuer than
	// the one asked for, or none.
	ErrIssuerMismatch = errors.New("metadata names another issuer")
	// ErrUnavailable says of a failed [Discover] that it is open what the issuer's
	// metadata says: at one address at least there was no answer, or one that
	// another time may differ (5xx, 429).
	ErrUnavailable = errors.New("metadata unavailable")
	// ErrMalformed is a metadata document that cannot be read, or one whose
	// URLs may not be used.
	ErrMalformed = errors.New("malformed metadata")
)

// maxEndpointBytes bounds an address in a metadata document: it may stand in a log.
const maxEndpointBytes = 2 << 10

// maxMetadataBytes bounds a metadata document. Real ones have 2 to 10 KiB.
const maxMetadataBytes = 256 << 10

// Metadata holds the members of an authorization server's metadata (RFC 8414
// §2, OpenID Connect Discovery §3) that are used here. All but the issuer are
// optional: whoever needs one checks that it is there. A null counts as left
// out.
type Metadata struct {
	// Issuer is, byte for byte, the issuer that was asked for.
	Issuer string `json:"issuer"`
	// TokenEndpoint is an absolute URL: https, or http where the issuer itself
	// is http on a loopback host. Or empty.
	TokenEndpoint string `json:"token_endpoint"`
	// JWKSURI is the address of the key set, under the same rule. Or empty.
	JWKSURI string `json:"jwks_uri"`
	// TokenEndpointAuthMethods are the ways in which a client may authenticate.
	// Empty means client_secret_basic.
	TokenEndpointAuthMethods []string `json:"token_endpoint_auth_methods_supported"`
}

// Discover fetches the metadata of an issuer: an https URL, or http on a
// loopback host, without user, query or fragment.
//
// The well-known addresses are tried one after the other, each once: that of
// OpenID Connect Discovery (appended to the issuer's path), that of RFC 8414
// (inserted before the path) and OpenID Connect's document at the inserted
// place. The first document that passes wins; one with a fault, a foreign
// issuer included, is refused and the next address is tried. If none passes,
// the error tells what became of each, and errors.Is finds every cause.
func Discover(ctx context.Context, c Doer, issuer string) (Metadata, error) {
	return discover(ctx, c, issuer, checkEndpoint)
}

// DiscoverInsecureHTTP is Discover for an issuer that may also be reached by plain
// http outside this machine: on a network of one's own alone, because whoever can
// change the answer there decides whose keys are trusted. An https issuer is held
// to TLS here, too.
func DiscoverInsecureHTTP(ctx context.Context, c Doer, issuer string) (Metadata, error) {
	return discover(ctx, c, issuer, checkInsecureEndpoint)
}

// discover is Discover with a rule of its own for the URLs that may be used.
func discover(ctx context.Context, c Doer, issuer string, check endpointCheck) (Metadata, error) {
	addresses, err := wellKnown(issuer, check)
	if err != nil {
		return Metadata{}, fmt.Errorf("issuer URL: %w", err) // not quoted: it may hold a password
	}
	failed := &discoveryError{what: fmt.Sprintf("issuer %q", issuer)}
	for _, address := range addresses {
		m, err := fetchMetadata(ctx, c, address, issuer, check)
		if err == nil {
			return m, nil
		}
		failed.causes = append(failed.causes, err)
		if ctx.Err() != nil {
			break
		}
	}
	return Metadata{}, failed
}

func fetchMetadata(ctx context.Context, c Doer, address, issuer string, check endpointCheck) (Metadata, error) {
	body, _, err := Get(ctx, c, address, maxMetadataBytes)
	if err != nil {
		return Metadata{}, err
	}
	m, err := parseMetadata(body, issuer, check)
	if err != nil {
		return Metadata{}, fmt.Errorf("reading %s: %w", address, err)
	}
	return m, nil
}

// wellKnown lists the addresses at which the metadata of issuer may be.
func wellKnown(issuer string, check endpointCheck) ([]string, error) {
	u, err := url.Parse(issuer)
	if err != nil {
		return nil, errors.New("not a URL")
	}
	if u.User != nil || strings.ContainsAny(issuer, "?#") {
		return nil, errors.New("an issuer has no user, query or fragment")
	}
	if err := check(u, u); err != nil {
		return nil, err
	}
	// RFC 8414 §3.1: a terminating slash of the issuer goes before anything is
	// appended or inserted.
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	base := u.Scheme + "://" + u.Host
	addresses := []string{
		base + path + "/.well-known/openid-configuration",
		base + "/.well-known/oauth-authorization-server" + path,
		base + "/.well-known/openid-configuration" + path,
	}
	if path == "" {
		addresses = addresses[:2] // the third is the first
	}
	return addresses, nil
}

// parseMetadata reads a document and refuses what a careless reader would let
// through: duplicate members, data after the object, invalid UTF-8, a wrong
// type in a member that is used. Member names are compared exactly.
func parseMetadata(data []byte, issuer string, check endpointCheck) (Metadata, error) {
	var m Metadata
	if err := json.Unmarshal(data, &m); err != nil {
		return Metadata{}, malformed(err)
	}
	if m.Issuer != issuer {
		return Metadata{}, ErrIssuerMismatch
	}
	issuerURL, err := url.Parse(issuer)
	if err != nil {
		return Metadata{}, fmt.Errorf("%w: issuer is not a URL", ErrMalformed)
	}
	for _, member := range []struct{ name, value string }{
		{"token_endpoint", m.TokenEndpoint},
		{"jwks_uri", m.JWKSURI},
	} {
		if member.value == "" {
			continue
		}
		u, err := url.Parse(member.value)
		if err != nil || u.User != nil || len(member.value) > maxEndpointBytes {
			return Metadata{}, fmt.Errorf("%w: %s is not a URL that can be used", ErrMalformed, member.name)
		}
		if err := check(u, issuerURL); err != nil {
			return Metadata{}, fmt.Errorf("%w: %s: %w", ErrMalformed, member.name, err)
		}
	}
	return m, nil
}

// malformed words a decoder's error by place only: its own text may quote the
// document.
func malformed(err error) error {
	e, ok := errors.AsType[*json.SemanticError](err)
	switch {
	case !ok:
		return fmt.Errorf("%w: not valid JSON", ErrMalformed)
	case e.JSONPointer == "":
		return fmt.Errorf("%w: not a JSON object", ErrMalformed)
	default: // members that are not used are skipped, so the pointer can name only one of ours
		return fmt.Errorf("%w: wrong type at %s", ErrMalformed, e.JSONPointer)
	}
}

// endpointCheck refuses a URL of an issuer's that may not be used.
type endpointCheck func(u, issuer *url.URL) error

// checkEndpoint refuses a URL that is not absolute, or that would be fetched
// without TLS although it is not on this machine or its issuer has TLS.
func checkEndpoint(u, issuer *url.URL) error {
	if u.Scheme == "http" && u.Hostname() != "" && !IsLoopbackHost(u.Hostname()) {
		return errors.New("http is for loopback hosts only")
	}
	return checkInsecureEndpoint(u, issuer)
}

// checkInsecureEndpoint is checkEndpoint for networks where http may be used. An
// issuer that has TLS is held to it there too.
func checkInsecureEndpoint(u, issuer *url.URL) error {
	switch {
	case u.Hostname() == "":
		return errors.New("not an absolute URL")
	case u.Scheme == "https":
		return nil
	case u.Scheme != "http":
		return errors.New("not an https URL")
	case issuer.Scheme != "http":
		return errors.New("http below an https issuer")
	default:
		return nil
	}
}

// discoveryError holds what happened at each address, in order.
type discoveryError struct {
	what   string // that could not be discovered
	causes []error
}

func (e *discoveryError) Error() string {
	texts := make([]string, len(e.causes))
	for i, cause := range e.causes {
		texts[i] = cause.Error()
	}
	return fmt.Sprintf("discovering %s: %s", e.what, strings.Join(texts, "; "))
}

func (e *discoveryError) Unwrap() []error { return slices.Clone(e.causes) }

// Is makes it an ErrUnavailable where a cause is one that may pass.
func (e *discoveryError) Is(target error) bool {
	return target == ErrUnavailable && slices.ContainsFunc(e.causes, passing)
}

// passing reports whether a failure to fetch a document tells nothing of it.
func passing(err error) bool {
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.Code >= http.StatusInternalServerError || status.Code == http.StatusTooManyRequests
	}
	return !errors.Is(err, ErrIssuerMismatch) && !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLarge)
}
