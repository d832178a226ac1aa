package auth

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"mcp-resource-server/internal/oauthclient"
)

// A keyStore holds the key set of one issuer.
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
//
// Where auth.jwks.cache_dir is set, each good answer is kept on disk, too, and the
// next start begins with it. It is no older for that: its age goes on counting.
type keyStore struct {
	issuer  string
	fetcher *keyFetcher
	cache   *keyCache // nil where nothing is kept
	cfg     JWKSConfig
	log     *slog.Logger

	// cacheFault says that the cache failed last and that it was told. It belongs to
	// Run, and before that to newKeyStore.
	cacheFault bool

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
	// withdrawn are the ids of keys that the issuer once had and now has not: at
	// most maxWithdrawn, never changed.
	withdrawn map[string]struct{}
}

// maxWithdrawn is more keys than any issuer takes back while we run.
const maxWithdrawn = 1024

// withdrawnBy returns the ids of old's keys, and of those withdrawn before, that
// keys lacks.
func withdrawnBy(old *keySnapshot, keys map[string]publicKey) map[string]struct{} {
	if old == nil {
		return nil
	}
	gone := map[string]struct{}{}
	add := func(kid string) {
		if _, back := keys[kid]; !back && len(gone) < maxWithdrawn {
			gone[kid] = struct{}{}
		}
	}
	for kid := range old.keys {
		add(kid)
	}
	for kid := range old.withdrawn {
		add(kid)
	}
	return gone
}

var (
	// errUnknownKey says that the issuer does not have the key: a fetch that began
	// after the question was asked has shown it, or the issuer has taken it back, or
	// its keys stand in the configuration.
	errUnknownKey = errors.New("unknown key id")
	// errKeysUnavailable says that nobody can tell now.
	errKeysUnavailable = errors.New("keys unavailable")
)

const (
	minBackoff = time.Second
	maxBackoff = 30 * time.Second
	// minMaxAge and maxMaxAge bound how far an issuer's Cache-Control is followed.
	minMaxAge = time.Minute
	maxMaxAge = time.Hour
)

// newKeyStore returns a key store that holds what an earlier run has kept, if
// anything; ic has its defaults filled in.
func newKeyStore(ic IssuerConfig, cfg JWKSConfig, client oauthclient.Doer, log *slog.Logger) *keyStore {
	s := &keyStore{
		issuer:  ic.Issuer,
		fetcher: &keyFetcher{issuer: ic, client: client, timeout: cfg.Timeout},
		cache:   newKeyCache(ic, cfg),
		cfg:     cfg,
		log:     log.With("issuer", ic.Issuer),
		bucket:  rate.NewLimiter(rate.Every(cfg.Cooldown), forcedFetchBurst),
		wake:    make(chan struct{}, 1),
		status:  KeyStatus{Issuer: ic.Issuer, Required: ic.Required},
	}
	s.restore()
	return s
}

// Run keeps the key set fresh until ctx is done. It is called once.
func (s *keyStore) Run(ctx context.Context) {
	var failures int
	for ctx.Err() == nil {
		ticket := s.begin()
		answer, err := s.fetcher.fetch(ctx)
		var wait time.Duration
		if err == nil {
			failures = 0
			wait = s.nextRefresh(answer.maxAge)
			s.publish(answer.set, wait)
		} else {
			failures++
			wait = backoff(failures)
			s.failed(ctx, err, wait)
		}
		s.finish(ticket, err == nil)
		if err == nil {
			s.keep(answer.document) // when nobody waits any more
		}
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

// nextRefresh is the shorter of refresh_interval and the answer's max-age, and
// early enough that keys of an issuer that answers never grow stale; up to a
// tenth less, so that replicas do not ask in step.
func (s *keyStore) nextRefresh(maxAge time.Duration) time.Duration {
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

func (s *keyStore) publish(set keySet, next time.Duration) {
	now := time.Now()
	old := s.snapshot.Load() // nobody else writes it
	s.snapshot.Store(&keySnapshot{keys: set.keys, fetched: now, withdrawn: withdrawnBy(old, set.keys)})
	s.mu.Lock()
	recovered, restored := s.status.LastError != "", s.status.Cached
	s.status.Keys, s.status.LastSuccess, s.status.LastError, s.status.NextFetch = len(set.keys), now, "", now.Add(next)
	s.status.Cached = false
	s.mu.Unlock()
	switch {
	case old == nil:
		s.log.Info("key set loaded", "keys", len(set.keys), "ignored", set.ignored)
	case recovered:
		s.log.Info("key set loaded again after failures", "keys", len(set.keys), "ignored", set.ignored)
	case !maps.EqualFunc(old.keys, set.keys, publicKey.equal):
		s.log.Info("key set changed", "keys", len(set.keys), "ignored", set.ignored)
	case restored:
		s.log.Info("key set loaded: it is the one that was kept", "keys", len(set.keys), "ignored", set.ignored)
	}
	if len(set.ambiguous) > 0 {
		s.log.Error("the issuer publishes different keys under one key id; none of them is used", "key_ids", len(set.ambiguous))
	}
}

func (s *keyStore) failed(ctx context.Context, err error, next time.Duration) {
	if ctx.Err() != nil {
		return // we are stopping: the fetch was ended by ourselves
	}
	class := fetchErrorClass(err)
	s.mu.Lock()
	s.status.LastError, s.status.NextFetch = class, time.Now().Add(next)
	held := s.status.Keys
	s.mu.Unlock()
	s.log.Warn("fetching keys failed; the last good ones stay", "error", fetchErrorText(err), "class", class,
		"keys_held", held, "retry_in", next.Round(time.Millisecond))
}
