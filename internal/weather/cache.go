package weather

import (
	"errors"
	"sync"
	"time"
)

const (
	// freshFor is how long a report is used again. The services' own are renewed
	// every ten to fifteen minutes.
	freshFor = 5 * time.Minute
	// holdFor is how long a service that refused the key or set a limit is not asked
	// again: a bad key is not tried with every call, and who is limited waits.
	holdFor = time.Minute
	// maxEntries bounds the memory: callers choose the places.
	maxEntries = 1000
)

// cache remembers reports by place. Of errors it remembers those that are about
// the client and not about a place or a moment, for all places.
type cache struct {
	mu      sync.Mutex
	entries map[query]entry
	held    error
	until   time.Time // of held
}

type entry struct {
	report  Report
	expires time.Time
}

// answer is what a service said of one place.
type answer struct {
	report Report
	err    error
}

// get returns what is remembered, and false if the service is to be asked.
func (c *cache) get(q query, now time.Time) (answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[q]; ok && e.fresh(now) {
		return answer{report: e.report.clone()}, true
	}
	return answer{err: c.held}, c.held != nil && now.Before(c.until)
}

func (e entry) fresh(now time.Time) bool { return now.Before(e.expires) }

// put remembers what the service answered.
func (c *cache) put(q query, a answer, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case a.err == nil:
		c.makeRoom(q, now)
		c.entries[q] = entry{a.report, now.Add(freshFor)}
	case errors.Is(a.err, ErrKeyRefused), errors.Is(a.err, ErrLimited):
		c.held, c.until = a.err, now.Add(holdFor)
	}
}

// makeRoom drops what has expired once the cache is full, and if nothing has, what
// will expire first.
func (c *cache) makeRoom(q query, now time.Time) {
	if c.entries == nil {
		c.entries = map[query]entry{}
	}
	if _, ok := c.entries[q]; ok || len(c.entries) < maxEntries {
		return
	}
	var first query
	var expires time.Time
	for k, e := range c.entries {
		if !e.fresh(now) {
			delete(c.entries, k)
		} else if expires.IsZero() || e.expires.Before(expires) {
			first, expires = k, e.expires
		}
	}
	if len(c.entries) >= maxEntries {
		delete(c.entries, first)
	}
}
