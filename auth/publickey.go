package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"slices"
)

const (
	// minRSABits and minRSAExponent are the least that RFC 7518 §3.3 and common
	// practice allow; smaller keys verify in jwx without a word.
	minRSABits     = 2048
	minRSAExponent = 65537
	// maxRSABits bounds what one verification may cost; nobody issues larger ones.
	maxRSABits = 8192
	// maxRSAExponentBits is what crypto/rsa takes.
	maxRSAExponentBits = 31
)

// publicKey is one usable signature key of an issuer.
type publicKey struct {
	key any // *rsa.PublicKey or *ecdsa.PublicKey
	// algs are the algorithms that the issuer names for it, sorted: the alg member of
	// each JWK that holds it. None means any that fits.
	algs []string
}

// fits reports whether the key may verify a signature of algorithm alg: its
// issuer's own word, where there is one, says so (RFC 8725 §3.1), and its type, size
// and curve do (RFC 7518 §3.3, §3.4).
func (k publicKey) fits(alg string) bool {
	if !supportedAlgorithm(alg) || (len(k.algs) > 0 && !slices.Contains(k.algs, alg)) {
		return false
	}
	switch key := k.key.(type) {
	case *rsa.PublicKey:
		return alg[0] != 'E' && key.N.BitLen() >= minRSABits && key.N.BitLen() <= maxRSABits && key.E >= minRSAExponent
	case *ecdsa.PublicKey:
		return curves[alg] != nil && key.Curve == curves[alg]
	default:
		return false
	}
}

var curves = map[string]elliptic.Curve{
	"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521(),
}

func (k publicKey) equal(other publicKey) bool {
	return slices.Equal(k.algs, other.algs) && k.sameKey(other)
}

// also is the key that stands in two JWKs, for what either is for.
func (k publicKey) also(other publicKey) publicKey {
	if len(k.algs) == 0 || len(other.algs) == 0 {
		return publicKey{key: k.key}
	}
	algs := slices.Concat(k.algs, other.algs)
	slices.Sort(algs)
	return publicKey{key: k.key, algs: slices.Compact(algs)}
}

// sameKey reports whether two entries are one key, whatever algorithm they name.
func (k publicKey) sameKey(other publicKey) bool {
	switch key := k.key.(type) {
	case *rsa.PublicKey:
		o, ok := other.key.(*rsa.PublicKey)
		return ok && key.Equal(o)
	case *ecdsa.PublicKey:
		o, ok := other.key.(*ecdsa.PublicKey)
		return ok && key.Equal(o)
	default:
		return false
	}
}
