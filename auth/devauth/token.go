package devauth

import (
	"cmp"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const grantClientCredentials = "client_credentials"

// tokenResponse is RFC 6749 §5.1. Scope is there even when it is empty: a client takes a missing one to mean that it
// got all it asked for.
type tokenResponse struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"`
	Scope       string `json:"scope"`
}

// grant is a token request that has been judged: what the token will say.
type grant struct {
	client   *client
	profile  Profile
	audience []string
	scopes   []string
}

func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	params, err := readTokenRequest(w, r)
	if err != nil {
		s.writeError(w, err)
		return
	}
	g, err := s.judge(r.Header, params)
	if err != nil {
		s.writeError(w, err)
		return
	}
	key := s.keys.set.Load().current
	header := tokenHeader(g.profile, key.public.KeyID)
	token, err := sign(key.private, header, s.claims(g.profile, g.client.id, g.audience, g.scopes))
	if err != nil {
		s.writeError(w, err)
		return
	}
	s.log.Info("token issued", slog.String("client_id", g.client.id), slog.Any("audience", g.audience),
		slog.Any("scopes", g.scopes), slog.String("profile", string(g.profile)), slog.String("kid", key.public.KeyID))
	writeJSON(w, http.StatusOK, tokenResponse{token, "Bearer", s.ttlSeconds(), strings.Join(g.scopes, " ")})
}

func (s *Server) ttlSeconds() int64 { return int64(s.cfg.TokenTTL / time.Second) }

// judge authenticates first, so that only a known client learns what else is wrong.
func (s *Server) judge(header http.Header, params url.Values) (grant, error) {
	c, err := s.authenticate(header, params)
	if err != nil {
		return grant{}, err
	}
	if err := checkGrantType(params.Get("grant_type")); err != nil {
		return grant{}, err
	}
	profile, err := s.profileOf(params.Get("profile"))
	if err != nil {
		return grant{}, err
	}
	audience, err := c.audienceOf(params)
	if err != nil {
		return grant{}, err
	}
	scopes, err := c.narrow(params.Get("scope"))
	if err != nil {
		return grant{}, err
	}
	return grant{client: c, profile: profile, audience: audience, scopes: scopes}, nil
}

func checkGrantType(grantType string) error {
	switch grantType {
	case grantClientCredentials:
		return nil
	case "":
		return errGrantMissing
	default:
		return errGrant
	}
}

// profileOf reads the development extension profile=auth0|rfc9068.
func (s *Server) profileOf(requested string) (Profile, error) {
	profile := cmp.Or(Profile(requested), s.cfg.Profile)
	if !profile.known() {
		return "", errProfile
	}
	return profile, nil
}

// audienceOf reads audience (Auth0) and resource (RFC 8707 §2); as in Auth0 audience wins, and resource is not even
// looked at beside it. Not known and not allowed are one answer.
func (c *client) audienceOf(params url.Values) ([]string, error) {
	requested := []string{params.Get("audience")}
	if requested[0] == "" {
		requested = unique(params["resource"])
	}
	requested = slices.DeleteFunc(requested, func(v string) bool { return v == "" })
	if len(requested) == 0 {
		return c.audiences[:1], nil
	}
	for _, audience := range requested {
		if !slices.Contains(c.audiences, audience) {
			return nil, errTarget
		}
	}
	return requested, nil
}

// narrow gives those of the client's scopes that were requested, in the client's order; all of them when none were.
// RFC 6749 §3.3 allows less than was asked for, and Auth0 drops what a client lacks.
func (c *client) narrow(requested string) ([]string, error) {
	if requested == "" {
		return c.scopes, nil
	}
	tokens := strings.Split(requested, " ")
	for _, token := range tokens {
		if !isScopeToken(token) {
			return nil, errScope
		}
	}
	granted := []string{}
	for _, scope := range c.scopes {
		if slices.Contains(tokens, scope) {
			granted = append(granted, scope)
		}
	}
	return granted, nil
}

// isScopeToken is scope-token of RFC 6749 §3.3: printable ASCII without space, quote and backslash.
func isScopeToken(s string) bool {
	return isPrintable(s) && !strings.ContainsAny(s, ` "\`)
}
