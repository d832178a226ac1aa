package main

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// keyServer publishes the key sets of many issuers, each under a path of its own,
// and counts who is asked for, also where there is nothing.
type keyServer struct {
	url   string
	close func() // nobody answers from then on

	mu    sync.Mutex
	sets  map[string]keyAnswer
	asked map[string]int
}

// keyAnswer is what the n-th request for a key set gets; n counts from 1.
type keyAnswer func(n int) (status int, body string)

func startKeyServer(t *testing.T) *keyServer {
	t.Helper()
	k := &keyServer{sets: map[string]keyAnswer{}, asked: map[string]int{}}
	server := httptest.NewServer(k)
	t.Cleanup(server.Close)
	k.url, k.close = server.URL, server.Close
	return k
}

// publish puts a key set under a path and returns its address.
func (k *keyServer) publish(path string, set keyAnswer) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sets[path] = set
	return k.url + path
}

func (k *keyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	k.asked[r.URL.Path]++
	set, n := k.sets[r.URL.Path], k.asked[r.URL.Path]
	k.mu.Unlock()
	if set == nil {
		http.NotFound(w, r)
		return
	}
	status, body := set(n)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// counts says how often each path was asked for.
func (k *keyServer) counts() map[string]int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return maps.Clone(k.asked)
}

// keySetOf is a key set that does not change.
func keySetOf(keys ...members) keyAnswer {
	var list []string
	for _, key := range keys {
		list = append(list, key.String())
	}
	body := `{"keys": [` + strings.Join(list, ", ") + `]}`
	return func(int) (int, string) { return http.StatusOK, body }
}

// rsaJWK is a JWK (RFC 7518 §6.3); alg may be "" for a key without one.
func rsaJWK(kid, alg string, key *rsa.PublicKey) members {
	return jwk(kid, alg, members{
		"kty": `"RSA"`,
		"n":   strconv.Quote(b64(string(key.N.Bytes()))),
		"e":   strconv.Quote(b64(string(big.NewInt(int64(key.E)).Bytes()))),
	})
}

// ecJWK is a JWK (RFC 7518 §6.2).
func ecJWK(kid, alg string, key *ecdsa.PublicKey) members {
	point, err := key.Bytes() // 0x04, x, y
	if err != nil {
		panic(err)
	}
	half := (len(point) - 1) / 2
	return jwk(kid, alg, members{
		"kty": `"EC"`, "crv": strconv.Quote(key.Curve.Params().Name),
		"x": strconv.Quote(b64(string(point[1 : 1+half]))), "y": strconv.Quote(b64(string(point[1+half:]))),
	})
}

func jwk(kid, alg string, key members) members {
	key["kid"], key["use"] = strconv.Quote(kid), `"sig"`
	if alg != "" {
		key["alg"] = strconv.Quote(alg)
	}
	return key
}
