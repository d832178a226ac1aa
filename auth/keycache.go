package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"mcp-resource-server/internal/ownfile"
	"mcp-resource-server/internal/strictjson"
)

// A keyCache keeps the last good key set of one issuer in a file, so that a restart
// while the issuer is down refuses nobody. Whoever could write to the file could forge
// every token of the issuer: so it counts only where nobody but this user can have
// written it, and what it holds is judged as an answer of the issuer's is.
type keyCache struct {
	dir, path string
	issuer    IssuerConfig
	maxStale  time.Duration
}

// keptKeys is what the file holds. Where the keys are from is there, too: a file in the
// place of another's, or of an address that is no longer the configured one, is not
// taken.
type keptKeys struct {
	Issuer  string         `json:"issuer"`
	JWKSURL string         `json:"jwks_url"` // as configured: empty where the metadata says it
	Fetched int64          `json:"fetched"`  // seconds since 1970
	KeySet  strictjson.Raw `json:"key_set"`  // as the issuer gave it
}

const (
	// maxKeyCacheBytes leaves room for the two names beside the key set.
	maxKeyCacheBytes = MaxKeySetBytes + 64<<10
	// keyCacheSkew is how far in the future a set may have been fetched: the clock is
	// set right while machines start.
	keyCacheSkew = time.Minute
)

var (
	errNotKeptKeys    = errors.New("not a key set that was kept here")
	errKeptElsewhere  = errors.New("kept from another issuer or address")
	errKeptInFuture   = errors.New("fetched in the future: the clock was set back")
	errKeptKeysTooOld = errors.New("older than auth.jwks.max_stale")
)

// newKeyCache returns the cache of one issuer, or nil where nothing is to be kept. The
// file's name tells nothing and is one for any issuer identifier.
func newKeyCache(ic IssuerConfig, cfg JWKSConfig) *keyCache {
	if cfg.CacheDir == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(ic.Issuer))
	path := filepath.Join(cfg.CacheDir, hex.EncodeToString(sum[:])+".json")
	return &keyCache{dir: cfg.CacheDir, path: path, issuer: ic, maxStale: cfg.MaxStale}
}

// makeCacheDir makes auth.jwks.cache_dir where it is not there. A directory that
// cannot be used refuses the start: else it would be missed in an outage first.
func (c JWKSConfig) makeCacheDir() error {
	if err := ownfile.MakeDir(c.CacheDir); err != nil {
		return fmt.Errorf("auth.jwks.cache_dir: %w", err)
	}
	return nil
}

// CheckCacheDir reports whether auth.jwks.cache_dir, if it is there, can be used by
// the user who asks. It makes nothing: that is left to the user whom the server runs
// as.
func (c JWKSConfig) CheckCacheDir() error {
	if _, err := os.Stat(c.CacheDir); c.CacheDir == "" || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := c.makeCacheDir(); err != nil {
		return fmt.Errorf("%w (by the user who asks: run this as the server's own)", err)
	}
	return nil
}

// load returns the key set that was kept and how old it is, or an fs.ErrNotExist where
// there is none.
func (c *keyCache) load(now time.Time) (keySet, time.Duration, error) {
	// Of a directory in which others may write, they could put back an older file of
	// ours, with keys that the issuer has removed.
	if err := ownfile.MakeDir(c.dir); err != nil {
		return keySet{}, 0, fmt.Errorf("auth.jwks.cache_dir: %w", err)
	}
	data, err := ownfile.Read(c.path, maxKeyCacheBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return keySet{}, 0, fs.ErrNotExist
	case err != nil:
		return keySet{}, 0, fmt.Errorf("%s: %w", c.path, err)
	}
	set, age, err := c.parse(data, now)
	if err != nil {
		return keySet{}, 0, fmt.Errorf("%s: %w", c.path, err)
	}
	return set, age, nil
}

// parse judges a file's content. No error quotes it.
func (c *keyCache) parse(data []byte, now time.Time) (keySet, time.Duration, error) {
	var kept keptKeys
	if json.Unmarshal(data, &kept, json.RejectUnknownMembers(true)) != nil {
		return keySet{}, 0, errNotKeptKeys
	}
	age := now.Sub(time.Unix(kept.Fetched, 0)) // by the clock on the wall: nothing else outlives a run
	switch {
	case kept.Issuer != c.issuer.Issuer || kept.JWKSURL != c.issuer.JWKSURL:
		return keySet{}, 0, errKeptElsewhere
	case age < -keyCacheSkew:
		return keySet{}, 0, errKeptInFuture
	case age > c.maxStale:
		return keySet{}, 0, errKeptKeysTooOld
	}
	set, err := parseKeySet(kept.KeySet, c.issuer.Algorithms)
	if err != nil {
		return keySet{}, 0, err
	}
	return set, max(0, age), nil
}

// store keeps a key set document that parseKeySet has accepted.
func (c *keyCache) store(document []byte, now time.Time) error {
	data, err := json.Marshal(keptKeys{
		Issuer: c.issuer.Issuer, JWKSURL: c.issuer.JWKSURL, Fetched: now.Unix(), KeySet: document,
	})
	if err != nil {
		return errors.New("the key set cannot be written as JSON") // the error's own text could quote it
	}
	if err := ownfile.MakeDir(c.dir); err != nil {
		return fmt.Errorf("auth.jwks.cache_dir: %w", err)
	}
	return ownfile.Write(c.path, data)
}

// restore begins with the keys that an earlier run has kept. Where it cannot, the store
// begins empty, as it does without a cache.
func (s *keyStore) restore() {
	if s.cache == nil {
		return
	}
	now := time.Now()
	set, age, err := s.cache.load(now)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return
	case err != nil:
		s.cacheFault = true
		s.log.Warn("no kept keys can be used; the issuer must answer first", "error", err)
		return
	}
	fetched := now.Add(-age)
	s.snapshot.Store(&keySnapshot{keys: set.keys, fetched: fetched})
	s.status.Keys, s.status.LastSuccess, s.status.Cached = len(set.keys), fetched, true
	s.log.Info("key set read from disk, until the issuer answers",
		"keys", len(set.keys), "ignored", set.ignored, "age", age.Round(time.Second))
}

// keep writes a good answer to disk. A disk that does not take it is told once: the
// keys in memory are as good as ever.
func (s *keyStore) keep(document []byte) {
	if s.cache == nil {
		return
	}
	err := s.cache.store(document, time.Now())
	if err != nil && !s.cacheFault {
		s.log.Warn("the keys cannot be kept on disk; a restart will need the issuer", "error", err)
	}
	s.cacheFault = err != nil
}
