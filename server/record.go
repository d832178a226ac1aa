package server

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/audit"
)

// lateGrace is how long the SDK may leave a call lying whose HTTP request has ended.
const lateGrace = 10 * time.Second

// record is the audit line of one request. Two could write it, and one does: the
// authority, which knows what came of a call in every transport, or the HTTP layer, which
// knows of the rest. Whoever is first to claim the record writes the line. Thus a call
// that the HTTP layer has given up is not run any more.
type record struct {
	start  time.Time
	client string     // its address, "" where the connection has none
	log    *audit.Log // nil: none is written

	mu      sync.Mutex
	claimed claim
	written atomic.Bool
	reason  atomic.Pointer[auth.Reason] // of the authority, nil where it refused nothing
}

type claim int

const (
	claimedByNobody claim = iota
	claimedByAuthority
	claimedByHTTP
)

func newRecord() *record { return &record{start: time.Now()} }

// take claims the record for the authority, and reports whether it is its own.
func (r *record) take() bool { return r.claim(claimedByAuthority) }

// conclude claims the record for the HTTP layer.
func (r *record) conclude() bool { return r.claim(claimedByHTTP) }

func (r *record) claim(by claim) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.claimed == claimedByNobody {
		r.claimed = by
	}
	return r.claimed == by
}

// await leaves the record to the authority for a while, where nobody has claimed it
// yet. giveUp is called if the while has passed and it is still nobody's.
func (r *record) await(l *line, giveUp func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.claimed != claimedByNobody {
		return
	}
	r.log.Await(l.Entry) // under the lock: the authority's line comes behind it
	time.AfterFunc(lateGrace, func() {
		if r.conclude() {
			giveUp()
		}
	})
}

// oneWay reports a message that nobody waits for an answer to. The SDK handles it
// whenever it likes, and its HTTP request is answered at once: that is all there is
// to tell.
func oneWay(method string) bool {
	return method == auth.OperationResponse || strings.HasPrefix(method, "notifications/")
}
