package auth

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"mcp-resource-server/internal/oauthclient"
)

// Trust is what tokens are judged by that may change while the program runs: the
// keys of each issuer, the denylist and the static tokens. What changes is read
// from one immutable snapshot each; nothing that is judged ever waits for another
// issuer's keys.
type Trust struct {
	keys     map[string]keySource // by issuer identifier
	denylist *denylist            // nil where there is none
	static   *staticTokens        // nil where there are none
}

// keySource gives the keys of one issuer.
type keySource interface {
	// key returns the key with the given id, or errUnknownKey where the issuer is
	// known not to have it, or errKeysUnavailable where that cannot be said now. An
	// empty id is asked for only where there is a sole key.
	key(ctx context.Context, kid string) (publicKey, error)
	// soleKeyID returns the id of the one key that a token need not name, or "" where
	// every token must name its key.
	soleKeyID() string
	// lookup is key for who cannot wait: it says what is known now.
	lookup(kid string) (publicKey, error)
	// Run keeps the keys fresh until ctx is done. It is called once.
	Run(ctx context.Context)
	// Status tells an operator of the keys.
	Status() KeyStatus
}

// NewTrust returns what c says is to be trusted; c must be valid. Key sets
// hold what an earlier run kept in auth.jwks.cache_dir, or nothing, until it runs;
// files are read at once, and those that cannot be used are an error, all in one.
// client must follow no redirect: see [NewHTTPClient].
func NewTrust(c Config, client oauthclient.Doer, log *slog.Logger) (*Trust, error) {
	t := &Trust{keys: map[string]keySource{}}
	var faults []error
	if c.JWKS.CacheDir != "" {
		if err := c.JWKS.makeCacheDir(); err != nil {
			faults = append(faults, err)
			c.JWKS.CacheDir = ""
		}
	}
	for _, ic := range c.IssuerList() {
		if !ic.hasStaticKeys() {
			t.keys[ic.Issuer] = newKeyStore(ic, c.JWKS, client, log)
			continue
		}
		keys, err := newStaticKeys(ic, log)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		t.keys[ic.Issuer] = keys
	}
	var err error
	if c.DenylistFile != "" {
		if t.denylist, err = openDenylist(c.DenylistFile, log); err != nil {
			faults = append(faults, err)
		}
	}
	if c.StaticTokensFile != "" {
		if t.static, err = openStaticTokens(c.StaticTokensFile, log); err != nil {
			faults = append(faults, err)
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return t, nil
}

// Run keeps all of it fresh until ctx is done. It is called once.
func (t *Trust) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, keys := range t.keys {
		wg.Go(func() { keys.Run(ctx) })
	}
	if t.denylist != nil {
		wg.Go(func() { t.denylist.Run(ctx) })
	}
	if t.static != nil {
		wg.Go(func() { t.static.Run(ctx) })
	}
	wg.Wait()
}

// StaticKeyIDs returns the key ids that tokens of an issuer with static keys may
// name, sorted, and nothing for any other issuer.
func (t *Trust) StaticKeyIDs(issuer string) []string {
	static, ok := t.keys[issuer].(*staticKeys)
	if !ok {
		return nil
	}
	return slices.Sorted(maps.Keys(static.snapshot.Load().keys))
}

// Denied returns how many entries the denylist has, 0 where there is none.
func (t *Trust) Denied() int {
	if t.denylist == nil {
		return 0
	}
	return t.denylist.denied.Load().entries()
}

// StaticTokens returns how many static tokens there are, expired ones included.
func (t *Trust) StaticTokens() int {
	if t.static == nil {
		return 0
	}
	return len(*t.static.tokens.Load())
}

// Ready reports whether tokens can be verified: at least one issuer has usable
// keys, or there is none and there are static tokens, and every required issuer has
// its keys. The second result tells of each issuer, in the order of their names.
func (t *Trust) Ready() (bool, []KeyStatus) {
	all := make([]KeyStatus, 0, len(t.keys))
	usable, missing := t.static != nil && len(t.keys) == 0, false
	for _, keys := range t.keys {
		status := keys.Status()
		usable = usable || status.Usable
		missing = missing || (status.Required && !status.Usable)
		all = append(all, status)
	}
	slices.SortFunc(all, func(a, b KeyStatus) int { return strings.Compare(a.Issuer, b.Issuer) })
	return usable && !missing, all
}

// staticPrincipal judges a static token, which has its own form, and neither
// issuer nor key.
func (t *Trust) staticPrincipal(raw string, now time.Time) (Principal, error) {
	p, err := t.static.principal(raw, now)
	if err == nil && t.denylist.denies(bearing{issuer: p.Issuer, clientID: p.ClientID, subject: p.Subject}) {
		err = refuse(ReasonRevoked)
	}
	if err != nil {
		return Principal{}, &Refusal{Reason: reasonOf(err), Issuer: StaticIssuer}
	}
	return p, nil
}
