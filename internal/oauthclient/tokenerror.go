package oauthclient

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
)

// ErrTokenRefused is the issuer's no. The error in the chain is a [*TokenError].
var ErrTokenRefused = errors.New("the issuer refused the token request")

const (
	// An issuer that says 429 is left alone for as long as it asks, within bounds.
	minRetryAfter     = time.Second
	defaultRetryAfter = 5 * time.Second
	maxRetryAfter     = 5 * time.Minute
)

// TokenError is an answer of the token endpoint with a status of 4xx (RFC 6749 §5.2).
// It is an [ErrTokenRefused].
type TokenError struct {
	Status int
	// Code is the error code, or empty where the answer has none of a code's form:
	// letters, digits, "_", "-" and ".", at most 64 of them.
	Code string
	// Description is the issuer's own text for people, which the error's text leaves
	// out: at most 300 printable characters, the client's secret struck out. It is not
	// to be relied on, and not to be given to a model.
	Description string
	// RetryAfter is how long the issuer is not to be asked again. It is set where the
	// status is 429, and 0 elsewhere.
	RetryAfter time.Duration
}

// Error names the status and the code.
func (e *TokenError) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("%v: status %d", ErrTokenRefused, e.Status)
	}
	return fmt.Sprintf("%v: status %d, %s", ErrTokenRefused, e.Status, e.Code)
}

// Unwrap gives ErrTokenRefused.
func (e *TokenError) Unwrap() error { return ErrTokenRefused }

// readTokenError reads what can be read: the status alone is an error.
func readTokenError(resp *http.Response, client Client, now time.Time) *TokenError {
	e := &TokenError{Status: resp.StatusCode}
	if e.Status == http.StatusTooManyRequests {
		e.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), now)
	}
	body, err := readBody(resp, maxTokenResponseBytes)
	if err != nil {
		return e
	}
	var answer struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return e
	}
	// An issuer may well quote what it was sent, even as its code.
	if isCode(answer.Error) && client.strike(answer.Error) == answer.Error {
		e.Code = answer.Error
	}
	e.Description = describe(answer.Description, client)
	return e
}

// describe strikes the secret out before the text is cut, lest a piece of it stay, and
// again after it was made printable, which could have put it together.
func describe(s string, client Client) string {
	return sanitize(client.strike(printableASCII(client.strike(s))))
}

// retryAfter reads both forms of RFC 9110 §10.2.3.
func retryAfter(value string, now time.Time) time.Duration {
	wait, ok := deltaSeconds(value)
	if !ok {
		at, err := http.ParseTime(value)
		if err != nil {
			return defaultRetryAfter
		}
		wait = at.Sub(now)
	}
	return max(minRetryAfter, min(wait, maxRetryAfter))
}
