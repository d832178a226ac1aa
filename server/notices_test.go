package server

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// sending is the notices of some sessions, of which each send is under the test's hand.
type sending struct {
	*listeners
	handler mcp.MethodHandler
	caller  *auth.Principal
	mu      sync.Mutex
	sent    []string
	stuck   map[*mcp.ServerSession]chan error // that do not read
}

// inSending runs f in a bubble, with a caller whose token is good there.
func inSending(t *testing.T, f func(t *testing.T, s *sending)) {
	t.Helper()
	r := newRig(t)
	caller, err := r.server.generation.Load().Verifier.Verify(t.Context(), r.token("other"))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s := &sending{listeners: newListeners(&r.server.generation), caller: &caller, stuck: map[*mcp.ServerSession]chan error{}}
		s.handler = s.listeners.send(func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			if stuck := s.stuck[req.GetSession().(*mcp.ServerSession)]; stuck != nil {
				select {
				case err := <-stuck:
					if err != nil {
						return nil, err
					}
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.sent = append(s.sent, method)
			return nil, nil //nolint:nilnil // as the SDK does
		})
		f(t, s)
	})
}

// send tells a session of something as the SDK does: it gives it 10 s.
func (s *sending) send(t *testing.T, session *mcp.ServerSession, method string, params mcp.Params) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := s.handler(ctx, method, &mcp.ServerRequest[mcp.Params]{Session: session, Params: params}); err != nil {
		t.Error(err)
	}
	synctest.Wait()
}

func (s *sending) wantSent(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.sent, want) {
		t.Errorf("sent %q, want %q", s.sent, want)
	}
	s.sent = nil
}

const (
	listChanged    = "notifications/tools/list_changed"
	promptsChanged = "notifications/prompts/list_changed"
)

// TestNoticesWaitForNobody: a client that does not read keeps nothing from the others,
// and is sent what it missed once.
func TestNoticesWaitForNobody(t *testing.T) {
	inSending(t, func(t *testing.T, s *sending) {
		slow, quick := new(mcp.ServerSession), new(mcp.ServerSession)
		s.opened(s.put(slow), s.caller)
		s.opened(s.put(quick), s.caller)
		s.stuck[slow] = make(chan error)
		begin := time.Now()
		for range 5 {
			s.send(t, slow, listChanged, &mcp.ToolListChangedParams{})
		}
		s.send(t, quick, listChanged, &mcp.ToolListChangedParams{})
		s.wantSent(t, listChanged)
		if time.Since(begin) != 0 {
			t.Errorf("after %v", time.Since(begin))
		}
		time.Sleep(time.Minute) // as long as a large answer takes: each of its writes is in time
		close(s.stuck[slow])
		s.wantSent(t, listChanged, listChanged) // the one that was under way, and one for all behind it
	})
}

// TestNoticesWaitForAStream: what a stream did not take, and what came while there was
// none, is sent on the next, once each; and nothing when the session has ended.
func TestNoticesWaitForAStream(t *testing.T) {
	inSending(t, func(t *testing.T, s *sending) {
		session := new(mcp.ServerSession)
		l := s.put(session)
		s.stuck[session] = make(chan error)
		s.opened(l, s.caller)
		s.send(t, session, listChanged, &mcp.ToolListChangedParams{})
		s.stuck[session] <- errors.New("undelivered")
		s.closed(l, s.caller)
		close(s.stuck[session])
		for range 3 {
			s.send(t, session, promptsChanged, &mcp.PromptListChangedParams{})
			s.send(t, session, listChanged, &mcp.ToolListChangedParams{})
		}
		s.wantSent(t)
		next := *s.caller
		s.opened(l, &next)
		s.wantSent(t, listChanged, promptsChanged)
		s.closed(l, s.caller) // of the first stream, late
		s.send(t, session, listChanged, &mcp.ToolListChangedParams{})
		s.wantSent(t, listChanged)
		s.closed(l, &next)
		s.send(t, session, listChanged, &mcp.ToolListChangedParams{})
		s.drop(session)
		s.opened(l, &next)
		s.send(t, session, listChanged, &mcp.ToolListChangedParams{})
		s.wantSent(t)
	})
}

// TestNoticesNeedAToken: nothing is sent on a stream whose token does not stand any more,
// even before that ends; what waited is sent on the next.
func TestNoticesNeedAToken(t *testing.T) {
	inSending(t, func(t *testing.T, s *sending) {
		session := new(mcp.ServerSession)
		l := s.put(session)
		s.opened(l, &auth.Principal{Issuer: "https://nobody.example"})
		s.send(t, session, listChanged, &mcp.ToolListChangedParams{})
		s.wantSent(t)
		s.opened(l, s.caller)
		s.wantSent(t, listChanged)
	})
}

// TestWaitingNoticeGoesWithTheNext: what was kept because the token did not stand for a
// moment is sent when the same comes again, once.
func TestWaitingNoticeGoesWithTheNext(t *testing.T) {
	inSending(t, func(t *testing.T, s *sending) {
		session := new(mcp.ServerSession)
		l := s.put(session)
		s.opened(l, &auth.Principal{Issuer: "https://nobody.example"})
		s.send(t, session, listChanged, &mcp.ToolListChangedParams{})
		s.wantSent(t)
		s.listeners.mu.Lock()
		l.stream = s.caller // as if it stood again
		s.listeners.mu.Unlock()
		s.send(t, session, listChanged, &mcp.ToolListChangedParams{})
		s.wantSent(t, listChanged)
	})
}

// TestAcknowledgementComesFirst: nothing is sent to a listen before what was agreed.
func TestAcknowledgementComesFirst(t *testing.T) {
	inSending(t, func(t *testing.T, s *sending) {
		session := new(mcp.ServerSession)
		s.put(session).caller = s.caller
		s.send(t, session, listChanged, &mcp.ToolListChangedParams{})
		time.Sleep(time.Minute) // however long that takes
		s.wantSent(t)
		s.send(t, session, noticeAcknowledged, &mcp.SubscriptionsAcknowledgedParams{})
		s.wantSent(t, noticeAcknowledged, listChanged)
		s.send(t, session, listChanged, &mcp.ToolListChangedParams{})
		s.wantSent(t, listChanged)
	})
}

// TestStreamsWaitTheirTurn: what was judged by the token of one stream is not sent on the
// next, which is opened when that is over; and a GET that is refused changes nothing.
func TestStreamsWaitTheirTurn(t *testing.T) {
	inSending(t, func(t *testing.T, s *sending) {
		session := new(mcp.ServerSession)
		l := s.put(session)
		s.byID["id"] = l
		get := func(p *auth.Principal, status int, until <-chan struct{}, served *atomic.Bool) {
			s.whileOpen(httptest.NewRecorder(), "id", p, func(w http.ResponseWriter) {
				served.Store(true)
				w.WriteHeader(status)
				<-until
			})
		}
		over := make(chan struct{})
		var first, refused, second atomic.Bool
		go get(s.caller, http.StatusOK, over, &first)
		synctest.Wait()
		done := make(chan struct{})
		close(done)
		get(&auth.Principal{}, http.StatusConflict, done, &refused)
		s.stuck[session] = make(chan error)
		s.send(t, session, listChanged, &mcp.ToolListChangedParams{})
		next := *s.caller
		nextOver := make(chan struct{})
		go get(&next, http.StatusOK, nextOver, &second)
		synctest.Wait()
		if !first.Load() || !refused.Load() || second.Load() {
			t.Errorf("served %v, refused %v, next served %v", first.Load(), refused.Load(), second.Load())
		}
		close(s.stuck[session])
		s.wantSent(t, listChanged)
		close(over)
		synctest.Wait()
		if l.stream != &next || !second.Load() {
			t.Errorf("the next is served: %v", second.Load())
		}
		close(nextOver)
		synctest.Wait()
		if l.stream != nil {
			t.Error("it is still open")
		}
	})
}
