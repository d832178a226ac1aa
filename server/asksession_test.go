package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mcp-resource-server/auth/devauth"
)

// liveAnswer is an answer that can be read while it is being written.
type liveAnswer struct {
	mu     sync.Mutex
	header http.Header
	body   bytes.Buffer
	ended  chan struct{}
}

func (a *liveAnswer) Header() http.Header { return a.header }
func (a *liveAnswer) WriteHeader(int)     {}
func (a *liveAnswer) Flush()              {}

func (a *liveAnswer) Write(b []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.body.Write(b)
}

func (a *liveAnswer) text() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.body.String()
}

// questions are the ids of the server's requests on the stream so far.
func (a *liveAnswer) questions(t *testing.T) (ids []string) {
	t.Helper()
	for line := range strings.Lines(a.text()) {
		data, isData := strings.CutPrefix(line, "data: ")
		var m struct {
			ID     json.RawMessage
			Method string
		}
		if isData && json.Unmarshal([]byte(data), &m) == nil && m.Method != "" && m.ID != nil {
			ids = append(ids, string(m.ID))
		}
	}
	return ids
}

// begin sends a request whose answer takes its time.
func (r *rig) begin(req *http.Request) (answer *liveAnswer, hangUp context.CancelFunc) {
	ctx, cancel := context.WithCancel(req.Context())
	a := &liveAnswer{header: http.Header{}, ended: make(chan struct{})}
	go func() {
		defer close(a.ended)
		r.server.Handler().ServeHTTP(a, req.WithContext(ctx))
	}()
	return a, cancel
}

// waiting is a call in a session, in a bubble, that waits for its client's answer.
type waiting struct {
	*rig
	token, id string
	answer    *liveAnswer
	hangUp    context.CancelFunc
}

const callID = `"c"`

// waits runs f while a call of the script waits for n answers.
func waits(t *testing.T, name string, n int, f func(t *testing.T, w waiting)) {
	r := newRig(t)
	claims := r.issuer.Claims("agent", []string{publicURL}, askScopes(r))
	claims["exp"] = time.Now().Add(24 * time.Hour).Unix()
	token, err := r.issuer.Mint(devauth.MintSpec{Claims: claims})
	if err != nil {
		t.Fatal(err)
	}
	r.bubble(func(t *testing.T) {
		g := r.server.generation.Load()
		r.installAsks()
		asking := *r.server.generation.Load()
		asking.Verifier = g.Verifier // whose time is the bubble's
		r.server.Install(&asking)
		able := strings.Replace(sessionBody, `"capabilities":{}`, `"capabilities":{"elicitation":{},"sampling":{},"roots":{}}`, 1)
		id := r.serve(r.inSession(http.MethodPost, token, "", able)).Header().Get("Mcp-Session-Id")
		answer, hangUp := r.begin(r.inSession(http.MethodPost, token, id,
			`{"jsonrpc":"2.0","id":`+callID+`,"method":"tools/call","params":{"name":"`+name+`","arguments":{}}}`))
		defer hangUp()
		synctest.Wait()
		w := waiting{r, token, id, answer, hangUp}
		if got := answer.questions(t); len(got) != n {
			t.Fatalf("%d questions, want %d: %s", len(got), n, answer.text())
		}
		f(t, w)
	})
}

// says wants the call to have ended with the text, and nothing of it to be left.
func (w waiting) says(t *testing.T, text string) {
	t.Helper()
	synctest.Wait()
	select {
	case <-w.answer.ended:
	default:
		t.Fatalf("the call has not ended: %s", w.answer.text())
	}
	if !strings.Contains(w.answer.text(), text) {
		t.Errorf("%s\nwant %q", w.answer.text(), text)
	}
	if strings.Contains(w.logs.String(), `failed"`) {
		t.Errorf("a failure of ours in the log: %s", w.logs)
	}
}

// reply answers one question.
func (w waiting) reply(id, result string) *httptest.ResponseRecorder {
	return w.serve(w.inSession(http.MethodPost, w.token, w.id, `{"jsonrpc":"2.0","id":`+id+`,`+result+`}`))
}

// TestInquiry: what a call in a session hears of its questions, and when it gives up.
func TestInquiry(t *testing.T) {
	accept := `"result":{"action":"accept","content":{"ok":true}}`
	for _, tt := range []struct {
		name string
		then func(t *testing.T, w waiting)
		says string
	}{
		{"an answer", func(t *testing.T, w waiting) { w.reply(w.answer.questions(t)[0], accept) }, "accept map[ok:true]"},
		{"an answer in the last second", func(t *testing.T, w waiting) {
			time.Sleep(maxAnswerTime - time.Second)
			w.reply(w.answer.questions(t)[0], accept)
		}, "accept map[ok:true]"},
		{"none", func(*testing.T, waiting) { time.Sleep(maxAnswerTime) }, errLate.Error()},
		{"an error", func(t *testing.T, w waiting) {
			w.reply(w.answer.questions(t)[0], `"error":{"code":-32000,"message":"secret"}`)
		}, errNoAnswer.Error()},
		{"what is no answer", func(t *testing.T, w waiting) { w.reply(w.answer.questions(t)[0], `"result":{"roots":[]}`) }, errNoAnswer.Error()},
		{"what does not fit", func(t *testing.T, w waiting) {
			w.reply(w.answer.questions(t)[0], `"result":{"action":"accept","content":{"ok":"secret"}}`)
		}, errNoAnswer.Error()},
		{"no content", func(t *testing.T, w waiting) { w.reply(w.answer.questions(t)[0], `"result":{"action":"accept"}`) }, errNoAnswer.Error()},
		{"the session ends", func(t *testing.T, w waiting) {
			if got := w.serve(w.inSession(http.MethodDelete, w.token, w.id, "")); got.Code != http.StatusNoContent {
				t.Fatalf("DELETE: %d", got.Code)
			}
			time.Sleep(goneInterval)
			synctest.Wait()
			if n := w.places(); n != 0 {
				t.Errorf("%d places are taken", n)
			}
		}, ""}, // there is no session any more that could be told
		{"the server stops", func(_ *testing.T, w waiting) { w.server.drain() }, errStopping.Error()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			waits(t, "confirm", 1, func(t *testing.T, w waiting) {
				tt.then(t, w)
				w.says(t, tt.says)
				if strings.Contains(w.answer.text(), "secret") {
					t.Errorf("foreign text: %s", w.answer.text())
				}
			})
		})
	}
}

// TestInquiryAnswersOfAnother: only who has the session answers in it.
func TestInquiryAnswersOfAnother(t *testing.T) {
	waits(t, "confirm", 1, func(t *testing.T, w waiting) {
		question := w.answer.questions(t)[0]
		mallory := w
		claims := w.issuer.Claims("agent", []string{publicURL}, askScopes(w.rig))
		claims["sub"], claims["exp"] = "mallory", time.Now().Add(1<<17*time.Hour).Unix()
		var err error
		if mallory.token, err = w.issuer.Mint(devauth.MintSpec{Claims: claims}); err != nil {
			t.Fatal(err)
		}
		if got := mallory.reply(question, `"result":{"action":"decline"}`); got.Code != http.StatusNotFound && got.Code != http.StatusUnauthorized {
			t.Errorf("another caller's answer: %d %s", got.Code, got.Body)
		}
		w.reply(question, `"result":{"action":"accept","content":{"ok":true}}`)
		w.says(t, "accept map[ok:true]")
	})
}

// TestInquiryOfSeveral: all questions are sent at once, and the answers may come in any
// order. One that fails ends the call, and the client is told to drop the others.
func TestInquiryOfSeveral(t *testing.T) {
	answers := map[string]string{
		"elicitation/create":     `"result":{"action":"accept","content":{"ok":true}}`,
		"sampling/createMessage": `"result":{"role":"assistant","model":"m","content":{"type":"text","text":"Hi"}}`,
		"roots/list":             `"result":{"roots":[]}`,
	}
	t.Run("all", func(t *testing.T) {
		waits(t, "three", 3, func(t *testing.T, w waiting) {
			for line := range strings.Lines(w.answer.text()) {
				var m struct {
					ID     json.RawMessage
					Method string
				}
				if data, ok := strings.CutPrefix(line, "data: "); ok && json.Unmarshal([]byte(data), &m) == nil {
					w.reply(string(m.ID), answers[m.Method])
				}
			}
			w.says(t, "map[ok:true] Hi 0")
		})
	})
	t.Run("one fails", func(t *testing.T) {
		waits(t, "three", 3, func(t *testing.T, w waiting) {
			w.reply(w.answer.questions(t)[1], `"error":{"code":-1,"message":"no"}`)
			w.says(t, errNoAnswer.Error())
		})
	})
}

// cancels is the notification that cancels a call.
func cancels(id string) string {
	return `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":` + id + `}}`
}

// TestAskInAFullSession: a session that is full of calls that ask is no dead end: they can
// be answered and cancelled, while what else comes is refused.
func TestAskInAFullSession(t *testing.T) {
	for name, city := range map[string]int{"by number": 0, "by size": 4<<20 - 300} {
		t.Run(name, func(t *testing.T) {
			waits(t, "confirm", 1, func(t *testing.T, w waiting) {
				if city > 0 && w.opts.HTTP.MaxBodyBytes != 4<<20 {
					t.Fatalf("bodies of %d bytes", w.opts.HTTP.MaxBodyBytes)
				}
				last := w.answer
				for i := range maxUnderWay {
					a, hangUp := w.begin(w.inSession(http.MethodPost, w.token, w.id, fmt.Sprintf(
						`{"jsonrpc":"2.0","id":"%d","method":"tools/call","params":{"name":"confirm","arguments":{"city":"%s"}}}`, i, strings.Repeat("x", city))))
					defer hangUp()
					synctest.Wait()
					if strings.Contains(a.text(), "too many messages of this session are under way") {
						break
					}
					if last = a; i == maxUnderWay-1 {
						t.Fatalf("the session is not full: %s", a.text())
					}
				}
				if got := w.serve(w.inSession(http.MethodPost, w.token, w.id, cancels(callID))); got.Code != http.StatusAccepted {
					t.Errorf("a cancellation: %d %s", got.Code, got.Body)
				}
				long := `"_meta":{"x":"` + strings.Repeat("x", 1000) + `"}`
				if got := w.reply(last.questions(t)[0], `"result":{"action":"accept","content":{"ok":true},`+long+`}`); got.Code != http.StatusAccepted {
					t.Errorf("an answer: %d %s", got.Code, got.Body)
				}
				synctest.Wait()
				if !strings.Contains(last.text(), "accept map[ok:true]") {
					t.Errorf("the call that was answered: %s", last.text())
				}
				w.serve(w.inSession(http.MethodDelete, w.token, w.id, ""))
				time.Sleep(maxAnswerTime) // or as long as the others wait
			})
		})
	}
}

// TestSSEAskInAFullSession: the same over the older transport.
func TestSSEAskInAFullSession(t *testing.T) {
	r := newSSERig(t)
	r.installAsks()
	token := r.token(askScopes(r.rig)...)
	s := r.willingSSE(token)
	for i := range maxUnderWay {
		if w := r.send(s.endpoint, token, sseCall(fmt.Sprint(i), "confirm")); w.Code != http.StatusAccepted {
			t.Fatalf("call %d: %d %s", i, w.Code, w.Body)
		}
		s.next() // its question
	}
	if w := r.send(s.endpoint, token, sseCall("1000", "plain")); w.Code != http.StatusServiceUnavailable {
		t.Errorf("one more call: %d %s", w.Code, w.Body)
	}
	s.next() // which says so
	if w := r.send(s.endpoint, token, cancels("7")); w.Code != http.StatusAccepted {
		t.Errorf("a cancellation: %d %s", w.Code, w.Body)
	}
	if w := r.send(s.endpoint, token, `{"jsonrpc":"2.0","id":1,"result":{"action":"decline"}}`); w.Code != http.StatusAccepted {
		t.Errorf("an answer: %d %s", w.Code, w.Body)
	}
	for {
		if got := s.next(); strings.Contains(got, "decline map[]") {
			break
		}
	}
}

// willingSSE is a session of a client that can be asked all.
func (r *sseRig) willingSSE(token string) *sseStream {
	r.t.Helper()
	s := r.open(r.get(token))
	able := strings.Replace(sseInitialize, `"capabilities":{}`, `"capabilities":{"elicitation":{},"sampling":{},"roots":{}}`, 1)
	for _, body := range []string{able, `{"jsonrpc":"2.0","method":"notifications/initialized"}`} {
		if w := r.send(s.endpoint, token, body); w.Code != http.StatusAccepted {
			r.t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	s.next() // the answer to initialize
	return s
}

// TestSSEAskAndHangUp: a client that goes while it is asked is no failure of ours.
func TestSSEAskAndHangUp(t *testing.T) {
	r := newSSERig(t)
	r.installAsks()
	token := r.token(askScopes(r.rig)...)
	s := r.willingSSE(token)
	var calls []string
	for i := range 3 {
		w := r.send(s.endpoint, token, sseCall(fmt.Sprint(i), "confirm"))
		s.next() // its question
		calls = append(calls, w.Header().Get("X-Request-Id"))
	}
	s.hangUp()
	for _, id := range calls {
		r.until("the call is in the audit", func() bool { return len(r.audited(id)) > 0 })
		if got := r.audited(id); got[0].Result != resultCancelled {
			t.Errorf("audit: %+v", got)
		}
	}
	r.until("the calls have ended", func() bool {
		r.server.calls.mu.Lock()
		defer r.server.calls.mu.Unlock()
		return r.server.calls.n == 0
	})
	if strings.Contains(r.logs.String(), `failed"`) {
		t.Errorf("a failure of ours in the log: %s", r.logs)
	}
}

// TestInquiryIsCancelled: notifications/cancelled ends the wait, and with it the share
// that the call had of its session; that its client hangs up does not.
func TestInquiryIsCancelled(t *testing.T) {
	waits(t, "confirm", 1, func(t *testing.T, w waiting) {
		w.hangUp()
		synctest.Wait()
		if messages, _ := w.taken(w.id); messages != 1 {
			t.Errorf("%d messages under way after the client hung up, want 1", messages)
		}
		w.serve(w.inSession(http.MethodPost, w.token, w.id, cancels(callID)))
		time.Sleep(time.Minute)
		synctest.Wait()
		if messages, _ := w.taken(w.id); messages != 0 {
			t.Errorf("%d messages under way after the cancellation", messages)
		}
		if strings.Contains(w.logs.String(), `failed"`) {
			t.Errorf("a failure of ours in the log: %s", w.logs)
		}
	})
}
