package devauth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"mcp-resource-server/auth/devauth"
)

// keyMembers are the members of each published key, whatever kind it is of.
func keyMembers(t *testing.T, body string) []map[string]string {
	t.Helper()
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal([]byte(body), &set); err != nil {
		t.Fatal(err)
	}
	return set.Keys
}

func bits(t *testing.T, key map[string]string) int { t.Helper(); return len(decode(t, key["n"])) * 8 }

func members(key map[string]string) string {
	return strings.Join(slices.Sorted(maps.Keys(key)), " ")
}

func TestOddKeys(t *testing.T) {
	s := start(t, testConfig())
	good := send(t, request(t, http.MethodGet, s.JWKSURL(), "")).body
	const rsaMembers = "alg e kid kty n use"
	tests := []struct {
		kind devauth.OddKind
		odd  func(t *testing.T, key map[string]string) bool
	}{
		{devauth.OddEC, func(t *testing.T, key map[string]string) bool {
			return key["kty"] == "EC" && key["crv"] == "P-256" && len(decode(t, key["x"])) == 32 && len(decode(t, key["y"])) == 32
		}},
		{devauth.OddOKP, func(t *testing.T, key map[string]string) bool {
			return key["kty"] == "OKP" && key["crv"] == "Ed25519" && len(decode(t, key["x"])) == 32
		}},
		{devauth.OddOct, func(t *testing.T, key map[string]string) bool {
			return key["kty"] == "oct" && key["alg"] == "HS256" && len(decode(t, key["k"])) > 0
		}},
		{devauth.OddUnknownKty, func(_ *testing.T, key map[string]string) bool { return key["kty"] == "unknown" }},
		{devauth.OddEnc, func(t *testing.T, key map[string]string) bool {
			return members(key) == rsaMembers && key["use"] == "enc" && bits(t, key) == 2048
		}},
		{devauth.OddWeak, func(t *testing.T, key map[string]string) bool {
			return members(key) == rsaMembers && key["use"] == "sig" && key["e"] == "AQAB" && bits(t, key) == 1024
		}},
		{devauth.OddE3, func(t *testing.T, key map[string]string) bool {
			return members(key) == rsaMembers && key["use"] == "sig" && key["e"] == "Aw" && bits(t, key) == 2048
		}},
		{devauth.OddNoKID, func(t *testing.T, key map[string]string) bool {
			return members(key) == "alg e kty n use" && key["e"] == "AQAB" && bits(t, key) == 2048
		}},
		{devauth.OddPrivate, func(t *testing.T, key map[string]string) bool {
			return members(key) == "alg d dp dq e kid kty n p q qi use" && bits(t, key) == 2048
		}},
		{devauth.OddDuplicateKID, func(t *testing.T, key map[string]string) bool {
			return members(key) == rsaMembers && key["kid"] == s.KeyID() && bits(t, key) == 2048
		}},
	}
	for _, tt := range tests {
		t.Run(string(tt.kind), func(t *testing.T) {
			if err := s.SetOdd(tt.kind); err != nil {
				t.Fatal(err)
			}
			a := send(t, request(t, http.MethodGet, s.JWKSURL(), ""))
			published := keyMembers(t, a.body)
			if a.status != http.StatusOK || len(published) != 3 || !tt.odd(t, published[0]) {
				t.Errorf("status = %d, body %s", a.status, a.body)
			}
			kid, named := published[0]["kid"]
			if named && kid != s.KeyID() && kid != "odd-"+string(tt.kind) {
				t.Errorf("kid = %q", kid)
			}
			for i, key := range keyMembers(t, good) {
				if !maps.Equal(published[i+1], key) {
					t.Errorf("key %d = %v, want the good %v", i+1, published[i+1], key)
				}
				if published[0]["n"] == key["n"] {
					t.Error("the odd key has the modulus of a good one")
				}
			}
			if err := s.SetOdd(); err != nil {
				t.Fatal(err)
			}
			if a := send(t, request(t, http.MethodGet, s.JWKSURL(), "")); a.body != good {
				t.Errorf("switched off: %s", a.body)
			}
		})
	}
}

// The duplicate goes with the current key, and good keys are never lost.
func TestOddKeysCombined(t *testing.T) {
	s := start(t, testConfig())
	if err := s.SetOdd(devauth.OddDuplicateKID, devauth.OddEC, devauth.OddNoKID); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		published := keyMembers(t, send(t, request(t, http.MethodGet, s.JWKSURL(), "")).body)
		var kids []string
		for _, key := range published[:4] {
			kids = append(kids, key["kid"])
		}
		if want := []string{s.KeyID(), "odd-ec", "", s.KeyID()}; !slices.Equal(kids, want) {
			t.Errorf("kids = %q, want %q", kids, want)
		}
		if err := s.Rotate(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOddDocuments(t *testing.T) {
	s := start(t, testConfig())
	get := func(t *testing.T) answer { t.Helper(); return send(t, request(t, http.MethodGet, s.JWKSURL(), "")) }
	good := get(t).body
	tests := []struct {
		kind   devauth.OddKind
		status int
		header map[string]string
		body   func(t *testing.T, body string) bool
	}{
		{devauth.OddEmpty, http.StatusOK, nil, func(_ *testing.T, body string) bool { return body == `{"keys":[]}` }},
		{devauth.OddUnusable, http.StatusOK, nil, func(t *testing.T, body string) bool {
			var kids []string
			for _, key := range keyMembers(t, body) {
				kids = append(kids, key["kid"])
			}
			return strings.Join(kids, " ") == "odd-ec odd-okp odd-oct odd-unknown_kty odd-enc odd-weak odd-e3  odd-private"
		}},
		{devauth.OddHTML, http.StatusOK, map[string]string{"Content-Type": "text/html; charset=utf-8"}, func(_ *testing.T, body string) bool {
			return strings.HasPrefix(body, "<!DOCTYPE html>")
		}},
		{devauth.OddTruncated, http.StatusOK, nil, func(_ *testing.T, body string) bool {
			return strings.HasPrefix(good, body) && len(body) == len(good)/2
		}},
		{devauth.OddTrailing, http.StatusOK, nil, func(_ *testing.T, body string) bool { return body == good+"\n{}\n" }},
		{devauth.OddMany, http.StatusOK, nil, func(t *testing.T, body string) bool {
			all := keyMembers(t, body)
			kids := map[string]bool{}
			for _, key := range all {
				kids[key["kid"]] = true
			}
			return len(all) == 10_000 && len(kids) == 10_000 && all[0]["kid"] == s.KeyID()
		}},
		{devauth.OddRedirect, http.StatusFound, map[string]string{"Location": s.Issuer() + "dev/elsewhere"}, func(t *testing.T, _ string) bool {
			return send(t, request(t, http.MethodGet, s.Issuer()+"dev/elsewhere", "")).body == good
		}},
		{devauth.OddStatus404, http.StatusNotFound, map[string]string{"Retry-After": ""}, plain("the key set is switched to 404\n")},
		{devauth.OddStatus429, http.StatusTooManyRequests, map[string]string{"Retry-After": "30"}, plain("the key set is switched to 429\n")},
		{devauth.OddStatus500, http.StatusInternalServerError, map[string]string{"Retry-After": ""}, plain("the key set is switched to 500\n")},
	}
	for _, tt := range tests {
		t.Run(string(tt.kind), func(t *testing.T) {
			if err := s.SetOdd(tt.kind); err != nil {
				t.Fatal(err)
			}
			a := get(t)
			if a.status != tt.status || !tt.body(t, a.body) {
				t.Errorf("status = %d, body %.300s", a.status, a.body)
			}
			for name, want := range tt.header {
				if got := a.header.Get(name); got != want {
					t.Errorf("%s = %q, want %q", name, got, want)
				}
			}
			if a := send(t, request(t, http.MethodGet, s.Issuer()+".well-known/openid-configuration", "")); a.status != http.StatusOK {
				t.Errorf("metadata: status = %d, want it untouched", a.status)
			}
			if err := s.SetOdd(); err != nil {
				t.Fatal(err)
			}
			if a := get(t); a.status != http.StatusOK || a.body != good {
				t.Errorf("switched off: status = %d, body %s", a.status, a.body)
			}
		})
	}
}

func plain(want string) func(*testing.T, string) bool {
	return func(_ *testing.T, body string) bool { return body == want }
}

// onlyA takes nothing but the letter: the padding is one JSON string.
type onlyA struct{}

func (onlyA) Write(p []byte) (int, error) {
	if bytes.Count(p, []byte("A")) != len(p) {
		return 0, errors.New("not a string of A")
	}
	return len(p), nil
}

// The document is whole and good, only not one to hold in memory; a client that leaves in its midst is no trouble.
func TestOddHuge(t *testing.T) {
	s := start(t, testConfig())
	good := send(t, request(t, http.MethodGet, s.JWKSURL(), "")).body
	if err := s.SetOdd(devauth.OddHuge); err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(request(t, http.MethodGet, s.JWKSURL(), ""))
	if err != nil {
		t.Fatal(err)
	}
	if resp.ContentLength != -1 {
		t.Errorf("Content-Length = %d: a client could refuse it unread", resp.ContentLength)
	}
	const padding = `{"padding":"`
	head := make([]byte, len(padding))
	if _, err := io.ReadFull(resp.Body, head); err != nil || string(head) != padding {
		t.Fatalf("begins with %q, %v", head, err)
	}
	rest := `",` + good[1:]
	if n, err := io.CopyN(onlyA{}, resp.Body, 200<<20-int64(len(head)+len(rest))); err != nil {
		t.Fatalf("after %d bytes: %v", n, err)
	}
	tail, err := io.ReadAll(resp.Body)
	if err != nil || string(tail) != rest {
		t.Errorf("ends with %.300q, %v; want the good keys", tail, err)
	}
	resp.Body.Close()

	resp, err = http.DefaultTransport.RoundTrip(request(t, http.MethodGet, s.JWKSURL(), ""))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if err := s.SetOdd(); err != nil {
		t.Fatal(err)
	}
	if a := send(t, request(t, http.MethodGet, s.JWKSURL(), "")); a.body != good {
		t.Errorf("switched off: %.300s", a.body)
	}
}
