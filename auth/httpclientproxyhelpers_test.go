package auth

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// proxy is an HTTP proxy that leads everybody to one address.
type proxy struct {
	*httptest.Server
	to     string // the address, whatever was asked for
	answer http.HandlerFunc
	mu     sync.Mutex
	seen   []*http.Request
}

const (
	proxyUser     = "proxy-user"
	proxyPassword = "hunter2-of-the-proxy"
)

// newProxy wants the user and the password above.
func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	p := &proxy{to: to}
	p.Server = httptest.NewServer(p)
	p.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(p.Close)
	return p
}

// address is the proxy's URL with what it wants.
func (p *proxy) address() string {
	return "http://" + proxyUser + ":" + proxyPassword + "@" + p.Listener.Addr().String()
}

func (p *proxy) requests() []*http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.seen = append(p.seen, r)
	p.mu.Unlock()
	asBasic := &http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
	user, password, _ := asBasic.BasicAuth()
	switch {
	case p.answer != nil:
		p.answer(w, r)
	case user != proxyUser || password != proxyPassword:
		w.WriteHeader(http.StatusProxyAuthRequired)
	case r.Method == http.MethodConnect:
		p.tunnel(w)
	default:
		serveKeys(w, r)
	}
}

// tunnel joins two connections until one ends.
func (p *proxy) tunnel(w http.ResponseWriter) {
	target, err := net.Dial("tcp", p.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer target.Close()
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	ended := make(chan error, 2)
	copying := func(to io.Writer, from io.Reader) { _, err := io.Copy(to, from); ended <- err }
	go copying(target, buffered)
	go copying(client, target)
	<-ended
}

// deadEnd is an address of this machine at which nobody listens.
func deadEnd(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// mustHide fails where a text has one of the secrets.
func mustHide(t *testing.T, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in %q", secret, text)
		}
	}
}
