package server

import (
	"bufio"
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// counted opens a stream whose client counts the messages, and keeps none.
func (r *sseRig) counted(token string) (endpoint string, messages *atomic.Int64) {
	r.t.Helper()
	_, body := r.begin(r.get(token))
	reader := bufio.NewReaderSize(body, 1<<10)
	if _, err := reader.ReadSlice('\n'); err != nil {
		r.t.Fatal(err)
	}
	line, err := reader.ReadString('\n')
	if err != nil {
		r.t.Fatal(err)
	}
	messages = new(atomic.Int64)
	go func() {
		for {
			line, err := reader.ReadSlice('\n')
			if err != nil && err != bufio.ErrBufferFull { //nolint:errorlint // the very error
				return
			}
			if bytes.Equal(line, []byte("event: message\n")) {
				messages.Add(1)
			}
		}
	}()
	return strings.TrimPrefix(strings.TrimSpace(line), "data: "), messages
}

// TestSSELargeMessagesAreNotKept: a stream whose client is silent after a large message
// is no larger than any other. The SDK keeps the last request of each session.
func TestSSELargeMessagesAreNotKept(t *testing.T) {
	const sessions, size = 16, 1 << 20
	long := strings.Repeat("x", size)
	large := func(body string) string {
		return strings.Replace(body, `"params":{`, `"params":{"_meta":{"x":"`+long+`"},`, 1)
	}
	for name, tt := range map[string]struct {
		first, body string
		answers     int64 // on each stream
		ran         int
	}{
		"a call":                   {sseInitialize, large(sseCall("1", "alpha")), 2, sessions},
		"a failing call":           {sseInitialize, large(strings.Replace(sseCall("1", "alpha"), `"name"`, `"arguments":{"x":1},"name"`, 1)), 2, 0},
		"a call before initialize": {"", large(sseCall("1", "alpha")), 1, 0},
		"a notification":           {sseInitialize, large(`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}`), 1, 0},
		"a response":               {sseInitialize, `{"jsonrpc":"2.0","id":1,"result":{"x":"` + long + `"}}`, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := newSSERig(t, func(o *Options) { o.Logger = slog.New(slog.DiscardHandler) })
			token := r.token("tool:alpha")
			before := takeFootprint()
			for range sessions {
				endpoint, messages := r.counted(token)
				for _, body := range []string{tt.first, tt.body} {
					if body == "" {
						continue
					}
					if w := r.send(endpoint, token, body); w.Code != http.StatusAccepted {
						t.Fatalf("%d %s", w.Code, w.Body)
					}
				}
				r.until("the client has its answers", func() bool { return messages.Load() == tt.answers })
			}
			if len(*r.ran) != tt.ran {
				t.Errorf("%d calls ran", len(*r.ran))
			}
			grown := 0
			r.until("the sessions are small", func() bool {
				grown = takeFootprint().heap - before.heap
				return grown <= sessions*size/4
			})
			t.Logf("%d bytes for %d sessions", grown, sessions)
		})
	}
}

// TestSSELargeInitialize: what opens a session is bounded as it is in the other
// transport, since the SDK keeps it.
func TestSSELargeInitialize(t *testing.T) {
	r := newSSERig(t)
	token := r.token()
	s := r.open(r.get(token))
	const answer = `{"jsonrpc":"2.0","id":"init","error":{"code":-32600,"message":"the initialize request is too large"}}`
	w := r.send(s.endpoint, token, sseInitialize+strings.Repeat(" ", maxInitialize+1-len(sseInitialize)))
	if w.Code != http.StatusRequestEntityTooLarge || strings.TrimSpace(w.Body.String()) != answer || r.loggedReason(w) != "too_large" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := s.next(); got != answer {
		t.Errorf("on the stream: %s", got)
	}
	if w := r.send("/team/messages/?session_id=X", token, sseInitialize+strings.Repeat(" ", maxInitialize)); w.Code != http.StatusNotFound {
		t.Errorf("without a session: %d %s", w.Code, w.Body)
	}
	// The twin: the largest that there may be.
	if w := r.send(s.endpoint, token, sseInitialize+strings.Repeat(" ", maxInitialize-len(sseInitialize))); w.Code != http.StatusAccepted {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := s.next(); !strings.Contains(got, `"protocolVersion"`) {
		t.Errorf("on the stream: %s", got)
	}
}
