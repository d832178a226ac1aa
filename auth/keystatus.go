package auth

import (
	"slices"
	"strings"
	"time"
)

// KeyStatus is what an operator may know of an issuer's keys. It holds nothing
// that must not be shown to whoever can reach /readyz.
type KeyStatus struct {
	// Issuer is the configured issuer identifier.
	Issuer string
	// Required says whether the server is not ready without this issuer's keys.
	Required bool
	// Usable says whether tokens of this issuer can be verified now.
	Usable bool
	// Keys is the number of usable keys in the last good set.
	Keys int
	// LastSuccess is when the last good set was fetched; zero if never.
	LastSuccess time.Time
	// LastError is the class of the failure since then, "" if there was none: one
	// of the values of fetchErrorClass.
	LastError string
	// NextFetch is when the set will be fetched next, if nothing forces it earlier.
	NextFetch time.Time
}

// Status returns the state of the key set as it is now.
func (s *KeyStore) Status() KeyStatus {
	s.mu.Lock()
	status := s.status
	s.mu.Unlock()
	snap := s.snapshot.Load()
	status.Usable = snap != nil && time.Since(snap.fetched) <= s.cfg.MaxStale
	return status
}

// Ready reports whether tokens can be verified: at least one issuer has usable
// keys, and every required one has. The second result tells of each issuer, in
// the order of their names.
func Ready(stores map[string]*KeyStore) (bool, []KeyStatus) {
	all := make([]KeyStatus, 0, len(stores))
	usable, missing := false, false
	for _, s := range stores {
		status := s.Status()
		usable = usable || status.Usable
		missing = missing || (status.Required && !status.Usable)
		all = append(all, status)
	}
	slices.SortFunc(all, func(a, b KeyStatus) int { return strings.Compare(a.Issuer, b.Issuer) })
	return usable && !missing, all
}
