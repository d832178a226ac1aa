package oauthclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"mcp-resource-server/internal/outbound"
)

// Errors to branch on. Each is wrapped with the URL that it is about.
var (
	// ErrStatus is any answer whose status is not 200. The error in the chain
	// is a [*StatusError].
	ErrStatus = errors.New("unexpected status")
	// ErrTooLarge is a body longer than the limit.
	ErrTooLarge = errors.New("body too large")
)

// StatusError is an answer whose status is not 200. It is an [ErrStatus].
type StatusError struct {
	Code int // the status code, such as 404
}

// Error names the status code.
func (e *StatusError) Error() string { return fmt.Sprintf("%v %d", ErrStatus, e.Code) }

// Unwrap gives ErrStatus.
func (e *StatusError) Unwrap() error { return ErrStatus }

// Doer sends one HTTP request; *http.Client is one. A Doer that is not an
// *http.Client MUST NOT follow redirects.
type Doer interface {
	Do(req *http.Request) (*http.Response, error)
}

const defaultTimeout = 10 * time.Second

// NewHTTPClient returns a client for requests to authorization servers. The
// timeout bounds one whole exchange, body included; zero or less means 10
// seconds. It has a transport of its own, takes a proxy from the environment
// (HTTPS_PROXY, NO_PROXY …), asks for TLS 1.2 at least and hands redirects back
// unfollowed.
func NewHTTPClient(timeout time.Duration) *http.Client {
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	dialer := &net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second}
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: outbound.UseLastResponse,
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    timeout,
			ResponseHeaderTimeout:  timeout,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConns:           16,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        30 * time.Second,
			ForceAttemptHTTP2:      true, // a TLSClientConfig of our own would switch it off
		},
	}
}

// Get fetches url once and returns the body and the header of the answer.
// Redirects are not followed: like every status but 200 they are an
// [ErrStatus]. A body of more than limit bytes is an [ErrTooLarge], and the
// rest of it is not read. Errors hold no text of the answer's.
func Get(ctx context.Context, c Doer, url string, limit int64) ([]byte, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		// net/url quotes what it was given, which may hold a password.
		return nil, nil, errors.New("fetching: not a URL")
	}
	body, header, err := fetch(outbound.WithoutRedirects(c), req, limit)
	if err != nil {
		return nil, nil, fmt.Errorf("fetching %s: %w", req.URL.Redacted(), err)
	}
	return body, header, nil
}

func fetch(c Doer, req *http.Request, limit int64) ([]byte, http.Header, error) {
	req.Header.Set("Accept", "application/json")
	resp, err := c.Do(req)
	if err != nil {
		return nil, nil, inOurWords(err)
	}
	// A body that was read to its end leaves the connection to the next
	// request; any other is closed with its connection, because reading the
	// rest of it would let the other side set the pace.
	defer resp.Body.Close()

	if resp.StatusCode != http.StatusOK {
		return nil, nil, &StatusError{Code: resp.StatusCode}
	}
	body, err := readBody(resp, limit)
	if err != nil {
		return nil, nil, err
	}
	return body, resp.Header, nil
}

// readBody reads a body of at most limit bytes.
func readBody(resp *http.Response, limit int64) ([]byte, error) {
	if resp.ContentLength > limit {
		return nil, fmt.Errorf("%w: %d bytes announced, the limit is %d", ErrTooLarge, resp.ContentLength, limit)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading the body: %w", inOurWords(err)) // trailers are quoted too
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("%w: the limit is %d bytes", ErrTooLarge, limit)
	}
	return body, nil
}
