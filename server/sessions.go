package server

import (
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// sessionOwners knows to whom each legacy session belongs. The SDK refuses
// another user's session with an answer of its own, which tells that the session
// exists; here a foreign session and none are the same.
type sessionOwners struct {
	mu    sync.Mutex
	owner map[string]string // session id to principal identity
}

// add notes the owner of a session until it ends.
func (o *sessionOwners) add(session *mcp.ServerSession, owner string) {
	id := session.ID()
	if id == "" {
		return // a request that stands alone
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, known := o.owner[id]; known {
		return // a second initialize, which the SDK refuses
	}
	if o.owner == nil {
		o.owner = map[string]string{}
	}
	o.owner[id] = owner
	go func() {
		_ = session.Wait() // however it ended
		o.mu.Lock()
		delete(o.owner, id)
		o.mu.Unlock()
	}()
}

// owns reports whether the session exists and belongs to owner.
func (o *sessionOwners) owns(id, owner string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	got, ok := o.owner[id]
	return ok && got == owner
}
