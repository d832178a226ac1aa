package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512" // SHA-384 and SHA-512, for the other algorithms
	"encoding/base64"
	"fmt"
	"sync"
)

// The keys are made once: an RSA key takes a noticeable part of a second.
var (
	ownRSA     = sync.OnceValue(func() *rsa.PrivateKey { return makeRSA(2048) })
	foreignRSA = sync.OnceValue(func() *rsa.PrivateKey { return makeRSA(2048) })
	weakRSA    = sync.OnceValue(func() *rsa.PrivateKey { return makeRSA(1024) })
	ownEC256   = sync.OnceValue(func() *ecdsa.PrivateKey { return makeEC(elliptic.P256()) })
	ownEC384   = sync.OnceValue(func() *ecdsa.PrivateKey { return makeEC(elliptic.P384()) })
)

func makeRSA(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return key
}

func makeEC(curve elliptic.Curve) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func unb64(s string) string {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

var hashes = map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}

// signature signs by RFC 7518 §3; for HS256 key is the secret, for none there is
// nothing to sign with.
func signature(alg string, key any, input string) []byte {
	switch alg {
	case "none":
		return nil
	case "HS256":
		mac := hmac.New(sha256.New, key.([]byte))
		mac.Write([]byte(input))
		return mac.Sum(nil)
	}
	hash := hashes[alg[2:]]
	h := hash.New()
	h.Write([]byte(input))
	var signed []byte
	var err error
	switch alg[:2] {
	case "RS":
		signed, err = rsa.SignPKCS1v15(nil, key.(*rsa.PrivateKey), hash, h.Sum(nil))
	case "PS":
		signed, err = rsa.SignPSS(rand.Reader, key.(*rsa.PrivateKey), hash, h.Sum(nil), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	case "ES":
		private := key.(*ecdsa.PrivateKey)
		size := (private.Curve.Params().BitSize + 7) / 8
		r, s, signErr := ecdsa.Sign(rand.Reader, private, h.Sum(nil))
		if err = signErr; err == nil {
			signed = append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
		}
	}
	if err != nil {
		panic(fmt.Errorf("signing with %s: %w", alg, err))
	}
	return signed
}
