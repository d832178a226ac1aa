package devauth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
)

const (
	weakBits = 1024
	manyKeys = 10_000
)

// oddKeys are keys that sign nothing. All of the RSA ones but the weak one share a modulus: to make one takes a
// noticeable part of a second.
type oddKeys struct {
	jwks map[OddKind]oddJWK
	rsa  jwk
}

// oddJWK holds whatever members a key has; those of every key here are strings.
type oddJWK map[string]string

func newOddKeys() (*oddKeys, error) {
	strong, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("generating an odd key: %w", err)
	}
	weak, err := rsa.GenerateKey(rand.Reader, weakBits) // to be weak is its purpose
	if err != nil {
		return nil, fmt.Errorf("generating a weak key: %w", err)
	}
	ec, err := newECJWK()
	if err != nil {
		return nil, err
	}
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generating an Ed25519 key: %w", err)
	}
	k := &oddKeys{rsa: newJWK(&strong.PublicKey)}
	good := newOddJWK(k.rsa)
	k.jwks = map[OddKind]oddJWK{
		OddEC:           ec,
		OddOKP:          {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "x": encode(public)},
		OddOct:          {"kty": "oct", "use": "sig", "alg": "HS256", "k": encode([]byte(rand.Text()))},
		OddUnknownKty:   {"kty": "unknown", "use": "sig", "alg": "RS256", "x": encode([]byte(rand.Text()))},
		OddEnc:          good.with(oddJWK{"use": "enc", "alg": "RSA-OAEP-256"}),
		OddWeak:         newOddJWK(newJWK(&weak.PublicKey)),
		OddE3:           good.with(oddJWK{"e": encode([]byte{3})}),
		OddNoKID:        good.with(nil),
		OddPrivate:      good.with(privateMembers(strong)),
		OddDuplicateKID: good.with(nil),
	}
	for kind, key := range k.jwks {
		key["kid"] = "odd-" + string(kind)
	}
	delete(k.jwks[OddNoKID], "kid")
	return k, nil
}

func newECJWK() (oddJWK, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generating a P-256 key: %w", err)
	}
	point, err := key.PublicKey.Bytes() // 4, then x and y (SEC 1 §2.3.3)
	if err != nil {
		return nil, fmt.Errorf("encoding a P-256 key: %w", err)
	}
	half := len(point) / 2
	return oddJWK{
		"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256",
		"x": encode(point[1 : 1+half]), "y": encode(point[1+half:]),
	}, nil
}

func newOddJWK(k jwk) oddJWK {
	return oddJWK{"kty": k.KeyType, "use": k.Use, "alg": k.Algorithm, "n": k.Modulus, "e": k.Exponent}
}

func (k oddJWK) with(members oddJWK) oddJWK {
	changed := maps.Clone(k)
	maps.Copy(changed, members)
	return changed
}

// privateMembers are those of RFC 7518 §6.3.2.
func privateMembers(key *rsa.PrivateKey) oddJWK {
	members := oddJWK{}
	for name, n := range map[string]*big.Int{
		"d": key.D, "p": key.Primes[0], "q": key.Primes[1],
		"dp": key.Precomputed.Dp, "dq": key.Precomputed.Dq, "qi": key.Precomputed.Qinv,
	} {
		members[name] = encode(n.Bytes())
	}
	return members
}

// of gives the keys of some kinds, in their order. The duplicate takes its kid from the key that is current now.
func (k *oddKeys) of(kinds []OddKind, current string) []any {
	keys := make([]any, 0, len(kinds))
	for _, kind := range kinds {
		key := k.jwks[kind]
		if kind == OddDuplicateKID {
			key = key.with(oddJWK{"kid": current})
		}
		keys = append(keys, key)
	}
	return keys
}

// unusable are all that cannot verify what this issuer signs. The duplicate is none of them: without the key whose kid
// it takes it is a good key.
func (k *oddKeys) unusable() []any {
	kinds := slices.DeleteFunc(slices.Clone(additions), func(kind OddKind) bool { return kind == OddDuplicateKID })
	return k.of(kinds, "")
}

// fill brings keys up to manyKeys with one key under many names.
func (k *oddKeys) fill(keys []any) []any {
	for i := len(keys); i < manyKeys; i++ {
		key := k.rsa
		key.KeyID = "odd-many-" + strconv.Itoa(i)
		keys = append(keys, key)
	}
	return keys
}
