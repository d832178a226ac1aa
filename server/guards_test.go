package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHostGuard(t *testing.T) {
	listed := func(o *Options) {
		o.HTTP.AllowedHosts = []string{"internal", "pinned:8443", "[2001:db8::1]", "10.0.0.7"}
	}
	local := func(o *Options) { o.Loopback = true }
	for _, tt := range []struct {
		name, host string
		change     func(*Options)
		want       int
	}{
		{"the public host", "mcp.example.com", nil, 200},
		{"the public host in capitals", "MCP.Example.COM", nil, 200},
		{"the public host with a port", "mcp.example.com:8443", nil, 200},
		{"a name below it", "x.mcp.example.com", nil, 403},
		{"a name that ends in it", "evilmcp.example.com", nil, 403},
		{"with a trailing dot", "mcp.example.com.", nil, 403},
		{"a foreign host", "evil.example", nil, 403},
		{"none", "", nil, 403},
		{"a port alone", ":8080", nil, 403},
		{"an empty port", "mcp.example.com:", nil, 403},
		{"a port that is no number", "mcp.example.com:http", nil, 403},
		{"two ports", "mcp.example.com:1:2", nil, 403},
		{"userinfo", "mcp.example.com@evil.example", nil, 403},
		{"a space", "mcp.example.com evil", nil, 403},
		{"localhost on a public listener", "localhost:8080", nil, 403},
		{"localhost on a loopback listener", "localhost:8080", local, 200},
		{"127.0.0.1 on a loopback listener", "127.0.0.1:8080", local, 200},
		{"[::1] on a loopback listener", "[::1]:8080", local, 200},
		{"::1 without brackets", "::1", local, 403},
		{"host.docker.internal on a loopback listener", "host.docker.internal", local, 200},
		{"another loopback address", "127.0.0.2:8080", local, 403},
		{"a foreign host on a loopback listener", "evil.example:8080", local, 403},
		{"the name of an nginx upstream on a loopback listener", "backend", local, 403},
		{"listed without a port", "internal:9", listed, 200},
		{"listed with its port", "pinned:8443", listed, 200},
		{"listed with another port", "pinned:8444", listed, 403},
		{"listed with no port", "pinned", listed, 403},
		{"listed v6", "[2001:db8::1]:443", listed, 200},
		{"listed v4", "10.0.0.7", listed, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			change := tt.change
			if change == nil {
				change = func(*Options) {}
			}
			r := newRig(t, change)
			for path, want := range map[string]int{
				"/.well-known/oauth-protected-resource": tt.want,
				"/mcp":                                  map[int]int{200: 401, 403: 403}[tt.want],
				"/healthz":                              200,
				"/readyz":                               200,
			} {
				req := httptest.NewRequest(http.MethodGet, path, nil)
				req.Host = tt.host
				w := r.serve(req)
				if w.Code != want {
					t.Errorf("%s: %d, want %d", path, w.Code, want)
				}
				if w.Code == 403 && r.logged(w)["reason"] != "host" {
					t.Errorf("%s: logged %v", path, r.logged(w))
				}
				if w.Code == 403 && w.Body.String() != `{"error":"forbidden","error_description":"this server does not answer to that Host"}`+"\n" {
					t.Errorf("%s: body %s", path, w.Body)
				}
			}
		})
	}
}

func TestOriginGuard(t *testing.T) {
	r := newRig(t, func(o *Options) { o.HTTP.AllowedOrigins = []string{"https://app.example.com"} })
	for _, tt := range []struct {
		name    string
		origins []string
		want    int
	}{
		{"none, as of a program", nil, 200},
		{"configured", []string{"https://app.example.com"}, 200},
		{"another", []string{"https://evil.example"}, 403},
		{"another scheme", []string{"http://app.example.com"}, 403},
		{"another port", []string{"https://app.example.com:8443"}, 403},
		{"below it", []string{"https://x.app.example.com"}, 403},
		{"null", []string{"null"}, 403},
		{"empty", []string{""}, 403},
		{"two", []string{"https://app.example.com", "https://evil.example"}, 403},
		{"our own host", []string{"https://mcp.example.com"}, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := r.modernCall("alpha")
			for _, o := range tt.origins {
				req.Header.Add("Origin", o)
			}
			before := len(*r.ran)
			w := r.serve(req)
			if w.Code != tt.want {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if reason := r.logged(w)["reason"]; (reason == "origin") != (tt.want == 403) {
				t.Errorf("logged reason %v", reason)
			}
			if ran := len(*r.ran) - before; (ran == 1) != (tt.want == 200) {
				t.Errorf("the tool ran %d times", ran)
			}
			if got := w.Header().Get("Access-Control-Allow-Origin"); got != "" && got != "https://app.example.com" {
				t.Errorf("Access-Control-Allow-Origin %q", got)
			}
		})
	}
}

func TestCORS(t *testing.T) {
	preflight := func(origin string) *http.Request {
		req := httptest.NewRequest(http.MethodOptions, "/mcp", unread{t})
		req.Host = "mcp.example.com"
		req.Header.Set("Origin", origin)
		req.Header.Set("Access-Control-Request-Method", "POST")
		req.Header.Set("Access-Control-Request-Headers", "authorization,content-type,mcp-protocol-version")
		return req
	}
	r := newRig(t, func(o *Options) { o.HTTP.AllowedOrigins = []string{"https://app.example.com"} })
	w := r.serve(preflight("https://app.example.com"))
	if w.Code != http.StatusNoContent || w.Header().Get("Access-Control-Allow-Origin") != "https://app.example.com" ||
		w.Header().Get("Access-Control-Allow-Headers") != "authorization,content-type,mcp-protocol-version" {
		t.Errorf("preflight: %d %v", w.Code, w.Header())
	}
	if w := r.serve(preflight("https://evil.example")); w.Code != http.StatusForbidden || w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("foreign preflight: %d %v", w.Code, w.Header())
	}
	// With no origin configured there is no page to answer.
	if w := newRig(t).serve(preflight("https://app.example.com")); w.Code != http.StatusForbidden {
		t.Errorf("preflight with none configured: %d", w.Code)
	}
	// An OPTIONS that is no preflight meets the token like any other method.
	req := httptest.NewRequest(http.MethodOptions, "/mcp", nil)
	req.Host = "mcp.example.com"
	if w := r.serve(req); w.Code != http.StatusUnauthorized {
		t.Errorf("OPTIONS: %d", w.Code)
	}
	// The browser may read the challenge.
	req = httptest.NewRequest(http.MethodPost, "/mcp", nil)
	req.Host = "mcp.example.com"
	req.Header.Set("Origin", "https://app.example.com")
	if w := r.serve(req); w.Code != http.StatusUnauthorized || !strings.Contains(strings.ToLower(w.Header().Get("Access-Control-Expose-Headers")), "www-authenticate") {
		t.Errorf("401: %d %v", w.Code, w.Header())
	}
}

func TestPaths(t *testing.T) {
	r := newRig(t)
	for path, want := range map[string]int{
		"/mcp":                                  401,
		"/team/mcp":                             401, // a proxy may keep the public URL's prefix
		"/mcp/":                                 404,
		"//mcp":                                 404,
		"/%6dcp":                                404,
		"/MCP":                                  404,
		"/team/mcp/":                            404,
		"/":                                     404,
		"/.well-known/oauth-protected-resource": 200,
		"/.well-known/oauth-protected-resource/mcp":      200,
		"/.well-known/oauth-protected-resource/team/mcp": 200,
		"/.well-known/oauth-protected-resource/":         404,
		"/.well-known/oauth-protected-resource/other":    404,
		"/healthz/": 404,
	} {
		req := httptest.NewRequest(http.MethodGet, "http://mcp.example.com"+path, nil)
		w := r.serve(req)
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
		if w.Header().Get("X-Request-Id") == "" {
			t.Errorf("%s: no X-Request-Id", path)
		}
	}
	for method, want := range map[string]int{"POST": 405, "FROB": 405} {
		req := httptest.NewRequest(method, "/healthz", nil)
		if w := r.serve(req); w.Code != want || w.Header().Get("Allow") == "" {
			t.Errorf("%s /healthz: %d %v", method, w.Code, w.Header())
		}
	}
}

// TestNothingIsReadBeforeTheToken: a body is not touched, and a client's request
// id is not taken over.
func TestNothingIsReadBeforeTheToken(t *testing.T) {
	r := newRig(t)
	for name, authorization := range map[string]string{"none": "", "foreign": "Bearer " + r.foreignToken()} {
		req := httptest.NewRequest(http.MethodPost, "/mcp", unread{t})
		req.Host = "mcp.example.com"
		req.Header.Set("X-Request-Id", "from-the-client")
		if authorization != "" {
			req.Header.Set("Authorization", authorization)
		}
		w := r.serve(req)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, w.Code)
		}
		if w.Header().Get("X-Request-Id") == "from-the-client" || strings.Contains(r.logs.String(), "from-the-client") {
			t.Errorf("%s: the client chose the request id", name)
		}
	}
}
