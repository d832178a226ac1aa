package oauthclient

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	testEndpoint = "https://mcp.example/mcp"
	testResource = "https://mcp.example/mcp"
	testIssuer   = "https://issuer.example/"
	testSecret   = "hunter2-s3cret"
	needsHeader  = "X-Needs" // scopes that the operation of a request needs
)

var testClient = Client{ID: "agent", Secret: testSecret}

// world is an MCP server and its issuer, without a network, so that it can live in a
// bubble of testing/synctest. Its faults are switched while it runs.
type world struct {
	mu sync.Mutex

	// The server.
	noChallenge    bool // its 401 says nothing
	noMetadata     bool
	open           bool // it wants no token
	baseline       []string
	resource       string
	issuers        []string
	supported      []string
	refuseAll      bool     // it refuses every token
	calls          []string // the token of each call, "" where there was none
	bodies         []string // of the calls that were answered with 200
	metadataReads  int      // of the server's
	issued         map[string]*issuedToken
	finalForbidden bool // its 403 has no challenge

	// The issuer.
	ttl       time.Duration
	latency   time.Duration
	granted   []string // what the client has; nil: everything
	narrows   bool     // it leaves out what the client lacks, as the development issuer does, and does not refuse
	silent    bool     // it does not say what it granted
	down      bool
	fault     func(http.ResponseWriter) bool // answers a token request itself, where it returns true
	requests  []url.Values
	refused   int
	discovery int
}

type issuedToken struct {
	scopes  []string
	expiry  time.Time
	revoked bool
}

func newWorld() *world {
	return &world{
		resource: testResource, issuers: []string{testIssuer}, issued: map[string]*issuedToken{}, ttl: time.Hour,
	}
}

// set changes the world under its lock.
func (w *world) set(change func(*world)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w)
}

// revoke makes every token issued so far one that the server refuses.
func (w *world) revoke() {
	w.set(func(w *world) {
		for _, t := range w.issued {
			t.revoked = true
		}
	})
}

// tokens returns how many tokens were issued.
func (w *world) tokens() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.issued)
}

// asked returns the scope parameter of each token request.
func (w *world) asked() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var scopes []string
	for _, r := range w.requests {
		scopes = append(scopes, r.Get("scope"))
	}
	return scopes
}

// RoundTrip and Do make the world the transport of both sides.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	var body io.Reader
	if r.Body != nil {
		data, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
		body = strings.NewReader(string(data))
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	served := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), body)
	served.Header = r.Header.Clone()
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, served)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	resp := rec.Result()
	resp.Request = r
	return resp, nil
}

func (w *world) Do(r *http.Request) (*http.Response, error) { return w.RoundTrip(r) }

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	switch strings.ToLower(strings.TrimSuffix(r.Host, ":443")) + r.URL.Path {
	case "mcp.example/mcp":
		w.serveCall(rw, r)
	case "mcp.example" + wellKnownResource + "/mcp":
		w.serveResource(rw)
	case "issuer.example/.well-known/openid-configuration":
		w.set(func(w *world) { w.discovery++ })
		_, _ = io.WriteString(rw, document(testIssuer))
	case "issuer.example//token":
		w.serveToken(rw, r)
	default:
		http.NotFound(rw, r)
	}
}

func (w *world) serveCall(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.mu.Lock()
	defer w.mu.Unlock()
	value, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	w.calls = append(w.calls, value)
	token := w.issued[value]
	needs, _ := parseScopes(r.Header.Get(needsHeader))
	switch {
	case w.open:
	case token == nil || token.revoked || w.refuseAll || !time.Now().Before(token.expiry):
		code := ""
		if value != "" {
			code = "invalid_token"
		}
		w.refuse(rw, http.StatusUnauthorized, code, w.baseline)
		return
	case !covers(token.scopes, needs):
		if w.finalForbidden {
			rw.WriteHeader(http.StatusForbidden)
			return
		}
		w.refuse(rw, http.StatusForbidden, "insufficient_scope", needs)
		return
	}
	w.bodies = append(w.bodies, string(body))
	_, _ = io.WriteString(rw, "answer")
}

func (w *world) refuse(rw http.ResponseWriter, status int, code string, scopes []string) {
	if !w.noChallenge {
		params := []string{fmt.Sprintf("resource_metadata=%q", "https://mcp.example"+wellKnownResource+"/mcp")}
		if w.noMetadata {
			params = []string{`realm="mcp"`}
		}
		if code != "" {
			params = append(params, fmt.Sprintf("error=%q", code))
		}
		if len(scopes) > 0 {
			params = append(params, fmt.Sprintf("scope=%q", strings.Join(scopes, " ")))
		}
		rw.Header().Set("WWW-Authenticate", "Bearer "+strings.Join(params, ", "))
	}
	rw.WriteHeader(status)
	_, _ = io.WriteString(rw, "the server's own words")
}

func (w *world) serveResource(rw http.ResponseWriter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.metadataReads++
	if w.noMetadata {
		rw.WriteHeader(http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(rw).Encode(map[string]any{
		"resource": w.resource, "authorization_servers": w.issuers, "scopes_supported": w.supported,
	})
}

func (w *world) serveToken(rw http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	w.mu.Lock()
	w.requests = append(w.requests, r.PostForm)
	latency, fault, down := w.latency, w.fault, w.down
	w.mu.Unlock()
	if latency > 0 {
		select {
		case <-time.After(latency):
		case <-r.Context().Done():
			return
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case down:
		rw.WriteHeader(http.StatusBadGateway)
		return
	case fault != nil && fault(rw):
		w.refused++
		return
	case r.PostForm.Get("client_id") != testClient.ID || r.PostForm.Get("client_secret") != testSecret:
		w.refused++
		rw.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(rw, `{"error":"invalid_client"}`)
		return
	}
	w.issue(rw, r.PostForm.Get("scope"))
}

func (w *world) issue(rw http.ResponseWriter, scope string) {
	scopes, _ := parseScopes(scope)
	if len(scopes) == 0 {
		scopes = w.granted
	}
	if w.granted != nil && !covers(w.granted, scopes) {
		if !w.narrows { // as Auth0 does
			w.refused++
			rw.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(rw, `{"error":"access_denied","error_description":"Client has not been granted scopes"}`)
			return
		}
		scopes = slices.DeleteFunc(scopes, func(s string) bool { return !slices.Contains(w.granted, s) })
	}
	value := fmt.Sprintf("token-%d", len(w.issued)+1)
	w.issued[value] = &issuedToken{scopes: scopes, expiry: time.Now().Add(w.ttl)}
	answer := map[string]any{"access_token": value, "token_type": "Bearer", "expires_in": int(w.ttl.Seconds())}
	if !w.silent {
		answer["scope"] = strings.Join(scopes, " ")
	}
	_ = json.NewEncoder(rw).Encode(answer)
}

// options are those of a client that knows nothing but its credentials.
func (w *world) options() Options {
	return Options{Endpoint: testEndpoint, Client: testClient, HTTP: w, Base: w}
}

func (w *world) authorizer(t *testing.T, edits ...func(*Options)) *Authorizer {
	t.Helper()
	o := w.options()
	for _, edit := range edits {
		edit(&o)
	}
	a, err := NewAuthorizer(o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// result is what a caller sees.
type result struct {
	status int
	body   string
	err    error
}

// call sends one request for an operation that needs scopes.
func call(t *testing.T, a http.RoundTripper, needs ...string) result {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, testEndpoint, strings.NewReader("question"))
	if err != nil {
		t.Fatal(err)
	}
	if len(needs) > 0 {
		req.Header.Set(needsHeader, strings.Join(needs, " "))
	}
	return roundTrip(a, req)
}

func roundTrip(a http.RoundTripper, req *http.Request) result {
	resp, err := a.RoundTrip(req)
	if err != nil {
		return result{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return result{resp.StatusCode, string(body), err}
}

// good fails the test unless the call was answered.
func good(t *testing.T, r result) {
	t.Helper()
	if r.err != nil || r.status != http.StatusOK || r.body != "answer" {
		t.Fatalf("got status %d, body %q, error %v; want the answer", r.status, r.body, r.err)
	}
}

// events collects what an Authorizer tells.
type events struct {
	mu   sync.Mutex
	list []Event
}

func (e *events) observe(ev Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, ev)
}

func (e *events) kinds() []EventKind {
	e.mu.Lock()
	defer e.mu.Unlock()
	kinds := make([]EventKind, len(e.list))
	for i, ev := range e.list {
		kinds[i] = ev.Kind
	}
	return kinds
}

func (e *events) count(kind EventKind) int {
	n := 0
	for _, k := range e.kinds() {
		if k == kind {
			n++
		}
	}
	return n
}

func readCloser(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }
