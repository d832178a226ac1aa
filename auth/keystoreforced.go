package auth

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// This file is what a token with an unknown key id sets going: the fetch that it
// may force, and the wait for it.

const (
	forcedFetchBurst = 3

	// absentMoment is for how long a key id that the issuer did not have is not
	// looked up again.
	absentMoment = time.Second
	// maxWaiting bounds how many requests may wait for a fetch, which may take its
	// whole timeout, so that junk cannot fill the memory with them. Junk and tokens
	// of a new key share it: beyond it both are told to come back.
	maxWaiting = 256
)

// fetchTicket is one fetch, as those see it who wait for it.
type fetchTicket struct {
	done chan struct{}
	good bool // written before done is closed
}

// soleKeyID implements keySource: which of the published keys is meant cannot be
// known without.
func (s *keyStore) soleKeyID() string { return "" }

// key implements keySource.
func (s *keyStore) key(ctx context.Context, kid string) (publicKey, error) {
	if k, err := s.lookup(kid); !errors.Is(err, errUnknownKey) {
		return k, err
	}
	// A fetch that is under way may bring the key; it began before we asked, so
	// it cannot prove the key's absence.
	if t := s.current(); t != nil {
		if err := s.wait(ctx, t); err != nil {
			return publicKey{}, err
		}
		if k, err := s.lookup(kid); err == nil {
			return k, nil
		}
	}
	// One client that retries with one stale key must not use up everybody's
	// fetches: what was shown a moment ago is not asked again.
	if s.snapshot.Load().absent.has(kid, absentMoment) {
		return publicKey{}, errUnknownKey
	}
	t := s.request()
	if t == nil {
		return publicKey{}, s.unasked(kid)
	}
	if err := s.wait(ctx, t); err != nil {
		return publicKey{}, err
	}
	k, err := s.lookup(kid)
	switch {
	case !errors.Is(err, errUnknownKey):
		return k, err
	case !t.good:
		return publicKey{}, errKeysUnavailable
	default:
		s.snapshot.Load().absent.add(kid)
		return publicKey{}, errUnknownKey
	}
}

// unasked says what is known of a key id that no fetch can be had for: that it is
// bad, where the last fetch has shown it, or where the issuer has taken the key
// back. Tokens of a revoked key would else be told to come back for as long as
// somebody else's junk uses up the fetches.
func (s *keyStore) unasked(kid string) error {
	snap := s.snapshot.Load()
	if _, withdrawn := snap.withdrawn[kid]; withdrawn || snap.absent.has(kid, s.cfg.Cooldown) {
		return errUnknownKey
	}
	return errKeysUnavailable
}

// lookup implements keySource. A snapshot that has grown stale says nothing.
func (s *keyStore) lookup(kid string) (publicKey, error) {
	snap := s.snapshot.Load()
	if snap == nil || time.Since(snap.fetched) > s.cfg.MaxStale {
		return publicKey{}, errKeysUnavailable
	}
	if k, ok := snap.keys[kid]; ok {
		return k, nil
	}
	return publicKey{}, errUnknownKey
}

// queue changes the number of those who wait, and reports whether there is room.
func (s *keyStore) queue(by int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if by > 0 && s.waiting >= maxWaiting {
		return false
	}
	s.waiting += by
	return true
}

func (s *keyStore) current() *fetchTicket {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}

// request joins the pending fetch, or asks for one where the bucket still pays
// for it. It returns nil where it does not.
func (s *keyStore) request() *fetchTicket {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending != nil {
		return s.pending
	}
	if s.stopped || !s.bucket.Allow() {
		return nil
	}
	s.pending = &fetchTicket{done: make(chan struct{})}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return s.pending
}

// wait waits for a fetch to end, no longer than one exchange may take, unless too
// many do already.
func (s *keyStore) wait(ctx context.Context, t *fetchTicket) error {
	if !s.queue(1) {
		return errKeysUnavailable
	}
	defer s.queue(-1)
	timeout := time.NewTimer(s.cfg.Timeout)
	defer timeout.Stop()
	select {
	case <-t.done:
		return nil
	case <-timeout.C:
		return errKeysUnavailable
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errKeysUnavailable, ctx.Err())
	}
}

// stop lets go of everybody who waits for a fetch that will not come, now and
// later.
func (s *keyStore) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	if s.pending != nil {
		close(s.pending.done)
		s.pending = nil
	}
}

// begin takes what is pending as the running fetch.
func (s *keyStore) begin() *fetchTicket {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.wake: // this fetch is the one that the signal asks for
	default:
	}
	s.running, s.pending = s.pending, nil
	if s.running == nil {
		s.running = &fetchTicket{done: make(chan struct{})}
	}
	return s.running
}

func (s *keyStore) finish(t *fetchTicket, good bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.good = good
	s.running = nil
	close(t.done)
}
