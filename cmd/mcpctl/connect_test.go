package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Every transport and era is connected to as it is, and told of once.
func TestConnect(t *testing.T) {
	tests := []struct {
		name string
		kind carrierKind
		args []string
		want string // of -v; "" is a failure
		asks []string
	}{
		{
			"modern", statelessServer, nil, "(protocol 2026-07-28, modern; transport streamable)",
			[]string{"POST server/discover", "POST server/discover", "POST tools/list"},
		},
		{"modern, by choice", statelessServer, []string{"--protocol=modern", "--transport=streamable"}, "(protocol 2026-07-28, modern; transport streamable)", nil},
		{
			"a server for both, legacy by choice", statelessServer,
			[]string{"--protocol=legacy"},
			"(protocol 2025-11-25, legacy; transport streamable)",
			[]string{"POST initialize", "POST initialize", "POST notifications/initialized", "POST tools/list"},
		},
		{"one version", statelessServer, []string{"--protocol=2025-06-18"}, "(protocol 2025-06-18, legacy; transport streamable)", nil},
		{"legacy, with sessions", sessionServer, nil, "(protocol 2025-11-25, legacy; transport streamable)", nil},
		{"legacy, by choice", sessionServer, []string{"--protocol=legacy"}, "(protocol 2025-11-25, legacy; transport streamable)", nil},
		{"sse, found", sseServer, nil, "legacy; transport sse)", nil},
		{
			"sse, found, legacy by choice", sseServer,
			[]string{"--protocol=legacy"},
			"legacy; transport sse)",
			[]string{"POST initialize", "POST initialize", "GET", "POST initialize", "POST notifications/initialized", "POST tools/list"},
		},
		{"sse, found, one version", sseServer, []string{"--protocol=2025-06-18"}, "(protocol 2025-06-18, legacy; transport sse)", nil},
		{"sse, found, the oldest version", sseServer, []string{"--protocol=2024-11-05"}, "(protocol 2024-11-05, legacy; transport sse)", nil},
		{"sse, by choice, one version", sseServer, []string{"--protocol=2025-03-26", "--transport=sse"}, "(protocol 2025-03-26, legacy; transport sse)", nil},
		{
			"sse, by choice", sseServer,
			[]string{"--transport=sse"},
			"legacy; transport sse)",
			[]string{"GET", "GET", "POST initialize", "POST notifications/initialized", "POST tools/list"},
		},

		{"a legacy server, and only modern will do", sessionServer, []string{"--protocol=modern"}, "", nil},
		{"an sse server, and only streamable will do", sseServer, []string{"--transport=streamable"}, "", nil},
		{"an sse server, and only modern will do", sseServer, []string{"--protocol=modern"}, "", nil},
		{"an sse server, and only one modern version will do", sseServer, []string{"--protocol=2026-07-28"}, "", nil},
		{"a streamable server, and only sse will do", statelessServer, []string{"--transport=sse"}, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.kind)
			got := w.run(t, w.user(), append([]string{"list", "-v"}, tt.args...)...)
			if tt.want == "" {
				if got.code != exitNetwork || got.out != "" {
					t.Errorf("status %d, stdout %q, stderr %q", got.code, got.out, got.err)
				}
				if asked := w.asked(); tt.args[0] != "--transport=sse" && slices.Contains(asked, "GET") {
					t.Errorf("asked %q: it fell back", asked)
				}
				return
			}
			if got.code != exitOK || !strings.Contains(got.out, "structured") {
				t.Fatalf("status %d, stdout %q, stderr %q", got.code, got.out, got.err)
			}
			if n := strings.Count(got.err, "Connected to testserver v1.2 (protocol "); n != 1 || !strings.Contains(got.err, tt.want) {
				t.Errorf("told %d times: %q, want %q", n, got.err, tt.want)
			}
			asked := slices.DeleteFunc(w.asked(), func(s string) bool { return s == "DELETE" })
			// The list has several pages.
			if asked = slices.Compact(asked); tt.asks != nil && !slices.Equal(asked, slices.Compact(tt.asks)) {
				t.Errorf("asked %q, want %q", asked, tt.asks)
			}
			if w.issued() != 1 {
				t.Errorf("%d tokens", w.issued())
			}
		})
	}
}

// A session is ended when the program is done with it.
func TestSessionEnds(t *testing.T) {
	w := newWorld(t, sessionServer)
	w.mustRun(t, w.user(), "list")
	if asked := w.asked(); asked[len(asked)-1] != "DELETE" {
		t.Errorf("asked %q", asked)
	}
}

// A good-bye that is refused costs no token.
func TestPartingCostsNothing(t *testing.T) {
	for _, args := range [][]string{{"list"}, {"call", "sleep", "--timeout=300ms"}} {
		w := newWorld(t, sessionServer)
		partings := 0
		var mu sync.Mutex
		user := w.user()
		user.base = roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.Method != http.MethodDelete && !strings.Contains(bodyOf(r), `"notifications/cancelled"`) {
				return http.DefaultTransport.RoundTrip(r)
			}
			mu.Lock()
			defer mu.Unlock()
			partings++
			if r.Header.Get("Authorization") != "Bearer tok-1" {
				t.Errorf("it goes with %q", r.Header.Get("Authorization"))
			}
			header := http.Header{"Www-Authenticate": {`Bearer error="invalid_token"`}}
			return &http.Response{StatusCode: http.StatusUnauthorized, Header: header, Body: http.NoBody, Request: r}, nil
		})
		w.run(t, user, args...)
		mu.Lock()
		defer mu.Unlock()
		if w.issued() != 1 || partings == 0 {
			t.Errorf("%q: %d tokens, %d partings", args, w.issued(), partings)
		}
	}
}

// statusServer answers a POST in one way and a GET in another.
func statusServer(t *testing.T, post, get http.HandlerFunc) (url string, asked func() []string) {
	t.Helper()
	var mu sync.Mutex
	var requests []string
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		requests = append(requests, r.Method)
		mu.Unlock()
		if r.Method == http.MethodGet {
			get(rw, r)
		} else {
			post(rw, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(requests)
	}
}

func answer404(rw http.ResponseWriter, _ *http.Request) { http.Error(rw, "no", http.StatusNotFound) }

// The fallback is for the statuses that the specification names, and for nothing else.
func TestFallback(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(code) }
	}
	tests := []struct {
		name     string
		post     http.HandlerFunc
		fallback bool
		code     int
	}{
		{"400", status(400), true, exitNetwork},
		{"404", status(404), true, exitNetwork},
		{"405", status(405), true, exitNetwork},
		{"401", status(401), false, exitAuth},
		{"403", status(403), false, exitAuth},
		{"406", status(406), false, exitNetwork},
		{"500", status(500), false, exitNetwork},
		{"503", status(503), false, exitNetwork},
		{"a redirect", status(302), false, exitNetwork},
		{"a broken connection", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, false, exitNetwork},
		{"a web page", func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte("<html>")) }, false, exitNetwork},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			url, asked := statusServer(t, tt.post, answer404)
			got := cli{}.run(t.Context(), "list", "--url", url)
			oneLine(t, got)
			if got.code != tt.code {
				t.Errorf("status %d, want %d: %q", got.code, tt.code, got.err)
			}
			if fallback := slices.Contains(asked(), "GET"); fallback != tt.fallback {
				t.Errorf("asked %q, want a fallback: %v", asked(), tt.fallback)
			}
			url, asked = statusServer(t, tt.post, answer404)
			if got := (cli{}).run(t.Context(), "list", "--url", url, "--transport=streamable"); got.code != tt.code || slices.Contains(asked(), "GET") {
				t.Errorf("with --transport=streamable: status %d, asked %q", got.code, asked())
			}
		})
	}
	t.Run("a GET that wants a token", func(t *testing.T) {
		url, _ := statusServer(t, answer404, status(401))
		if got := (cli{}).run(t.Context(), "list", "--url", url); got.code != exitAuth {
			t.Errorf("status %d, stderr %q", got.code, got.err)
		}
	})
}

// A refused token is not asked for twice because the SDK tries another way in.
func TestRefusedOnce(t *testing.T) {
	w := newWorld(t, statelessServer)
	asked := 0
	w.refuseToken = func(rw http.ResponseWriter) {
		asked++
		w.write(rw, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
	}
	if got := w.run(t, w.user(), "list"); got.code != exitAuth || asked != 1 {
		t.Errorf("status %d, asked %d times: %q", got.code, asked, got.err)
	}
	w.refuseToken = nil
	w.revoked = true
	if got := w.run(t, w.user(), "list"); got.code != exitAuth || w.issued() != 1 ||
		oneLine(t, got) != w.url+" refused the token of "+w.issuer.URL+": invalid_token: the token is not one of ours" {
		t.Errorf("status %d, %d tokens: %q", got.code, w.issued(), got.err)
	}
}

// An sse server that names another host as the place for messages gets neither
// messages nor token there.
func TestForeignMessageEndpoint(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("asked") }))
	defer elsewhere.Close()
	url, _ := statusServer(t, answer404, func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/event-stream")
		_, _ = rw.Write([]byte("event: endpoint\ndata: " + elsewhere.URL + "/steal\n\n"))
		_ = http.NewResponseController(rw).Flush()
		<-r.Context().Done()
	})
	got := cli{environ: []string{"MCP_TOKEN=abc"}}.run(t.Context(), "list", "--url", url, "--timeout=5s")
	if got.code != exitAuth || !strings.Contains(oneLine(t, got), "names another host as the place for messages") {
		t.Errorf("status %d, stderr %q", got.code, got.err)
	}
}
