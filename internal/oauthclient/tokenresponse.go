package oauthclient

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ErrBadTokenResponse is an answer of status 200 that is not a token that can be used.
var ErrBadTokenResponse = errors.New("bad token response")

const (
	maxTokenBytes = 16 << 10
	// maxLifetime is longer than any token's: what says more is a mistake, such as a
	// point in time instead of a number of seconds.
	maxLifetime = 10 * 366 * 24 * time.Hour
)

// parseToken reads an answer (RFC 6749 §5.1): one JSON object without duplicate
// members, whose names are compared exactly. No error holds text of it.
func parseToken(data []byte, asked []string, at time.Time) (Token, error) {
	var answer struct {
		AccessToken string         `json:"access_token"`
		TokenType   string         `json:"token_type"`
		ExpiresIn   jsontext.Value `json:"expires_in"`
		Scope       jsontext.Value `json:"scope"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return Token{}, fmt.Errorf("%w: not a JSON object of the right form", ErrBadTokenResponse)
	}
	if !strings.EqualFold(answer.TokenType, "Bearer") {
		// RFC 6749 §7.1: a type that is not understood must not be used.
		return Token{}, fmt.Errorf("%w: token_type is not Bearer", ErrBadTokenResponse)
	}
	if !isBearerToken(answer.AccessToken) {
		return Token{}, fmt.Errorf("%w: access_token is not a bearer token", ErrBadTokenResponse)
	}
	token := Token{Value: answer.AccessToken, Scopes: grantedScopes(answer.Scope, asked)}
	lifetime, err := parseLifetime(answer.ExpiresIn)
	if err != nil {
		return Token{}, err
	}
	if lifetime > 0 {
		// By the wall clock: the monotonic one stands still while a machine sleeps.
		token.Expiry = at.Add(lifetime).Round(0)
	}
	return token, nil
}

// grantedScopes reads scope, which tells what was granted where that is not what was
// asked for (RFC 6749 §5.1). Only the server that the token is for judges by it, so that
// an odd spelling is no reason to throw away a token that was paid for: what is no list
// of scopes counts as not said.
func grantedScopes(v jsontext.Value, asked []string) []string {
	var text string
	if len(v) == 0 || v.Kind() != '"' || json.Unmarshal(v, &text) != nil {
		return union(asked)
	}
	granted, ok := parseScopes(strings.Join(strings.Fields(text), " "))
	if !ok {
		return union(asked)
	}
	return granted
}

// parseLifetime reads expires_in: a number of seconds, or the digits of one in a
// string, which some issuers send. 0 means that it is left out.
func parseLifetime(v jsontext.Value) (time.Duration, error) {
	if len(v) == 0 || v.Kind() == 'n' {
		return 0, nil
	}
	number := string(v)
	if v.Kind() == '"' {
		number = strings.Trim(number, `"`)
		if strings.Trim(number, "0123456789") != "" {
			number = "" // of other forms in a string nobody can say what they mean
		}
	}
	seconds, err := strconv.ParseFloat(number, 64)
	if err != nil || seconds < 1 || seconds > maxLifetime.Seconds() {
		return 0, fmt.Errorf("%w: expires_in is not a number of seconds that can be", ErrBadTokenResponse)
	}
	return time.Duration(seconds) * time.Second, nil
}

// isBearerToken is b64token of RFC 6750 §2.1: what can stand in the header.
func isBearerToken(s string) bool {
	value := strings.TrimRight(s, "=")
	return value != "" && len(s) <= maxTokenBytes && strings.Trim(value, alphanumerics+"-._~+/") == ""
}
