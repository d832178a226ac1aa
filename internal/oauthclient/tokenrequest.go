package oauthclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"mcp-resource-server/internal/outbound"
)

// ErrNoTokenEndpoint is an issuer whose metadata names no token endpoint.
var ErrNoTokenEndpoint = errors.New("the issuer's metadata has no token_endpoint")

// maxTokenResponseBytes bounds an answer of the token endpoint. Tokens have 1 to 8 KiB.
const maxTokenResponseBytes = 64 << 10

// RequestToken asks the issuer of m for a token by the client credentials grant (RFC
// 6749 §4.4), once; a second time only with client_secret_post, where basic was not the
// way of this client. Redirects are not followed: they would carry the secret with them.
//
// An answer of 4xx is a [*TokenError], any other but 200 a [*StatusError], and one that
// is not a usable token an [ErrBadTokenResponse].
func RequestToken(ctx context.Context, c Doer, m Metadata, client Client, g Grant, now func() time.Time) (Token, error) {
	return tokenRequest{m, client, g, checkEndpoint}.send(ctx, c, now)
}

type tokenRequest struct {
	metadata Metadata
	client   Client
	grant    Grant
	check    endpointCheck
}

func (r tokenRequest) send(ctx context.Context, c Doer, now func() time.Time) (Token, error) {
	token, err := r.exchange(ctx, c, now)
	if other, ok := r.otherMethod(err); ok {
		token, err = other.exchange(ctx, c, now)
	}
	if err != nil {
		return Token{}, fmt.Errorf("requesting a token of issuer %q: %w", r.metadata.Issuer, err)
	}
	return token, nil
}

// otherMethod returns the request with client_secret_post, where basic was our own
// choice of two that the issuer lists and err says that the client was not recognized.
// An issuer lists what any client may use; each of its clients is held to one (RFC 7591
// §2), which is post for the applications that Auth0's dashboard makes.
func (r tokenRequest) otherMethod(err error) (tokenRequest, bool) {
	chosen, _ := r.client.method(r.metadata.TokenEndpointAuthMethods)
	if r.client.AuthMethod != "" || chosen != ClientSecretBasic || !slices.Contains(r.metadata.TokenEndpointAuthMethods, string(ClientSecretPost)) {
		return r, false
	}
	refused, ok := errors.AsType[*TokenError](err)
	if !ok || (refused.Status != http.StatusUnauthorized && refused.Code != "invalid_client") {
		return r, false
	}
	r.client.AuthMethod = ClientSecretPost
	return r, true
}

func (r tokenRequest) exchange(ctx context.Context, c Doer, now func() time.Time) (Token, error) {
	req, err := r.build(ctx)
	if err != nil {
		return Token{}, err
	}
	asked := now() // the token's time runs from before the answer
	resp, err := outbound.WithoutRedirects(c).Do(req)
	if err != nil {
		return Token{}, inOurWords(err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode >= 400 && resp.StatusCode < 500:
		return Token{}, readTokenError(resp, r.client, now())
	case resp.StatusCode != http.StatusOK:
		return Token{}, &StatusError{Code: resp.StatusCode}
	}
	body, err := readBody(resp, maxTokenResponseBytes)
	if err != nil {
		return Token{}, fmt.Errorf("%w: %w", ErrBadTokenResponse, err)
	}
	return parseToken(body, r.grant.Scopes, asked)
}

func (r tokenRequest) build(ctx context.Context) (*http.Request, error) {
	if err := r.client.validate(); err != nil {
		return nil, err
	}
	if !validScopes(r.grant.Scopes) {
		return nil, errors.New("not a list of scopes")
	}
	endpoint, err := r.endpoint()
	if err != nil {
		return nil, err
	}
	method, err := r.client.method(r.metadata.TokenEndpointAuthMethods)
	if err != nil {
		return nil, err
	}
	contentType, body, err := r.body(method)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("token endpoint: not a URL")
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Accept", "application/json")
	if method == ClientSecretBasic {
		req.Header.Set("Authorization", r.client.basic())
	}
	return req, nil
}

// endpoint judges the address again, although Discover did: the secret goes there.
func (r tokenRequest) endpoint() (string, error) {
	if r.metadata.TokenEndpoint == "" {
		return "", ErrNoTokenEndpoint
	}
	u, err := url.Parse(r.metadata.TokenEndpoint)
	if err != nil || u.User != nil || u.Fragment != "" {
		return "", fmt.Errorf("%w: token_endpoint is not a plain URL", ErrMalformed)
	}
	issuer, err := url.Parse(r.metadata.Issuer)
	if err != nil {
		return "", fmt.Errorf("%w: issuer is not a URL", ErrMalformed)
	}
	if err := r.check(u, issuer); err != nil {
		return "", fmt.Errorf("%w: token_endpoint: %w", ErrMalformed, err)
	}
	return r.metadata.TokenEndpoint, nil
}

func (r tokenRequest) body(method AuthMethod) (contentType string, body []byte, err error) {
	params := map[string]string{
		"grant_type": "client_credentials",
		"audience":   r.grant.Audience,
		"resource":   r.grant.Resource,
		"scope":      strings.Join(r.grant.Scopes, " "),
	}
	if method == ClientSecretPost {
		params["client_id"] = r.client.ID
		params["client_secret"] = r.client.Secret
	}
	form := url.Values{}
	for name, value := range params {
		if value == "" {
			delete(params, name)
			continue
		}
		form.Set(name, value)
	}
	if !r.client.JSON {
		return "application/x-www-form-urlencoded", []byte(form.Encode()), nil
	}
	body, err = json.Marshal(params, json.Deterministic(true))
	if err != nil {
		return "", nil, errors.New("the credentials are not valid UTF-8") // not wrapped: its text quotes them
	}
	return "application/json", body, nil
}
