package server

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// footprint is what the process holds: live heap, goroutine stacks, goroutines.
type footprint struct{ heap, stacks, goroutines int }

func takeFootprint() footprint {
	runtime.GC()
	runtime.GC() // what a pool kept for one more round, too
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return footprint{int(m.HeapAlloc), int(m.StackInuse), runtime.NumGoroutine()}
}

func (f footprint) String() string {
	return fmt.Sprintf("heap %.1f MiB, stacks %.1f MiB, %d goroutines", float64(f.heap)/(1<<20), float64(f.stacks)/(1<<20), f.goroutines)
}

// TestAbandonedSessions: 5,000 sessions whose clients never come back cost what they
// cost until the timeout, and nothing after it.
func TestAbandonedSessions(t *testing.T) {
	const sessions, owners = 5000, 50
	r := newRig(t, func(o *Options) { o.Logger = slog.New(slog.DiscardHandler) })
	tokens := make([]string, owners)
	for i := range tokens {
		tokens[i] = r.tokenOf(fmt.Sprint("owner ", i), "tool:alpha")
	}
	r.bubble(func(t *testing.T) {
		r.initialize(tokens[0]) // whatever is made once has been
		time.Sleep(r.opts.MCP.SessionTimeout)
		synctest.Wait()
		before := takeFootprint()
		for i := range sessions {
			id := r.initialize(tokens[i%owners])
			r.serve(r.inSession(http.MethodPost, tokens[i%owners], id, callAlpha))
		}
		synctest.Wait()
		*r.ran = nil
		peak := takeFootprint()
		if n := r.sdkSessions(); n != sessions {
			t.Fatalf("%d sessions, want %d", n, sessions)
		}
		time.Sleep(r.opts.MCP.SessionTimeout)
		synctest.Wait()
		after := takeFootprint()
		t.Logf("before: %v", before)
		t.Logf("peak:   %v: %.1f KiB for each session, %.1f KiB of it on the heap", peak,
			float64(peak.heap+peak.stacks-before.heap-before.stacks)/1024/sessions, float64(peak.heap-before.heap)/1024/sessions)
		t.Logf("after:  %v", after)
		if n, places := r.sdkSessions(), r.places(); n != 0 || places != 0 {
			t.Errorf("%d sessions and %d places are left", n, places)
		}
		if after.goroutines > before.goroutines+10 {
			t.Errorf("%d goroutines, %d before", after.goroutines, before.goroutines)
		}
		if each := (peak.heap - before.heap) / sessions; each > 16<<10 {
			t.Errorf("a session takes %d bytes of heap", each)
		}
		// Maps keep their buckets; a session that is kept whole would be 5,000 times 8 KiB.
		if left := after.heap - before.heap; left > 4<<20 {
			t.Errorf("%d bytes of heap are left behind", left)
		}
	})
}

// TestLargeRequestsAreNotKept: a session that is left behind after a large request is no
// larger than any other.
func TestLargeRequestsAreNotKept(t *testing.T) {
	const sessions, size = 64, 128 << 10
	large := func(body string) string {
		return strings.Replace(body, `"params":{`, `"params":{"_meta":{"x":"`+strings.Repeat("x", size)+`"},`, 1)
	}
	for name, tt := range map[string]struct {
		body        string
		status, ran int
	}{
		"a call":         {large(callAlpha), http.StatusOK, sessions},
		"a failing call": {large(strings.Replace(callAlpha, `"arguments":{}`, `"arguments":{"x":1}`, 1)), http.StatusOK, 0},
		"a notification": {large(`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}`), http.StatusAccepted, 0},
		"a response":     {`{"jsonrpc":"2.0","id":1,"result":{"x":"` + strings.Repeat("x", size) + `"}}`, http.StatusAccepted, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(o *Options) { o.Logger = slog.New(slog.DiscardHandler) })
			token := r.token("tool:alpha")
			r.bubble(func(t *testing.T) {
				before := takeFootprint()
				for range sessions {
					id := r.initialize(token)
					if w := r.serve(r.inSession(http.MethodPost, token, id, tt.body)); w.Code != tt.status {
						t.Fatalf("%d %s, want %d", w.Code, w.Body, tt.status)
					}
				}
				synctest.Wait()
				if n := r.sdkSessions(); n != sessions || len(*r.ran) != tt.ran {
					t.Errorf("%d sessions, %d calls ran", n, len(*r.ran))
				}
				grown := takeFootprint().heap - before.heap
				for range 20 { // what is only late in going, with the race detector for one, goes
					if grown <= sessions*size/4 {
						return
					}
					time.Sleep(time.Second)
					synctest.Wait()
					grown = takeFootprint().heap - before.heap
				}
				t.Errorf("%d bytes for %d sessions", grown, sessions)
			})
		})
	}
}
