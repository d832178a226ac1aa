package ask

import (
	"bufio"
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
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"mcp-resource-server/internal/fakemodel"
)

// echo is a server that reads one request and answers with a text, as it is, in
// which KEY stands for the key that it was given.
func echo(t *testing.T, text string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
				_, _ = io.WriteString(conn, strings.ReplaceAll(text, "KEY", key))
			}
			conn.Close()
		}
	}()
	return "http://" + listener.Addr().String() + "/v1"
}

// net/http quotes what it cannot read, and it was the key. The twin is the same
// server when it answers with HTTP.
func TestKeyEchoedInWhatIsNotHTTP(t *testing.T) {
	const good = `{"choices":[{"message":{"role":"assistant","content":"Done."}}]}`
	tests := []struct{ name, answer, want string }{
		{"a status line", "KEY\r\n\r\n", errNotHTTP.Error()},
		{"a status", "HTTP/1.1 KEY OK\r\n\r\n", errNotHTTP.Error()},
		{"a version", "HTTP/KEY 200 OK\r\n\r\n", errNotHTTP.Error()},
		{"a header without a colon", "HTTP/1.1 200 OK\r\nKEY\r\n\r\n", errNotHTTP.Error()},
		{"a length", "HTTP/1.1 200 OK\r\nContent-Length: KEY\r\n\r\n", errNotHTTP.Error()},
		{"an encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: KEY\r\n\r\n", errNotHTTP.Error()},
		{"a redirect to no URL", "HTTP/1.1 302 Found\r\nLocation: http://[KEY\r\nContent-Length: 0\r\n\r\n", errNotHTTP.Error()},
		{"a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nKEY\r\n", errNotHTTP.Error()},
		{"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nKEY", io.ErrUnexpectedEOF.Error()},
		{"nothing", "", io.ErrUnexpectedEOF.Error()},
		{"an answer", "HTTP/1.1 200 OK\r\nX-Key: KEY\r\nContent-Length: " + fmt.Sprint(len(good)) + "\r\n\r\n" + good, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base := echo(t, tt.answer)
			answer, err := askServer(t, base, nil)
			if tt.want == "" {
				if err != nil || answer != "Done." {
					t.Errorf("the twin: %q, %v", answer, err)
				}
				return
			}
			if !errors.Is(err, ErrModel) || !strings.HasSuffix(err.Error(), ": "+tt.want) || !strings.Contains(err.Error(), base) {
				t.Errorf("%v, want an ErrModel with %q", err, tt.want)
			}
			for ; err != nil; err = firstCause(err) {
				if strings.Contains(fmt.Sprintf("%v %+v", err, err), testKey) {
					t.Errorf("the key is in %#v", err)
				}
			}
		})
	}
}

// firstCause is what a ModelError has below ErrModel, and what that wraps.
func firstCause(err error) error {
	if e, ok := errors.AsType[*ModelError](err); ok {
		return e.cause
	}
	return errors.Unwrap(err)
}

func TestCauses(t *testing.T) {
	foreign := errors.New(testKey)
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"refused", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, "connection refused"},
		{"reset", &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, "connection reset by peer"},
		{"no such host", &net.OpError{Op: "dial", Err: &net.DNSError{Err: testKey, Name: "models.example", IsNotFound: true}}, "no such host: models.example"},
		{"no answer of the DNS", &net.DNSError{Err: testKey, Name: "models.example", IsTimeout: true}, "the address of models.example cannot be looked up"},
		{"a timeout", &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, "it took too long"},
		{"the client's timeout", fmt.Errorf("%w (%w)", context.DeadlineExceeded, foreign), "it took too long"},
		{"stopped", fmt.Errorf("%w (%w)", context.Canceled, foreign), "context canceled"},
		{"an end", fmt.Errorf("%w (%w)", io.EOF, foreign), "unexpected EOF"},
		{"an alert", &net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}, "the TLS handshake failed"},
		{"TLS without a type", errors.New("tls: " + testKey), "the TLS handshake failed"},
		{"an unusable certificate", &tls.CertificateVerificationError{Err: foreign}, "its certificate cannot be verified"},
		{"an old certificate", &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired, Detail: testKey}}, "its certificate cannot be verified: it has expired, or is not valid yet"},
		{"a proxy's words", &net.OpError{Op: "proxyconnect", Err: foreign}, errNotHTTP.Error()},
		{"anything", foreign, errNotHTTP.Error()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, err := range []error{tt.err, &url.Error{Op: "Post", URL: "https://models.example/", Err: tt.err}} {
				if got := causeOf(err).Error(); got != tt.want {
					t.Errorf("causeOf(%v) = %q, want %q", err, got, tt.want)
				}
			}
		})
	}
}

// TLS trouble as it really comes. The last row is the twin.
func TestCausesInTLS(t *testing.T) {
	handler := fakemodel.Script(says("Done."), says("Done."))
	secure := httptest.NewUnstartedServer(handler)
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	open := httptest.NewServer(handler)
	t.Cleanup(open.Close)
	trusting := func(change func(*tls.Config)) Doer {
		config := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
		config.RootCAs.AddCert(secure.Certificate())
		change(config)
		return &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
	}
	tests := []struct {
		name, base string
		client     Doer
		want       string
	}{
		{"unknown authority", secure.URL, nil, "its certificate cannot be verified: nobody that is trusted here has signed it"},
		{"another host", secure.URL, trusting(func(c *tls.Config) { c.ServerName = "models.test" }), "its certificate cannot be verified: it is not for models.test"},
		{"expired", secure.URL, trusting(func(c *tls.Config) { c.Time = func() time.Time { return time.Unix(1<<40, 0) } }), "its certificate cannot be verified: it has expired, or is not valid yet"},
		{"no common protocol", secure.URL, trusting(func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }), "the TLS handshake failed"},
		{"http", "https" + strings.TrimPrefix(open.URL, "http"), nil, "it speaks http, not https"},
		{"good", secure.URL, trusting(func(*tls.Config) {}), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answer, err := askServer(t, tt.base, tt.client)
			if tt.want == "" {
				if err != nil || answer != "Done." {
					t.Errorf("the twin: %q, %v", answer, err)
				}
				return
			}
			if want := "asking the model: no answer from " + tt.base + ": " + tt.want; err == nil || err.Error() != want {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
}

func TestSlowModel(t *testing.T) {
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or the server does not notice that the client has gone
		<-r.Context().Done()
	}))
	t.Cleanup(slow.Close)
	_, err := askServer(t, slow.URL, &http.Client{Timeout: 50 * time.Millisecond})
	if want := "asking the model: no answer from " + slow.URL + ": it took too long"; err == nil || err.Error() != want {
		t.Errorf("%v, want %q", err, want)
	}
}
