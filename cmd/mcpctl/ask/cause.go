package ask

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// Causes of an exchange that failed, in words of this package.
var (
	errTooSlow     = errors.New("it took too long")
	errNotTLS      = errors.New("it speaks http, not https")
	errHandshake   = errors.New("the TLS handshake failed")
	errCertificate = errors.New("its certificate cannot be verified")
	errNotHTTP     = errors.New("the connection failed, or what came is not HTTP")
)

// causeOf says why an exchange failed. net/http quotes in its errors what a peer
// sent, a line of a header or a whole status line, and a peer can send the key that
// it was given: no text of an error passes here, but of those whose words are fixed.
func causeOf(err error) error {
	dns, isDNS := errors.AsType[*net.DNSError](err)
	timeout, isNet := errors.AsType[net.Error](err)
	errno, isErrno := errors.AsType[syscall.Errno](err)
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case isDNS && dns.IsNotFound:
		return fmt.Errorf("no such host: %s", Printable(dns.Name))
	case isDNS:
		return fmt.Errorf("the address of %s cannot be looked up", Printable(dns.Name))
	case errors.Is(err, context.DeadlineExceeded), isNet && timeout.Timeout():
		return errTooSlow
	case isErrno: // such as "connection refused"
		return errno
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF // before an answer has ended, each end is
	}
	return causeInTLS(err)
}

// causeInTLS is the part of causeOf about TLS. The words of crypto/x509 are not
// passed on either: they name what stands in the certificate.
func causeInTLS(err error) error {
	host, isHost := errors.AsType[x509.HostnameError](err)
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	operation, isOperation := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return errNotTLS
	case isHost:
		return fmt.Errorf("%w: it is not for %s", errCertificate, Printable(host.Host))
	case isInvalid && invalid.Reason == x509.Expired:
		return fmt.Errorf("%w: it has expired, or is not valid yet", errCertificate)
	case isType[x509.UnknownAuthorityError](err):
		return fmt.Errorf("%w: nobody that is trusted here has signed it", errCertificate)
	case isType[*tls.CertificateVerificationError](err):
		return errCertificate
	case isType[tls.RecordHeaderError](err), strings.HasPrefix(withoutURL(err).Error(), "tls: "):
		return errHandshake // most errors of crypto/tls have no type
	case isOperation && operation.Op == "remote error": // how crypto/tls tells of an alert
		return errHandshake
	}
	return errNotHTTP
}

// withoutURL drops the method and URL that net/http puts before a cause.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

func isType[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
