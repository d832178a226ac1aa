package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"sync"

	"mcp-resource-server/internal/jwstest"
)

// The keys are made once: an RSA key takes a noticeable part of a second.
var (
	ownRSA     = sync.OnceValue(func() *rsa.PrivateKey { return jwstest.RSA(2048) })
	foreignRSA = sync.OnceValue(func() *rsa.PrivateKey { return jwstest.RSA(2048) })
	weakRSA    = sync.OnceValue(func() *rsa.PrivateKey { return jwstest.RSA(1024) })
	ownEC256   = sync.OnceValue(func() *ecdsa.PrivateKey { return jwstest.EC(elliptic.P256()) })
	ownEC384   = sync.OnceValue(func() *ecdsa.PrivateKey { return jwstest.EC(elliptic.P384()) })
)

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func unb64(s string) string {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}
