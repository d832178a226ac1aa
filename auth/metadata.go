package auth

import (
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json"

	"mcp-resource-server/internal/httperr"
)

// Metadata is the protected resource metadata (RFC 9728 §2).
type Metadata struct {
	Resource               string   `json:"resource"`
	AuthorizationServers   []string `json:"authorization_servers,omitempty"`
	ScopesSupported        []string `json:"scopes_supported,omitempty"`
	BearerMethodsSupported []string `json:"bearer_methods_supported"`
	ResourceName           string   `json:"resource_name,omitempty"`
	ResourceDocumentation  string   `json:"resource_documentation,omitempty"`
}

// AuthorizationServers returns the issuers of c that a client can turn to for a
// token (RFC 9728 §2): those whose name is a URL, as RFC 8414 §2 has it. An issuer
// with static keys may have another.
func (c Config) AuthorizationServers() []string {
	var servers []string
	for _, ic := range c.IssuerList() {
		if u, err := url.Parse(ic.Issuer); err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
			servers = append(servers, ic.Issuer)
		}
	}
	return servers
}

// WellKnownResource is the well-known path of the metadata (RFC 9728 §3).
const WellKnownResource = "/.well-known/oauth-protected-resource"

// MetadataURL returns the address of the metadata of resource: the well-known
// path inserted before the resource's own (RFC 9728 §3.1). A slash that the path
// consists of is left out; one that the path ends in is part of it.
func MetadataURL(resource *url.URL) string {
	origin := url.URL{Scheme: resource.Scheme, Host: resource.Host}
	path := resource.EscapedPath()
	if path == "/" {
		path = ""
	}
	return origin.String() + WellKnownResource + path
}

// MetadataHandler serves the document that get returns, to everybody: it is
// public, and a page from any origin may read it.
func MetadataHandler(get func(*http.Request) Metadata) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		switch r.Method {
		case http.MethodGet, http.MethodHead:
		case http.MethodOptions:
			h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
			// Browser clients send the version header on every request of theirs.
			h.Set("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, MCP-Protocol-Version")
			h.Set("Access-Control-Max-Age", "3600")
			w.WriteHeader(http.StatusNoContent)
			return
		default:
			h.Set("Allow", "GET, HEAD, OPTIONS")
			httperr.Write(w, http.StatusMethodNotAllowed, httperr.Body{Error: "method_not_allowed", Description: "use GET"})
			return
		}
		data, err := json.Marshal(get(r))
		if err != nil { // strings always marshal
			panic(err)
		}
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "public, max-age=300")
		h.Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(append(data, '\n')) // net/http drops it for HEAD
	})
}
