package oauthclient

import (
	"context"
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

	"mcp-resource-server/internal/outbound"
)

// serveRaw answers every connection with the same bytes, and returns the server's URL.
func serveRaw(t *testing.T, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = conn.Read(make([]byte, 64<<10))
				_, _ = io.WriteString(conn, answer)
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// What net/http cannot read it quotes, and a server may have put there what it was sent.
func TestNoErrorQuotesAMalformedAnswer(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	tests := []struct{ name, answer, want string }{
		{"a status code", "HTTP/1.1 " + testSecret + " OK\r\n\r\n", "the answer is not HTTP"},
		{"a version", testSecret + " 200 OK\r\n\r\n", "the answer is not HTTP"},
		{"a line", testSecret + "\r\n\r\n", "the answer is not HTTP"},
		{"a header without a colon", head + testSecret + "\r\n\r\n", "the answer is not HTTP"},
		{"a length", head + "Content-Length: " + testSecret + "\r\n\r\n", "the connection failed"},
		{"a coding", head + "Transfer-Encoding: " + testSecret + "\r\n\r\n", "the connection failed"},
		{"a trailer", head + "Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n2\r\n{}\r\n0\r\n" + testSecret + "\r\n\r\n", "the answer is not HTTP"},
		{"nothing", "", "the connection was closed without an answer"},
		{"half a body", head + "Content-Length: 100\r\n\r\n{", "the connection was closed in the middle of the answer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base := serveRaw(t, tt.answer)
			for what, err := range everyRequest(t, base) {
				if err == nil || strings.Contains(err.Error(), testSecret) || !strings.HasSuffix(err.Error(), tt.want) {
					t.Errorf("%s: %v, want …%s", what, err, tt.want)
				}
			}
		})
	}
	t.Run("the twin", func(t *testing.T) {
		for what, err := range everyRequest(t, serveRaw(t, head+"Connection: close\r\nContent-Length: 42\r\n\r\n"+`{"access_token":"t","token_type":"Bearer"}`)) {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// everyRequest sends what this package sends.
func everyRequest(t *testing.T, base string) map[string]error {
	t.Helper()
	client := NewHTTPClient(time.Minute)
	t.Cleanup(client.CloseIdleConnections)
	_, _, getErr := Get(t.Context(), client, base, 1024)
	_, tokenErr := RequestToken(t.Context(), client, Metadata{Issuer: base, TokenEndpoint: base + "/token"}, testClient, Grant{}, testNow)
	a, err := NewAuthorizer(Options{Endpoint: base, Client: testClient, HTTP: client, Base: client.Transport})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]error{"Get": getErr, "RequestToken": tokenErr, "RoundTrip": readAll(t, a, base), "Once": readAll(t, a.Once(), base)}
}

// readAll words what the body failed of as a caller has to: the Authorizer does not
// read it.
func readAll(t *testing.T, rt http.RoundTripper, address string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = readBody(resp, 1024)
	return err
}

// The probe of Token has no answer of the caller's; its error tells as little.
func TestProbeQuotesNoAnswer(t *testing.T) {
	base := serveRaw(t, "HTTP/1.1 "+testSecret+" OK\r\n\r\n")
	a, err := NewAuthorizer(Options{Endpoint: base, Client: testClient})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Token(t.Context()); err == nil || err.Error() != "asking the endpoint for its challenge: the answer is not HTTP" {
		t.Errorf("Token: %v", err)
	}
}

// What an operator needs to know is still told.
func TestGetSaysWhyItFailed(t *testing.T) {
	hang := make(chan struct{})
	slow := serve(t, func(http.ResponseWriter, *http.Request) { <-hang })
	t.Cleanup(func() { close(hang) })
	secure := httptest.NewTLSServer(answer(http.StatusOK, `{}`))
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(secure.Close)
	plain := serve(t, answer(http.StatusOK, `{}`))
	tests := []struct {
		name, address string
		want          string // at the end
	}{
		{"connection refused", "http://127.0.0.1:1/", "dial tcp 127.0.0.1:1: connect: connection refused"},
		{"timeout", slow.URL, "no answer in time"},
		{"unknown authority", secure.URL, "tls: the certificate is signed by an unknown authority"},
		{"http where https is", strings.Replace(plain.URL, "http:", "https:", 1), "it speaks http, not https"},
		{"the proxy is not there", "http://proxied.example/", "proxyconnect: dial tcp 127.0.0.1:1: connect: connection refused"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client := NewHTTPClient(200 * time.Millisecond)
			if tt.name != "timeout" {
				client = NewHTTPClient(time.Minute)
			}
			transport, ok := client.Transport.(*http.Transport)
			if !ok {
				t.Fatal("no transport")
			}
			transport.Proxy = func(r *http.Request) (*url.URL, error) {
				if r.URL.Host != "proxied.example" {
					return nil, nil
				}
				return &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, nil
			}
			_, _, err := Get(t.Context(), client, tt.address, 1024)
			if err == nil || !strings.HasSuffix(err.Error(), ": "+tt.want) {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

// The cause is found below the words, and whether it was a timeout.
func TestInOurWords(t *testing.T) {
	for _, cause := range []error{
		context.Canceled, fmt.Errorf("%s: %w", testSecret, context.DeadlineExceeded),
		&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}, errors.New(testSecret),
	} {
		err := inOurWords(&url.Error{Op: "Get", URL: "https://host.example/?key=" + testSecret, Err: cause})
		if err.Error() != outbound.Words(cause) || !errors.Is(err, cause) {
			t.Errorf("%q, want %q", err, outbound.Words(cause))
		}
		if outer := (&url.Error{Err: err}); outer.Timeout() != errors.Is(cause, context.DeadlineExceeded) {
			t.Errorf("%q: Timeout = %v", err, outer.Timeout())
		}
	}
}
