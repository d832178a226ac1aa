package oauthclient

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
)

// ErrResourceMismatch is a metadata document that names another resource than the
// endpoint or what is above it, or one whose address is not on the endpoint's origin.
var ErrResourceMismatch = errors.New("metadata is of another resource")

const (
	wellKnownResource = "/.well-known/oauth-protected-resource"
	maxIssuers        = 32
	maxNameRunes      = 100
)

// ResourceMetadata holds the members of a protected resource's metadata (RFC 9728
// §2) that are used here. All but the resource are optional. A null counts as left
// out.
type ResourceMetadata struct {
	// Resource is the resource identifier: the endpoint or what is above it.
	Resource string `json:"resource"`
	// AuthorizationServers are issuers, as the document wrote them: they are judged
	// when one is used.
	AuthorizationServers []string `json:"authorization_servers"`
	// ScopesSupported are scopes of the right form.
	ScopesSupported []string `json:"scopes_supported"`
	// Name is for people: printable, at most 100 characters, and the server's word.
	Name string `json:"resource_name"`
}

// DiscoverResource fetches the metadata of the protected resource at endpoint. Where
// a challenge named the address (resource_metadata, RFC 9728 §5.1), hint is that
// address, which MUST be on the endpoint's origin, and no other is tried. Where hint
// is empty, the well-known addresses are tried one after the other, each once:
// inserted before the endpoint's path, then at the root. The first document that
// passes wins; if none does, the error tells what became of each, and errors.Is finds
// every cause.
//
// Whether the endpoint may be http is not judged here: its metadata is worth as much
// as the endpoint's own answers are.
func DiscoverResource(ctx context.Context, c Doer, endpoint, hint string) (ResourceMetadata, error) {
	u, err := url.Parse(endpoint)
	if _, ok := originOf(u); err != nil || !ok {
		return ResourceMetadata{}, errors.New("endpoint: not an http or https URL") // not quoted: it may hold a password
	}
	addresses := wellKnownResources(u)
	if hint != "" {
		// An answer must not be able to point us at a document that somebody else
		// wrote, nor make us fetch from wherever it likes (RFC 9728 §7.7).
		if !SameOrigin(endpoint, hint) || hasUserOrFragment(hint) {
			return ResourceMetadata{}, fmt.Errorf("%w: the challenge's resource_metadata is not on the endpoint's origin", ErrResourceMismatch)
		}
		addresses = []string{hint}
	}
	failed := &discoveryError{what: "protected resource"}
	for _, address := range addresses {
		m, err := fetchResource(ctx, c, address, u)
		if err == nil {
			return m, nil
		}
		failed.causes = append(failed.causes, err)
		if ctx.Err() != nil {
			break
		}
	}
	return ResourceMetadata{}, failed
}

// wellKnownResources lists where the metadata may be (RFC 9728 §3.1). A slash that the
// path consists of is left out, one that it ends in is part of it. A query is left
// out: it is no part of an MCP server's identifier, and often holds a key.
func wellKnownResources(endpoint *url.URL) []string {
	root := endpoint.Scheme + "://" + endpoint.Host + wellKnownResource
	path := endpoint.EscapedPath()
	if path == "" || path == "/" {
		return []string{root}
	}
	return []string{root + path, root}
}

func fetchResource(ctx context.Context, c Doer, address string, endpoint *url.URL) (ResourceMetadata, error) {
	body, _, err := Get(ctx, c, address, maxMetadataBytes)
	if err != nil {
		return ResourceMetadata{}, err
	}
	m, err := parseResource(body, endpoint)
	if err != nil {
		return ResourceMetadata{}, fmt.Errorf("reading protected resource metadata: %w", err)
	}
	return m, nil
}

// parseResource reads a document as strictly as parseMetadata does.
func parseResource(data []byte, endpoint *url.URL) (ResourceMetadata, error) {
	var m ResourceMetadata
	if err := json.Unmarshal(data, &m); err != nil {
		return ResourceMetadata{}, malformed(err)
	}
	if !isResourceOf(m.Resource, endpoint) {
		return ResourceMetadata{}, ErrResourceMismatch
	}
	if !validScopes(m.ScopesSupported) {
		return ResourceMetadata{}, fmt.Errorf("%w: scopes_supported has what is not a scope", ErrMalformed)
	}
	if len(m.AuthorizationServers) > maxIssuers {
		return ResourceMetadata{}, fmt.Errorf("%w: more than %d authorization_servers", ErrMalformed, maxIssuers)
	}
	m.Name = printable(m.Name)
	return m, nil
}

// isResourceOf tells whether a token for resource may be sent to endpoint: it has
// the same origin, and its path is the endpoint's or leads to it by whole segments.
//
// RFC 9728 §3.3 asks for the very same identifier, because a server that could name
// another's would be given, and could use, tokens that are meant for that other one
// (§7.3). Many MCP servers, however, call themselves by their origin and not by the
// endpoint below it, and the SDKs' clients allow that. So it is allowed here too, and
// no more: who answers at an endpoint may then be given a token for what is above it,
// on the same origin, but never for a neighbour or another host.
func isResourceOf(resource string, endpoint *url.URL) bool {
	u, err := url.Parse(resource)
	if err != nil || hasUserOrFragment(resource) {
		return false
	}
	resourceOrigin, ok := originOf(u)
	endpointOrigin, okEndpoint := originOf(endpoint)
	if !ok || !okEndpoint || resourceOrigin != endpointOrigin {
		return false
	}
	if u.RawQuery != "" && u.RawQuery != endpoint.RawQuery {
		return false
	}
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	below, ok := strings.CutPrefix(endpoint.EscapedPath(), path)
	return ok && (below == "" || below[0] == '/')
}

func hasUserOrFragment(raw string) bool {
	u, err := url.Parse(raw)
	return err != nil || u.User != nil || strings.Contains(raw, "#")
}

func printable(s string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s))
	return string(runes[:min(len(runes), maxNameRunes)])
}
