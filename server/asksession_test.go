package server

import (
	"bytes"
	"context"
	"encoding/json"
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

// TestInquiryIsCancelled: notifications/cancelled ends the wait, and with it the share
// that the call had of its session; that its client hangs up does not.
func TestInquiryIsCancelled(t *testing.T) {
	waits(t, "confirm", 1, func(t *testing.T, w waiting) {
		w.hangUp()
		synctest.Wait()
		if messages, _ := w.taken(w.id); messages != 1 {
			t.Errorf("%d messages under way after the client hung up, want 1", messages)
		}
		w.serve(w.inSession(http.MethodPost, w.token, w.id, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":`+callID+`}}`))
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
