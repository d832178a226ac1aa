package auth_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/auth/devauth"
	"mcp-resource-server/internal/oauthclient"
)

const api = "https://mcp.example.com/mcp"

// served is a development issuer on a real port, and a verifier that has loaded
// its keys through discovery.
type served struct {
	issuer   *devauth.Server
	verifier *auth.Verifier
}

func serveIssuer(t *testing.T, profile devauth.Profile) served {
	t.Helper()
	ln, err := devauth.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := devauth.New(ln, devauth.Config{
		Audiences: []string{api}, Profile: profile,
		Clients: []devauth.Client{{ID: "agent", Secret: "agent-secret", Scopes: []string{"tool:alpha"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg := auth.DefaultConfig()
	cfg.Issuer, cfg.Audience = issuer.Issuer(), api
	if err := cfg.Validate().Err(); err != nil {
		t.Fatal(err)
	}
	client := oauthclient.NewHTTPClient(cfg.JWKS.Timeout)
	trust, err := auth.NewTrust(cfg, client, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- issuer.Serve(ctx) }()
	go func() { trust.Run(ctx); ended <- nil }()
	t.Cleanup(func() {
		client.CloseIdleConnections()
		cancel()
		if err := errors.Join(<-ended, <-ended); err != nil {
			t.Error(err)
		}
	})
	for ready := false; !ready; ready, _ = trust.Ready() {
		select {
		case <-time.After(time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("the keys were never loaded")
		}
	}
	return served{issuer, auth.NewVerifier(cfg, trust, time.Now)}
}

func (s served) mint(t *testing.T, spec devauth.MintSpec) string {
	t.Helper()
	if spec.Claims == nil {
		spec.Claims = s.issuer.Claims("agent", nil, []string{"tool:alpha"})
	}
	raw, err := s.issuer.Mint(spec)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Through the exported API alone, over a real connection: both of Auth0's token
// profiles, and a refusal for each of the things that only an issuer can get wrong.
func TestVerifierWithAnIssuer(t *testing.T) {
	for _, profile := range []devauth.Profile{devauth.ProfileAuth0, devauth.ProfileRFC9068} {
		t.Run(string(profile), func(t *testing.T) {
			s := serveIssuer(t, profile)
			p, err := s.verifier.Verify(t.Context(), s.mint(t, devauth.MintSpec{}))
			if err != nil {
				t.Fatal(err)
			}
			if p.Issuer != s.issuer.Issuer() || p.Subject != "agent@clients" || p.ClientID != "agent" || !p.HasScope("tool:alpha") {
				t.Errorf("principal %+v", p)
			}
			for name, tt := range map[string]struct {
				spec devauth.MintSpec
				want auth.Reason
			}{
				"another audience": {devauth.MintSpec{Claims: s.issuer.Claims("agent", []string{"https://elsewhere.example/"}, nil)}, auth.ReasonAudience},
				"another typ":      {devauth.MintSpec{Header: map[string]any{"typ": "id+jwt"}}, auth.ReasonTokenType},
				"alg none":         {devauth.MintSpec{Header: map[string]any{"alg": "none"}}, auth.ReasonUnsupportedAlg},
				"an unknown kid":   {devauth.MintSpec{KeyID: "junk"}, auth.ReasonUnknownKID},
				"no claims":        {devauth.MintSpec{Claims: map[string]any{}}, auth.ReasonIssuer},
			} {
				_, err := s.verifier.Verify(t.Context(), s.mint(t, tt.spec))
				if !errors.Is(err, &auth.Refusal{Reason: tt.want}) {
					t.Errorf("%s: %v, want %s", name, err, tt.want)
				}
			}
		})
	}
}

// The next key is published before it is used, so the first rotation is not even
// noticed; after the second one a key is used that was never seen, and one forced
// fetch brings it. Old tokens stay good all the while.
func TestVerifierThroughRotations(t *testing.T) {
	s := serveIssuer(t, devauth.ProfileAuth0)
	old := s.mint(t, devauth.MintSpec{})
	for i := range 3 {
		if err := s.issuer.Rotate(); err != nil {
			t.Fatal(err)
		}
		for name, raw := range map[string]string{"the new key": s.mint(t, devauth.MintSpec{}), "the old key": old} {
			if _, err := s.verifier.Verify(t.Context(), raw); err != nil {
				t.Errorf("rotation %d, %s: %v", i+1, name, err)
			}
		}
	}
}
