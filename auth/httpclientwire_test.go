package auth

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mcp-resource-server/internal/oauthclient"
)

// No answer leaves a connection behind, whether it was read to its end or not.
func TestHTTPClientLeavesNoConnection(t *testing.T) {
	ca := newAuthority(t, "ours")
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	for name, handler := range map[string]http.HandlerFunc{
		"a good set": serveKeys,
		"500": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, strings.Repeat("down", 1<<15), http.StatusInternalServerError)
		},
		"404":       http.NotFound,
		"429":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"redirect":  func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"HTML":      func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<!DOCTYPE html>")) },
		"too large": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2*MaxKeySetBytes)) },
		"cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`{"keys":[`))
		},
		"hangs": func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-release:
			}
		},
		"hangs in the middle": func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(`{"keys":[`))
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-release:
			}
		},
	} {
		for protocol, with := range map[string]*authority{"HTTP/1.1": nil, "HTTP/2": &ca} {
			t.Run(name+" by "+protocol, func(t *testing.T) {
				issuer := newWireIssuer(t, with, handler)
				c := DefaultConfig()
				c.JWKS.Timeout = 100 * time.Millisecond
				c.HTTP.CAFile = fileOf(t, ca.pem())
				if name == "a good set" {
					c.JWKS.Timeout = 10 * time.Second
				}
				s, _ := wireStore(t, c, issuer.URL)
				for range 2 {
					if _, err := s.fetcher.fetch(t.Context()); (err == nil) != (name == "a good set") {
						t.Errorf("err = %v", err)
					}
				}
				issuer.closesAll(t)
			})
		}
	}
}

// An endless body is not read on, however long it is.
func TestHTTPClientEndlessBody(t *testing.T) {
	const size = 200 << 20
	var sent atomic.Int64
	done := make(chan struct{})
	issuer := newWireIssuer(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		defer close(done)
		for chunk := make([]byte, 64<<10); sent.Load() < size; {
			n, err := w.Write(chunk)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	})
	s, _ := wireStore(t, DefaultConfig(), issuer.URL)
	if _, err := s.fetcher.fetch(t.Context()); fetchErrorClass(err) != "too_large" {
		t.Errorf("err = %v", err)
	}
	<-done
	// What is beyond the limit is in the buffers of two sockets.
	if n := sent.Load(); n > 32<<20 {
		t.Errorf("%d of %d bytes were taken", n, size)
	}
	issuer.closesAll(t)
}

// A redirect is refused, whatever stands where it leads.
func TestHTTPClientFollowsNoRedirect(t *testing.T) {
	for _, code := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			var followed atomic.Bool
			issuer := newWireIssuer(t, nil, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/keys" {
					followed.Store(true)
					serveKeys(w, r)
					return
				}
				http.Redirect(w, r, "/others", code)
			})
			s, _ := wireStore(t, DefaultConfig(), issuer.URL+"/keys")
			if _, err := s.fetcher.fetch(t.Context()); fetchErrorClass(err) != "http_status" || followed.Load() {
				t.Errorf("err = %v, followed: %v", err, followed.Load())
			}
			direct, _ := wireStore(t, DefaultConfig(), issuer.URL+"/others")
			if _, err := direct.fetcher.fetch(t.Context()); err != nil {
				t.Errorf("asked directly: %v", err)
			}
		})
	}
}

// A connection that died without a word (a firewall forgot it) costs no later fetch.
// With HTTP/2 it would be tried again and again.
func TestHTTPClientDeadConnection(t *testing.T) {
	ca := newAuthority(t, "ours")
	issuer := newWireIssuer(t, &ca, serveKeys)
	c := DefaultConfig()
	c.HTTP.CAFile = fileOf(t, ca.pem())
	s, _ := wireStore(t, c, issuer.URL)
	transport := s.fetcher.client.(*http.Client).Transport.(*http.Transport)
	var dead atomic.Bool
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil || dead.Load() {
			return conn, err
		}
		return mortalConn{conn, &dead}, nil
	}
	if _, err := s.fetcher.fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	dead.Store(true)
	if _, err := s.fetcher.fetch(t.Context()); err != nil {
		t.Errorf("after the connection died: %v", err)
	}
}

// mortalConn swallows what is written once it is dead, as does a path that drops
// packets.
type mortalConn struct {
	net.Conn
	dead *atomic.Bool
}

func (c mortalConn) Write(p []byte) (int, error) {
	if c.dead.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// Many exchanges that hang, with one host or with several, keep nobody else's waiting.
func TestHTTPClientIsSharedWithoutWaiting(t *testing.T) {
	const hanging = 32
	ca := newAuthority(t, "ours")
	release := make(chan struct{})
	arrived := make(chan struct{}, hanging)
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow/keys" {
			arrived <- struct{}{}
			<-release
		}
		serveKeys(w, r)
	}
	slow, other := newWireIssuer(t, &ca, handler), newWireIssuer(t, &ca, handler)
	c := DefaultConfig()
	c.JWKS.Timeout = time.Minute
	c.HTTP.CAFile = fileOf(t, ca.pem())
	client, err := NewHTTPClient(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	errs := make(chan error, hanging)
	for range hanging {
		go func() {
			_, _, err := oauthclient.Get(ctx, client, slow.URL+"/slow/keys", MaxKeySetBytes)
			errs <- err
		}()
	}
	for range hanging {
		<-arrived
	}
	for _, address := range []string{slow.URL + "/quick/keys", other.URL + "/quick/keys"} {
		if _, _, err := oauthclient.Get(ctx, client, address, MaxKeySetBytes); err != nil {
			t.Errorf("%s while others hang: %v", address, err)
		}
	}
	close(release)
	for range hanging {
		if err := <-errs; err != nil {
			t.Errorf("one that hung: %v", err)
		}
	}
}
