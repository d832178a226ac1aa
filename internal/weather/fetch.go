package weather

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"mcp-resource-server/internal/outbound"
)

const (
	tryTimeout = 5 * time.Second // for one exchange, body included
	retryPause = 300 * time.Millisecond
	maxBody    = 256 << 10 // bytes; a real answer has about one thousand
)

// errAgain marks what may be different a moment later. It shows nowhere.
type errAgain struct{ error }

// fetch returns the body of the answer to a GET. A service that cannot be reached,
// or says that it is broken (5xx), is asked once more; whatever else it says stands.
func (c *Client) fetch(ctx context.Context, address string) ([]byte, error) {
	body, err := c.try(ctx, address)
	again, ok := errors.AsType[errAgain](err)
	if !ok {
		return body, err
	}
	select {
	case <-ctx.Done():
		return nil, again.error
	case <-time.After(retryPause):
	}
	body, err = c.try(ctx, address)
	if again, ok := errors.AsType[errAgain](err); ok {
		return nil, again.error
	}
	return body, err
}

func (c *Client) try(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, failed(ErrUnavailable, "its address is not a URL")
	}
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, errAgain{failed(ErrUnavailable, outbound.Words(err))}
	}
	defer resp.Body.Close()
	body, err := read(resp)
	if resp.StatusCode != http.StatusOK {
		// Its body may tell more, and need not be there.
		return nil, c.refusal(resp.StatusCode, body)
	}
	return body, err
}

func read(resp *http.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return nil, errAgain{failed(ErrUnavailable, outbound.Words(err))}
	}
	if len(body) > maxBody {
		return nil, broken("more than 256 KiB")
	}
	return body, nil
}

// refusal is the error for an answer whose status is not 200.
func (c *Client) refusal(status int, body []byte) error {
	words := fmt.Sprintf("status %d", status)
	switch {
	case status == http.StatusUnauthorized,
		status == http.StatusForbidden && c.keyed, // without a key it is about something else
		status == http.StatusBadRequest && c.service.keyRefused(body):
		return failed(ErrKeyRefused, words)
	case status == http.StatusTooManyRequests:
		return failed(ErrLimited, words)
	case status >= 300 && status < 400:
		return failed(ErrUnavailable, words+", a redirect, which is not followed")
	case status >= 400 && status < 500:
		return failed(ErrRefused, words)
	case status >= 500:
		return errAgain{failed(ErrUnavailable, words)}
	default:
		return failed(ErrUnavailable, words)
	}
}

// ownOr returns a client that follows no redirects: the one that was given, or one of
// this package's.
func ownOr(d Doer) Doer {
	if d == nil {
		return newHTTPClient()
	}
	return outbound.WithoutRedirects(d)
}

func newHTTPClient() *http.Client {
	dialer := &net.Dialer{Timeout: tryTimeout, KeepAlive: 30 * time.Second}
	return &http.Client{
		CheckRedirect: outbound.UseLastResponse,
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    tryTimeout,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConns:           4,
			IdleConnTimeout:        30 * time.Second,
			ForceAttemptHTTP2:      true, // a dialer of our own would switch it off
		},
	}
}
