package server

import (
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var errBroken = errors.New("broken pipe")

// timedWriter notes what was written when, and fails from the moment that it is told
// to.
type timedWriter struct {
	*httptest.ResponseRecorder
	start  time.Time
	at     []time.Duration // of keep-alives
	broken atomic.Bool
}

func (w *timedWriter) Write(b []byte) (int, error) {
	if w.broken.Load() {
		return 0, errBroken
	}
	if string(b) == keepAlive {
		w.at = append(w.at, time.Since(w.start))
	}
	return w.ResponseRecorder.Write(b)
}

func eventStream() (*timedWriter, *streamWriter, *atomic.Int64) {
	under, failures := &timedWriter{ResponseRecorder: httptest.NewRecorder(), start: time.Now()}, new(atomic.Int64)
	w := newStream(under, func() { failures.Add(1) })
	w.Header().Set("Content-Type", "text/event-stream")
	return under, w, failures
}

// TestKeepAlive: comments come every 15 to 25 s from the first byte on, not in step,
// and none after the end.
func TestKeepAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		under, w, failures := eventStream()
		time.Sleep(time.Minute)
		synctest.Wait()
		if under.at != nil || under.Flushed {
			t.Fatal("a comment came before the first event")
		}
		under.start = time.Now()
		_, _ = io.WriteString(w, "data: 1\n\n")
		time.Sleep(time.Hour)
		synctest.Wait()
		w.Close()
		n, last, gaps := len(under.at), time.Duration(0), map[time.Duration]bool{}
		for _, at := range under.at {
			gap := at - last
			if last = at; gap < 15*time.Second || gap > 25*time.Second {
				t.Errorf("a comment after %v", gap)
			}
			gaps[gap] = true
		}
		if n < 3600/25 || n > 3600/15 || len(gaps) < n/2 {
			t.Errorf("%d comments in an hour, at %d different intervals", n, len(gaps))
		}
		if want := "data: 1\n\n" + strings.Repeat(keepAlive, n); under.Body.String() != want || !under.Flushed {
			t.Errorf("written: %q", under.Body)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(under.at) != n || failures.Load() != 0 {
			t.Errorf("%d comments after the end, %d failures", len(under.at)-n, failures.Load())
		}
		if _, err := w.Write([]byte("late")); !errors.Is(err, errAnswered) {
			t.Errorf("a late write: %v", err)
		}
		if err := w.FlushError(); !errors.Is(err, errAnswered) {
			t.Errorf("a late flush: %v", err)
		}
	})
}

// TestKeepAliveFindsTheDead: a comment that cannot be written ends the stream, once.
func TestKeepAliveFindsTheDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		under, w, failures := eventStream()
		_, _ = io.WriteString(w, "data: 1\n\n")
		time.Sleep(time.Minute)
		synctest.Wait()
		if failures.Load() != 0 {
			t.Fatal("it was given up while its client lived")
		}
		under.broken.Store(true)
		time.Sleep(time.Minute)
		synctest.Wait()
		if failures.Load() != 1 {
			t.Errorf("given up %d times", failures.Load())
		}
		if _, err := io.WriteString(w, "data: 2\n\n"); !errors.Is(err, errAnswered) {
			t.Errorf("an event after that: %v", err)
		}
		w.Close()
	})
	synctest.Test(t, func(t *testing.T) { // an event finds it, too
		under, w, failures := eventStream()
		under.broken.Store(true)
		if _, err := io.WriteString(w, "data: 1\n\n"); !errors.Is(err, errBroken) || failures.Load() != 1 {
			t.Errorf("an event: %v, given up %d times", err, failures.Load())
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		w.Close()
	})
}

// TestKeepAliveBetweenEvents: under load, comments stand between events and never in
// one.
func TestKeepAliveBetweenEvents(t *testing.T) {
	const event = "event: message\ndata: {\"a\":1}\n\n"
	synctest.Test(t, func(t *testing.T) {
		under, w, _ := eventStream()
		for range 2000 {
			_, _ = io.WriteString(w, event)
			_ = w.FlushError()
			time.Sleep(100 * time.Millisecond)
		}
		w.Close()
		rest := strings.ReplaceAll(under.Body.String(), keepAlive, "")
		if rest != strings.Repeat(event, 2000) || len(under.at) < 200/25 {
			t.Errorf("%d comments, and %d bytes of events", len(under.at), len(rest))
		}
	})
}
