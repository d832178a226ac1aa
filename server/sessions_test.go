package server

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// sessions is a table whose sessions note that they were closed.
type sessions struct {
	t *testing.T
	*sessionTable
	mu     sync.Mutex
	closed []string
}

func newSessions(t *testing.T, limit, perOwner int) *sessions {
	c := MCPConfig{MaxSessions: limit, MaxSessionsPerPrincipal: perOwner, SessionTimeout: time.Minute}
	return &sessions{t: t, sessionTable: newSessionTable(c, slog.New(slog.DiscardHandler))}
}

// open opens a session of the owner that begins its id, a moment after all that was
// before.
func (s *sessions) open(ids ...string) {
	s.t.Helper()
	for _, id := range ids {
		time.Sleep(time.Millisecond) // in a bubble: the clock moves
		place, ok := s.reserve(id[:1])
		if !ok {
			s.t.Fatalf("no room for %s", id)
		}
		place.settle(id, func() { s.close(id) })
	}
}

func (s *sessions) close(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = append(s.closed, id)
}

// gone returns what was closed since it was last asked, in order.
func (s *sessions) gone() []string {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.closed = nil }()
	return s.closed
}

func (s *sessions) wantGone(want ...string) {
	s.t.Helper()
	if got := s.gone(); !slices.Equal(got, want) {
		s.t.Errorf("closed %q, want %q", got, want)
	}
	for _, id := range want {
		if s.owns(id, id[:1]) {
			s.t.Errorf("%s is still there", id)
		}
	}
}

// wantPlaces says how many places are taken, in total.
func (s *sessions) wantPlaces(want int) {
	s.t.Helper()
	s.sessionTable.mu.Lock()
	defer s.sessionTable.mu.Unlock()
	sum := 0
	for _, o := range s.owners {
		sum += o.places
	}
	if s.places != want || sum != want {
		s.t.Errorf("%d places, %d by owner, want %d", s.places, sum, want)
	}
}

func TestSessionCaps(t *testing.T) {
	for _, tt := range []struct {
		name     string
		perOwner int
		max      int
		use      func(s *sessions)
		owner    string
		ok       bool
		closed   []string
	}{
		{"room", 3, 9, func(s *sessions) { s.open("a1", "a2") }, "a", true, nil},
		{"at the own cap the longest idle one goes", 3, 9, func(s *sessions) { s.open("a1", "a2", "a3") }, "a", true, []string{"a1"}},
		{"… which is not the oldest, if that was used", 3, 9, func(s *sessions) {
			s.open("a1", "a2", "a3")
			time.Sleep(time.Millisecond)
			s.begin("a1", false)()
		}, "a", true, []string{"a2"}},
		{"… nor one with a stream", 3, 9, func(s *sessions) {
			s.open("a1", "a2", "a3")
			s.begin("a1", true)
			s.begin("a2", true)
		}, "a", true, []string{"a3"}},
		{"… nor one of somebody else", 3, 9, func(s *sessions) { s.open("b1", "b2", "b3", "a1", "a2", "a3") }, "a", true, []string{"a1"}},
		{"somebody else has room", 3, 9, func(s *sessions) { s.open("a1", "a2", "a3") }, "b", true, nil},
		{"none idle: the one whose last request is the longest ago", 3, 9, func(s *sessions) {
			s.open("a1", "a2", "a3")
			for _, id := range []string{"a2", "a1", "a3"} {
				s.begin(id, true)
				time.Sleep(time.Millisecond)
			}
			s.begin("a2", false)()
		}, "a", true, []string{"a1"}},
		{"a call is never cut", 3, 9, func(s *sessions) {
			s.open("a1", "a2", "a3")
			s.begin("a1", false)
			s.begin("a2", false)
			s.begin("a3", true)
		}, "a", true, []string{"a3"}},
		{"all have a call under way", 2, 9, func(s *sessions) {
			s.open("a1", "a2")
			s.begin("a1", false)
			s.begin("a2", false)
			s.begin("a2", true)
		}, "a", false, nil},
		{"one of them ends", 2, 9, func(s *sessions) {
			s.open("a1", "a2")
			s.begin("a1", false)
			end := s.begin("a2", false)
			end()
			end() // once more, which is nothing
		}, "a", true, []string{"a2"}},
		{"places that are only reserved count, and cannot be closed", 2, 9, func(s *sessions) {
			s.reserve("a")
			s.reserve("a")
		}, "a", false, nil},
		{"they can be given up", 2, 9, func(s *sessions) {
			s.reserve("a")
			place, _ := s.reserve("a")
			place.release()
			place.release() // once more, which is nothing
			s.open("a1")
		}, "a", true, []string{"a1"}},
		{"not by a session that settled there", 1, 9, func(s *sessions) {
			place, _ := s.reserve("a")
			place.settle("a1", func() { s.close("a1") })
			place.release()
		}, "a", true, []string{"a1"}},
		{"the total cap", 3, 4, func(s *sessions) { s.open("a1", "a2", "b1", "b2") }, "c", false, nil},
		{"… counts whoever has idle ones", 3, 4, func(s *sessions) { s.open("a1", "a2", "b1", "b2") }, "a", false, nil},
		{"… but at the own cap a place is only passed on", 2, 4, func(s *sessions) { s.open("a1", "a2", "b1", "b2") }, "b", true, []string{"b1"}},
		{"… and one that ended is free", 3, 4, func(s *sessions) {
			s.open("a1", "a2", "b1", "b2")
			s.forget("a2")
			s.forget("a2")
			s.forget("never")
			s.gone()
		}, "c", true, nil},
		{"nothing is opened once it has stopped", 3, 9, func(s *sessions) { s.stop() }, "a", false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSessions(t, tt.max, tt.perOwner)
				defer s.stop()
				tt.use(s)
				if _, ok := s.reserve(tt.owner); ok != tt.ok {
					t.Errorf("room: %v, want %v", ok, tt.ok)
				}
				s.wantGone(tt.closed...)
			})
		})
	}
}

// TestSessionPlaces: a place is kept until what stood there has really ended.
func TestSessionPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSessions(t, 1, 1)
		place, _ := s.reserve("a")
		ending := make(chan struct{})
		place.settle("a1", func() { <-ending })
		s.forget("a1")
		synctest.Wait()
		if s.owns("a1", "a") {
			t.Error("it is still there")
		}
		s.wantPlaces(1)
		if _, ok := s.reserve("b"); ok {
			t.Error("its place was given away before it had ended")
		}
		close(ending)
		synctest.Wait()
		s.wantPlaces(0)
		if len(s.owners) != 0 || len(s.sessions) != 0 || s.idle.Len() != 0 {
			t.Errorf("%d owners, %d sessions, %d idle are left", len(s.owners), len(s.sessions), s.idle.Len())
		}
		s.open("b1")
		s.stop()
		s.wantGone("b1")
		s.wantPlaces(0)
	})
}

// TestSessionAfterTheStop: one that comes about while the server stops is closed.
func TestSessionAfterTheStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSessions(t, 9, 9)
		place, _ := s.reserve("a")
		s.stop()
		place.settle("a1", func() { s.close("a1") })
		s.wantGone("a1")
		s.wantPlaces(0)
	})
}

// TestIdleSessions: what nobody uses is closed when the time is up, and nothing else.
func TestIdleSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSessions(t, 99, 99)
		s.open("a1", "a2", "a3", "a4")
		endStream, endCall := s.begin("a2", true), s.begin("a3", false)
		time.Sleep(30 * time.Second)
		s.begin("a4", false)()
		time.Sleep(30*time.Second - 4*time.Millisecond)
		s.wantGone()
		time.Sleep(4 * time.Millisecond)
		s.wantGone("a1")
		time.Sleep(30 * time.Second)
		s.wantGone("a4")
		time.Sleep(time.Hour)
		s.wantGone()
		if s.janitor != nil {
			t.Error("a timer is running for nothing")
		}
		endCall()
		again := s.begin("a3", false)
		time.Sleep(time.Hour)
		s.wantGone()
		again()
		time.Sleep(time.Second)
		endStream()
		time.Sleep(time.Minute)
		s.wantGone("a3", "a2")
		s.wantPlaces(0)
	})
}

// TestSessionsUnderLoad: however many are opened at once, the caps hold at each moment,
// for what is really open.
func TestSessionsUnderLoad(t *testing.T) {
	const owners, perOwner, limit = 5, 7, 30
	s := newSessions(t, limit, perOwner)
	var all atomic.Int64
	var each [owners]atomic.Int64
	opened := func(i int) {
		if n := all.Add(1); n > limit {
			t.Errorf("%d are open", n)
		}
		if n := each[i].Add(1); n > perOwner {
			t.Errorf("%d of one owner are open", n)
		}
	}
	var wg sync.WaitGroup
	var refused, displaced atomic.Int64
	for worker := range 4 * owners {
		wg.Go(func() {
			i := worker % owners
			for n := range 300 {
				place, ok := s.reserve(fmt.Sprint(i))
				if !ok {
					refused.Add(1)
					continue
				}
				if n%7 == 0 {
					place.release()
					continue
				}
				id := fmt.Sprintf("%d %d", worker, n)
				opened(i)
				place.settle(id, func() {
					each[i].Add(-1)
					all.Add(-1)
					displaced.Add(1)
				})
				place.release()
				end := s.begin(id, n%2 == 0)
				if n%3 == 0 {
					s.forget(id)
				}
				end()
			}
		})
	}
	allDone(t, "every worker is through", &wg)
	if refused.Load() == 0 || displaced.Load() == 0 {
		t.Errorf("%d refused, %d closed: the test proves nothing", refused.Load(), displaced.Load())
	}
	s.stop()
	for deadline := time.Now().Add(10 * time.Second); all.Load() > 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if all.Load() != 0 {
		t.Errorf("%d are left open", all.Load())
	}
}
