package server

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// callStream is the writer of a call's answer, with what middleware set before.
func callStream() (*timedWriter, *streamWriter) {
	under := &timedWriter{ResponseRecorder: httptest.NewRecorder(), start: time.Now()}
	under.Header().Set("X-Request-Id", "ID")
	w := newStream(under, func() {})
	w.keepCall()
	return under, w
}

// comments counts those that were sent, while more may come.
func comments(under *timedWriter, w *streamWriter) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(under.at) > 0 && !under.Flushed {
		return -1
	}
	return len(under.at)
}

// sdkHeader is what the SDK sets for the answer to a call.
func sdkHeader(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-cache, no-transform")
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Connection", "keep-alive")
}

// keptOf is the answer as a client has it, without the comments.
func keptOf(w *timedWriter) (status int, header http.Header, body string) {
	result := w.Result()
	return result.StatusCode, result.Header, strings.ReplaceAll(w.Body.String(), keepAlive, "")
}

const (
	rawAnswer = `{"jsonrpc":"2.0","id":1,"result":{}}`
	rawError  = `{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"m"}}`
	anEvent   = "event: message\ndata: " + rawAnswer + "\n\n"
	errEvent  = "event: message\ndata: " + rawError + "\n\n"
)

// sdkEvent writes an event as the SDK does.
func sdkEvent(w http.ResponseWriter) {
	_, _ = io.WriteString(w, anEvent)
	_ = http.NewResponseController(w).Flush()
}

// sdkError answers as the SDK does where the protocol wants a status of its own.
func sdkError(w http.ResponseWriter, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(http.StatusBadRequest)
	_, _ = io.WriteString(w, body)
}

// TestStreamHeaders: proxies are told not to hold back an event stream, and of other
// answers nothing changes.
func TestStreamHeaders(t *testing.T) {
	for contentType, want := range map[string]string{
		"text/event-stream":                "no",
		"text/event-stream; charset=utf-8": "no",
		"application/json":                 "",
		"":                                 "",
	} {
		for name, send := range map[string]func(w *streamWriter){
			"write":  func(w *streamWriter) { _, _ = io.WriteString(w, "x") },
			"header": func(w *streamWriter) { w.WriteHeader(http.StatusOK) },
			"flush":  func(w *streamWriter) { _ = http.NewResponseController(w).Flush() },
		} {
			t.Run(contentType+" by "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					under := &timedWriter{ResponseRecorder: httptest.NewRecorder()}
					w := newStream(under, func() {})
					if contentType != "" {
						w.Header().Set("Content-Type", contentType)
					}
					send(w)
					time.Sleep(time.Minute)
					synctest.Wait()
					w.Close()
					got := under.Result().Header
					if len(got.Values("X-Accel-Buffering")) > 1 || got.Get("X-Accel-Buffering") != want {
						t.Errorf("X-Accel-Buffering: %q, want %q", got.Values("X-Accel-Buffering"), want)
					}
					if alive := len(under.at) > 0; alive != (want != "") {
						t.Errorf("%d comments", len(under.at))
					}
				})
			})
		}
	}
}

// TestSilentCall: an answer that has not begun after 15 to 25 s begins then, as the SDK
// would have begun it, and what the SDK has to say later comes as events. One that has
// begun by then is as it was ever.
func TestSilentCall(t *testing.T) {
	for _, tt := range []struct {
		name        string
		answer      func(w http.ResponseWriter)
		status      int    // of the answer that comes at once
		contentType string // of it
		atOnce      string // its body
		late        string // the body of the one that comes late, without comments
	}{
		{"an event", func(w http.ResponseWriter) { sdkEvent(w); sdkEvent(w) }, 200, "text/event-stream", anEvent + anEvent, anEvent + anEvent},
		{"a status and an event", func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK); sdkEvent(w) }, 200, "text/event-stream", anEvent, anEvent},
		{"an error with a status", func(w http.ResponseWriter) { sdkError(w, "application/json", rawError) }, 400, "application/json", rawError, errEvent},
		{
			"an error of two lines", func(w http.ResponseWriter) {
				sdkError(w, "application/json", strings.Replace(rawError, ",", ",\r\n", 1))
			},
			400, "application/json", strings.Replace(rawError, ",", ",\r\n", 1), errEvent,
		},
		{
			"an event and an error", func(w http.ResponseWriter) { sdkEvent(w); sdkError(w, "application/json", rawError) },
			200, "text/event-stream", anEvent + errEvent, anEvent + errEvent,
		},
		{"a plain text", func(w http.ResponseWriter) { http.Error(w, "no session", http.StatusNotFound) }, 404, "text/plain; charset=utf-8", "no session\n", ""},
		{"nothing", func(http.ResponseWriter) {}, 200, "text/event-stream", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				under, w := callStream()
				sdkHeader(w)
				time.Sleep(keepAliveAfter - 1)
				synctest.Wait()
				if n := comments(under, w); n > 0 {
					t.Fatal("it began too early")
				}
				tt.answer(w)
				w.Close()
				status, header, body := keptOf(under)
				if status != tt.status || header.Get("Content-Type") != tt.contentType || body != tt.atOnce || header.Get("X-Request-Id") != "ID" {
					t.Errorf("at once: %d %v %q", status, header, body)
				}
			})
			synctest.Test(t, func(t *testing.T) {
				under, w := callStream()
				time.Sleep(keepAliveAfter + keepAliveSpread)
				synctest.Wait()
				if n := comments(under, w); n != 1 {
					t.Fatalf("%d comments after 25 s", n)
				}
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				if n := comments(under, w); n < 10*60/25 || n > 10*60/15+1 {
					t.Errorf("%d comments in ten minutes", n)
				}
				sdkHeader(w)
				w.Header().Set("Mcp-Late", "x") // has no effect any more, as with net/http
				tt.answer(w)
				w.Close()
				want := http.Header{
					"Content-Type": {"text/event-stream"}, "Cache-Control": {"no-cache, no-transform"}, "Connection": {"keep-alive"},
					"X-Accel-Buffering": {"no"}, "X-Request-Id": {"ID"},
				}
				status, header, body := keptOf(under)
				if status != http.StatusOK || !sameHeader(header, want) || body != tt.late {
					t.Errorf("late: %d %v %q\nwant %q", status, header, body, tt.late)
				}
			})
		})
	}
}

func sameHeader(got, want http.Header) bool {
	if len(got) != len(want) {
		return false
	}
	for name := range want {
		if len(got[name]) != 1 || got[name][0] != want[name][0] {
			return false
		}
	}
	return true
}

// TestSilentCallThatIsNoStream: where the answer is no event stream, no comment comes
// into it, however long it takes to be written.
func TestSilentCallThatIsNoStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		under, w := callStream()
		w.Header().Del("X-Request-Id") // as http.Error takes out what is not about its text
		sdkError(w, "application/json", rawError[:10])
		w.keepAlive() // the timer had gone off when the answer began
		time.Sleep(time.Hour)
		synctest.Wait()
		_, _ = io.WriteString(w, rawError[10:])
		w.Close()
		if status, header, body := keptOf(under); status != http.StatusBadRequest || body != rawError || len(under.at) > 0 || len(header) != 1 {
			t.Errorf("%d %v %q, %d comments", status, header, body, len(under.at))
		}
	})
}

// TestSilentCallThatSpeaks: the first comment comes 15 to 25 s after the event that began
// the answer, and not after the call.
func TestSilentCallThatSpeaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		under, w := callStream()
		time.Sleep(keepAliveAfter - 1)
		sdkHeader(w)
		sdkEvent(w)
		time.Sleep(keepAliveAfter + keepAliveSpread)
		synctest.Wait()
		w.Close()
		if len(under.at) != 1 || under.at[0] < 2*keepAliveAfter-1 {
			t.Errorf("comments at %v", under.at)
		}
	})
}

// TestSilentCallOfTheDead: a caller who went away is found by the first comment, and a
// call that is over gets none.
func TestSilentCallOfTheDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := 0
		under := &timedWriter{ResponseRecorder: httptest.NewRecorder()}
		under.broken.Store(true)
		w := newStream(under, func() { gone++ })
		w.keepCall()
		time.Sleep(time.Minute)
		synctest.Wait()
		w.Close()
		if gone != 1 {
			t.Errorf("given up %d times", gone)
		}
		if _, err := io.WriteString(w, anEvent); !errors.Is(err, errAnswered) {
			t.Errorf("the answer: %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		under, w := callStream()
		w.Close()
		time.Sleep(time.Minute)
		synctest.Wait()
		if under.Body.Len() > 0 || under.Flushed {
			t.Errorf("after the end: %q", under.Body)
		}
	})
}

// TestSilentCallHeaderIsTheSDKs: the SDK may be at its header, in a goroutine of its
// own, at the moment at which the first comment is due. The race detector sees it.
func TestSilentCallHeaderIsTheSDKs(t *testing.T) {
	for _, after := range []time.Duration{0, time.Microsecond} {
		synctest.Test(t, func(t *testing.T) {
			under, w := callStream()
			answered := make(chan struct{})
			go func() {
				defer close(answered)
				for begin := time.Now(); time.Since(begin) < keepAliveAfter+keepAliveSpread; time.Sleep(100*time.Millisecond + after) {
					sdkHeader(w) // without the writer's lock, as the SDK does
				}
				sdkError(w, "application/json", rawError)
			}()
			<-answered
			w.Close()
			if status, _, body := keptOf(under); status != http.StatusOK || body != errEvent {
				t.Errorf("%d %q", status, body)
			}
		})
	}
}
