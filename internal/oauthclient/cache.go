package oauthclient

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/gofrs/flock"

	"mcp-resource-server/internal/ownfile"
)

// errBadCache is a file or directory of the cache that is not to be trusted or not
// understood.
var errBadCache = errors.New("token cache")

const (
	maxCacheBytes = 512 << 10 // a token, and four lists of scopes
	// maxClockSkew is how far in the future a token may have been obtained.
	maxClockSkew = time.Minute
	// maxLockWait leaves a flight the time to ask after it has waited for others.
	maxLockWait = 15 * time.Second
	lockPoll    = 20 * time.Millisecond
)

// cacheKey says which token a file holds.
type cacheKey struct {
	Issuer   string   `json:"issuer"`
	ClientID string   `json:"client_id"`
	Audience string   `json:"audience"`
	Resource string   `json:"resource"`
	Scopes   []string `json:"scopes"` // that a token is wanted for, sorted
}

// cacheEntry is what a file holds. The key is there too: a file that was renamed or
// copied into another's place is not taken for it.
type cacheEntry struct {
	Key         cacheKey `json:"key"`
	AccessToken string   `json:"access_token"`
	Asked       []string `json:"asked"`
	Granted     []string `json:"granted"`
	Obtained    int64    `json:"obtained"` // seconds since 1970
	Expiry      int64    `json:"expiry"`
	Replaces    bool     `json:"replaces,omitzero"` // one that the server refused
}

// name is the file's. JSON quotes its strings, so that no two keys have one encoding.
func (k cacheKey) name() (string, error) {
	text, err := json.Marshal(k, json.Deterministic(true))
	if err != nil {
		return "", fmt.Errorf("%w: a part of the key is not text", errBadCache)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

func (k cacheKey) equal(other cacheKey) bool {
	return k.Issuer == other.Issuer && k.ClientID == other.ClientID && k.Audience == other.Audience &&
		k.Resource == other.Resource && slices.Equal(k.Scopes, other.Scopes)
}

// fileCache keeps tokens in files of which each belongs to one key. Whatever is odd
// about a file makes it one that is not there.
type fileCache struct {
	dir string
	now func() time.Time
}

// load returns the token for the need that has not expired, and nil if there is none.
// The one that failed is none.
func (c *fileCache) load(key cacheKey, n need) (*held, error) {
	path, err := c.path(key)
	if err != nil {
		return nil, err
	}
	data, err := readOwn(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	entry, err := parseEntry(data, key)
	if err != nil {
		return nil, err
	}
	h := entry.held(n.wish)
	if h.obtained.After(c.now().Add(maxClockSkew)) {
		return nil, fmt.Errorf("%w: the token was obtained in the future", errBadCache)
	}
	if !h.validAt(c.now()) || n.failed != nil && n.failed.token.Value == h.token.Value {
		return nil, nil
	}
	return h, nil
}

// parseEntry judges a file as strictly as an answer of the issuer's.
func parseEntry(data []byte, key cacheKey) (cacheEntry, error) {
	var e cacheEntry
	if json.Unmarshal(data, &e, json.RejectUnknownMembers(true)) != nil {
		return cacheEntry{}, fmt.Errorf("%w: not a file of ours", errBadCache) // the decoder's text could quote it
	}
	switch {
	case !e.Key.equal(key):
		return cacheEntry{}, fmt.Errorf("%w: the file is of another token", errBadCache)
	case !isBearerToken(e.AccessToken) || !validScopes(e.Asked) || !validScopes(e.Granted):
		return cacheEntry{}, fmt.Errorf("%w: the file holds no token", errBadCache)
	case e.Obtained <= 0 || e.Expiry <= e.Obtained || e.Expiry-e.Obtained > int64(maxLifetime/time.Second):
		return cacheEntry{}, fmt.Errorf("%w: the file's times cannot be", errBadCache)
	}
	return e, nil
}

func (e cacheEntry) held(w wish) *held {
	token := Token{Value: e.AccessToken, Scopes: e.Granted, Expiry: time.Unix(e.Expiry, 0)}
	h := newHeld(token, w, e.Asked, time.Unix(e.Obtained, 0))
	h.fromFile, h.replaces = true, e.Replaces
	return h
}

// store writes the token, if it is known when it expires: one that may never does not
// belong on a disk.
func (c *fileCache) store(key cacheKey, h *held) error {
	if h.token.Expiry.IsZero() {
		return nil
	}
	path, err := c.path(key)
	if err != nil {
		return err
	}
	data, err := json.Marshal(cacheEntry{
		Key: key, AccessToken: h.token.Value, Asked: h.asked, Granted: h.token.Scopes,
		Obtained: h.obtained.Unix(), Expiry: h.token.Expiry.Unix(), Replaces: h.replaces,
	})
	if err != nil {
		return fmt.Errorf("%w: not text", errBadCache)
	}
	return writeOwn(path, data)
}

// remove deletes the file of key, if there is one.
func (c *fileCache) remove(key cacheKey) error {
	path, err := c.path(key)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", errBadCache, err)
	}
	return nil
}

// lock waits until no other process or goroutine asks for the token of key. It makes
// the directory if need be. The lock is on a file of this user's own or not to be had:
// others could hold theirs for as long as they like.
func (c *fileCache) lock(ctx context.Context, key cacheKey) (unlock func(), err error) {
	path, err := c.path(key)
	if err != nil {
		return nil, err
	}
	if err := makeOwnDir(c.dir); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, maxLockWait)
	defer cancel()
	l := flock.New(path+".lock", flock.SetFlag(ownfile.LockFlags))
	if _, err := l.TryLockContext(ctx, lockPoll); err != nil {
		return nil, fmt.Errorf("%w: locking: %w", errBadCache, err)
	}
	if info, err := l.Stat(); err != nil || !ownfile.IsOwn(info) {
		_ = l.Unlock()
		return nil, fmt.Errorf("%w: the lock is not this user's own file", errBadCache)
	}
	// The file stays: whoever removed it would leave others with a lock on nothing.
	return func() { _ = l.Unlock() }, nil
}

func (c *fileCache) path(key cacheKey) (string, error) {
	name, err := key.name()
	return filepath.Join(c.dir, name+".json"), err
}
