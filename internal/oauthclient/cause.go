package oauthclient

import (
	"errors"
	"net/url"

	"mcp-resource-server/internal/outbound"
)

// transportError is an error of net/http's in words that may be shown. errors.Is and
// errors.As find the cause.
type transportError struct {
	text  string
	cause error
}

func (e *transportError) Error() string { return e.text }
func (e *transportError) Unwrap() error { return e.cause }

// Timeout tells the errors of net/url, which ask nothing but their direct cause.
func (e *transportError) Timeout() bool { return outbound.IsTimeout(e.cause) }

// Temporary is there for net.Error.
func (e *transportError) Temporary() bool { return e.Timeout() }

// inOurWords words an error of net/http's. The method and URL that an http.Client puts
// before the cause are left out: Get names the URL once, for all causes.
func inOurWords(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if text := outbound.Words(err); text != err.Error() {
		return &transportError{text, err}
	}
	return err
}
