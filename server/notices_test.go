package server

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// sending is the notices of some sessions, of which each send is under the test's hand.
type sending struct {
	subscriptions *subscriptions
	handler       mcp.MethodHandler
	mu            sync.Mutex
	sent          []string
	stuck         map[*mcp.ServerSession]chan struct{} // that do not read
}

func newSending() *sending {
	s := &sending{subscriptions: newSubscriptions(nil), stuck: map[*mcp.ServerSession]chan struct{}{}}
	s.handler = newNotices(s.subscriptions).send(func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		if stuck := s.stuck[req.GetSession().(*mcp.ServerSession)]; stuck != nil {
			select {
			case <-stuck:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sent = append(s.sent, method)
		return nil, nil //nolint:nilnil // as the SDK does
	})
	return s
}

func (s *sending) send(t *testing.T, session *mcp.ServerSession, method string, params mcp.Params) {
	t.Helper()
	if _, err := s.handler(t.Context(), method, &mcp.ServerRequest[mcp.Params]{Session: session, Params: params}); err != nil {
		t.Error(err)
	}
}

const listChanged = "notifications/tools/list_changed"

// TestNoticesWaitForNobody: a client that does not read keeps nothing from the others,
// and is sent what it missed once.
func TestNoticesWaitForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSending()
		slow, quick := new(mcp.ServerSession), new(mcp.ServerSession)
		s.stuck[slow] = make(chan struct{})
		begin := time.Now()
		for range 5 {
			s.send(t, slow, listChanged, &mcp.ToolListChangedParams{})
			synctest.Wait()
		}
		s.send(t, quick, listChanged, &mcp.ToolListChangedParams{})
		synctest.Wait()
		if len(s.sent) != 1 || time.Since(begin) != 0 {
			t.Errorf("sent %q after %v", s.sent, time.Since(begin))
		}
		close(s.stuck[slow])
		synctest.Wait()
		if len(s.sent) != 3 { // the one that was under way, and one for all behind it
			t.Errorf("sent %q", s.sent)
		}
	})
}

// TestNoticesGiveUp: what cannot be sent is given up, and what comes later is sent.
func TestNoticesGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSending()
		session := new(mcp.ServerSession)
		s.stuck[session] = make(chan struct{})
		s.send(t, session, listChanged, &mcp.ToolListChangedParams{})
		s.send(t, session, "notifications/prompts/list_changed", &mcp.PromptListChangedParams{})
		time.Sleep(noticeTimeout + time.Second)
		close(s.stuck[session])
		synctest.Wait()
		if !slices.Equal(s.sent, []string{"notifications/prompts/list_changed"}) {
			t.Errorf("sent %q", s.sent)
		}
	})
}

// TestAcknowledgementComesFirst: nothing is sent to a listen before what was agreed.
func TestAcknowledgementComesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSending()
		session := new(mcp.ServerSession)
		s.subscriptions.put(session, &subscriber{principals: map[string]auth.Principal{}, begun: make(chan struct{})})
		s.send(t, session, listChanged, &mcp.ToolListChangedParams{})
		synctest.Wait()
		if len(s.sent) != 0 {
			t.Errorf("sent %q before", s.sent)
		}
		s.send(t, session, noticeAcknowledged, &mcp.SubscriptionsAcknowledgedParams{})
		synctest.Wait()
		s.send(t, session, listChanged, &mcp.ToolListChangedParams{})
		synctest.Wait()
		if !slices.Equal(s.sent, []string{noticeAcknowledged, listChanged, listChanged}) {
			t.Errorf("sent %q", s.sent)
		}
	})
}
