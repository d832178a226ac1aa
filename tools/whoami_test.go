package tools

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"mcp-resource-server/auth"
)

func TestWhoAmI(t *testing.T) {
	// In another zone and with a fraction, as a clock of this process could have it.
	expires := time.Date(2026, 7, 28, 14, 0, 0, 0, time.FixedZone("CEST", 2*60*60))
	full := auth.Principal{
		Issuer:    "https://tenant.example/",
		Subject:   "auth0|7",
		ClientID:  "agent",
		Scopes:    []string{"tool:whoami", "openid"},
		ExpiresAt: expires,
	}
	with := func(change func(*auth.Principal)) auth.Principal {
		p := full
		change(&p)
		return p
	}
	tests := []struct {
		name   string
		caller auth.Principal
		want   string
	}{
		{
			"all there is", full,
			`{"subject":"auth0|7","client_id":"agent","issuer":"https://tenant.example/","scopes":["tool:whoami","openid"],"expires_at":"2026-07-28T12:00:00Z"}`,
		},
		{
			"no client id: the member is left out", with(func(p *auth.Principal) { p.ClientID = "" }),
			`{"subject":"auth0|7","issuer":"https://tenant.example/","scopes":["tool:whoami","openid"],"expires_at":"2026-07-28T12:00:00Z"}`,
		},
		{
			"no scopes: [], never null", with(func(p *auth.Principal) { p.Scopes = nil }),
			`{"subject":"auth0|7","client_id":"agent","issuer":"https://tenant.example/","scopes":[],"expires_at":"2026-07-28T12:00:00Z"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantResultFor(t, WhoAmI(), Caller{Principal: tt.caller, RequestID: "not to be shown"}, "", tt.want)
		})
	}
}

func TestWhoAmIRefuses(t *testing.T) {
	wantShownError(t, WhoAmI(), `{"subject":"somebody else"}`, `invalid arguments: validating root: unexpected additional properties ["subject"]`)
	wantResult(t, WhoAmI(), `{}`, `{"subject":"","issuer":"","scopes":[],"expires_at":"0001-01-01T00:00:00Z"}`)
}

// A tool cannot give away what it cannot reach: nothing that a Caller exports is
// the token, so that a field that held it would have to be added here first.
func TestCallerHoldsNoToken(t *testing.T) {
	tests := []struct {
		of   reflect.Type
		want []string
	}{
		{reflect.TypeFor[Caller](), []string{"Principal", "RequestID", "Header", "Client", "Tools"}},
		{reflect.TypeFor[auth.Principal](), []string{"Issuer", "Subject", "ClientID", "Scopes", "ExpiresAt"}},
	}
	for _, tt := range tests {
		t.Run(tt.of.Name(), func(t *testing.T) {
			var got []string
			for i := range tt.of.NumField() {
				if f := tt.of.Field(i); f.IsExported() {
					got = append(got, f.Name)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("exported fields = %q, want %q: none may hold the access token", got, tt.want)
			}
		})
	}
}
