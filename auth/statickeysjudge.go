package auth

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// usable returns why a key that somebody configured verifies nothing under the
// algorithms allowed, or nil. The words are for whoever configured it: a published
// key set, which is nobody's work here, needs no more than [publicKey.fits].
func (k publicKey) usable(allowed []string) error {
	kind, alg, err := k.kind()
	if err != nil || slices.ContainsFunc(allowed, k.fits) {
		return err
	}
	return fmt.Errorf("an %s key, but algorithms allows %s alone: list %s in auth.issuers[].algorithms",
		kind, strings.Join(allowed, " and "), alg)
}

// kind returns what kind of key it is and an algorithm for it, or what is wrong
// with it whatever the algorithm.
func (k publicKey) kind() (kind, alg string, err error) {
	switch key := k.key.(type) {
	case *rsa.PublicKey:
		return "RSA", "RS256", soundRSA(key)
	case *ecdsa.PublicKey:
		name := key.Curve.Params().Name
		for alg, curve := range curves {
			if key.Curve == curve {
				return "EC " + name, alg, nil
			}
		}
		return "", "", fmt.Errorf("EC on %s: P-256, P-384 and P-521 are accepted", name)
	default:
		return "", "", errUnreadable
	}
}

func soundRSA(key *rsa.PublicKey) error {
	switch bits := key.N.BitLen(); {
	case bits < minRSABits:
		return fmt.Errorf("RSA with %d bits: at least %d are needed", bits, minRSABits)
	case bits > maxRSABits:
		return fmt.Errorf("RSA with %d bits: at most %d are accepted", bits, maxRSABits)
	case key.E < minRSAExponent:
		return fmt.Errorf("RSA with the exponent %d: at least %d is needed", key.E, minRSAExponent)
	case key.E%2 == 0, key.E > 1<<maxRSAExponentBits-1, key.N.Bit(0) == 0:
		return errors.New("RSA with an exponent or a modulus that verifies nothing")
	}
	return nil
}
