package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"
)

// secret is what the other side was sent, and sends back.
const secret = "s3cret"

func TestWords(t *testing.T) {
	cert := &x509.Certificate{DNSNames: []string{secret + ".example"}}
	verification := func(err error) error { return &tls.CertificateVerificationError{Err: err} }
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"another name", verification(x509.HostnameError{Certificate: cert, Host: "me.example"}), "tls: the certificate is not valid for me.example"},
		{"expired", verification(x509.CertificateInvalidError{Reason: x509.Expired, Detail: secret}), "tls: the certificate has expired or is not yet valid"},
		{"another fault", verification(x509.CertificateInvalidError{Reason: x509.NameMismatch, Detail: secret}), "tls: the certificate cannot be verified"},
		{"not TLS", tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, "tls: first record does not look like a TLS handshake"},
		{"another handshake", errors.New("tls: " + secret), "tls: the handshake failed"},
		{"an alert", &net.OpError{Op: "remote error", Err: errors.New("tls: bad certificate")}, "remote error: tls: bad certificate"},
		{"the proxy's word", &net.OpError{Op: "proxyconnect", Net: "tcp", Err: errors.New(secret)}, "proxyconnect: " + connectionFailed},
		{"no such host", &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "host.example"}}, "dial tcp: lookup host.example: no such host"},
		{"a name alone", &net.DNSError{Err: "no such host", Name: "host.example"}, "lookup host.example: no such host"},
		{"a cause among others", fmt.Errorf("%s: %w", secret, refused), "dial tcp: connection refused"},
		{"a deadline", fmt.Errorf("%s: %w", secret, context.DeadlineExceeded), tooSlow},
		{"cancelled", fmt.Errorf("%s: %w", secret, context.Canceled), "context canceled"},
		{"debug data", errors.New("http2: server sent GOAWAY and closed the connection; debug=" + secret), connectionFailed},
		{"an end", fmt.Errorf("%s: %w", secret, io.EOF), closed},
		{"an end too early", fmt.Errorf("%s: %w", secret, io.ErrUnexpectedEOF), endedEarly},
		{"http", http.ErrSchemeMismatch, notTLS},
		{"a malformed answer", errors.New(`malformed HTTP status code "` + secret + `"`), notHTTP},
		{"anything", errors.New(secret), connectionFailed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, err := range []error{tt.err, &url.Error{Op: "Get", URL: "https://host.example/", Err: tt.err}} {
				if got := Words(err); got != tt.want {
					t.Errorf("Words(%v) = %q, want %q", err, got, tt.want)
				}
			}
		})
	}
}

// TLS trouble as it really comes. The last row is the twin.
func TestWordsOfTLS(t *testing.T) {
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	secure := httptest.NewUnstartedServer(handler)
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	open := httptest.NewServer(handler)
	t.Cleanup(open.Close)
	trusting := func(change func(*tls.Config)) *http.Client {
		config := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
		config.RootCAs.AddCert(secure.Certificate())
		change(config)
		return &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
	}
	tests := []struct {
		name, base string
		client     *http.Client
		want       string
	}{
		{"unknown authority", secure.URL, http.DefaultClient, "tls: the certificate is signed by an unknown authority"},
		{"another host", secure.URL, trusting(func(c *tls.Config) { c.ServerName = "models.test" }), "tls: the certificate is not valid for models.test"},
		{"expired", secure.URL, trusting(func(c *tls.Config) { c.Time = func() time.Time { return time.Unix(1<<40, 0) } }), "tls: the certificate has expired or is not yet valid"},
		{"no common protocol", secure.URL, trusting(func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }), "remote error: tls: protocol version not supported"},
		{"http", "https" + strings.TrimPrefix(open.URL, "http"), http.DefaultClient, notTLS},
		{"good", secure.URL, trusting(func(*tls.Config) {}), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.base, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := tt.client.Do(req)
			if err == nil {
				resp.Body.Close()
			}
			if got := words(err); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func words(err error) string {
	if err == nil {
		return ""
	}
	return Words(err)
}
