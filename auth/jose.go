package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"

	"mcp-resource-server/internal/strictjson"
)

// This file is all that touches jwx v2, whose upstream no longer maintains it.
// It is used for two things: to turn one JWK into a public key, and to check one
// signature over bytes that we cut out of the token ourselves. Everything that
// it is lenient about (headers, claims, whole sets) is parsed elsewhere, strictly.

const (
	// minRSABits and minRSAExponent are the least that RFC 7518 §3.3 and common
	// practice allow; smaller keys verify in jwx without a word.
	minRSABits     = 2048
	minRSAExponent = 65537
	// maxRSABits bounds what one verification may cost; nobody issues larger ones.
	maxRSABits = 8192
	// maxRSAExponentBits is what crypto/rsa takes.
	maxRSAExponentBits = 31

	// maxKeys bounds a key set; more keys than any issuer rotates through.
	maxKeys = 100
	// maxKeySetDepth bounds the nesting of a key set document.
	maxKeySetDepth = 16
	maxKeyIDBytes  = 256
)

// publicKey is one usable signature key of an issuer.
type publicKey struct {
	key any    // *rsa.PublicKey or *ecdsa.PublicKey
	alg string // the key's own alg member, or ""
}

var (
	errNotAKeySet  = errors.New("not a JWK set")
	errTooManyKeys = fmt.Errorf("more than %d keys", maxKeys)
	errNoUsableKey = errors.New("no usable key in the set")
)

var algorithms = map[string]jwa.SignatureAlgorithm{
	"RS256": jwa.RS256, "RS384": jwa.RS384, "RS512": jwa.RS512,
	"PS256": jwa.PS256, "PS384": jwa.PS384, "PS512": jwa.PS512,
	"ES256": jwa.ES256, "ES384": jwa.ES384, "ES512": jwa.ES512,
}

// supportedAlgorithm reports whether alg can be allowed at all. Neither "none"
// nor a symmetric algorithm ever can (RFC 8725 §3.1, §3.2).
func supportedAlgorithm(alg string) bool {
	_, ok := algorithms[alg]
	return ok
}

// keySet is what one key set document gave.
type keySet struct {
	keys map[string]publicKey
	// ignored counts keys that cannot verify a token here: of another type, for
	// encryption, too weak, without a key id.
	ignored int
	// ambiguous holds the ids under which different keys stand. None of them is
	// used: which one is meant cannot be known.
	ambiguous []string
}

// parseKeySet reads a JWK set (RFC 7517 §5). One odd key never costs the others;
// a document that is no key set, is too large, or leaves no usable key is an error.
func parseKeySet(data []byte, allowed []string) (keySet, error) {
	doc, err := strictjson.Object(data, maxKeySetDepth)
	if err != nil {
		return keySet{}, errNotAKeySet
	}
	raw, ok := strictjson.Array(doc["keys"])
	if !ok {
		return keySet{}, errNotAKeySet
	}
	if len(raw) > maxKeys {
		return keySet{}, errTooManyKeys
	}
	set := keySet{keys: map[string]publicKey{}}
	clash := map[string]bool{}
	for _, r := range raw {
		kid, key, ok := parseKey(r, allowed)
		if !ok {
			set.ignored++
			continue
		}
		old, seen := set.keys[kid]
		switch {
		case seen && !old.sameKey(key):
			clash[kid] = true
			set.ambiguous = append(set.ambiguous, kid)
		case seen && old.alg != key.alg:
			key.alg = "" // one key for several algorithms, each of which stands in a JWK
		}
		set.keys[kid] = key
	}
	for kid := range clash {
		delete(set.keys, kid)
	}
	slices.Sort(set.ambiguous)
	set.ambiguous = slices.Compact(set.ambiguous)
	switch {
	case len(set.keys) > 0:
		return set, nil
	case len(set.ambiguous) > 0:
		return set, fmt.Errorf("%w: different keys stand under one key id", errNoUsableKey)
	default:
		return set, errNoUsableKey
	}
}

// parseKey reads one JWK, and reports false for one that must not or cannot
// verify a signature of an allowed algorithm.
func parseKey(raw []byte, allowed []string) (kid string, key publicKey, ok bool) {
	parsed, err := jwk.ParseKey(raw)
	if err != nil {
		return "", publicKey{}, false
	}
	kid = parsed.KeyID()
	if kid == "" || len(kid) > maxKeyIDBytes {
		return "", publicKey{}, false
	}
	if use := parsed.KeyUsage(); use != "" && use != string(jwk.ForSignature) {
		return "", publicKey{}, false
	}
	if ops := parsed.KeyOps(); len(ops) > 0 && !hasVerify(ops) {
		return "", publicKey{}, false
	}
	// A private key in a published set comes out as another type, which fits
	// nothing: anybody may have signed with it.
	var pub any
	if err := parsed.Raw(&pub); err != nil || !wellFormed(parsed, pub) {
		return "", publicKey{}, false
	}
	key = publicKey{key: pub, alg: parsed.Algorithm().String()}
	for _, alg := range allowed {
		if key.fits(alg) {
			return kid, key, true
		}
	}
	return "", publicKey{}, false
}

// wellFormed refuses what jwx takes without a word although no signature could
// ever be verified with it, so that a set of such keys does not take the place of
// a good one: an even modulus; an exponent that is even or, before jwx cut it,
// longer than crypto/rsa's; a point that is not on its curve.
func wellFormed(parsed jwk.Key, pub any) bool {
	switch key := pub.(type) {
	case *rsa.PublicKey:
		written, ok := parsed.(jwk.RSAPublicKey)
		return ok && key.N.Bit(0) == 1 && key.E%2 == 1 && new(big.Int).SetBytes(written.E()).BitLen() <= maxRSAExponentBits
	case *ecdsa.PublicKey:
		_, err := key.ECDH()
		return err == nil
	default:
		return false
	}
}

func hasVerify(ops jwk.KeyOperationList) bool {
	for _, op := range ops {
		if op == jwk.KeyOpVerify {
			return true
		}
	}
	return false
}

// fits reports whether the key may verify a signature of algorithm alg: its
// own alg member, where it has one, says so (RFC 8725 §3.1), and its type, size
// and curve do (RFC 7518 §3.3, §3.4).
func (k publicKey) fits(alg string) bool {
	if !supportedAlgorithm(alg) || (k.alg != "" && k.alg != alg) {
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

func (k publicKey) equal(other publicKey) bool { return k.alg == other.alg && k.sameKey(other) }

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

// thumbprint returns the key's JWK thumbprint (RFC 7638, SHA-256) in base64url.
func (k publicKey) thumbprint() (string, error) {
	written, err := jwk.FromRaw(k.key)
	if err != nil {
		return "", fmt.Errorf("writing a key as JWK: %w", err)
	}
	sum, err := written.Thumbprint(crypto.SHA256)
	if err != nil {
		return "", fmt.Errorf("making a thumbprint: %w", err)
	}
	return base64url.EncodeToString(sum), nil
}

// verifySignature checks signature over signingInput (RFC 7515 §5.2 step 8).
// The caller has checked that key fits alg.
func verifySignature(alg string, key publicKey, signingInput, signature []byte) error {
	verifier, err := jws.NewVerifier(algorithms[alg])
	if err != nil {
		return fmt.Errorf("verifier for %s: %w", alg, err)
	}
	if err := verifier.Verify(signingInput, signature, key.key); err != nil {
		return err
	}
	if alg[:2] == "PS" {
		return checkSaltLength(alg, key, signingInput, signature)
	}
	return nil
}

// pssHashes are those of RFC 7518 §3.5.
var pssHashes = map[string]crypto.Hash{"PS256": crypto.SHA256, "PS384": crypto.SHA384, "PS512": crypto.SHA512}

// checkSaltLength holds an RSASSA-PSS signature to a salt as long as the hash
// (RFC 7518 §3.5); jwx takes one of any length.
func checkSaltLength(alg string, key publicKey, signingInput, signature []byte) error {
	public, ok := key.key.(*rsa.PublicKey)
	if !ok {
		return errors.New("not an RSA key")
	}
	hash := pssHashes[alg]
	h := hash.New()
	h.Write(signingInput)
	return rsa.VerifyPSS(public, hash, h.Sum(nil), signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
}
