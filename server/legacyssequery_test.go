package server

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/tools"
)

func withQueryToken(o *Options) { o.Auth.AllowQueryToken = true }

// pieces are parts of a token by which it would be recognized, however it is cut.
func pieces(token string) (list []string) {
	for part := range strings.SplitSeq(token, ".") {
		for i := 0; i+12 <= len(part); i += 12 {
			// What all tokens of one issuer begin with tells nothing, but is no harm either.
			list = append(list, part[i:i+12])
		}
	}
	return list
}

func wantNoToken(t *testing.T, where, text, token string) {
	t.Helper()
	for _, piece := range pieces(token) {
		if strings.Contains(text, piece) {
			t.Errorf("%s holds %q of the token: %s", where, piece, text)
			return
		}
	}
	if strings.Contains(text, "access_token") {
		t.Errorf("%s holds the query: %s", where, text)
	}
}

// TestSSEQueryToken: where it is allowed, GET /sse takes the token from the query, and
// nothing else does.
func TestSSEQueryToken(t *testing.T) {
	r := newSSERig(t, withQueryToken)
	token := r.token("tool:alpha")
	query := "access_token=" + url.QueryEscape(token)
	s := r.open(func() *http.Request {
		req := r.get("")
		req.URL.RawQuery = query
		return req
	}())
	if got := s.answer.header; got.Get("Referrer-Policy") != "no-referrer" || got.Get("Cache-Control") != "no-store" {
		t.Errorf("header %v", got)
	}
	wantNoToken(t, "the endpoint", s.endpoint, token)
	if w := r.send(s.endpoint, token, sseInitialize); w.Code != http.StatusAccepted {
		t.Errorf("a POST with the header: %d %s", w.Code, w.Body)
	}
	s.next()
	for _, tt := range []struct {
		name   string
		path   string
		query  string
		method string
		header string
		status int
		reason string
	}{
		{"a POST to the session", s.endpoint + "&" + query, "", "POST", "", 401, "missing"},
		{"a POST to the session, with the header, too", s.endpoint + "&" + query, "", "POST", token, 400, "ambiguous"},
		{"the MCP endpoint", "/mcp", query, "GET", "", 401, "missing"},
		{"the MCP endpoint, by its public path", "/team/mcp", query, "POST", "", 401, "missing"},
		{"header and query", "/sse", query, "GET", token, 400, "ambiguous"},
		{"two", "/sse", query + "&" + query, "GET", "", 400, "ambiguous"},
		{"two, one of them empty", "/sse", query + "&access_token=", "GET", "", 400, "ambiguous"},
		{"two, one behind a semicolon", "/sse", query + ";access_token=x", "GET", "", 400, "ambiguous"},
		{"an empty one", "/sse", "access_token=", "GET", "", 401, "malformed"},
		{"one that cannot be unescaped", "/sse", "access_token=%zz", "GET", "", 401, "malformed"},
		{"another name", "/sse", "token=" + token, "GET", "", 401, "missing"},
		{"another case", "/sse", "Access_Token=" + token, "GET", "", 401, "missing"},
		{"HEAD", "/sse", query, "HEAD", "", 401, "missing"},
		{"POST", "/sse", query, "POST", "", 401, "missing"},
		{"a forged one", "/team/sse", "access_token=" + r.foreignToken(), "GET", "", 401, "signature"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := httptest.NewRequest(tt.method, tt.path, strings.NewReader(sseCall("1", "alpha")))
			if tt.query != "" {
				req.URL.RawQuery = tt.query
			}
			req.Host = "mcp.example.com"
			req.Header.Set("Content-Type", "application/json")
			if tt.header != "" {
				req.Header.Set("Authorization", "Bearer "+tt.header)
			}
			w := r.serve(req)
			if w.Code != tt.status || r.loggedReason(w) != tt.reason {
				t.Errorf("%d %s, reason %s", w.Code, w.Body, r.loggedReason(w))
			}
			wantNoToken(t, "the answer", fmt.Sprint(w.Header(), w.Body), token)
		})
	}
	if len(*r.ran) > 0 {
		t.Errorf("ran %q", *r.ran)
	}
	t.Run("switched off", func(t *testing.T) {
		r := newSSERig(t)
		req := r.get("")
		req.URL.RawQuery = query
		if w := r.serve(req); w.Code != http.StatusUnauthorized || r.loggedReason(w) != "missing" {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
	wantNoToken(t, "the log", r.logs.String(), token)
	wantNoToken(t, "the audit", r.lines.String(), token)
}

// TestSSEQueryTokenIsNowhere: over a real connection, with everything logged, through a
// session with calls, refusals, a tool that panics and one that looks for it. The twin
// is that the same search finds the address of the metadata in the answers.
func TestSSEQueryTokenIsNowhere(t *testing.T) {
	r := newSSERig(t, withQueryToken, func(o *Options) { o.Loopback = true })
	options := tools.Options{Title: "t", Description: "d", Scopes: []string{"tool:alpha"}}
	r.server.Install(r.generationOf(3, tools.Define("alpha", options,
		func(_ context.Context, c tools.Caller, _ emptyInput) (emptyOutput, error) {
			panic(fmt.Sprintf("%+v %+v", c, c.Principal)) // all that a tool can reach
		})))
	httpServer := httptest.NewUnstartedServer(r.server.Handler())
	httpServer.Config.ErrorLog = slog.NewLogLogger(r.server.log.Handler(), slog.LevelDebug)
	httpServer.Start()
	t.Cleanup(httpServer.Close) // after the streams have been closed
	token := r.token("tool:alpha")
	said := &strings.Builder{}
	client := &http.Client{Timeout: 30 * time.Second} // of the stream, too
	get := func(query string) *http.Response {
		resp, err := client.Get(httpServer.URL + "/team/sse?" + query)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		fmt.Fprint(said, resp.Header)
		return resp
	}
	for _, bad := range []string{
		"access_token=" + token + "x", "access_token=" + token + "&access_token=" + token, "access_token=" + token + "%zz",
		"x=" + token, ";access_token=" + token + ";access_token=1",
	} {
		resp := get(bad) //nolint:bodyclose // get does
		body, _ := io.ReadAll(resp.Body)
		said.Write(body)
		if resp.StatusCode < 400 {
			t.Errorf("%d %s", resp.StatusCode, body)
		}
	}
	resp := get("access_token=" + token) //nolint:bodyclose // get does
	buf := make([]byte, 1<<10)
	n, err := resp.Body.Read(buf)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d, %v", resp.StatusCode, err)
	}
	said.Write(buf[:n])
	_, endpoint, _ := strings.Cut(strings.TrimSpace(string(buf[:n])), "data: ")
	for _, body := range []string{sseInitialize, sseCall("1", "alpha"), sseCall("2", "nonesuch"), "{"} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, httpServer.URL+endpoint, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/json")
		answer, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		fmt.Fprint(said, answer.Header, string(text))
	}
	for !strings.Contains(said.String(), "unknown tool") || !strings.Contains(said.String(), "internal error") {
		n, err := resp.Body.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		said.Write(buf[:n])
	}
	wantNoToken(t, "what was answered", said.String(), token)
	wantNoToken(t, "the log", r.logs.String(), token)
	wantNoToken(t, "the audit", r.lines.String(), token)
	if !strings.Contains(r.logs.String(), "tool failed") || !strings.Contains(said.String(), "resource_metadata") {
		t.Error("nothing was looked at")
	}
}

// TestSSECORS: a page of a configured origin can open a stream and post to it.
func TestSSECORS(t *testing.T) {
	r := newSSERig(t, withQueryToken, func(o *Options) { o.HTTP.AllowedOrigins = []string{"https://app.example.com"} })
	token := r.token("tool:alpha")
	req := r.get("")
	req.URL.RawQuery = "access_token=" + token
	req.Header.Set("Origin", "https://app.example.com")
	s := r.open(req)
	if got := s.answer.header.Get("Access-Control-Allow-Origin"); got != "https://app.example.com" {
		t.Errorf("the stream: Access-Control-Allow-Origin %q", got)
	}
	preflight := httptest.NewRequest(http.MethodOptions, s.endpoint, nil)
	preflight.Host = "mcp.example.com"
	for name, value := range map[string]string{
		"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type",
	} {
		preflight.Header.Set(name, value)
	}
	w := r.serve(preflight)
	if h := w.Header(); w.Code >= 300 || h.Get("Access-Control-Allow-Origin") != "https://app.example.com" ||
		h.Get("Access-Control-Allow-Methods") != "POST" || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "authorization") {
		t.Errorf("preflight: %d %v", w.Code, h)
	}
	w = r.send(s.endpoint, token, sseInitialize, func(req *http.Request) { req.Header.Set("Origin", "https://app.example.com") })
	if w.Code != http.StatusAccepted || w.Header().Get("Access-Control-Allow-Origin") != "https://app.example.com" {
		t.Errorf("POST: %d %v", w.Code, w.Header())
	}
	for _, path := range []string{"/sse", "/messages/"} {
		preflight.URL.Path = path
		preflight.Header.Set("Origin", "https://evil.example")
		if w := r.serve(preflight); w.Code != http.StatusForbidden || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s for another origin: %d %v", path, w.Code, w.Header())
		}
	}
}
