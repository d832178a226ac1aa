package oauthclient

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// serve starts a server for one test.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

func TestGet(t *testing.T) {
	const limit = 16
	long := strings.Repeat("x", limit)
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    string
		wantErr error
	}{
		{"a body is returned", answer(http.StatusOK, `{"a":1}`), `{"a":1}`, nil},
		{"an empty body is a body", answer(http.StatusOK, ""), "", nil},
		{"a body of exactly the limit", answer(http.StatusOK, long), long, nil},
		{"one byte more, announced", answer(http.StatusOK, long+"x"), "", ErrTooLarge},
		{"a body of the limit, in chunks", chunked(long), long, nil},
		{"one byte more, in chunks", chunked(long + "x"), "", ErrTooLarge},
		{"only 200 is a success: 201", answer(http.StatusCreated, `{}`), "", ErrStatus},
		{"only 200 is a success: 203", answer(http.StatusNonAuthoritativeInfo, `{}`), "", ErrStatus},
		{"only 200 is a success: 204", answer(http.StatusNoContent, ""), "", ErrStatus},
		{"not found", answer(http.StatusNotFound, `{}`), "", ErrStatus},
		{"too many requests", answer(http.StatusTooManyRequests, `{}`), "", ErrStatus},
		{"server error", answer(http.StatusInternalServerError, `{}`), "", ErrStatus},
		{"shorter than announced", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "short")
		}, "", io.ErrUnexpectedEOF},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := serve(t, tt.handler)
			body, header, err := Get(t.Context(), NewHTTPClient(time.Minute), srv.URL, limit)
			if !errors.Is(err, tt.wantErr) {
				t.Fatalf("err = %v, want %v", err, tt.wantErr)
			}
			if string(body) != tt.want {
				t.Errorf("body = %q, want %q", body, tt.want)
			}
			if (header == nil) != (err != nil) {
				t.Errorf("header = %v with err = %v", header, err)
			}
		})
	}
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func chunked(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, c := range []byte(body) {
			_, _ = w.Write([]byte{c})
			_ = http.NewResponseController(w).Flush()
		}
	}
}

func TestGetStatusErrorNamesTheCode(t *testing.T) {
	srv := serve(t, answer(http.StatusTeapot, "the body is nobody's business"))
	_, _, err := Get(t.Context(), srv.Client(), srv.URL+"/keys", 1024)

	status, ok := errors.AsType[*StatusError](err)
	if !ok || status.Code != http.StatusTeapot {
		t.Errorf("err = %#v, want a StatusError with code 418", err)
	}
	if got, want := err.Error(), "fetching "+srv.URL+"/keys: unexpected status 418"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

func TestGetSendsOnePlainRequest(t *testing.T) {
	requests := make(chan *http.Request, 10)
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests <- r
		w.Header().Set("Cache-Control", "max-age=60")
	})
	_, header, err := Get(t.Context(), NewHTTPClient(0), srv.URL+"/x?y=z", 1024)
	if err != nil {
		t.Fatal(err)
	}
	if len(requests) != 1 {
		t.Fatalf("%d requests, want 1", len(requests))
	}
	r := <-requests
	if r.Method != http.MethodGet || r.RequestURI != "/x?y=z" || r.Header.Get("Accept") != "application/json" {
		t.Errorf("got %s %s with Accept %q", r.Method, r.RequestURI, r.Header.Get("Accept"))
	}
	if maxAge, ok := MaxAge(header); !ok || maxAge != time.Minute {
		t.Errorf("MaxAge = %v, %v: the header did not come through", maxAge, ok)
	}
}

// Each row is a client that a caller may have brought; the last is
// http.DefaultClient's kind, which follows ten redirects.
func TestGetNeverFollowsRedirects(t *testing.T) {
	clients := map[string]*http.Client{
		"client of this package":          NewHTTPClient(time.Minute),
		"client with a policy of its own": {CheckRedirect: func(*http.Request, []*http.Request) error { return nil }},
		"client of the standard library":  {},
	}
	for name, client := range clients {
		t.Run(name, func(t *testing.T) {
			followed := false
			srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/target" {
					followed = true
					return
				}
				http.Redirect(w, r, "/target", http.StatusFound)
			})
			_, _, err := Get(t.Context(), client, srv.URL, 1024)
			if status, ok := errors.AsType[*StatusError](err); !ok || status.Code != http.StatusFound {
				t.Errorf("err = %v, want status 302", err)
			}
			if followed {
				t.Error("the redirect was followed")
			}
			// The twin: the target itself is fine.
			if _, _, err := Get(t.Context(), client, srv.URL+"/target", 1024); err != nil {
				t.Errorf("the target asked directly: %v", err)
			}
		})
	}
}

// countingBody counts what is read of a body without end, and whether it was
// closed.
type countingBody struct {
	read   int
	closed bool
}

func (b *countingBody) Read(p []byte) (int, error) { b.read += len(p); return len(p), nil }
func (b *countingBody) Close() error               { b.closed = true; return nil }

type doerFunc func(*http.Request) (*http.Response, error)

func (f doerFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

func TestGetDoesNotReadHugeBodies(t *testing.T) {
	const limit = 256 << 10
	tests := []struct {
		name    string
		length  int64
		status  int
		maxRead int
	}{
		{"200 MiB announced", 200 << 20, http.StatusOK, 0},
		{"200 MiB unannounced", -1, http.StatusOK, 2 * limit},
		{"200 MiB of error page", 200 << 20, http.StatusBadGateway, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := &countingBody{}
			c := doerFunc(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: tt.status, ContentLength: tt.length, Body: body}, nil
			})
			_, _, err := Get(t.Context(), c, "https://issuer.example/", limit)
			if !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrStatus) {
				t.Errorf("err = %v", err)
			}
			if body.read > tt.maxRead {
				t.Errorf("%d bytes were read, want at most %d", body.read, tt.maxRead)
			}
			if !body.closed {
				t.Error("the body was not closed")
			}
		})
	}
}

// A fetch that fails must not leave a connection behind, and one that succeeds
// leaves one that is used again.
func TestGetLeaksNoConnections(t *testing.T) {
	tests := []struct {
		name    string
		handler http.HandlerFunc
		opened  int // connections that ten fetches take
		idle    int // … of which this many stay
	}{
		{"good answers", answer(http.StatusOK, `{}`), 1, 1},
		{"error pages", answer(http.StatusBadGateway, strings.Repeat("x", 100_000)), 10, 0},
		{"bodies too large", answer(http.StatusOK, strings.Repeat("x", 100_000)), 10, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			states := make(chan http.ConnState, 1000)
			srv := httptest.NewUnstartedServer(tt.handler)
			srv.Config.ConnState = func(_ net.Conn, s http.ConnState) { states <- s }
			srv.Start()
			client := NewHTTPClient(time.Minute)
			for range 10 {
				_, _, _ = Get(t.Context(), client, srv.URL, 1024)
			}
			opened, closed := 0, 0
			for opened < tt.opened || opened-closed > tt.idle || len(states) > 0 { // a leak hangs here
				switch <-states {
				case http.StateNew:
					opened++
				case http.StateClosed:
					closed++
				default:
				}
			}
			if opened != tt.opened {
				t.Errorf("%d connections were opened, want %d", opened, tt.opened)
			}
			client.CloseIdleConnections()
			srv.Close()
		})
	}
}

func TestGetGivesUp(t *testing.T) {
	release := make(chan struct{})
	hang := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_ = http.NewResponseController(w).Flush() // the header comes, the body never does
		<-release
	})
	t.Cleanup(func() { close(release) }) // runs before the server is closed

	t.Run("when the client's timeout passes", func(t *testing.T) {
		_, _, err := Get(t.Context(), NewHTTPClient(50*time.Millisecond), hang.URL, 1024)
		if netErr, ok := errors.AsType[net.Error](err); !ok || !netErr.Timeout() {
			t.Errorf("err = %v, want a timeout", err)
		}
	})
	t.Run("when the context ends", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, _, err := Get(ctx, NewHTTPClient(time.Minute), hang.URL, 1024)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v, want DeadlineExceeded", err)
		}
	})
}

func TestGetNeverShowsAPassword(t *testing.T) {
	down := doerFunc(func(r *http.Request) (*http.Response, error) { return http.DefaultTransport.RoundTrip(r) })
	for _, address := range []string{"http://user:hunter2@127.0.0.1:1/keys", "http://user:hunter2@[::1/keys"} {
		_, _, err := Get(t.Context(), down, address, 1024)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Get(%q) = %v", address, err)
		}
	}
}

func TestNewHTTPClient(t *testing.T) {
	client := NewHTTPClient(3 * time.Second)
	transport, ok := client.Transport.(*http.Transport)
	if !ok || transport == http.DefaultTransport {
		t.Fatalf("transport = %T, want one of its own", client.Transport)
	}
	if transport.TLSClientConfig.MinVersion != tls.VersionTLS12 {
		t.Error("TLS below 1.2 is allowed")
	}
	if transport.Proxy == nil {
		t.Error("the environment's proxy is not used")
	}
	for asked, want := range map[time.Duration]time.Duration{
		3 * time.Second: 3 * time.Second,
		0:               defaultTimeout,
		-time.Second:    defaultTimeout,
	} {
		if got := NewHTTPClient(asked).Timeout; got != want {
			t.Errorf("NewHTTPClient(%v) has the timeout %v, want %v", asked, got, want)
		}
	}
}
