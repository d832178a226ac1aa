package devauth_test

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
	"testing"

	"mcp-resource-server/auth/devauth"
)

// rotated brings s to a current key, a next one and two previous ones, and gives them in this order.
func rotated(t *testing.T, s *devauth.Server) []publicKey {
	t.Helper()
	for {
		published := keys(t, s)
		if len(published) >= 4 {
			return published
		}
		if err := s.Rotate(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRevoke(t *testing.T) {
	s := start(t, testConfig())
	const isNew = -1
	tests := []struct {
		name    string
		place   int   // of the key to revoke; -1: all previous ones
		want    []int // what is left, by where it was
		revoked []int
	}{
		{"current", 0, []int{1, isNew, 2, 3}, []int{0}},
		{"next", 1, []int{0, isNew, 2, 3}, []int{1}},
		{"newest previous", 2, []int{0, 1, 3}, []int{2}},
		{"oldest previous", 3, []int{0, 1, 2}, []int{3}},
		{"all previous ones", -1, []int{0, 1}, []int{2, 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := rotated(t, s)
			query := ""
			if tt.place >= 0 {
				query = "?kid=" + before[tt.place].Kid
			}
			a := send(t, request(t, http.MethodPost, s.Issuer()+"dev/revoke"+query, ""))
			revoked := []any{}
			for _, place := range tt.revoked {
				revoked = append(revoked, before[place].Kid)
			}
			if got := a.json(t)["revoked"]; a.status != http.StatusOK || !reflect.DeepEqual(got, revoked) {
				t.Errorf("status = %d, revoked = %v, want %v", a.status, got, revoked)
			}
			after := keys(t, s)
			if len(after) != len(tt.want) {
				t.Fatalf("%d keys, want %d", len(after), len(tt.want))
			}
			for i, place := range tt.want {
				if place == isNew {
					for _, old := range before {
						if after[i] == old {
							t.Errorf("key %d is not new", i)
						}
					}
				} else if after[i] != before[place] {
					t.Errorf("key %d is not the one that was at %d", i, place)
				}
			}
			issued(t, s, form("")) // signed with a published key
			if s.KeyID() != after[0].Kid {
				t.Errorf("KeyID() = %q, want %q", s.KeyID(), after[0].Kid)
			}
		})
	}
}

func TestRevokeNothing(t *testing.T) {
	s := start(t, testConfig())
	before := keys(t, s)
	a := send(t, request(t, http.MethodPost, s.Issuer()+"dev/revoke", ""))
	if got := a.json(t)["revoked"]; a.status != http.StatusOK || !reflect.DeepEqual(got, []any{}) {
		t.Errorf("without previous keys: status = %d, revoked = %v", a.status, got)
	}
	a = send(t, request(t, http.MethodPost, s.Issuer()+"dev/revoke?kid=canary", ""))
	if a.status != http.StatusNotFound || a.body != "no published key has this kid\n" {
		t.Errorf("unknown kid: status = %d, body %q", a.status, a.body)
	}
	if err := s.Revoke("canary"); !errors.Is(err, devauth.ErrUnknownKey) {
		t.Errorf("unknown kid: error = %v", err)
	}
	if got := keys(t, s); !reflect.DeepEqual(got, before) {
		t.Errorf("keys = %+v, want %+v", got, before)
	}
	if err := s.Revoke(before[0].Kid); err != nil || s.KeyID() != before[1].Kid {
		t.Errorf("known kid: error = %v", err)
	}
	if err := s.Revoke(before[0].Kid); !errors.Is(err, devauth.ErrUnknownKey) {
		t.Errorf("for the second time: error = %v", err)
	}
}

// Rotations and revocations at the same time lose nothing of each other: what came into use is published unless it was
// revoked, and what was revoked does not come back.
func TestRevocationUnderLoad(t *testing.T) {
	s := start(t, testConfig())
	var used, revoked []string
	t.Run("group", func(t *testing.T) {
		t.Run("rotation", func(t *testing.T) {
			t.Parallel()
			for range 5 {
				a := send(t, request(t, http.MethodPost, s.Issuer()+"dev/rotate", ""))
				kid, _ := a.json(t)["kid"].(string)
				used = append(used, kid)
			}
		})
		t.Run("revocation", func(t *testing.T) {
			t.Parallel()
			for range 4 {
				kid := s.KeyID()
				if err := s.Revoke(kid); err != nil {
					t.Error(err)
				}
				revoked = append(revoked, kid)
			}
		})
	})
	published := map[string]bool{}
	for _, key := range keys(t, s) {
		published[key.Kid] = true
	}
	for _, kid := range used {
		if published[kid] == slices.Contains(revoked, kid) {
			t.Errorf("key %s, used: published = %v", kid, published[kid])
		}
	}
	for _, kid := range revoked {
		if published[kid] {
			t.Errorf("key %s, revoked, is published", kid)
		}
	}
	issued(t, s, form(""))
}
