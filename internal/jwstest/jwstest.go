// Package jwstest makes tokens for tests, good ones and others: it signs whatever
// it is given, and writes what was signed in spellings that must be refused. Only
// tests import it.
package jwstest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512" // SHA-384 and SHA-512, for the other algorithms
	"encoding/json"
	"fmt"
	"strings"
)

// RSA makes a key of so many bits.
func RSA(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return key
}

// EC makes a key on a curve.
func EC(curve elliptic.Curve) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

var hashes = map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}

// Sign signs by RFC 7518 §3, whatever the input says of itself; for HS256 key is the
// secret, for none it is not used. It panics where key does not fit alg.
func Sign(alg string, key any, input string) []byte {
	switch alg {
	case "none":
		return nil
	case "HS256":
		mac := hmac.New(sha256.New, as[[]byte](key))
		mac.Write([]byte(input))
		return mac.Sum(nil)
	}
	hash := hashes[alg[2:]]
	h := hash.New()
	h.Write([]byte(input))
	var signature []byte
	var err error
	switch alg[:2] {
	case "RS":
		signature, err = rsa.SignPKCS1v15(nil, as[*rsa.PrivateKey](key), hash, h.Sum(nil))
	case "PS":
		signature, err = rsa.SignPSS(rand.Reader, as[*rsa.PrivateKey](key), hash, h.Sum(nil), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	case "ES":
		private := as[*ecdsa.PrivateKey](key)
		size := (private.Curve.Params().BitSize + 7) / 8
		r, s, signErr := ecdsa.Sign(rand.Reader, private, h.Sum(nil))
		if err = signErr; err == nil {
			signature = append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
		}
	}
	if err != nil {
		panic(fmt.Errorf("signing with %s: %w", alg, err))
	}
	return signature
}

func as[T any](key any) T {
	k, ok := key.(T)
	if !ok {
		panic(fmt.Sprintf("a key of type %T does not fit the algorithm", key))
	}
	return k
}

// Part changes one of the three parts of a signed token.
func Part(i int, change func(string) string) func(string) string {
	return func(raw string) string {
		parts := strings.Split(raw, ".")
		parts[i] = change(parts[i])
		return strings.Join(parts, ".")
	}
}

// OtherSpelling sets a bit that the last character of a part has to spare.
func OtherSpelling(part string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, part[len(part)-1])
	return part[:len(part)-1] + alphabet[last|1:last|1+1]
}

// Flattened is the flattened JSON serialisation of a token (RFC 7515 §7.2.2).
func Flattened(raw string) string {
	p := strings.Split(raw, ".")
	b, err := json.Marshal(map[string]string{"protected": p[0], "payload": p[1], "signature": p[2]})
	if err != nil { // strings always marshal
		panic(err)
	}
	return string(b)
}
