package auth

import "time"

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
	// Cached says that the keys are those that an earlier run of the program kept in
	// auth.jwks.cache_dir: no fetch of this one has succeeded yet.
	Cached bool
	// LastSuccess is when the last good set was fetched, by an earlier run where it is
	// cached; zero if never.
	LastSuccess time.Time
	// LastError is the class of the failure since then, "" if there was none: one
	// of the values of fetchErrorClass, or bad_file for static keys.
	LastError string
	// NextFetch is when the set will be fetched next, if nothing forces it earlier.
	NextFetch time.Time
}

// Status returns the state of the key set as it is now.
func (s *keyStore) Status() KeyStatus {
	s.mu.Lock()
	status := s.status
	s.mu.Unlock()
	snap := s.snapshot.Load()
	status.Usable = snap != nil && time.Since(snap.fetched) <= s.cfg.MaxStale
	return status
}
