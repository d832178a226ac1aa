package devauth_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"mcp-resource-server/auth/devauth"
)

// wire is a listener without a network, which claims a loopback address: its connections are pipes, so that net/http's
// own deadlines run on the clock of a synctest bubble.
type wire struct {
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

func (w *wire) Accept() (net.Conn, error) {
	select {
	case conn := <-w.accepted:
		return conn, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

func (w *wire) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}

func (w *wire) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9000} }

func (w *wire) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case w.accepted <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func newWire() *wire { return &wire{accepted: make(chan net.Conn), closed: make(chan struct{})} }

// client is one whose connections all go to the wire; it leaves none behind.
func (w *wire) client(t *testing.T) wireClient {
	transport := &http.Transport{DialContext: w.dial}
	t.Cleanup(transport.CloseIdleConnections)
	return wireClient{transport}
}

// bubbled is a served server and its client within a synctest bubble.
type bubbled struct {
	*devauth.Server
	wireClient
	stop func() error // ends Serve, and gives what it gave
}

// inBubble starts one; t is that of the bubble.
func inBubble(t *testing.T) bubbled {
	t.Helper()
	ln := newWire()
	s, err := devauth.New(ln, testConfig())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	stop := sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return bubbled{s, ln.client(t), stop}
}

// exchange is one answer, and when its parts came.
type exchange struct {
	status      int
	body        string
	begun, done time.Duration // since the request
	err         error
}

type wireClient struct{ transport *http.Transport }

func (c wireClient) get(ctx context.Context, target string) exchange {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return exchange{err: err}
	}
	return c.exchange(r)
}

func (c wireClient) exchange(r *http.Request) exchange {
	sent := time.Now()
	resp, err := c.transport.RoundTrip(r)
	if err != nil {
		return exchange{err: err, done: time.Since(sent)}
	}
	defer func() { _ = resp.Body.Close() }()
	e := exchange{status: resp.StatusCode, begun: time.Since(sent)}
	body, err := io.ReadAll(resp.Body)
	e.body, e.done, e.err = string(body), time.Since(sent), err
	return e
}

// token is a request that the token endpoint grants.
func (b bubbled) token(ctx context.Context) exchange {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.TokenURL(), strings.NewReader(form("")))
	if err != nil {
		return exchange{err: err}
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.exchange(r)
}
