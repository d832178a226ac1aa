package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"mcp-resource-server/tools"
)

const pageOrigin = "https://app.example.com"

// pagesRig serves the pages of one origin, and the older transport, too.
func pagesRig(t *testing.T) *rig {
	return newRig(t, func(o *Options) {
		o.HTTP.AllowedOrigins = []string{pageOrigin, "http://localhost:6274"}
		o.MCP.LegacySSE = true
	})
}

// preflight is what a browser sends before a request with the given headers: their
// names in lower case, in order, with a comma between (Fetch, "CORS-preflight fetch").
func preflight(path, origin, method string, headers ...string) *http.Request {
	req := httptest.NewRequest(http.MethodOptions, path, nil)
	req.Host = "mcp.example.com"
	if origin != "" {
		req.Header.Set("Origin", origin)
	}
	req.Header.Set("Access-Control-Request-Method", method)
	if len(headers) > 0 {
		slices.Sort(headers)
		req.Header.Set("Access-Control-Request-Headers", strings.ToLower(strings.Join(headers, ",")))
	}
	return req
}

// mayBeSent is a browser's reading of the answer to a preflight (Fetch, "CORS-preflight
// fetch", 7): a "*" covers neither Authorization nor, for the methods, anything here.
func mayBeSent(w *httptest.ResponseRecorder, origin, method string, headers ...string) bool {
	h := w.Result().Header
	if w.Code < 200 || w.Code > 299 || len(h.Values("Access-Control-Allow-Origin")) != 1 ||
		(h.Get("Access-Control-Allow-Origin") != origin && h.Get("Access-Control-Allow-Origin") != "*") {
		return false
	}
	list := func(name string) []string {
		return strings.FieldsFunc(strings.Join(h.Values(name), ","), func(r rune) bool { return r == ',' || r == ' ' })
	}
	safe := method == http.MethodGet || method == http.MethodHead || method == http.MethodPost
	if !safe && !slices.Contains(list("Access-Control-Allow-Methods"), method) {
		return false
	}
	allowed := list("Access-Control-Allow-Headers")
	return !slices.ContainsFunc(headers, func(name string) bool {
		return !slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, name) })
	})
}

// browserHeaders are all that a client of either era may set.
var browserHeaders = []string{
	"Authorization", "Content-Type", "Accept", "MCP-Protocol-Version", "Mcp-Session-Id", "Mcp-Method", "Mcp-Name", "Mcp-Param-X", "Last-Event-ID",
}

// TestPreflight: a page of a configured origin may send each method and header, and is
// asked for no token before.
func TestPreflight(t *testing.T) {
	r := pagesRig(t)
	for _, path := range []string{"/mcp", "/team/mcp", "/sse", "/team/sse", "/messages/?session_id=x", "/team/messages/?session_id=x", "/mcp/", "/nowhere"} {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			for _, headers := range append([][]string{nil, browserHeaders}, single(browserHeaders)...) {
				w := r.serve(preflight(path, pageOrigin, method, slices.Clone(headers)...))
				if !mayBeSent(w, pageOrigin, method, headers...) || w.Code != http.StatusNoContent || w.Body.Len() > 0 {
					t.Errorf("%s %s %v: %d %v", method, path, headers, w.Code, w.Header())
				}
				vary := strings.Join(w.Result().Header.Values("Vary"), ", ")
				for _, name := range []string{"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"} {
					if !strings.Contains(vary, name) {
						t.Errorf("%s %s: Vary %q", method, path, vary)
					}
				}
				for _, name := range []string{"Access-Control-Allow-Credentials", "Access-Control-Allow-Private-Network", "WWW-Authenticate"} {
					if w.Header().Get(name) != "" {
						t.Errorf("%s %s: %s: %s", method, path, name, w.Header().Get(name))
					}
				}
			}
		}
		for _, method := range []string{"QUERY", "TRACE", "post", ""} { // nobody knows them
			if w := r.serve(preflight(path, pageOrigin, method, "authorization")); mayBeSent(w, pageOrigin, method, "Authorization") {
				t.Errorf("%q %s: %d %v", method, path, w.Code, w.Header())
			}
		}
	}
	// A browser that asks for a private network asks its user, not us.
	req := preflight("/mcp", pageOrigin, http.MethodPost, "authorization")
	req.Header.Set("Access-Control-Request-Private-Network", "true")
	if w := r.serve(req); w.Header().Get("Access-Control-Allow-Private-Network") != "" || w.Code != http.StatusNoContent {
		t.Errorf("a private network: %d %v", w.Code, w.Header())
	}
}

func single(names []string) (lists [][]string) {
	for _, name := range names {
		lists = append(lists, []string{name})
	}
	return lists
}

// TestForeignPages: the preflight and the request of every other origin are refused,
// and the answer is one that their browser does not show them.
func TestForeignPages(t *testing.T) {
	listed, none := pagesRig(t), newRig(t)
	for _, tt := range []struct {
		name    string
		rig     *rig
		origins []string
		allowed bool
	}{
		{"configured", listed, []string{pageOrigin}, true},
		{"the other configured one", listed, []string{"http://localhost:6274"}, true},
		{"null, of a sandbox or a file", listed, []string{"null"}, false},
		{"a star", listed, []string{"*"}, false},
		{"empty", listed, []string{""}, false},
		{"with capitals", listed, []string{"https://App.Example.com"}, false}, // no browser writes it so
		{"with a slash", listed, []string{pageOrigin + "/"}, false},
		{"with the default port", listed, []string{pageOrigin + ":443"}, false},
		{"of another port", listed, []string{"http://localhost:6275"}, false},
		{"without its port", listed, []string{"http://localhost"}, false},
		{"of another scheme", listed, []string{"http://app.example.com"}, false},
		{"below it", listed, []string{"https://a.app.example.com"}, false},
		{"that ends in it", listed, []string{"https://evilapp.example.com"}, false},
		{"that begins with it", listed, []string{pageOrigin + ".evil.example"}, false},
		{"with userinfo", listed, []string{"https://app.example.com@evil.example"}, false},
		{"ours", listed, []string{"https://mcp.example.com"}, false},
		{"two in one line", listed, []string{pageOrigin + ", https://evil.example"}, false},
		{"two in two lines", listed, []string{pageOrigin, "https://evil.example"}, false},
		{"the same twice", listed, []string{pageOrigin, pageOrigin}, false},
		{"any, where none is configured", none, []string{pageOrigin}, false},
		{"null, where none is configured", none, []string{"null"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			nowhere := preflight("/nowhere", "", http.MethodPost, "authorization")
			nowhere.Header["Origin"] = tt.origins
			if w := tt.rig.serve(nowhere); (w.Header().Get("Access-Control-Allow-Origin") != "") != tt.allowed || (w.Code == http.StatusNotFound) == tt.allowed ||
				tt.rig == listed && !strings.Contains(strings.Join(w.Result().Header.Values("Vary"), ", "), "Origin") {
				t.Errorf("a path that is not there: %d %v", w.Code, w.Header())
			}
			asked := preflight("/mcp", "", http.MethodPost, "authorization", "content-type")
			for what, req := range map[string]*http.Request{"preflight": asked, "call": tt.rig.modernCall("alpha")} {
				req.Header["Origin"] = tt.origins
				ran := len(*tt.rig.ran)
				w := tt.rig.serve(req)
				marked := w.Header().Get("Access-Control-Allow-Origin")
				if tt.allowed && (w.Code > 299 || marked != tt.origins[0]) || !tt.allowed && (w.Code != http.StatusForbidden || marked != "") {
					t.Errorf("%s: %d, Access-Control-Allow-Origin %q", what, w.Code, marked)
				}
				if did := len(*tt.rig.ran) > ran; did != (tt.allowed && what == "call") {
					t.Errorf("%s: the tool ran: %v", what, did)
				}
			}
		})
	}
	// Without an Origin there is no page, and a preflight is a request without a token.
	if w := none.serve(preflight("/mcp", "", http.MethodPost)); w.Code != http.StatusUnauthorized || w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a preflight of no page: %d %v", w.Code, w.Header())
	}
}

// TestPagesReadAnswers: whatever the status, the page of a configured origin is shown
// the answer, and what stands in its header.
func TestPagesReadAnswers(t *testing.T) {
	r := pagesRig(t)
	r.server.Install(r.generationOf(2, tools.Define("alpha", tools.Options{Title: "t", Description: "d", Scopes: []string{"tool:alpha"}},
		func(context.Context, tools.Caller, emptyInput) (emptyOutput, error) { return emptyOutput{}, nil })))
	alter := func(change func(h http.Header)) *http.Request {
		req := r.modernCall("alpha")
		change(req.Header)
		return req
	}
	method := func(name string) *http.Request {
		req := r.modernCall("alpha")
		req.Method = name
		return req
	}
	elsewhere := r.modernCall("alpha")
	elsewhere.Host = "other.example"
	for _, tt := range []struct {
		name   string
		status int
		req    *http.Request
	}{
		{"a call", 200, r.modernCall("alpha")},
		{"a session", 200, r.legacy(http.MethodPost, "", initializeBody)},
		{"no token", 401, alter(func(h http.Header) { h.Del("Authorization") })},
		{"a bad token", 401, alter(func(h http.Header) { h.Set("Authorization", "Bearer "+r.foreignToken()) })},
		{"two tokens", 400, alter(func(h http.Header) { h.Add("Authorization", h.Get("Authorization")) })},
		{"too few scopes", 403, alter(func(h http.Header) { h.Set("Authorization", "Bearer "+r.token("mcp:none")) })},
		{"no JSON", 400, r.post("{")},
		{"another content", 415, alter(func(h http.Header) { h.Set("Content-Type", "text/plain") })},
		{"no such session", 404, r.legacy(http.MethodPost, "none", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)},
		{"DELETE of no session", 404, r.legacy(http.MethodDelete, "none", "")},
		{"GET of no session", 404, r.legacy(http.MethodGet, "none", "")},
		{"GET of the older transport, without a token", 401, httptest.NewRequest(http.MethodGet, "/sse", nil)},
		{"POST of the older transport, without a token", 401, httptest.NewRequest(http.MethodPost, "/messages/?session_id=x", nil)},
		{"a path that is not there", 404, httptest.NewRequest(http.MethodPost, "/mcp/", nil)},
		{"a method that probes have not", 405, httptest.NewRequest(http.MethodPost, "/readyz", nil)},
		{"HEAD", 405, method(http.MethodHead)},
		{"PUT", 405, method(http.MethodPut)},
		{"HEAD without a token", 401, httptest.NewRequest(http.MethodHead, "/mcp", nil)},
		{"another Host", 403, elsewhere},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.req != elsewhere {
				tt.req.Host = "mcp.example.com"
			}
			tt.req.Header.Set("Origin", pageOrigin)
			w := r.serve(tt.req)
			h := w.Result().Header
			if w.Code != tt.status || len(h.Values("Access-Control-Allow-Origin")) != 1 || h.Get("Access-Control-Allow-Origin") != pageOrigin {
				t.Fatalf("%d %v, want %d\n%s", w.Code, h, tt.status, w.Body)
			}
			if got := strings.Join(h.Values("Vary"), ", "); !strings.Contains(got, "Origin") {
				t.Errorf("Vary %q", got)
			}
			exposed := strings.ToLower(strings.Join(h.Values("Access-Control-Expose-Headers"), ","))
			for _, name := range []string{"WWW-Authenticate", "Mcp-Session-Id", "MCP-Protocol-Version", "Retry-After", "X-Request-Id"} {
				if !slices.Contains(strings.Split(strings.ReplaceAll(exposed, " ", ""), ","), strings.ToLower(name)) {
					t.Errorf("%s is not exposed: %s", name, exposed)
				}
			}
			for name := range h { // whatever we send of our own has to be readable
				if own := strings.HasPrefix(name, "Mcp-"); own && !strings.Contains(exposed, strings.ToLower(name)) {
					t.Errorf("%s is sent and not exposed: %s", name, exposed)
				}
			}
			if w.Code == http.StatusUnauthorized && h.Get("WWW-Authenticate") == "" {
				t.Error("no challenge to read")
			}
			if h.Get("Access-Control-Allow-Credentials") != "" {
				t.Error("it allows credentials")
			}
		})
	}
}

// TestPagesReadMetadata: pages of every origin may, with the header that clients send on
// each request of theirs; a foreign Host is refused as everywhere.
func TestPagesReadMetadata(t *testing.T) {
	for name, r := range map[string]*rig{"with origins": pagesRig(t), "with none": newRig(t)} {
		for _, path := range []string{"/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource/team/mcp"} {
			for _, origin := range []string{pageOrigin, "https://anybody.example", "null"} {
				w := r.serve(preflight(path, origin, http.MethodGet, "mcp-protocol-version"))
				if !mayBeSent(w, origin, http.MethodGet, "MCP-Protocol-Version") {
					t.Errorf("%s: preflight of %s for %s: %d %v", name, path, origin, w.Code, w.Header())
				}
				req := httptest.NewRequest(http.MethodGet, path, nil)
				req.Host = "mcp.example.com"
				req.Header.Set("Origin", origin)
				w = r.serve(req)
				if w.Code != http.StatusOK || w.Header().Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(w.Body.String(), `"resource":"`+publicURL+`"`) {
					t.Errorf("%s: GET %s for %s: %d %v", name, path, origin, w.Code, w.Header())
				}
				req.Host = "evil.example"
				marked := ""
				if name == "with origins" && origin == pageOrigin {
					marked = pageOrigin // it may read why
				}
				if w = r.serve(req); w.Code != http.StatusForbidden || w.Header().Get("Access-Control-Allow-Origin") != marked {
					t.Errorf("%s: GET %s at a foreign Host: %d %v", name, path, w.Code, w.Header())
				}
			}
		}
	}
}
