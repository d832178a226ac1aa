package server

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"mcp-resource-server/auth"
)

// TestSSEFull: a slow tool fills a session with calls, and the next POST is refused at
// once; what ends makes room again.
func TestSSEFull(t *testing.T) {
	r := newSSERig(t)
	token := r.token("tool:slow", "tool:alpha")
	s := r.sseSession(token)
	for i := range maxUnderWay {
		if w := r.send(s.endpoint, token, sseCall(fmt.Sprint(i), "slow")); w.Code != http.StatusAccepted {
			t.Fatalf("call %d: %d %s", i, w.Code, w.Body)
		}
		r.hasBegun()
	}
	w := r.send(s.endpoint, token, sseCall("1000", "alpha"))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" || r.loggedReason(w) != "queue_full" {
		t.Errorf("one more: %d %s", w.Code, w.Body)
	}
	if got := s.next(); got != strings.TrimSpace(w.Body.String()) || !strings.Contains(got, `"id":1000`) {
		t.Errorf("the stream was told %s", got)
	}
	// Another session is another matter.
	other := r.sseSession(token)
	if w := r.send(other.endpoint, token, sseCall("1", "alpha")); w.Code != http.StatusAccepted {
		t.Errorf("another session: %d %s", w.Code, w.Body)
	}
	close(r.release)
	for range maxUnderWay {
		if got := s.next(); !strings.Contains(got, `"result"`) {
			t.Errorf("a slow call: %s", got)
		}
	}
	if w := r.send(s.endpoint, token, sseCall("1000", "alpha")); w.Code != http.StatusAccepted {
		t.Errorf("afterwards: %d %s", w.Code, w.Body)
	}
}

// TestSSEIDInUse: an id that a call still has is refused, and the stream is not told:
// its client would take that for the answer to the first.
func TestSSEIDInUse(t *testing.T) {
	r := newSSERig(t)
	token := r.token("tool:slow", "tool:alpha")
	s := r.sseSession(token)
	for _, id := range []string{"1", `"1"`, `"\u0031\u0031"`} { // the first two are two
		if w := r.send(s.endpoint, token, sseCall(id, "slow")); w.Code != http.StatusAccepted {
			t.Fatalf("%s: %d %s", id, w.Code, w.Body)
		}
		r.hasBegun()
	}
	for _, id := range []string{"1", `"1"`, `"11"`} {
		for _, tool := range []string{"alpha", "beta", "nonesuch"} { // fine, denied, unknown
			w := r.send(s.endpoint, token, sseCall(id, tool))
			if w.Code == http.StatusAccepted || (tool == "alpha") != strings.Contains(w.Body.String(), "still under way") {
				t.Errorf("%s %s: %d %s", id, tool, w.Code, w.Body)
			}
		}
	}
	close(r.release)
	for range 3 {
		if got := s.next(); !strings.Contains(got, `"result"`) {
			t.Errorf("on the stream: %s", got)
		}
	}
	if w := r.send(s.endpoint, token, sseCall("1", "alpha")); w.Code != http.StatusAccepted {
		t.Errorf("the id again: %d %s", w.Code, w.Body)
	}
	if got := s.next(); len(*r.ran) != 1 || !strings.Contains(got, `"id":1,`) {
		t.Errorf("ran %q, %s", *r.ran, got)
	}
}

// TestSSENotifications: notifications have no answer by which their number would be
// bounded; those that wait for their turn hold their shares.
func TestSSENotifications(t *testing.T) {
	c := newSSESession()
	var ended []string
	post := func(name string, p *posted) *posted {
		p.ended = func() { ended = append(ended, name) }
		p.unheard = func(string) {}
		if got := c.queue(p); got != inQueue {
			t.Fatalf("%s: %d", name, got)
		}
		return p
	}
	want := func(when string, names ...string) {
		t.Helper()
		if !slices.Equal(ended, names) {
			t.Errorf("%s: %q have ended, want %q", when, ended, names)
		}
	}
	notification := func() *posted { return &posted{message: &jsonrpc.Request{Method: "notifications/progress"}} }
	id, _ := jsonrpc.MakeID("x")
	post("passed over", notification())
	second := post("second", notification())
	call := post("call", &posted{message: &jsonrpc.Request{Method: "ping", ID: id}, id: id})
	last := post("last", notification())
	post("response", &posted{message: &jsonrpc.Response{}})
	for range 4 {
		_, _ = c.Read(t.Context())
	}
	want("the SDK has them")
	_, _ = c.Read(t.Context())
	want("the SDK has the response", "response")
	if !c.begin(second) {
		t.Error("the second did not begin")
	}
	want("the second has begun", "response", "passed over", "second")
	if !c.begin(call) {
		t.Error("the call did not begin")
	}
	want("the call has begun", "response", "passed over", "second")
	c.begin(last)
	want("all have begun", "response", "passed over", "second", "last")
	c.end()
	want("the session has ended", "response", "passed over", "second", "last", "call")
	if got := c.queue(notification()); got != sessionEnded {
		t.Errorf("after the end: %d", got)
	}
	if c.begin(last) {
		t.Error("a message began after the end")
	}
	// What the SDK does not read ends somewhere.
	c = newSSESession()
	for i := range 2 * maxUnderWay {
		post(fmt.Sprint(i), notification())
	}
	if got := c.queue(notification()); got != queueFull {
		t.Errorf("one more: %d", got)
	}
}

// TestSSENotificationsBegin: what has had its turn does not count any more.
func TestSSENotificationsBegin(t *testing.T) {
	r := newSSERig(t)
	token := r.token()
	s := r.sseSession(token)
	for round := range 3 {
		for i := range maxUnderWay {
			if w := r.send(s.endpoint, token, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`); w.Code != http.StatusAccepted {
				t.Fatalf("round %d, %d: %d %s", round, i, w.Code, w.Body)
			}
		}
		r.send(s.endpoint, token, `{"jsonrpc":"2.0","id":2,"method":"ping"}`)
		s.next() // it was the turn of all that came before
	}
}

// TestSSESendWaits: who hands a message to a stream waits for its client, for the
// stream's end or for an end of its own.
func TestSSESendWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newSSESession()
		ctx, cancel := context.WithCancel(t.Context())
		results := make(chan error, 2)
		go func() { results <- c.send(ctx, nil) }()
		go func() { results <- c.send(t.Context(), nil) }()
		synctest.Wait()
		if len(results) > 0 {
			t.Fatal("it did not wait")
		}
		cancel()
		if err := within(t, "the first has an end", results); err != context.Canceled { //nolint:errorlint // the very error
			t.Errorf("%v", err)
		}
		c.end()
		if err := within(t, "the second has an end", results); err != errSSEEnded { //nolint:errorlint // the very error
			t.Errorf("%v", err)
		}
	})
}

// TestSSESlowClient: a client that does not read its stream holds up nobody but itself,
// and nothing waits for it when it has gone.
func TestSSESlowClient(t *testing.T) {
	r := newSSERig(t)
	token := r.token("tool:slow")
	close(r.release)
	s, body := r.begin(r.get(token))
	endpoint := make([]byte, len("event: endpoint\ndata: /team/messages/?session_id=")+26)
	if _, err := io.ReadFull(body, endpoint); err != nil {
		t.Fatal(err)
	}
	_, at, _ := strings.Cut(string(endpoint), "data: ") // the rest of the event is not read
	if w := r.send(at, token, sseInitialize); w.Code != http.StatusAccepted {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	// This answer is repeated on the stream, which is stuck: HTTP has it at once.
	req := r.post(sseCall("2", "alpha"))
	req.URL.Path, req.URL.RawQuery, _ = strings.Cut(at, "?")
	req.Header.Set("Authorization", "Bearer "+token)
	flushed := make(chan struct{})
	w := &pipedAnswer{header: http.Header{}, status: make(chan int, 1), flush: sync.OnceFunc(func() { close(flushed) })}
	_, w.PipeWriter = io.Pipe()
	_ = w.Close() // its body is of no interest
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.server.Handler().ServeHTTP(w, req)
	}()
	if status := within(t, "the status of the 403", w.status); status != http.StatusForbidden {
		t.Errorf("%d", status)
	}
	select {
	case <-flushed:
	case <-time.After(10 * time.Second):
		t.Error("the 403 waits for the stream")
	}
	// Another session is not held up.
	if other := r.sseSession(token); r.send(other.endpoint, token, sseCall("1", "slow")).Code == http.StatusAccepted {
		other.next()
		other.hangUp()
	}
	s.hangUp()
	body.(io.Closer).Close() // as net/http does
	within(t, "the refused POST has an end", done)
	r.until("all is gone", func() bool {
		for range r.server.mcp.Sessions() {
			return false
		}
		return true
	})
}

// TestSSEHangsUpOnARefusal: a client that has seen the status of its POST and does not
// wait for the rest is told on the stream all the same.
func TestSSEHangsUpOnARefusal(t *testing.T) {
	r := newSSERig(t)
	token := r.token()
	s := r.sseSession(token)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		if w := r.send(s.endpoint, token, sseCall("1", "alpha"), func(req *http.Request) { *req = *req.WithContext(ctx) }); w.Code != http.StatusForbidden {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if got := s.next(); !strings.Contains(got, `"id":1,"error":`) {
			t.Errorf("%s", got)
		}
	}
}

// TestSSEEndCancels: at the end of a stream the calls that it has are cancelled, those
// that were not begun are not run, and each has its one audit line.
func TestSSEEndCancels(t *testing.T) {
	for name, end := range map[string]func(*sseRig, *sseStream){
		"the client goes":  func(_ *sseRig, s *sseStream) { s.hangUp() },
		"the server stops": func(r *sseRig, _ *sseStream) { r.server.endStreams() },
		"its place is needed": func(r *sseRig, s *sseStream) {
			r.server.sessions.forget(strings.TrimPrefix(s.endpoint, "/team/messages/?session_id="))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newSSERig(t)
			token := r.token("tool:slow")
			s := r.sseSession(token)
			w := r.send(s.endpoint, token, sseCall("1", "slow"))
			r.hasBegun()
			end(r, s)
			if rest := s.wantEnd(); len(rest) > 0 {
				t.Errorf("on the stream: %q", rest)
			}
			r.until("the call is in the audit", func() bool { return len(r.audited(w.Header().Get("X-Request-Id"))) > 0 })
			if got := r.audited(w.Header().Get("X-Request-Id")); len(got) != 1 || got[0].Result != "cancelled" || got[0].Tool != "slow" {
				t.Errorf("audit: %+v", got)
			}
			select {
			case <-r.server.calls.wait():
			default:
				r.until("a stop waits for nothing", func() bool {
					r.server.calls.mu.Lock()
					defer r.server.calls.mu.Unlock()
					return r.server.calls.n == 0
				})
			}
		})
	}
}

// TestSSEUnheard: the audit line of a call that was queued and not begun when the
// session ended, and of one that the SDK refused by itself.
func TestSSEUnheard(t *testing.T) {
	r := newSSERig(t)
	token := r.token("tool:alpha")
	s := r.open(r.get(token))
	w := r.send(s.endpoint, token, sseCall("1", "alpha")) // before initialize
	if got := s.next(); !strings.Contains(got, "invalid during session initialization") {
		t.Errorf("%s", got)
	}
	if got := r.audited(w.Header().Get("X-Request-Id")); len(got) != 1 || got[0].Result != "error" || got[0].Tool != "alpha" {
		t.Errorf("audit: %+v", got)
	}
	// A session whose messages the SDK does not read.
	c := newSSESession()
	t2 := &legacySSE{server: r.server, sessions: map[string]*sseSession{}}
	place, _ := r.server.sessions.reserve("x")
	place.settle("unread", c.end)
	defer r.server.sessions.forget("unread")
	req := r.post("")
	record := &recordedExchange{}
	r.server.open(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		x := exchangeOf(req)
		x.principal = &auth.Principal{Issuer: "i", Subject: "x"}
		x.operation = auth.Operation{Method: "tools/call", Target: auth.Tool("alpha")}
		record.id = x.id
		p, err := t2.newPosted(req, message{method: "tools/call"}, []byte(sseCall("1", "alpha")))
		if err != nil {
			t.Fatal(err)
		}
		p.session, p.ended = c, func() { record.ended++ }
		if got := c.queue(p); got != inQueue {
			t.Fatal(got)
		}
	})).ServeHTTP(httptest.NewRecorder(), req)
	c.end()
	c.end()
	if got := r.audited(record.id); len(got) != 1 || got[0].Result != "cancelled" || got[0].Tool != "alpha" || record.ended != 1 {
		t.Errorf("audit: %+v; ended %d times", got, record.ended)
	}
}

type recordedExchange struct {
	id    string
	ended int
}

// TestSSERoom: the caps on sessions count streams; at its own cap a caller loses its
// least used one, unless each has a call under way; at that of all it is told to wait.
func TestSSERoom(t *testing.T) {
	r := newSSERig(t, func(o *Options) { o.MCP.MaxSessions, o.MCP.MaxSessionsPerPrincipal = 3, 2 })
	alice, bob := r.tokenFor("alice", "agent", "tool:slow"), r.tokenFor("bob", "agent")
	first, second := r.sseSession(alice), r.sseSession(alice)
	r.send(first.endpoint, alice, sseCall("1", "slow"))
	r.hasBegun()
	// A client has its answer a moment before the session has given up its share.
	r.until("nothing of the second is under way", func() bool {
		r.server.sessions.mu.Lock()
		defer r.server.sessions.mu.Unlock()
		busy := 0
		for _, s := range r.server.sessions.sessions {
			if s.requests > 0 {
				busy++
			}
		}
		return busy == 1 // the first
	})
	third := r.open(r.get(alice))
	second.wantEnd() // the first has a call under way
	r.send(third.endpoint, alice, sseInitialize)
	third.next()
	r.send(third.endpoint, alice, sseCall("1", "slow"))
	r.hasBegun()
	if w := r.serve(r.get(alice)); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || r.loggedReason(w) != "session_limit" {
		t.Errorf("all are in use: %d %s", w.Code, w.Body)
	}
	if w := r.send(second.endpoint, alice, sseCall("2", "slow")); w.Code != http.StatusNotFound {
		t.Errorf("the one that was closed: %d %s", w.Code, w.Body)
	}
	r.open(r.get(bob))
	if w := r.serve(r.get(r.tokenFor("carol", "agent"))); w.Code != http.StatusServiceUnavailable {
		t.Errorf("the fourth: %d %s", w.Code, w.Body)
	}
	first.hangUp()
	first.wantEnd()
	r.until("there is room again", func() bool {
		r.server.sessions.mu.Lock()
		defer r.server.sessions.mu.Unlock()
		return r.server.sessions.places == 2
	})
	r.open(r.get(r.tokenFor("carol", "agent")))
}
