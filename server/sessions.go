package server

import (
	"net/http"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
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
		o.forget(id)
	}()
}

// forget notes the end of a session.
func (o *sessionOwners) forget(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.owner, id)
}

// owns reports whether the session exists and belongs to owner.
func (o *sessionOwners) owns(id, owner string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	got, ok := o.owner[id]
	return ok && got == owner
}

// ownSession refuses a legacy request outside a session (MCP 2025-11-25,
// Streamable HTTP, "Session Management"), and answers one for a session that is
// not the caller's just as one for a session that does not exist.
func (s *Server) ownSession(w http.ResponseWriter, r *http.Request, msg message) bool {
	id := r.Header.Get(headerSession)
	switch {
	case msg.modern || !s.opts.MCP.LegacySessions || (id == "" && msg.method == methodInitialize):
		return true
	case id == "":
		exchangeOf(r).refuse(reasonSession)
		writeRPCError(w, http.StatusBadRequest, msg.id, jsonrpc.CodeInvalidRequest, "the request needs a session: begin with initialize, and send its Mcp-Session-Id", nil)
		return false
	}
	if s.sessions.owns(id, exchangeOf(r).principal.Identity()) {
		return true
	}
	exchangeOf(r).refuse(reasonSession)
	writeRPCError(w, http.StatusNotFound, msg.id, jsonrpc.CodeInvalidRequest, "session not found", nil)
	return false
}
