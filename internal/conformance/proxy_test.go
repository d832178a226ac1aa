package conformance

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// behindProxy starts a handler, and the proxy before it, whose URL it returns.
func behindProxy(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(NewProxy(target, func() string { return "good" }))
	t.Cleanup(proxy.Close)
	return proxy.URL
}

func TestProxyChangesTheTokenAlone(t *testing.T) {
	seen := make(chan *http.Request, 1)
	at := behindProxy(t, func(_ http.ResponseWriter, r *http.Request) { seen <- r.Clone(t.Context()) })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at+"/mcp?a=b", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "evil.example.com"
	sent := map[string]string{"Origin": "http://evil.example.com", "Mcp-Method": "ping", "Mcp-Name": "=?base64?YQ==?="}
	for name, value := range sent {
		req.Header.Set(name, value)
	}
	req.Header.Set("Authorization", "Bearer the client's own")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()

	got := <-seen
	if got.Host != req.Host || got.URL.String() != "/mcp?a=b" {
		t.Errorf("%s at %s, want %s at /mcp?a=b", got.URL, got.Host, req.Host)
	}
	for name, value := range sent {
		if got.Header.Get(name) != value {
			t.Errorf("%s: %q, want %q", name, got.Header.Get(name), value)
		}
	}
	if a := got.Header.Values("Authorization"); len(a) != 1 || a[0] != "Bearer good" {
		t.Errorf("Authorization: %q", a)
	}
	for name := range got.Header {
		if strings.HasPrefix(name, "X-Forwarded") || name == "Forwarded" {
			t.Errorf("%s was added", name)
		}
	}
}

// An event comes through when it is sent, not when the stream ends.
func TestProxyStreams(t *testing.T) {
	goOn := make(chan struct{})
	at := behindProxy(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: first\n\n")
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-goOn
		fmt.Fprint(w, "data: last\n\n")
	})
	resp, err := http.Get(at)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	if line, err := lines.ReadString('\n'); line != "data: first\n" || err != nil {
		t.Fatalf("%q, %v", line, err)
	}
	close(goOn)
	if rest, err := io.ReadAll(lines); string(rest) != "\ndata: last\n\n" || err != nil {
		t.Fatalf("%q, %v", rest, err)
	}
}

// An answer may begin before the request has ended.
func TestProxyIsFullDuplex(t *testing.T) {
	at := behindProxy(t, func(w http.ResponseWriter, r *http.Request) {
		answer := http.NewResponseController(w)
		if err := answer.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, "begun\n")
		if err := answer.Flush(); err != nil {
			t.Error(err)
		}
		rest, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s, %v", rest, err)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	body, more := io.Pipe()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at, body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	if line, err := lines.ReadString('\n'); line != "begun\n" || err != nil {
		t.Fatalf("%q, %v", line, err)
	}
	fmt.Fprint(more, "all of it")
	more.Close()
	if rest, err := io.ReadAll(lines); string(rest) != "all of it, <nil>" || err != nil {
		t.Errorf("%q, %v", rest, err)
	}
}
