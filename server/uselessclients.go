package server

import (
	"context"
	"sync"

	"mcp-resource-server/auth"
)

// maxLoggedClients bounds the memory that is spent on saying things once.
const maxLoggedClients = 1024

// clientLog remembers the clients about which something was logged. The zero
// value is empty.
type clientLog struct {
	mu   sync.Mutex
	seen map[string]struct{}
}

// has reports whether client is not new, or can no longer be.
func (l *clientLog) has(client string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.seen[client]
	return ok || len(l.seen) >= maxLoggedClients
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

// warnUseless logs once for a client whose token is good and unlocks no tool. It looks at
// every tool, and so is asked only where something was refused or a list was empty.
func (s *Server) warnUseless(ctx context.Context, requestID string, g *Generation, p auth.Principal) {
	client := p.ClientID
	if client == "" {
		client = p.Identity() // a token that names no client: one caller, one line
	}
	client = p.Issuer + " " + client
	if s.useless.has(client) {
		return
	}
	missing, none := g.Policy.UnlocksNoTool(p)
	if !none || !s.useless.first(client) {
		return
	}
	s.log.WarnContext(ctx, "a client's token is good but unlocks no tool: grant these permissions to the client, or to its users, at the authorization server",
		"request_id", requestID, "issuer", p.Issuer, "client_id", p.ClientID, "missing", missing)
}
