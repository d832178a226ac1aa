package devauth

import (
	"math"
	"sync/atomic"
	"time"
)

// The most that a switch takes. They keep a slip of the keyboard from lasting for ever.
const (
	maxDelay = time.Hour
	maxFor   = 24 * time.Hour
	maxSkew  = 365 * 24 * time.Hour
)

// switches are the faults that the server shows on purpose. Each stands alone, behind a pointer to a value that never
// changes: whoever has loaded one reads it without a lock.
type switches struct {
	outage atomic.Pointer[outage]
	slow   atomic.Pointer[slowness]
	skew   atomic.Int64 // a time.Duration
	odd    atomic.Pointer[oddity]
}

func (s *switches) allOff() {
	s.outage.Store(&outage{})
	s.slow.Store(newSlowness(Slow{}))
	s.odd.Store(&oddity{})
}

// term is how long a switch stays on. It goes by the monotonic clock and not by Config.Now: a test that moves the
// clock of the tokens must not end an outage by it.
type term struct {
	until time.Time // zero: until it is switched off
}

func newTerm(d time.Duration) term {
	if d == 0 {
		return term{}
	}
	return term{time.Now().Add(d)}
}

func (t term) limited() bool { return !t.until.IsZero() }

// left is not positive when the term is over.
func (t term) left() time.Duration {
	if !t.limited() {
		return math.MaxInt64
	}
	return time.Until(t.until)
}

// text is for the state document: "" where there is no end.
func (t term) text() string {
	if !t.limited() {
		return ""
	}
	return t.left().Round(time.Millisecond).String()
}
