package oauthclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// net/http quotes what it does not understand: a status, a header, the debug data of
// HTTP/2. The other side may have put there what it was sent before, a token or a
// secret. So its errors get words of ours, except for those that are known to hold only
// what this side knows.
const (
	notHTTP          = "the answer is not HTTP"
	connectionFailed = "the connection failed"
)

// transportError is an error of net/http's in our words. errors.Is and errors.As find
// the cause.
type transportError struct {
	text  string
	cause error
}

func (e *transportError) Error() string { return e.text }
func (e *transportError) Unwrap() error { return e.cause }

// Timeout tells the errors of net/url, which ask nothing but their direct cause.
func (e *transportError) Timeout() bool { return isTimeout(e.cause) }

// Temporary is there for net.Error.
func (e *transportError) Temporary() bool { return e.Timeout() }

// inOurWords words an error of net/http's. The method and URL that an http.Client puts
// before the cause are left out: Get names the URL once, for all causes.
func inOurWords(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if text := causeText(err); text != err.Error() {
		return &transportError{text, err}
	}
	return err
}

func causeText(err error) string {
	if text := networkText(err); text != "" {
		return text
	}
	if text := tlsText(err); text != "" {
		return text
	}
	for _, known := range []error{context.Canceled, io.ErrUnexpectedEOF, io.EOF, http.ErrSchemeMismatch} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	switch text := err.Error(); {
	case isTimeout(err):
		return "timeout"
	case strings.Contains(text, "malformed"):
		return notHTTP
	default:
		return connectionFailed
	}
}

func isTimeout(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout() || errors.Is(err, context.DeadlineExceeded)
}

// networkText tells of addresses and of what the system says. What a proxy failed of
// may be anything.
func networkText(err error) string {
	if e, ok := errors.AsType[*net.OpError](err); ok {
		if e.Op == "proxyconnect" && e.Err != nil {
			return "proxyconnect: " + causeText(e.Err)
		}
		return e.Error()
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return e.Error()
	}
	return ""
}

// tlsText says what is wrong with a certificate, and nothing that stands in it.
func tlsText(err error) string {
	if e, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return e.Error()
	}
	if e, ok := errors.AsType[x509.HostnameError](err); ok {
		return "tls: the certificate is not valid for " + e.Host
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "tls: the certificate is signed by an unknown authority"
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired {
		return "tls: the certificate has expired or is not yet valid"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "tls: the certificate cannot be verified"
	}
	if strings.HasPrefix(err.Error(), "tls: ") {
		return "tls: the handshake failed"
	}
	return ""
}
