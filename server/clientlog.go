package server

import "sync"

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
