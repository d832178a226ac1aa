package server

import (
	"container/list"
	"time"
)

// watchIdle sees to it that the longest idle session is closed in time. One timer
// serves all of them, and there is none while nothing is idle. t is locked.
func (t *sessionTable) watchIdle() {
	if t.janitor != nil || t.stopped {
		return // a timer that fires too early looks again
	}
	if first := t.idle.Front(); first != nil {
		t.janitor = time.AfterFunc(time.Until(t.expires(first)), t.closeIdle)
	}
}

// expires is when an idle session is closed.
func (t *sessionTable) expires(idle *list.Element) time.Time {
	s, _ := idle.Value.(*session)
	return s.last.Add(t.timeout)
}

// closeIdle closes the sessions that have been idle for the whole timeout.
func (t *sessionTable) closeIdle() {
	expired := t.takeExpired()
	for _, s := range expired {
		t.close(s)
	}
	if len(expired) > 0 {
		t.log.Info("sessions were closed: nobody had used them", "sessions", len(expired), "for", t.timeout)
	}
}

// takeExpired removes them, and sets the timer for the next.
func (t *sessionTable) takeExpired() []*session {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.janitor = nil
	var expired []*session
	now := time.Now()
	for first := t.idle.Front(); first != nil && !t.expires(first).After(now); first = t.idle.Front() {
		s, _ := first.Value.(*session)
		t.remove(s)
		expired = append(expired, s)
	}
	t.watchIdle()
	return expired
}
