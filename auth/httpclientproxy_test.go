package auth

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The proxy is used with what it wants, and not asked about by the environment.
func TestHTTPClientProxy(t *testing.T) {
	t.Setenv("NO_PROXY", "*")
	t.Setenv("HTTPS_PROXY", "http://"+deadEnd(t))
	ca := newAuthority(t, "ours")
	issuer := newWireIssuer(t, &ca, serveKeys)
	proxy := newProxy(t, issuer.Listener.Addr().String())
	c := DefaultConfig()
	c.HTTP = HTTPConfig{Proxy: proxy.address(), CAFile: fileOf(t, ca.pem())}
	if err := c.HTTP.validate().Err(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, address, method, host string }{
		{"https goes through a tunnel", "https://issuer.example/keys", http.MethodConnect, "issuer.example:443"},
		{"http, where insecure_http allows it, does not", "http://issuer.example/keys", http.MethodGet, "issuer.example"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := len(proxy.requests())
			s, _ := wireStore(t, c, tt.address)
			answer, err := s.fetcher.fetch(t.Context())
			if err != nil || len(answer.set.keys) != 1 {
				t.Fatalf("%d keys, %v", len(answer.set.keys), err)
			}
			seen := proxy.requests()[before:]
			if len(seen) != 1 || seen[0].Method != tt.method || seen[0].Host != tt.host {
				t.Errorf("the proxy saw %d requests, first %s %s", len(seen), seen[0].Method, seen[0].Host)
			}
		})
	}
	issuer.closesAll(t)
}

// What is on this machine never goes through a proxy: http is accepted there because
// nobody is on the way.
func TestHTTPClientLoopbackPastTheProxy(t *testing.T) {
	proxy := newProxy(t, deadEnd(t))
	issuer := newWireIssuer(t, nil, serveKeys)
	c := DefaultConfig()
	c.HTTP.Proxy = proxy.address()
	_, port, err := net.SplitHostPort(issuer.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost"} {
		s, _ := wireStore(t, c, "http://"+net.JoinHostPort(host, port)+"/keys")
		if _, err := s.fetcher.fetch(t.Context()); err != nil || len(proxy.requests()) > 0 {
			t.Errorf("%s: err = %v, the proxy saw %d requests", host, err, len(proxy.requests()))
		}
	}
	// The twin: what is elsewhere does.
	s, _ := wireStore(t, c, "http://issuer.example/keys")
	if _, err := s.fetcher.fetch(t.Context()); err != nil || len(proxy.requests()) != 1 {
		t.Errorf("issuer.example: err = %v, the proxy saw %d requests", err, len(proxy.requests()))
	}
}

// Whatever a proxy fails of, neither error nor log holds what it was sent, and the log
// says that it is the proxy.
func TestHTTPClientProxyFaults(t *testing.T) {
	echo := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Sent", r.Header.Get("Proxy-Authorization"))
			http.Error(w, "you sent "+r.Header.Get("Proxy-Authorization"), code)
		}
	}
	garbage := func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			fmt.Fprintf(conn, "HTTP/1.1 %s\r\n\r\n", r.Header.Get("Proxy-Authorization"))
			conn.Close()
		}
	}
	closes := func(w http.ResponseWriter, _ *http.Request) {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			conn.Close()
		}
	}
	for _, tt := range []struct {
		name        string
		answer      http.HandlerFunc
		proxy       string // its scheme, where nobody answers
		class, text string
	}{
		{"another password", echo(http.StatusProxyAuthRequired), "", "proxy", "the proxy answered 407 to CONNECT"},
		{"the issuer is not to be reached", echo(http.StatusBadGateway), "", "proxy", "the proxy answered 502 to CONNECT"},
		{"not allowed", echo(http.StatusForbidden), "", "proxy", "the proxy answered 403 to CONNECT"},
		{"a status that is not 200", echo(http.StatusNoContent), "", "proxy", "the proxy answered 204 to CONNECT"},
		{"no HTTP", garbage, "", "unreachable", "fetching https://issuer.example/keys: the answer is not HTTP"},
		{"closes", closes, "", "unreachable", "fetching https://issuer.example/keys: "},
		{"nobody there", nil, "http://", "unreachable", "fetching https://issuer.example/keys: proxyconnect: dial tcp "},
		{"nobody there, by SOCKS", nil, "socks5://", "unreachable", "fetching https://issuer.example/keys: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			proxy := newProxy(t, deadEnd(t))
			proxy.answer = tt.answer
			c := DefaultConfig()
			c.HTTP.Proxy = proxy.address()
			if tt.answer == nil {
				c.HTTP.Proxy = tt.proxy + proxyUser + ":" + proxyPassword + "@" + deadEnd(t)
			}
			s, log := wireStore(t, c, "https://issuer.example/keys")
			_, err := s.fetcher.fetch(t.Context())
			if err == nil || fetchErrorClass(err) != tt.class {
				t.Fatalf("err = %v, want the class %q", err, tt.class)
			}
			if text := fetchErrorText(err); !strings.HasPrefix(text, tt.text) || tt.class == "proxy" && text != tt.text {
				t.Errorf("told as %q, want %q", text, tt.text)
			}
			s.failed(t.Context(), err, time.Second)
			if !strings.Contains(log.String(), tt.text) {
				t.Errorf("log: %s", log)
			}
			basic := base64.StdEncoding.EncodeToString([]byte(proxyUser + ":" + proxyPassword))
			for _, text := range []string{err.Error(), log.String(), fmt.Sprintf("%+v", s.Status())} {
				mustHide(t, text, proxyUser, proxyPassword, basic)
			}
		})
	}
}
