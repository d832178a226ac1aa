package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// issuer is the development authorization server, as seen from outside.
type issuer struct {
	base     string // ends in "/"
	audience string
	clients  []credentials
	client   *http.Client
}

// credentials are those of one client of the issuer.
type credentials struct{ id, secret string }

// fetches is how often the issuer was asked for something.
type fetches struct {
	Keys     int `json:"jwks"`
	Metadata int `json:"metadata"`
	Token    int `json:"token"`
}

func (f fetches) minus(other fetches) fetches {
	return fetches{Keys: f.Keys - other.Keys, Metadata: f.Metadata - other.Metadata, Token: f.Token - other.Token}
}

func (f fetches) plus(other fetches) fetches {
	return fetches{Keys: f.Keys + other.Keys, Metadata: f.Metadata + other.Metadata, Token: f.Token + other.Token}
}

const (
	// issuerTimeout is far more than an issuer in the same process takes.
	issuerTimeout = 10 * time.Second
	// maxIssuerAnswer bounds what is read of an answer.
	maxIssuerAnswer = 1 << 20
)

// rotate brings the next key into use, and gives its id.
func (i *issuer) rotate(ctx context.Context) (string, error) {
	var answer struct {
		KeyID string `json:"kid"`
	}
	err := i.do(ctx, http.MethodPost, "dev/rotate", nil, &answer)
	return answer.KeyID, err
}

// revoke takes all previous keys out of the key set.
func (i *issuer) revoke(ctx context.Context) error {
	return i.do(ctx, http.MethodPost, "dev/revoke", nil, nil)
}

// outage makes the issuer answer 503 until it is switched off.
func (i *issuer) outage(ctx context.Context, on bool) error {
	path := "dev/outage"
	if !on {
		path += "?for=0"
	}
	return i.do(ctx, http.MethodPost, path, nil, nil)
}

// slow makes metadata and keys wait for so long; 0 switches it off.
func (i *issuer) slow(ctx context.Context, delay time.Duration) error {
	return i.do(ctx, http.MethodPost, "dev/slow?delay="+url.QueryEscape(delay.String()), nil, nil)
}

// state is what the issuer tells of itself.
type state struct {
	Kids struct {
		Current string `json:"current"`
	} `json:"kids"`
	Fetches fetches `json:"fetches"`
}

func (i *issuer) state(ctx context.Context) (state, error) {
	var s state
	err := i.do(ctx, http.MethodGet, "dev/state", nil, &s)
	return s, err
}

// tokens gets one access token for each client, of the current key. The clients
// take turns at the two profiles that the issuer has.
func (i *issuer) tokens(ctx context.Context) ([]token, error) {
	var got []token
	for n, c := range i.clients {
		form := url.Values{
			"grant_type": {"client_credentials"}, "audience": {i.audience},
			"client_id": {c.id}, "client_secret": {c.secret},
			"profile": {[]string{"auth0", "rfc9068"}[n%2]},
		}
		var answer struct {
			AccessToken string `json:"access_token"`
			ExpiresIn   int    `json:"expires_in"`
		}
		begin := time.Now()
		if err := i.do(ctx, http.MethodPost, "oauth/token", form, &answer); err != nil {
			return nil, err
		}
		kid, err := keyID(answer.AccessToken)
		if err != nil {
			return nil, fmt.Errorf("reading a token of the issuer: %w", err)
		}
		got = append(got, token{
			raw: answer.AccessToken, kid: kid,
			expires: begin.Add(time.Duration(answer.ExpiresIn) * time.Second),
		})
	}
	return got, nil
}

// do sends one request and reads the answer into out, unless that is nil. No error
// quotes what was sent or what came back: both may be a token or a secret.
func (i *issuer) do(ctx context.Context, method, path string, form url.Values, out any) error {
	ctx, cancel := context.WithTimeout(ctx, issuerTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, i.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("asking the issuer: %w", err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := i.client.Do(req)
	if err != nil {
		return fmt.Errorf("asking the issuer: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxIssuerAnswer))
	switch {
	case err != nil:
		return fmt.Errorf("reading the issuer's answer to %s /%s: %w", method, path, err)
	case resp.StatusCode != http.StatusOK:
		return &issuerStatusError{method: method, path: path, status: resp.StatusCode}
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("reading the issuer's answer to %s /%s: %w", method, path, err)
	}
	return nil
}

// issuerStatusError is an answer of the issuer that is no success.
type issuerStatusError struct {
	method, path string
	status       int
}

func (e *issuerStatusError) Error() string {
	return fmt.Sprintf("the issuer answered %s /%s with %d", e.method, e.path, e.status)
}
