package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"mcp-resource-server/internal/oauthclient"
)

// NewTrustOnce returns what c says is to be trusted, as [NewTrust] does, for the
// judgement of one token: nothing of it runs, and the key set of an issuer is
// fetched once, when its first key is asked for. With a JWK set in keySet nothing is
// ever fetched: that is then the key set of every issuer without static keys.
func NewTrustOnce(c Config, client oauthclient.Doer, keySet []byte) (*Trust, error) {
	if keySet != nil {
		// A set with no usable key is one all the same: what that means for a token
		// depends on its issuer.
		if _, err := parseKeySet(keySet, slices.Collect(maps.Keys(algorithms))); errors.Is(err, errNotAKeySet) || errors.Is(err, errTooManyKeys) {
			return nil, fmt.Errorf("the key set given: %w", err)
		}
	}
	c.JWKS.CacheDir = "" // what the issuer has now is the question
	t, err := NewTrust(c, client, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	for _, ic := range c.IssuerList() {
		if !ic.hasStaticKeys() {
			t.keys[ic.Issuer] = newOnceKeys(ic, c.JWKS, client, keySet)
		}
	}
	return t, nil
}

// onceKeys is a keySource that gets its keys once.
type onceKeys struct {
	get  func(context.Context) (keySet, error)
	once sync.Once
	told KeyReport
	set  keySet
}

func newOnceKeys(ic IssuerConfig, cfg JWKSConfig, client oauthclient.Doer, file []byte) *onceKeys {
	o := &onceKeys{}
	if file != nil {
		o.get = func(context.Context) (keySet, error) {
			o.told.Origin = KeysFromFile
			return parseKeySet(file, ic.Algorithms)
		}
		return o
	}
	fetcher := &keyFetcher{issuer: ic, client: client, timeout: cfg.Timeout}
	o.get = func(ctx context.Context) (keySet, error) {
		o.told.Origin = KeysFetched
		answer, err := fetcher.fetch(ctx)
		if o.told.Address = ic.JWKSURL; o.told.Address == "" {
			o.told.Address = fetcher.discovered
		}
		return answer.set, err
	}
	return o
}

func (o *onceKeys) key(ctx context.Context, kid string) (publicKey, error) {
	o.once.Do(func() {
		set, err := o.get(ctx)
		if err != nil {
			o.told.Error, o.told.Detail = fetchErrorClass(err), fetchErrorText(err)
			return
		}
		o.set = set
		o.told.IDs = slices.Sorted(maps.Keys(set.keys))
		o.told.Ambiguous, o.told.Ignored = slices.Sorted(slices.Values(set.ambiguous)), set.ignored
	})
	if o.told.Error != "" {
		return publicKey{}, fmt.Errorf("%w: %s", errKeysUnavailable, o.told.Error)
	}
	if k, ok := o.set.keys[kid]; ok {
		return k, nil
	}
	return publicKey{}, errUnknownKey
}

func (o *onceKeys) needsKeyID() bool { return true }

func (o *onceKeys) report() KeyReport { return o.told }

// Run implements keySource: there is nothing to keep fresh.
func (o *onceKeys) Run(context.Context) {}

// Status implements keySource.
func (o *onceKeys) Status() KeyStatus {
	return KeyStatus{Usable: len(o.set.keys) > 0, Keys: len(o.set.keys), LastError: o.told.Error}
}
