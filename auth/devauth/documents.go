package devauth

import (
	"net/http"
	"strings"
)

// metadata is RFC 8414 §2 with the members that OpenID Connect Discovery §3 requires beside it, so that one document
// serves both well-known paths. No grant here uses the authorization endpoint, so RFC 8414 would let it be left out; but
// the official TypeScript clients refuse a document without one, also for client credentials.
type metadata struct {
	Issuer                  string   `json:"issuer"`
	AuthorizationEndpoint   string   `json:"authorization_endpoint"`
	TokenEndpoint           string   `json:"token_endpoint"`
	JWKSURI                 string   `json:"jwks_uri"`
	GrantTypes              []string `json:"grant_types_supported"`
	TokenEndpointAuth       []string `json:"token_endpoint_auth_methods_supported"`
	Scopes                  []string `json:"scopes_supported,omitempty"`
	ResponseTypes           []string `json:"response_types_supported"`
	SubjectTypes            []string `json:"subject_types_supported"`
	IDTokenSigningAlgValues []string `json:"id_token_signing_alg_values_supported"`
}

func (s *Server) metadata() metadata {
	var scopes []string
	for _, c := range s.cfg.Clients {
		scopes = append(scopes, c.Scopes...)
	}
	return metadata{
		Issuer:                  s.Issuer(),
		AuthorizationEndpoint:   s.Issuer() + authorizePath[1:],
		TokenEndpoint:           s.TokenURL(),
		JWKSURI:                 s.JWKSURL(),
		GrantTypes:              []string{grantClientCredentials},
		TokenEndpointAuth:       []string{"client_secret_basic", "client_secret_post"},
		Scopes:                  unique(scopes),
		ResponseTypes:           []string{"code"}, // mcp-remote looks for it even before it asks for client credentials
		SubjectTypes:            []string{"public"},
		IDTokenSigningAlgValues: []string{"RS256"},
	}
}

// serveAuthorize refuses every way to get a token through a browser (RFC 6749 §4.1.2.1). It redirects nowhere: no client
// has a registered address.
func (s *Server) serveAuthorize(w http.ResponseWriter, _ *http.Request) {
	writeText(w, http.StatusBadRequest, "unsupported_response_type: this DEVELOPMENT authorization server has no logins; "+
		"get a token with grant_type=client_credentials\n")
}

func (s *Server) serveFrontPage(w http.ResponseWriter, _ *http.Request) {
	lines := []string{
		"This is a DEVELOPMENT authorization server. Never use it in production.",
		"",
		"issuer     " + s.issuer,
		"metadata   GET  " + s.issuer + ".well-known/openid-configuration",
		"           GET  " + s.issuer + ".well-known/oauth-authorization-server",
		"key set    GET  " + s.JWKSURL(),
		"token      POST " + s.TokenURL() + "  (grant_type=client_credentials)",
		"state      GET  " + s.issuer + statePath[1:],
		"",
		"Switches, with parameters in the query or as a form:",
		"",
	}
	for _, c := range s.controls() {
		lines = append(lines, "POST "+s.issuer+c.path[1:]+"  ("+c.accepts+")")
	}
	writeText(w, http.StatusOK, strings.Join(lines, "\n")+"\n")
}
