package server

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	sdkauth "github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/auth/devauth"
	"mcp-resource-server/tools"
)

const sessionBody = `{"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`

// tokenOf is a good token of another subject.
func (r *rig) tokenOf(subject string, scopes ...string) string {
	r.t.Helper()
	claims := r.issuer.Claims("agent", []string{publicURL}, scopes)
	claims["sub"] = subject
	raw, err := r.issuer.Mint(devauth.MintSpec{Claims: claims})
	if err != nil {
		r.t.Fatal(err)
	}
	return raw
}

// inSession is a request within a session; without a body it has none.
func (r *rig) inSession(method, token, id, body string) *http.Request {
	req := httptest.NewRequestWithContext(r.t.Context(), method, "/mcp", strings.NewReader(body))
	req.Host = "mcp.example.com"
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("MCP-Protocol-Version", "2025-11-25")
	req.Header.Set("Accept", "application/json, text/event-stream")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if id != "" {
		req.Header.Set("Mcp-Session-Id", id)
	}
	return req
}

// initialize opens a session and returns its id.
func (r *rig) initialize(token string) string {
	r.t.Helper()
	w := r.serve(r.inSession(http.MethodPost, token, "", sessionBody))
	id := w.Header().Get("Mcp-Session-Id")
	if w.Code != http.StatusOK || id == "" {
		r.t.Fatalf("initialize: %d %s", w.Code, w.Body)
	}
	return id
}

// sdkSessions counts what the SDK has.
func (r *rig) sdkSessions() int {
	n := 0
	for range r.server.mcp.Sessions() {
		n++
	}
	return n
}

func (r *rig) places() int {
	r.server.sessions.mu.Lock()
	defer r.server.sessions.mu.Unlock()
	return r.server.sessions.places
}

// stream opens the stream of a session, and returns what ends it and a channel that is
// closed when it has ended.
func (r *rig) stream(token, id string) (hangUp context.CancelFunc, answer *httptest.ResponseRecorder, ended <-chan struct{}) {
	req := r.inSession(http.MethodGet, token, id, "")
	ctx, cancel := context.WithCancel(req.Context())
	w, done := httptest.NewRecorder(), make(chan struct{})
	go func() {
		defer close(done)
		r.server.Handler().ServeHTTP(w, req.WithContext(ctx))
	}()
	return cancel, w, done
}

func (r *rig) eventually(what string, ok func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("not after 10 s: %s", what)
		}
	}
}

// TestSessionOfAnother: whoever does not own a session gets what there is for one that
// does not exist, byte for byte, and disturbs nothing.
func TestSessionOfAnother(t *testing.T) {
	r := newRig(t)
	mine, theirs := r.token("tool:alpha"), r.tokenOf("mallory", "tool:alpha")
	id := r.initialize(mine)
	place, _ := r.server.sessions.reserve(identity(t, r, mine))
	place.settle("OLDERTRANSPORT", func() {})
	listed := func(token, id, method, body string) (string, http.Header) {
		w := r.serve(r.inSession(method, token, id, body))
		for _, name := range []string{"X-Request-Id", "Date"} {
			w.Header().Del(name)
		}
		return http.StatusText(w.Code) + " " + w.Body.String(), w.Header()
	}
	for method, body := range map[string]string{http.MethodPost: callAlpha, http.MethodGet: "", http.MethodDelete: ""} {
		want, wantHeader := listed(theirs, "NEVERWASASESSIONOFTHATNAME", method, body)
		if !strings.HasPrefix(want, "Not Found {") {
			t.Fatalf("%s of an unknown session: %s", method, want)
		}
		for name, c := range map[string]struct{ token, id string }{
			"another's":                         {theirs, id},
			"one's own in odd case":             {mine, strings.ToLower(id)},
			"one's own and more":                {mine, id + " x"},
			"one's own of another transport":    {mine, "OLDERTRANSPORT"},
			"another's of another transport":    {theirs, "OLDERTRANSPORT"},
			"half of one's own":                 {mine, id[:13]},
			"with bytes that no identifier has": {mine, "\x00\xff\n"},
		} {
			got, header := listed(c.token, c.id, method, body)
			if got != want || !maps.EqualFunc(header, wantHeader, slices.Equal) {
				t.Errorf("%s %s:\n%s %v\nwant\n%s %v", method, name, got, header, want, wantHeader)
			}
		}
		none, _ := listed(mine, "", method, body)
		if foreign, _ := listed(theirs, "", method, body); foreign != none || !strings.HasPrefix(none, "Bad Request {") {
			t.Errorf("%s without a session: %s and %s", method, none, foreign)
		}
	}
	if len(*r.ran) != 0 {
		t.Errorf("ran %q", *r.ran)
	}
	// The twins: the owner gets through with each of them.
	if got, _ := listed(mine, id, http.MethodPost, callAlpha); !strings.HasPrefix(got, "OK event:") || len(*r.ran) != 1 {
		t.Errorf("the owner's call: %s", got)
	}
	hangUp, w, ended := r.stream(mine, id)
	r.eventually("the stream is open", func() bool { return r.streams(id) == 1 })
	hangUp()
	within(t, "the stream has ended", ended)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/event-stream" {
		t.Errorf("the owner's stream: %d %v", w.Code, w.Header())
	}
	if got, _ := listed(mine, id, http.MethodDelete, ""); got != "No Content " {
		t.Errorf("the owner's DELETE: %s", got)
	}
	if got, _ := listed(mine, id, http.MethodDelete, ""); !strings.HasPrefix(got, "Not Found ") {
		t.Errorf("once more: %s", got)
	}
}

// streams says how many streams of a session are open.
func (r *rig) streams(id string) int {
	r.server.sessions.mu.Lock()
	defer r.server.sessions.mu.Unlock()
	return r.server.sessions.sessions[id].streams
}

func identity(t *testing.T, r *rig, raw string) string {
	t.Helper()
	p, err := r.server.generation.Load().Verifier.Verify(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	return p.Identity()
}

// TestSessionLimit: at the total cap the answer is a 503 that names no token and asks
// for none.
func TestSessionLimit(t *testing.T) {
	r := newRig(t, func(o *Options) { o.MCP.MaxSessions, o.MCP.MaxSessionsPerPrincipal = 2, 2 })
	ids := []string{r.initialize(r.tokenOf("one")), r.initialize(r.tokenOf("two"))}
	w := r.serve(r.inSession(http.MethodPost, r.tokenOf("three"), "", sessionBody))
	const want = `{"jsonrpc":"2.0","id":"i","error":{"code":-32004,"message":"no room for another session: try again later, and end those that are no longer needed"}}` + "\n"
	if w.Code != http.StatusServiceUnavailable || w.Body.String() != want || w.Header().Get("Retry-After") != "30" ||
		w.Header().Get("Www-Authenticate") != "" || w.Header().Get("Mcp-Session-Id") != "" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if log := r.logs.String(); !strings.Contains(log, `"reason":"session_limit"`) {
		t.Errorf("logged: %s", log)
	}
	if n := r.sdkSessions(); n != 2 {
		t.Errorf("%d sessions, want 2", n)
	}
	// The twin: once there is room, the same request opens one.
	if w := r.serve(r.inSession(http.MethodDelete, r.tokenOf("one"), ids[0], "")); w.Code != http.StatusNoContent {
		t.Fatalf("DELETE: %d %s", w.Code, w.Body)
	}
	r.eventually("the place is free", func() bool { return r.places() == 1 })
	r.initialize(r.tokenOf("three"))
}

// TestInitializeThatFails: whatever goes wrong on the way, no session and no place is
// left behind.
func TestInitializeThatFails(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*http.Request)
		want   int // sessions
	}{
		{"as it is", func(*http.Request) {}, 1},
		{"without Accept", func(req *http.Request) { req.Header.Del("Accept") }, 0},
		{"of an unknown version", func(req *http.Request) { req.Header.Set("MCP-Protocol-Version", "1999-01-01") }, 0},
		{"as a notification", func(req *http.Request) {
			body := strings.Replace(sessionBody, `"id":"i",`, "", 1)
			req.Body, req.ContentLength = readCloser(body), int64(len(body))
		}, 0},
		{"as large as may be", func(req *http.Request) {
			body := sessionBody + strings.Repeat(" ", maxInitialize-len(sessionBody))
			req.Body, req.ContentLength = readCloser(body), int64(len(body))
		}, 1},
		{"too large", func(req *http.Request) {
			body := sessionBody + strings.Repeat(" ", maxInitialize+1-len(sessionBody))
			req.Body, req.ContentLength = readCloser(body), int64(len(body))
		}, 0},
		{"without params", func(req *http.Request) {
			const body = `{"jsonrpc":"2.0","id":"i","method":"initialize"}`
			req.Body, req.ContentLength = readCloser(body), int64(len(body))
		}, 0},
		{"of a client that hung up", func(req *http.Request) {
			ctx, cancel := context.WithCancel(req.Context())
			cancel()
			*req = *req.WithContext(ctx)
		}, 1}, // it is whole, and will be idle
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			req := r.inSession(http.MethodPost, r.token(), "", sessionBody)
			tt.change(req)
			w := r.serve(req)
			if ok := w.Code == http.StatusOK && strings.Contains(w.Body.String(), `"result"`); ok != (tt.want == 1) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			r.eventually("sessions and places are as they should be", func() bool {
				return r.places() == tt.want && r.sdkSessions() == tt.want
			})
		})
	}
}

// TestSessionWhoseInitializeIsRefused: one that the authority refuses, which the gate let
// pass, has ended; one that it accepts stays.
func TestSessionWhoseInitializeIsRefused(t *testing.T) {
	for name, refusal := range map[string]error{"accepted": nil, "refused": internalError()} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.initialize(r.token())
			var session *mcp.ServerSession
			for session = range r.server.mcp.Sessions() {
				break
			}
			r.server.sessions = newSessionTable(r.opts.MCP, r.opts.Logger)
			place, _ := r.server.sessions.reserve("owner")
			place.streamable = true
			req := &mcp.ServerRequest[*mcp.InitializeParams]{Session: session, Extra: &mcp.RequestExtra{
				TokenInfo: &sdkauth.TokenInfo{Extra: map[string]any{placeKey: place}},
			}}
			next := func(context.Context, string, mcp.Request) (mcp.Result, error) {
				if !r.server.sessions.has(session.ID(), "owner", true) {
					t.Error("its client may hear of it before it is known")
				}
				return nil, refusal
			}
			if _, err := r.server.trackSessions(next)(t.Context(), methodInitialize, req); !errors.Is(err, refusal) {
				t.Errorf("%v, want %v", err, refusal)
			}
			want := 1
			if refusal != nil {
				want = 0
			}
			r.eventually("it is as it should be", func() bool { return r.places() == want && r.sdkSessions() == want })
		})
	}
}

// bubble runs f with a server whose time is the bubble's. The issuer's keys are there
// already: nothing in it needs the network.
func (r *rig) bubble(f func(t *testing.T)) {
	outer, ok := r.t.(*testing.T)
	if !ok {
		r.t.Fatal("a bubble needs a test")
	}
	defer func() { r.t = outer }()
	outside := time.Now()
	synctest.Test(outer, func(t *testing.T) {
		r.t = t
		inside := time.Now()
		clock := func() time.Time { return outside.Add(time.Since(inside)) }
		first := r.generation(1, "alpha", "beta")
		first.Verifier = auth.NewVerifier(r.opts.Auth, r.trust, clock)
		var err error
		if r.server, err = New(r.opts, first); err != nil {
			t.Fatal(err)
		}
		defer r.server.endStreams()
		f(t)
	})
}

// TestSessionsAreReallyClosed: whichever way sessions end, those of the SDK are closed,
// too, with all that runs for them. One whose stream is open is not idle.
func TestSessionsAreReallyClosed(t *testing.T) {
	const sessions = 20
	for name, end := range map[string]func(r *rig, token, id string, hangUp func()){
		"by the client": func(r *rig, token, id string, _ func()) {
			if w := r.serve(r.inSession(http.MethodDelete, token, id, "")); w.Code != http.StatusNoContent || w.Body.Len() != 0 {
				r.t.Errorf("DELETE: %d %s", w.Code, w.Body)
			}
		},
		"nobody uses them":     func(_ *rig, _, _ string, hangUp func()) { hangUp() },
		"the server has ended": func(r *rig, _, _ string, _ func()) { r.server.endStreams() },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(o *Options) { o.MCP.SessionTimeout = 5 * time.Minute })
			token := r.token("tool:alpha")
			r.bubble(func(t *testing.T) {
				var ids []string
				var hangUps []func()
				for range sessions {
					id := r.initialize(token)
					hangUp, _, _ := r.stream(token, id)
					ids, hangUps = append(ids, id), append(hangUps, hangUp)
				}
				time.Sleep(15 * time.Minute)
				if n := r.sdkSessions(); n != sessions {
					t.Fatalf("%d are left while their streams are open", n)
				}
				before := runtime.NumGoroutine()
				for i, id := range ids {
					end(r, token, id, hangUps[i])
				}
				time.Sleep(5*time.Minute + time.Second)
				synctest.Wait()
				if n, places := r.sdkSessions(), r.places(); n != 0 || places != 0 {
					t.Errorf("%d sessions and %d places are left", n, places)
				}
				// Of each: the one that reads, and the two of its stream.
				if ended := before - runtime.NumGoroutine(); ended < 2*sessions {
					t.Errorf("%d goroutines have ended", ended)
				}
			})
		})
	}
}

func readCloser(s string) *closer { return &closer{strings.NewReader(s)} }

type closer struct{ *strings.Reader }

func (*closer) Close() error { return nil }

// TestScopesOfTheRequest: within a session it is the request's own token that counts,
// never the one that opened it.
func TestScopesOfTheRequest(t *testing.T) {
	r := newRig(t)
	rich, poor := r.token("tool:alpha"), r.token("tool:beta")
	for name, tt := range map[string]struct {
		opens, calls string
		status, ran  int
	}{
		"a rich one opens, a poor one calls": {rich, poor, http.StatusForbidden, 0},
		"a poor one opens, a rich one calls": {poor, rich, http.StatusOK, 1},
	} {
		t.Run(name, func(t *testing.T) {
			*r.ran = nil
			w := r.serve(r.inSession(http.MethodPost, tt.calls, r.initialize(tt.opens), callAlpha))
			if w.Code != tt.status || len(*r.ran) != tt.ran {
				t.Errorf("%d %s, ran %q", w.Code, w.Body, *r.ran)
			}
		})
	}
}

// TestSessionOfADistantCall: a call goes on when its request has broken off, and its
// session is not taken for idle meanwhile.
func TestSessionOfADistantCall(t *testing.T) {
	r := newRig(t, func(o *Options) { o.MCP.MaxSessions, o.MCP.MaxSessionsPerPrincipal = 1, 1 })
	var running atomic.Bool
	goOn := make(chan struct{})
	slow := tools.Define("slow", tools.Options{Title: "Slow", Description: "Waits."},
		func(context.Context, tools.Caller, emptyInput) (emptyOutput, error) {
			running.Store(true)
			<-goOn
			return emptyOutput{}, nil
		})
	r.server.Install(r.generationOf(2, slow))
	token := r.token("tool:slow")
	req := r.inSession(http.MethodPost, token, r.initialize(token), strings.Replace(callAlpha, "alpha", "slow", 1))
	ctx, hangUp := context.WithCancel(req.Context())
	var wg sync.WaitGroup
	wg.Go(func() { r.serve(req.WithContext(ctx)) })
	r.eventually("the call runs", running.Load)
	hangUp()
	allDone(t, "the request has broken off", &wg)
	if w := r.serve(r.inSession(http.MethodPost, token, "", sessionBody)); w.Code != http.StatusServiceUnavailable {
		t.Errorf("another session beside it: %d", w.Code)
	}
	close(goOn)
	r.eventually("there is room when it has ended", func() bool {
		return r.serve(r.inSession(http.MethodPost, token, "", sessionBody)).Code == http.StatusOK
	})
}

// TestOneOwnerOpensThousands: it never has more than its share, and somebody else's
// session stays.
func TestOneOwnerOpensThousands(t *testing.T) {
	r := newRig(t)
	other := r.initialize(r.tokenOf("other"))
	token := r.token()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for n := range 1250 {
				r.initialize(token)
				if n%50 == 0 {
					if open := r.sdkSessions(); open > 101 {
						t.Errorf("%d sessions are open", open)
					}
				}
			}
		})
	}
	allDone(t, "thousands are open", &wg)
	if open := r.sdkSessions(); open != 101 {
		t.Errorf("%d sessions are open, want 100 and another's one", open)
	}
	if w := r.serve(r.inSession(http.MethodPost, r.tokenOf("other"), other, `{"jsonrpc":"2.0","id":1,"method":"ping"}`)); w.Code != http.StatusOK {
		t.Errorf("another's session: %d %s", w.Code, w.Body)
	}
}
