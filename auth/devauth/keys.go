package devauth

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"sync/atomic"
)

const (
	keyBits = 2048
	// maxPrevious bounds the JWKS document however often somebody rotates.
	maxPrevious = 10
)

// jwk is the public half of a signing key as RFC 7517 writes it.
type jwk struct {
	KeyType   string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	Modulus   string `json:"n"`
	Exponent  string `json:"e"`
}

type signingKey struct {
	private *rsa.PrivateKey
	public  jwk
}

func generateKey() (*signingKey, error) {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("generating a signing key: %w", err)
	}
	return &signingKey{private: private, public: newJWK(&private.PublicKey)}, nil
}

func newJWK(key *rsa.PublicKey) jwk {
	k := jwk{
		KeyType:   "RSA",
		Use:       "sig",
		Algorithm: "RS256",
		Modulus:   encode(key.N.Bytes()),
		Exponent:  encode(big.NewInt(int64(key.E)).Bytes()),
	}
	k.KeyID = k.thumbprint()
	return k
}

// thumbprint is RFC 7638 §3: the required members only, in lexicographic order, without white space. Neither base64url
// text nor "RSA" needs any JSON escape.
func (k jwk) thumbprint() string {
	sum := sha256.Sum256([]byte(`{"e":"` + k.Exponent + `","kty":"` + k.KeyType + `","n":"` + k.Modulus + `"}`))
	return encode(sum[:])
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// keySet is immutable: whoever holds one may read it without a lock.
type keySet struct {
	current, next *signingKey
	previous      []*signingKey // newest first, at most maxPrevious
}

// rotated moves every key one place on. The next key has been published for a while when it comes into use, so that
// nobody who caches the document meets an unknown kid.
func (k *keySet) rotated(next *signingKey) *keySet {
	previous := slices.Concat([]*signingKey{k.current}, k.previous)
	return &keySet{current: k.next, next: next, previous: previous[:min(len(previous), maxPrevious)]}
}

// public gives what is published, the key that signs first.
func (k *keySet) public() []any {
	keys := []any{k.current.public, k.next.public}
	for _, key := range k.previous {
		keys = append(keys, key.public)
	}
	return keys
}

// previousKIDs are those of the previous keys, newest first.
func (k *keySet) previousKIDs() []string {
	kids := make([]string, 0, len(k.previous))
	for _, key := range k.previous {
		kids = append(kids, key.public.KeyID)
	}
	return kids
}

// keyring holds the key set that is in use now.
type keyring struct {
	rotating sync.Mutex // one rotation at a time, or two could start from the same set and lose a key
	set      atomic.Pointer[keySet]
}

// fill generates the first two keys side by side: one takes a noticeable part of a second.
func (r *keyring) fill() error {
	var (
		wg               sync.WaitGroup
		set              keySet
		failed1, failed2 error
	)
	wg.Go(func() { set.current, failed1 = generateKey() })
	wg.Go(func() { set.next, failed2 = generateKey() })
	wg.Wait()
	if err := errors.Join(failed1, failed2); err != nil {
		return err
	}
	r.set.Store(&set)
	return nil
}

// rotate gives the set that it put in place. Readers keep the old set until the new one is whole.
func (r *keyring) rotate() (*keySet, error) {
	r.rotating.Lock()
	defer r.rotating.Unlock()
	next, err := generateKey()
	if err != nil {
		return nil, err
	}
	set := r.set.Load().rotated(next)
	r.set.Store(set)
	return set, nil
}

// revoke gives the kids that it took out: that of one key, or those of all the previous keys where kid is "". The key
// that signs and the one that is published ahead of its use are replaced, so that there are always both.
func (r *keyring) revoke(kid string) ([]string, error) {
	r.rotating.Lock()
	defer r.rotating.Unlock()
	set := *r.set.Load()
	var err error
	switch place := slices.Index(set.previousKIDs(), kid); {
	case kid == "":
		revoked := set.previousKIDs()
		set.previous = nil
		r.set.Store(&set)
		return revoked, nil
	case place >= 0:
		set.previous = slices.Concat(set.previous[:place], set.previous[place+1:])
	case kid == set.current.public.KeyID:
		set.current = set.next
		set.next, err = generateKey()
	case kid == set.next.public.KeyID:
		set.next, err = generateKey()
	default:
		err = ErrUnknownKey
	}
	if err != nil {
		return nil, err
	}
	r.set.Store(&set)
	return []string{kid}, nil
}
