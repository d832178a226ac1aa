//go:build interop && linux

package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// exchangeTap is a listener that keeps what comes in and what goes out: what a client
// asked for, and which status it was answered with.
type exchangeTap struct {
	net.Listener
	mu    sync.Mutex
	conns []*exchangeConn
	turn  int // of all connections, to put requests of several in order
}

type exchangeConn struct {
	net.Conn
	tap     *exchangeTap
	in, out []byte
	came    []piece
}

// Accept accepts a connection that is listened to.
func (l *exchangeTap) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &exchangeConn{Conn: conn, tap: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, c)
	return c, nil
}

func (c *exchangeConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.tap.mu.Lock()
	defer c.tap.mu.Unlock()
	c.tap.turn++
	c.in = append(c.in, p[:n]...)
	c.came = append(c.came, piece{len(c.in), c.tap.turn})
	return n, err
}

func (c *exchangeConn) Write(p []byte) (int, error) {
	c.tap.mu.Lock()
	c.out = append(c.out, p...)
	c.tap.mu.Unlock()
	return c.Conn.Write(p)
}

// exchange is a request and the status of its answer.
type exchange struct {
	method, path    string // of HTTP
	message         string // the JSON-RPC method
	version         string // of MCP: the header's, or what initialize asks for
	agent, answered string // User-Agent, and WWW-Authenticate
	token           bool   // whether one was sent
	status, turn    int    // the status is 0 where there was no answer
}

// String is how a test wants it.
func (e exchange) String() string {
	return strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s %d", e.method, e.path, e.message, e.version, e.status)), " ")
}

// exchanges are all that came in whole, in order.
func (l *exchangeTap) exchanges(t *testing.T) []exchange {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []exchange
	for _, c := range l.conns {
		all = append(all, c.exchanges()...)
	}
	slices.SortStableFunc(all, func(a, b exchange) int { return cmp.Compare(a.turn, b.turn) })
	return all
}

func (c *exchangeConn) exchanges() []exchange {
	var all []exchange
	rest := bytes.NewReader(c.in)
	requests, answers := bufio.NewReader(rest), bufio.NewReader(bytes.NewReader(c.out))
	for {
		offset := len(c.in) - rest.Len() - requests.Buffered()
		r, err := http.ReadRequest(requests)
		if err != nil {
			return all // the end, or what is no request
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return all
		}
		e := exchange{method: r.Method, path: r.URL.Path, version: r.Header.Get("MCP-Protocol-Version"), agent: r.UserAgent()}
		e.token = r.Header.Get("Authorization") != ""
		e.turn = c.came[slices.IndexFunc(c.came, func(p piece) bool { return p.end > offset })].when
		e.read(body)
		if answer, err := http.ReadResponse(answers, r); err == nil {
			e.status, e.answered = answer.StatusCode, answer.Header.Get("WWW-Authenticate")
			_, _ = io.Copy(io.Discard, answer.Body) // a stream that broke off has been answered, too
			answer.Body.Close()
		}
		all = append(all, e)
	}
}

// read takes from the body what no header says.
func (e *exchange) read(body []byte) {
	var message struct {
		Method string
		Params struct {
			ProtocolVersion string `json:"protocolVersion"`
		}
	}
	if json.Unmarshal(body, &message) == nil {
		e.message, e.version = message.Method, cmp.Or(e.version, message.Params.ProtocolVersion)
	}
}

// told is a trace for whoever reads a failure.
func (l *exchangeTap) told(t *testing.T) string {
	var lines strings.Builder
	for _, e := range l.exchanges(t) {
		fmt.Fprintf(&lines, "%v token=%v %q %s\n", e, e.token, e.agent, e.answered)
	}
	return lines.String()
}

// messages are the JSON-RPC messages alone.
func (l *exchangeTap) messages(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, e := range l.exchanges(t) {
		if e.method == http.MethodPost {
			all = append(all, strings.TrimPrefix(e.String(), "POST /mcp "))
		}
	}
	return all
}

// wantMessages expects messages in this order; others may be between them.
func (l *exchangeTap) wantMessages(t *testing.T, want ...string) {
	t.Helper()
	left := want
	for _, got := range l.messages(t) {
		if len(left) > 0 && got == left[0] {
			left = left[1:]
		}
	}
	if len(left) > 0 {
		t.Errorf("the server did not see %q of %q; it saw %q", left, want, l.messages(t))
	}
}
