package server

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mcp-resource-server/tools"
)

// unread opens a session whose client has stopped reading in the middle of an event.
func (r *sseRig) unread(token string) (s *sseStream, endpoint string) {
	r.t.Helper()
	s, body := r.begin(r.get(token))
	r.t.Cleanup(func() { _ = body.(io.Closer).Close() }) // as net/http does
	event := func(of string) string {
		var b strings.Builder
		for one := make([]byte, 1); !strings.HasSuffix(b.String(), of); b.Write(one) {
			if _, err := io.ReadFull(body, one); err != nil {
				r.t.Fatal(err)
			}
		}
		return b.String()
	}
	_, endpoint, _ = strings.Cut(strings.TrimSpace(event("\n\n")), "data: ")
	r.send(endpoint, token, sseInitialize)
	event("\n\n")
	r.send(endpoint, token, `{"jsonrpc":"2.0","id":"half","method":"ping"}`)
	event("event")
	return s, endpoint
}

// TestSSEUnreadAnswers: answers that wait for a stream that nobody reads are bounded, by
// number and by size. A client that reads is served for ever.
func TestSSEUnreadAnswers(t *testing.T) {
	const maxBody = 16 << 10
	for name, tt := range map[string]struct{ calls, size int }{
		"by number": {maxUnderWay, 0},
		"by size":   {maxBodiesUnderWay, maxBody},
	} {
		t.Run(name, func(t *testing.T) {
			r := newSSERig(t, func(o *Options) { o.HTTP.MaxBodyBytes = maxBody })
			token := r.token("tool:large")
			large := tools.Define("large", tools.Options{Title: "t", Description: "d"},
				func(context.Context, tools.Caller, emptyInput) (struct {
					Text string `json:"text"`
				}, error,
				) {
					return struct {
						Text string `json:"text"`
					}{strings.Repeat("x", tt.size/2)}, nil // it stands in the answer twice
				})
			r.server.Install(r.generationOf(3, large))
			s, endpoint := r.unread(token)
			session := strings.TrimPrefix(endpoint, "/team/messages/?session_id=")
			post := func(endpoint string, i int) *httptest.ResponseRecorder {
				return r.send(endpoint, token, sseCall(fmt.Sprint(i), "large"))
			}
			for i := range tt.calls {
				if w := post(endpoint, i); w.Code != http.StatusAccepted {
					t.Fatalf("call %d: %d %s", i, w.Code, w.Body)
				}
				r.until("the answers wait", func() bool {
					messages, bytes := r.taken(session)
					return messages == i+1 && bytes >= int64((i+1)*tt.size)
				})
			}
			if w := post(endpoint, tt.calls); w.Code != http.StatusServiceUnavailable || r.loggedReason(w) != "queue_full" {
				t.Errorf("one more: %d %s", w.Code, w.Body)
			}
			s.hangUp()
			// The twin.
			reader := r.sseSession(token)
			for i := range 2 * tt.calls {
				if w := post(reader.endpoint, i); w.Code != http.StatusAccepted {
					t.Fatalf("call %d of a client that reads: %d %s", i, w.Code, w.Body)
				}
				if got := reader.next(); !strings.Contains(got, fmt.Sprintf(`"id":%d,"result"`, i)) {
					t.Errorf("%s", got)
				}
			}
			r.until("all has been given back", func() bool {
				messages, bytes := r.taken(strings.TrimPrefix(reader.endpoint, "/team/messages/?session_id="))
				return messages == 0 && bytes == 0
			})
		})
	}
}

// TestSSEUnreadRefusals: refusals wait for a stream that nobody reads without holding
// their POSTs or a stop, up to a bound, at which the session ends. A client that reads
// has them all.
func TestSSEUnreadRefusals(t *testing.T) {
	r := newSSERig(t)
	token := r.token("tool:slow")
	_, endpoint := r.unread(token)
	refused := func(endpoint string) {
		t.Helper()
		answered := make(chan int, 1)
		go func() { answered <- r.send(endpoint, token, sseCall("1", "alpha")).Code }()
		if status := within(t, "a POST is refused", answered); status != http.StatusForbidden {
			t.Fatalf("%d", status)
		}
	}
	for range maxTold {
		refused(endpoint)
	}
	r.server.calls.mu.Lock()
	if n := r.server.calls.n; n != 0 {
		t.Errorf("a stop waits for %d calls", n)
	}
	r.server.calls.mu.Unlock()
	if w := r.send(endpoint, token, sseCall("2", "slow")); w.Code != http.StatusAccepted {
		t.Errorf("the session has ended too early: %d %s", w.Code, w.Body)
	}
	refused(endpoint)
	if w := r.send(endpoint, token, sseCall("3", "slow")); w.Code != http.StatusNotFound {
		t.Errorf("the session has not ended: %d %s", w.Code, w.Body)
	}
	reader := r.sseSession(token)
	for range 2 * maxTold {
		refused(reader.endpoint)
		if got := reader.next(); !strings.Contains(got, `"id":1,"error"`) {
			t.Errorf("%s", got)
		}
	}
}

// stuckWriter is an answer whose client does not read: a write ends at its deadline.
type stuckWriter struct {
	http.ResponseWriter
	deadline chan time.Time
}

func (w *stuckWriter) SetWriteDeadline(at time.Time) error {
	w.deadline <- at
	return nil
}

func (w *stuckWriter) Write([]byte) (int, error) {
	time.Sleep(time.Until(<-w.deadline))
	return 0, os.ErrDeadlineExceeded
}

// TestSSEStuckStreamEnds: a stream in which a write is stuck ends soon after its session
// or its context has.
func TestSSEStuckStreamEnds(t *testing.T) {
	for name, end := range map[string]func(c *sseSession, cancel func()){
		"the session ends": func(c *sseSession, _ func()) { c.end() },
		"the server stops": func(_ *sseSession, cancel func()) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				c, w := newSSESession(), &stuckWriter{httptest.NewRecorder(), make(chan time.Time, 1)}
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					c.stream(ctx, w, "/messages/")
				}()
				synctest.Wait()
				select {
				case <-ended:
					t.Fatal("it did not wait for its client")
				default:
				}
				began := time.Now()
				end(c, cancel)
				within(t, "the stream has ended", ended)
				if waited := time.Since(began); waited != unreadTimeout {
					t.Errorf("it ended after %v", waited)
				}
				cancel()
			})
		})
	}
}
