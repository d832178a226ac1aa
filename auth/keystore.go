package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"mcp-resource-server/internal/oauthclient"
)

// A KeyStore holds the key set of one issuer.
//
// One goroutine (Run) does every fetch, so that no burst of requests is a burst
// of fetches. Verification reads an atomic snapshot and never waits for a fetch,
// with one exception: a key id that the snapshot does not have may force one. A
// forced fetch is shared by all who wait for it and paid from a small bucket
// (three at once, one more in each cooldown), so that junk key ids can neither
// flood the issuer nor, by using up a cooldown, keep a fresh key out.
//
// A snapshot that was once good is used until max_stale, whatever the issuer
// answers meanwhile; a good answer replaces it whole, so that a key that the
// issuer removed stops within one refresh.
type KeyStore struct {
	issuer  string
	fetcher *keyFetcher
	cfg     JWKSConfig
	log     *slog.Logger

	snapshot atomic.Pointer[keySnapshot]
	bucket   *rate.Limiter
	wake     chan struct{}

	mu      sync.Mutex
	running *fetchTicket // the fetch under way, or nil
	pending *fetchTicket // the fetch that somebody asked for and that has not begun, or nil
	waiting int          // how many wait for either
	status  KeyStatus
	stopped bool // Run has ended
}

// keySnapshot is one good key set.
type keySnapshot struct {
	keys    map[string]publicKey
	fetched time.Time // with its monotonic reading: clock jumps do not age keys
	absent  absentKeys
}

// fetchTicket is one fetch, as those see it who wait for it.
type fetchTicket struct {
	done chan struct{}
	good bool // written before done is closed
}

var (
	// errUnknownKey says that the issuer does not have the key: a fetch that began
	// after the question was asked has shown it.
	errUnknownKey = errors.New("unknown key id")
	// errKeysUnavailable says that nobody can tell now.
	errKeysUnavailable = errors.New("keys unavailable")
)

const (
	forcedFetchBurst = 3

	// absentMoment is for how long a key id that the issuer did not have is not
	// looked up again.
	absentMoment = time.Second
	// maxWaiting bounds how many requests may wait for a fetch, which may take its
	// whole timeout, so that junk cannot fill the memory with them. Junk and tokens
	// of a new key share it: beyond it both are told to come back.
	maxWaiting = 256
	minBackoff = time.Second
	maxBackoff = 30 * time.Second
	// minMaxAge and maxMaxAge bound how far an issuer's Cache-Control is followed.
	minMaxAge = time.Minute
	maxMaxAge = time.Hour
)

// NewKeyStores returns the key store of each issuer of c, which must be valid,
// by issuer identifier. They are empty until they run. client must follow no
// redirect, and end each exchange after auth.jwks.timeout: see
// oauthclient.NewHTTPClient.
func NewKeyStores(c Config, client oauthclient.Doer, log *slog.Logger) map[string]*KeyStore {
	stores := map[string]*KeyStore{}
	for _, ic := range c.IssuerList() {
		stores[ic.Issuer] = newKeyStore(ic, c.JWKS, client, log)
	}
	return stores
}

func newKeyStore(ic IssuerConfig, cfg JWKSConfig, client oauthclient.Doer, log *slog.Logger) *KeyStore {
	return &KeyStore{
		issuer:  ic.Issuer,
		fetcher: &keyFetcher{issuer: ic, client: client, timeout: cfg.Timeout},
		cfg:     cfg,
		log:     log.With("issuer", ic.Issuer),
		bucket:  rate.NewLimiter(rate.Every(cfg.Cooldown), forcedFetchBurst),
		wake:    make(chan struct{}, 1),
		status:  KeyStatus{Issuer: ic.Issuer, Required: ic.Required},
	}
}

// Run keeps the key set fresh until ctx is done. It is called once.
func (s *KeyStore) Run(ctx context.Context) {
	var failures int
	for ctx.Err() == nil {
		ticket := s.begin()
		keys, maxAge, err := s.fetcher.fetch(ctx)
		var wait time.Duration
		if err == nil {
			failures = 0
			wait = s.nextRefresh(maxAge)
			s.publish(keys, wait)
		} else {
			failures++
			wait = backoff(failures)
			s.failed(ctx, err, wait)
		}
		s.finish(ticket, err == nil)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-s.wake:
		}
		timer.Stop()
	}
	s.stop()
}

// stop lets go of everybody who waits for a fetch that will not come, now and
// later.
func (s *KeyStore) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	if s.pending != nil {
		close(s.pending.done)
		s.pending = nil
	}
}

// begin takes what is pending as the running fetch.
func (s *KeyStore) begin() *fetchTicket {
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

func (s *KeyStore) finish(t *fetchTicket, good bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.good = good
	s.running = nil
	close(t.done)
}

// nextRefresh is the shorter of refresh_interval and the answer's max-age, and
// early enough that keys of an issuer that answers never grow stale; up to a
// tenth less, so that replicas do not ask in step.
func (s *KeyStore) nextRefresh(maxAge time.Duration) time.Duration {
	next := min(s.cfg.RefreshInterval, s.cfg.MaxStale/2)
	if maxAge > 0 {
		next = min(next, maxAge)
	}
	return next - rand.N(next/10) //nolint:gosec // jitter is no secret
}

func backoff(failures int) time.Duration {
	d := maxBackoff
	if failures <= 5 {
		d = min(maxBackoff, minBackoff<<(failures-1))
	}
	return d - rand.N(d/5) //nolint:gosec // jitter is no secret
}

func (s *KeyStore) publish(set keySet, next time.Duration) {
	now := time.Now()
	old := s.snapshot.Swap(&keySnapshot{keys: set.keys, fetched: now})
	s.mu.Lock()
	recovered := s.status.LastError != ""
	s.status.Keys, s.status.LastSuccess, s.status.LastError, s.status.NextFetch = len(set.keys), now, "", now.Add(next)
	s.mu.Unlock()
	switch {
	case old == nil:
		s.log.Info("key set loaded", "keys", len(set.keys), "ignored", set.ignored)
	case recovered:
		s.log.Info("key set loaded again after failures", "keys", len(set.keys), "ignored", set.ignored)
	case !maps.EqualFunc(old.keys, set.keys, publicKey.equal):
		s.log.Info("key set changed", "keys", len(set.keys), "ignored", set.ignored)
	}
	if len(set.ambiguous) > 0 {
		s.log.Error("the issuer publishes different keys under one key id; none of them is used", "key_ids", len(set.ambiguous))
	}
}

func (s *KeyStore) failed(ctx context.Context, err error, next time.Duration) {
	if ctx.Err() != nil {
		return // we are stopping: the fetch was ended by ourselves
	}
	s.mu.Lock()
	s.status.LastError, s.status.NextFetch = fetchErrorClass(err), time.Now().Add(next)
	s.mu.Unlock()
	s.log.Warn("fetching keys failed; the last good ones stay", "error", err,
		"keys_held", s.Status().Keys, "retry_in", next.Round(time.Millisecond))
}

// key implements KeySource.
func (s *KeyStore) key(ctx context.Context, kid string) (publicKey, error) {
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
		if s.snapshot.Load().absent.has(kid, s.cfg.Cooldown) {
			return publicKey{}, errUnknownKey
		}
		return publicKey{}, errKeysUnavailable
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

// lookup reads the snapshot.
func (s *KeyStore) lookup(kid string) (publicKey, error) {
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
func (s *KeyStore) queue(by int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if by > 0 && s.waiting >= maxWaiting {
		return false
	}
	s.waiting += by
	return true
}

func (s *KeyStore) current() *fetchTicket {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}

// request joins the pending fetch, or asks for one where the bucket still pays
// for it. It returns nil where it does not.
func (s *KeyStore) request() *fetchTicket {
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
func (s *KeyStore) wait(ctx context.Context, t *fetchTicket) error {
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
