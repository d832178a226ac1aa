package outbound

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

// The fixed words.
const (
	tooSlow          = "no answer in time"
	notTLS           = "it speaks http, not https"
	closed           = "the connection was closed without an answer"
	endedEarly       = "the connection was closed in the middle of the answer"
	notHTTP          = "the answer is not HTTP"
	connectionFailed = "the connection failed"
)

// Words says why an exchange failed: in the words of Go and of the operating system
// where they are known to hold only what this side knows, and in fixed ones elsewhere.
func Words(err error) string {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // the method and URL are known to whoever asked
	}
	if text := networkText(err); text != "" {
		return text
	}
	if text := tlsText(err); text != "" {
		return text
	}
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled.Error()
	case errors.Is(err, io.ErrUnexpectedEOF):
		return endedEarly
	case errors.Is(err, io.EOF):
		return closed
	case errors.Is(err, http.ErrSchemeMismatch):
		return notTLS
	case IsTimeout(err):
		return tooSlow
	case strings.Contains(err.Error(), "malformed"):
		return notHTTP
	default:
		return connectionFailed
	}
}

// IsTimeout reports whether an exchange took too long.
func IsTimeout(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout() || errors.Is(err, context.DeadlineExceeded)
}

// networkText tells of addresses and of what the system says. What a proxy failed of
// may be anything.
func networkText(err error) string {
	if e, ok := errors.AsType[*net.OpError](err); ok {
		if e.Op == "proxyconnect" && e.Err != nil {
			return "proxyconnect: " + Words(e.Err)
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
