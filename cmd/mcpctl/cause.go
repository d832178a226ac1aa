package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
)

// causeText says why a request could not be exchanged. It keeps the words of causes
// that are known, and of no other: net/http quotes a malformed answer, and HTTP/2 what a
// server says when it hangs up, which may both hold what the server was sent.
func causeText(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return "no answer in time"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "it speaks http, not https"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed without an answer"
	}
	if known := knownCause(err); known != nil {
		return known.Error()
	}
	if strings.Contains(err.Error(), "malformed") {
		return "the answer is not HTTP"
	}
	return "the connection failed"
}

func isTimeout(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

// knownCause is the outermost error of a chain whose words are those of Go, of the
// operating system or of a certificate; nil if there is none.
func knownCause(err error) error {
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op != "proxyconnect" {
		return e
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return e
	}
	if e, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return e
	}
	if e, ok := errors.AsType[x509.HostnameError](err); ok {
		return e
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		return e
	}
	if e, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return e
	}
	return nil
}
