package server

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// TestShares: who holds the share of a message, and when the session has it back.
func TestShares(t *testing.T) {
	const limit = 100
	for name, tt := range map[string]struct {
		use      func(h *share)
		messages int // at once
		bytes    int64
		later    int // after lateGrace
	}{
		"nobody is through":               {func(*share) {}, 1, 60, 1},
		"the HTTP request is over":        {func(h *share) { h.leave(false) }, 0, 0, 0},
		"the SDK has it, too":             {func(h *share) { h.begin(); h.leave(true) }, 1, 60, 1},
		"the SDK is through, HTTP is not": {func(h *share) { h.begin()() }, 1, 60, 1},
		"both are, the SDK first":         {func(h *share) { h.begin()(); h.leave(true) }, 0, 0, 0},
		"both are, HTTP first": {func(h *share) {
			done := h.begin()
			h.leave(true)
			done()
		}, 0, 0, 0},
		"the SDK never comes to it": {func(h *share) { h.leave(true) }, 1, 60, 0},
		"the SDK comes late": {func(h *share) {
			h.leave(true)
			time.Sleep(lateGrace - 1)
			h.begin()
		}, 1, 60, 1},
		"the SDK comes late, and is through": {func(h *share) {
			h.leave(true)
			h.begin()()
		}, 0, 0, 0},
		"the SDK comes too late": {func(h *share) {
			h.leave(true)
			time.Sleep(lateGrace)
			synctest.Wait()
			h.begin()()
		}, 0, 0, 0},
		"the answer is larger":          {func(h *share) { h.resize(1000) }, 1, 1000, 1},
		"… and gone":                    {func(h *share) { h.resize(1000); h.done() }, 0, 0, 0},
		"… and comes when nobody waits": {func(h *share) { h.done(); h.resize(1000) }, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSessions(t, 9, 9)
				s.open("a1")
				defer s.stop()
				h, ok := s.admit("a1", "a", false, false, 60, limit/maxBodiesUnderWay)
				if !ok || h == nil {
					t.Fatal("no share")
				}
				tt.use(h)
				want := func(when string, messages int, bytes int64) {
					t.Helper()
					synctest.Wait()
					table := s.sessionTable
					table.mu.Lock()
					defer table.mu.Unlock()
					if a := table.sessions["a1"]; a.messages != messages || a.bytes != bytes || a.requests != messages {
						t.Errorf("%s: %d messages, %d bytes, %d requests; want %d, %d", when, a.messages, a.bytes, a.requests, messages, bytes)
					}
				}
				want("at once", tt.messages, tt.bytes)
				time.Sleep(lateGrace)
				want("later", tt.later, tt.bytes*int64(tt.later))
			})
		})
	}
}

// TestAdmit: what a session has room for, and whose session it is.
func TestAdmit(t *testing.T) {
	type message struct {
		id, owner  string
		streamable bool
		bytes      int64
	}
	for name, tt := range map[string]struct {
		before    int
		each      int64
		message   message
		ok, admit bool
	}{
		"the first":                   {0, 0, message{"a1", "a", false, 100}, true, true},
		"none of that name":           {0, 0, message{"a2", "a", false, 1}, false, false},
		"another's":                   {0, 0, message{"a1", "b", false, 1}, false, false},
		"of the other transport":      {0, 0, message{"a1", "a", true, 1}, false, false},
		"the last":                    {maxUnderWay - 1, 0, message{"a1", "a", false, 100}, true, true},
		"one too many":                {maxUnderWay, 0, message{"a1", "a", false, 0}, true, false},
		"as large as may be":          {2, 30, message{"a1", "a", false, 40}, true, true},
		"too large beside the others": {2, 30, message{"a1", "a", false, 41}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSessions(t, 9, 9)
				s.open("a1")
				defer s.stop()
				var last *share
				for range tt.before {
					last, _ = s.admit("a1", "a", false, false, tt.each, 50)
				}
				m := tt.message
				h, ok := s.admit(m.id, m.owner, m.streamable, false, m.bytes, 50)
				if ok != tt.ok || (h != nil) != tt.admit {
					t.Errorf("found %v, admitted %v", ok, h != nil)
				}
				if !tt.ok || tt.admit {
					return
				}
				last.done() // the twin: what ends makes room
				if h, _ := s.admit(m.id, m.owner, m.streamable, false, m.bytes, 50); h == nil {
					t.Error("not even when another has ended")
				}
			})
		})
	}
}

// TestSettlingRoom: what settles a call has room of its own, by number and by size.
func TestSettlingRoom(t *testing.T) {
	const maxBody = 100
	for name, tt := range map[string]struct {
		messages int
		bytes    int64 // of each
	}{
		"by number": {maxUnderWay, 0},
		"by size":   {2, maxBody / 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSessions(t, 9, 9)
				s.open("a1")
				defer s.stop()
				admit := func(settles bool, bytes int64) *share {
					h, ok := s.admit("a1", "a", false, settles, bytes, maxBody)
					if !ok {
						t.Fatal("no session")
					}
					return h
				}
				for admit(false, maxBody/2) != nil {
				}
				var last *share
				for i := range tt.messages {
					if last = admit(true, tt.bytes); last == nil {
						t.Fatalf("no room for the message %d", i)
					}
				}
				if admit(true, 1) != nil {
					t.Error("one too many")
				}
				last.done()
				if admit(false, 1) != nil {
					t.Error("a call took the room of what settles calls")
				}
				if admit(true, tt.bytes) == nil {
					t.Error("no room where one has ended")
				}
			})
		})
	}
}

// TestPending: when the SDK may come to a message whose HTTP request is over.
func TestPending(t *testing.T) {
	notification, call := message{method: "notifications/progress"}, message{method: "ping"}
	for name, tt := range map[string]struct {
		hungUp bool
		status int
		msg    message
		want   bool
	}{
		"a call that was answered":         {false, 200, call, false},
		"a call that was refused":          {false, 400, call, false},
		"a call whose client hung up":      {true, 200, call, true},
		"a notification that was queued":   {false, 202, notification, true},
		"a notification that was refused":  {false, 400, notification, false},
		"a response, which nobody handles": {false, 202, message{method: auth.OperationResponse}, false},
	} {
		t.Run(name, func(t *testing.T) {
			x := &exchange{answer: answered(tt.status)}
			ctx, cancel := context.WithCancel(context.WithValue(t.Context(), exchangeKey{}, x))
			defer cancel()
			if tt.hungUp {
				cancel()
			}
			if got := pending(httptest.NewRequestWithContext(ctx, http.MethodPost, "/mcp", nil), tt.msg); got != tt.want {
				t.Errorf("%v", got)
			}
		})
	}
}

// answered is an answer with a status.
type answered int

func (a answered) Status() int { return int(a) }

// slowRig is a rig with a tool that waits for release, whatever becomes of its caller.
func slowRig(t *testing.T, change ...func(*Options)) (r *rig, began chan struct{}, release chan struct{}) {
	r = newRig(t, change...)
	began, release = make(chan struct{}, 1000), make(chan struct{})
	slow := tools.Define("slow", tools.Options{Title: "Slow", Description: "Waits."},
		func(context.Context, tools.Caller, emptyInput) (emptyOutput, error) {
			began <- struct{}{}
			<-release
			return emptyOutput{}, nil
		})
	r.server.Install(r.generationOf(2, append(r.server.generation.Load().Tools.Sorted(), slow)...))
	return r, began, release
}

// call is a call in a session whose body has the given size, 0 for as small as it is.
func (r *rig) call(token, session, id, tool string, size int) *http.Request {
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":%q,"method":"tools/call","params":{"name":%q}}`, id, tool)
	body += strings.Repeat(" ", max(0, size-len(body)))
	return r.inSession(http.MethodPost, token, session, body)
}

// taken says what a session has under way.
func (r *rig) taken(id string) (messages int, bytes int64) {
	r.server.sessions.mu.Lock()
	defer r.server.sessions.mu.Unlock()
	s := r.server.sessions.sessions[id]
	return s.messages, s.bytes
}

func (r *rig) wantQueueFull(w *httptest.ResponseRecorder, id string) {
	r.t.Helper()
	want := `{"jsonrpc":"2.0","id":"` + id + `","error":{"code":-32004,"message":"too many messages of this session are under way"}}` + "\n"
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" || w.Body.String() != want {
		r.t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if !strings.Contains(r.logs.String(), `"reason":"queue_full"`) {
		r.t.Errorf("logged: %s", r.logs)
	}
}

// TestHungUpCalls: calls whose clients hung up are bounded for each session, by number
// and by size.
func TestHungUpCalls(t *testing.T) {
	const maxBody = 16 << 10
	for name, tt := range map[string]struct{ calls, size int }{
		"by number": {maxUnderWay, 0},
		"by size":   {maxBodiesUnderWay, maxBody},
	} {
		t.Run(name, func(t *testing.T) {
			r, began, release := slowRig(t, func(o *Options) { o.HTTP.MaxBodyBytes = maxBody })
			token := r.token("tool:slow", "tool:alpha")
			session, other := r.initialize(token), r.initialize(token)
			ctx, hangUp := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			for i := range tt.calls {
				req := r.call(token, session, fmt.Sprint(i), "slow", tt.size)
				wg.Go(func() { r.serve(req.WithContext(ctx)) })
				within(t, "a call begins", began)
			}
			if messages, _ := r.taken(session); messages != tt.calls {
				t.Errorf("%d messages are under way, want %d: each counts once", messages, tt.calls)
			}
			hangUp()
			allDone(t, "the requests have broken off", &wg)
			r.wantQueueFull(r.serve(r.call(token, session, "more", "alpha", tt.size)), "more")
			if w := r.serve(r.call(token, other, "1", "alpha", tt.size)); w.Code != http.StatusOK {
				t.Errorf("another session: %d %s", w.Code, w.Body)
			}
			close(release)
			r.eventually("there is room", func() bool {
				messages, bytes := r.taken(session)
				return messages == 0 && bytes == 0
			})
			if w := r.serve(r.call(token, session, "more", "alpha", maxBody)); w.Code != http.StatusOK || len(*r.ran) != 2 {
				t.Errorf("afterwards: %d %s", w.Code, w.Body)
			}
		})
	}
}

// TestParallelCallsOfOneSession: a live client with a hundred calls at once is served.
func TestParallelCallsOfOneSession(t *testing.T) {
	const calls = 100
	r, began, release := slowRig(t)
	token := r.token("tool:slow")
	session := r.initialize(token)
	var wg sync.WaitGroup
	for i := range calls {
		req := r.call(token, session, fmt.Sprint(i), "slow", 0)
		wg.Go(func() {
			if w := r.serve(req); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"result"`) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	for range calls {
		within(t, "a call begins", began)
	}
	close(release)
	allDone(t, "all are answered", &wg)
	if messages, bytes := r.taken(session); messages != 0 || bytes != 0 {
		t.Errorf("%d messages and %d bytes are left", messages, bytes)
	}
}

// TestSharesOfOtherMessages: what is no call takes room no longer than it has to.
func TestSharesOfOtherMessages(t *testing.T) {
	r := newRig(t)
	token := r.token("tool:alpha")
	session := r.initialize(token)
	for name, tt := range map[string]struct {
		body   string
		change func(*http.Request)
		status int
	}{
		"a notification":            {`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}`, nil, 202},
		"a response":                {`{"jsonrpc":"2.0","id":1,"result":{}}`, nil, 202},
		"a call":                    {callAlpha, nil, 200},
		"a call without Accept":     {callAlpha, func(req *http.Request) { req.Header.Del("Accept") }, 406},
		"a call of another version": {callAlpha, func(req *http.Request) { req.Header.Set("MCP-Protocol-Version", "1999-01-01") }, 400},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 * maxUnderWay {
				req := r.inSession(http.MethodPost, token, session, tt.body)
				if tt.change != nil {
					tt.change(req)
				}
				w := r.serve(req)
				if w.Code == http.StatusServiceUnavailable {
					r.eventually("those before have had their turn", func() bool { n, _ := r.taken(session); return n == 0 })
					continue
				}
				if w.Code != tt.status {
					t.Fatalf("%d %s", w.Code, w.Body)
				}
			}
			r.givenBack(func() bool { n, bytes := r.taken(session); return n == 0 && bytes == 0 })
		})
	}
}

// givenBack waits for less than the share of a message that never begins is kept.
func (r *rig) givenBack(ok func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(lateGrace / 2); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatal("the shares are not given back")
		}
	}
}

// TestLongID: an id that is too long is repeated nowhere; the twin is one that is not.
func TestLongID(t *testing.T) {
	r := newSSERig(t)
	token := r.token("tool:alpha")
	s := r.sseSession(token)
	long := strings.Repeat("x", maxIDBytes)
	w := r.send(s.endpoint, token, sseCall(`"x`+long+`"`, "alpha"))
	const want = `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the member id must be a string of at most 256 bytes or a whole number"}}` + "\n"
	if w.Code != http.StatusBadRequest || w.Body.String() != want || r.loggedReason(w) != "message" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := r.send(s.endpoint, token, sseCall(`"`+long+`"`, "alpha")); w.Code != http.StatusAccepted {
		t.Errorf("the twin: %d %s", w.Code, w.Body)
	}
	if got := s.next(); !strings.HasPrefix(got, `{"jsonrpc":"2.0","id":"`+long+`","result"`) {
		t.Errorf("the twin: %s", got)
	}
}
