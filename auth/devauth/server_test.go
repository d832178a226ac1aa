package devauth_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"mcp-resource-server/auth/devauth"
)

func TestRotation(t *testing.T) {
	s := start(t, testConfig())
	old := keys(t, s)
	token, _ := post(t, s, form("")).json(t)["access_token"].(string)

	a := send(t, request(t, http.MethodPost, s.Issuer()+"dev/rotate", ""))
	if a.status != http.StatusOK || a.json(t)["kid"] != old[1].Kid {
		t.Fatalf("status = %d, body %s; want the kid that was next, %s", a.status, a.body, old[1].Kid)
	}
	rotated := keys(t, s)
	if len(rotated) != 3 || rotated[0] != old[1] || rotated[2] != old[0] || rotated[1] == old[0] {
		t.Fatalf("keys = %+v, want next, new, current of %+v", rotated, old)
	}
	verify(t, rotated, token) // what was issued before stays valid

	token, _ = post(t, s, form("")).json(t)["access_token"].(string)
	header, _ := verify(t, old, token) // who cached the document before knows the key already
	if header["kid"] != rotated[0].Kid || s.KeyID() != rotated[0].Kid {
		t.Errorf("kid = %v, KeyID() = %v, want %v", header["kid"], s.KeyID(), rotated[0].Kid)
	}

	issuer := s.Issuer()
	if err := s.Rotate(); err != nil {
		t.Fatal(err)
	}
	if s.KeyID() != rotated[1].Kid || s.Issuer() != issuer {
		t.Errorf("KeyID() = %q, Issuer() = %q", s.KeyID(), s.Issuer())
	}
}

// Whoever fetches the keys after a token was issued can always verify it, whatever happens meanwhile.
func TestRotationUnderLoad(t *testing.T) {
	s := start(t, testConfig())
	t.Run("group", func(t *testing.T) {
		for range 4 {
			t.Run("client", func(t *testing.T) {
				t.Parallel()
				for range 20 {
					issued(t, s, form(""))
				}
			})
		}
		for range 3 {
			t.Run("rotation", func(t *testing.T) {
				t.Parallel()
				if err := s.Rotate(); err != nil {
					t.Error(err)
				}
			})
		}
	})
	if got := len(keys(t, s)); got != 5 {
		t.Errorf("%d keys after three rotations at once, want 5: none may get lost", got)
	}
}

func TestServeTellsWhyItStopped(t *testing.T) {
	ln, err := devauth.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := devauth.New(ln, testConfig())
	if err != nil {
		t.Fatal(err)
	}
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(t.Context()); err == nil || !strings.Contains(err.Error(), "devauth: serving") {
		t.Errorf("error = %v", err)
	}
}

// The listener must be free again when Serve returns; start checks that the stop itself gives nil.
func TestServeClosesTheListener(t *testing.T) {
	var addr string
	t.Run("serve", func(t *testing.T) {
		s := start(t, testConfig())
		addr = strings.TrimSuffix(strings.TrimPrefix(s.Issuer(), "http://"), "/")
		if a := post(t, s, form("")); a.status != http.StatusOK {
			t.Errorf("status = %d", a.status)
		}
	})
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatalf("still in use: %v", err)
	}
	_ = ln.Close()
}
