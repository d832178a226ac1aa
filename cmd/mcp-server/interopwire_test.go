//go:build interop

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
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// wiretap is a listener that keeps what clients send, so that a test can count and
// read requests as they were made, whatever became of them.
type wiretap struct {
	net.Listener
	mu    sync.Mutex
	conns []*tapped
	reads int // of all connections, to put requests of several in order
}

// tapped is one connection: what came in, and when (as a number of reads) the piece
// came that ends before each length.
type tapped struct {
	net.Conn
	tap  *wiretap
	data []byte
	came []piece
}

type piece struct{ end, when int }

// Accept accepts a connection that is listened to.
func (w *wiretap) Accept() (net.Conn, error) {
	conn, err := w.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &tapped{Conn: conn, tap: w}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns = append(w.conns, c)
	return c, nil
}

func (c *tapped) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.tap.mu.Lock()
	defer c.tap.mu.Unlock()
	c.tap.reads++
	c.data = append(c.data, p[:n]...)
	c.came = append(c.came, piece{len(c.data), c.tap.reads})
	return n, err
}

// wired is a request as it came in.
type wired struct {
	*http.Request
	body []byte
	when int
}

// requests are those that came in whole, in order.
func (w *wiretap) requests(t *testing.T) []wired {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []wired
	for _, c := range w.conns {
		rest := bytes.NewReader(c.data)
		buffered := bufio.NewReader(rest)
		for {
			offset := len(c.data) - rest.Len() - buffered.Buffered()
			r, err := http.ReadRequest(buffered)
			if err != nil {
				break // the end, or what is no request
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Errorf("a request that broke off: %s %s: %v", r.Method, r.URL, err)
				break
			}
			i := slices.IndexFunc(c.came, func(p piece) bool { return p.end > offset })
			all = append(all, wired{r, body, c.came[i].when})
		}
	}
	slices.SortFunc(all, func(a, b wired) int { return cmp.Compare(a.when, b.when) })
	return all
}

// tokenRequests are the forms that were sent to the token endpoint, in order.
func (w *wiretap) tokenRequests(t *testing.T) []url.Values {
	t.Helper()
	var forms []url.Values
	for _, r := range w.requests(t) {
		if r.Method != http.MethodPost {
			continue
		}
		form, err := url.ParseQuery(string(r.body))
		if err != nil {
			t.Fatalf("token request: %v", err)
		}
		forms = append(forms, form)
	}
	return forms
}

// trace tells of the requests, one a line, without their secrets.
func (w *wiretap) trace(t *testing.T) string {
	var lines strings.Builder
	for _, r := range w.requests(t) {
		fmt.Fprintf(&lines, "%s %s", r.Method, r.URL.Path)
		for _, name := range []string{"MCP-Protocol-Version", "Mcp-Method", "Mcp-Name", "Accept", "User-Agent"} {
			if value := r.Header.Get(name); value != "" {
				fmt.Fprintf(&lines, " %s=%q", name, value)
			}
		}
		var message struct{ Method string }
		if json.Unmarshal(r.body, &message) == nil {
			fmt.Fprintf(&lines, " %s", message.Method)
		}
		lines.WriteString("\n")
	}
	return lines.String()
}

// versions are the protocol versions that messages were sent under, each once.
func (w *wiretap) versions(t *testing.T) []string {
	var found []string
	for _, r := range w.requests(t) {
		if v := r.Header.Get("MCP-Protocol-Version"); r.Method == http.MethodPost {
			found = append(found, v)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
