package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha256" // the hashes of checkSaltLength, whatever jwx links
	_ "crypto/sha512"
	"errors"
	"fmt"
	"math/big"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// This file is all that touches jwx v2, whose upstream no longer maintains it.
// It is used for two things: to turn one JWK into a public key, and to check one
// signature over bytes that we cut out of the token ourselves. Everything that
// it is lenient about (headers, claims, whole sets) is parsed elsewhere, strictly.

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
	key = publicKey{key: pub}
	if alg := parsed.Algorithm().String(); alg != "" {
		key.algs = []string{alg}
	}
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
