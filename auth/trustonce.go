package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"mcp-resource-server/internal/oauthclient"
)

// NewTrustOnce returns what c says is to be trusted, as [NewTrust] does, for the
// judgement of one token: nothing of it runs, and the key set of an issuer is
// fetched once, when its first key is asked for. With a JWK set in keySet nothing is
// ever fetched: that is then the key set of every issuer without static keys. One of
// more than [MaxKeySetBytes] is refused, as a fetched one is.
//
// fileFaults tell of the files of c that cannot be used now. The judgement does
// without them: nobody is on the denylist, no static token is known, and the keys of
// an issuer whose public_key_file it is are unavailable.
func NewTrustOnce(c Config, client oauthclient.Doer, keySet []byte) (t *Trust, fileFaults []error, err error) {
	if len(keySet) > MaxKeySetBytes {
		return nil, nil, fmt.Errorf("the key set given: has more than %d bytes", MaxKeySetBytes)
	}
	if keySet != nil {
		// A set with no usable key is one all the same: what that means for a token
		// depends on its issuer.
		if _, err := parseKeySet(keySet, slices.Collect(maps.Keys(algorithms))); errors.Is(err, errNotAKeySet) || errors.Is(err, errTooManyKeys) {
			return nil, nil, fmt.Errorf("the key set given: %w", err)
		}
	}
	t = &Trust{keys: map[string]keySource{}}
	for _, ic := range c.IssuerList() {
		if !ic.hasStaticKeys() {
			t.keys[ic.Issuer] = newOnceKeys(ic, c.JWKS, client, keySet)
			continue
		}
		keys, err := newStaticKeys(ic, slog.New(slog.DiscardHandler))
		switch {
		case err == nil:
			t.keys[ic.Issuer] = keys
		case ic.PublicKeyFile == "":
			return nil, nil, err
		default:
			t.keys[ic.Issuer] = newUnreadKeys(ic, err)
			fileFaults = append(fileFaults, err)
		}
	}
	return t, append(fileFaults, t.openOnce(c)...), nil
}

// onceKeys is a keySource that gets its keys once.
type onceKeys struct {
	get  func(context.Context) (keySet, error)
	once sync.Once
	told KeyReport
	set  keySet
	// known is what the text of an error begins with, and need not tell.
	known string
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
	// Each address has the issuer's name in it.
	o.known = "discovering issuer " + strconv.Quote(ic.Issuer) + ": "
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
			o.told.Error, o.told.Detail = fetchErrorClass(err), o.detail(err)
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

func (o *onceKeys) soleKeyID() string { return "" }

// lookup implements keySource: one token is judged, once, and nobody asks again.
func (o *onceKeys) lookup(string) (publicKey, error) { return publicKey{}, errKeysUnavailable }

// detail is the text of a failed fetch.
func (o *onceKeys) detail(err error) string {
	return detail(strings.TrimPrefix(fetchErrorText(err), o.known))
}

func (o *onceKeys) report() KeyReport { return o.told }

// Run implements keySource: there is nothing to keep fresh.
func (o *onceKeys) Run(context.Context) {}

// Status implements keySource.
func (o *onceKeys) Status() KeyStatus {
	return KeyStatus{Usable: len(o.set.keys) > 0, Keys: len(o.set.keys), LastError: o.told.Error}
}
