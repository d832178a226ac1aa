package auth

import (
	"crypto/sha256"
	"sync"
	"time"
)

// maxAbsentKeys bounds the memory that junk key ids can take.
const maxAbsentKeys = 1024

// absentKeys remembers the key ids that a fetch has shown the issuer not to
// have, so that they are answered for certain while no further fetch is to be
// had. The zero value is empty and ready.
type absentKeys struct {
	mu   sync.Mutex
	seen map[[sha256.Size]byte]time.Time
}

func (a *absentKeys) add(kid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.seen == nil {
		a.seen = map[[sha256.Size]byte]time.Time{}
	}
	if len(a.seen) < maxAbsentKeys {
		a.seen[sha256.Sum256([]byte(kid))] = time.Now()
	}
}

// has reports whether kid was added within the last d.
func (a *absentKeys) has(kid string, d time.Duration) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	at, ok := a.seen[sha256.Sum256([]byte(kid))]
	return ok && time.Since(at) <= d
}
