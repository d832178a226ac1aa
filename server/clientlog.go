package server

import (
	"net/http"
	"sync"
)

// maxLoggedClients bounds the memory that is spent on saying things once.
const maxLoggedClients = 1024

// clientLog remembers the clients about which something was logged. The zero
// value is empty.
type clientLog struct {
	mu   sync.Mutex
	seen map[string]struct{}
}

// first reports whether client is new. When the memory is full nobody is.
func (l *clientLog) first(client string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.seen[client]; ok || len(l.seen) >= maxLoggedClients {
		return false
	}
	if l.seen == nil {
		l.seen = map[string]struct{}{}
	}
	l.seen[client] = struct{}{}
	return true
}

// warnUseless logs once for a client whose token is good and unlocks no tool.
func (s *Server) warnUseless(r *http.Request) {
	x := exchangeOf(r)
	missing, none := x.generation.Policy.UnlocksNoTool(*x.principal)
	client := x.principal.ClientID
	if client == "" {
		client = x.principal.Identity() // a token that names no client: one caller, one line
	}
	if !none || len(missing) == 0 || !s.useless.first(x.principal.Issuer+" "+client) {
		return
	}
	s.log.WarnContext(r.Context(), "a client's token is good but unlocks no tool: grant the client these permissions at the authorization server, and have it ask for them",
		"request_id", x.id, "issuer", x.principal.Issuer, "client_id", x.principal.ClientID, "missing", missing)
}
