package auth_test

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
)

// caller is what is to be known of a Principal.
type caller struct {
	subject, client string
	scopes          []string
}

// accepted is a form of a token that the page does not show.
type accepted struct {
	name  string
	token int // which of the page's tokens it is made of
	conf  func(*auth.IssuerConfig)
	edit  []edit
	want  caller
}

// refused is a near miss. What it is made of, its twin, is accepted by the same
// configuration.
type refused struct {
	name  string
	token int
	conf  func(*auth.IssuerConfig)
	twin  []edit // of the page's token
	edit  []edit // of the twin
	want  auth.Reason
}

// section is a heading of docs/issuers.md that has a configuration.
type section struct {
	provider provider
	issuer   string
	want     []caller // of the page's tokens
	also     []accepted
	refused  []refused
}

const audience = "https://mcp.example.com/mcp"

// only allows one client.
func only(client string) func(*auth.IssuerConfig) {
	return func(ic *auth.IssuerConfig) { ic.AllowedClients = []string{client} }
}

func sections() map[string]section {
	all := map[string]section{}
	for _, group := range []map[string]section{general(), auth0(), entra(), entraElsewhere(), okta(), keycloak(), cognito()} {
		maps.Copy(all, group)
	}
	return all
}

// What the page shows is accepted, and what is nearly that is refused.
func TestProviders(t *testing.T) {
	p, all := readPage(t), sections()
	providerKey()
	if got, want := slices.Sorted(maps.Keys(p.configs)), slices.Sorted(maps.Keys(all)); !slices.Equal(got, want) {
		t.Errorf("headings with a configuration\n%q\nwant\n%q", got, want)
	}
	for heading, s := range all {
		t.Run(heading, func(t *testing.T) {
			c, tokens := p.load(t, heading).Auth, p.tokens[heading]
			if len(tokens) != len(s.want) {
				t.Fatalf("%d tokens, want %d", len(tokens), len(s.want))
			}
			s.prepare(t, &c, tokens[0])
			for i, want := range s.want {
				t.Run(fmt.Sprintf("token %d of the page", i+1), func(t *testing.T) { s.accept(t, c, tokens[i], want) })
			}
			for _, a := range s.also {
				t.Run(a.name, func(t *testing.T) { s.accept(t, changed(t, c, a.conf), tokens[a.token].edited(a.edit...), a.want) })
			}
			for _, r := range s.refused {
				t.Run(r.name, func(t *testing.T) {
					s.refuse(t, changed(t, c, r.conf), tokens[r.token].edited(r.twin...), r)
				})
			}
		})
	}
}

// prepare gives the provider its name and key. One without a key set gets its key
// from a file, which stands where the page says on no machine of a developer.
func (s *section) prepare(t *testing.T, c *auth.Config, first jwt) {
	t.Helper()
	s.provider.issuer = s.issuer
	s.provider.kid, _ = first.header["kid"].(string)
	if s.provider.keys != "" {
		return
	}
	c.PublicKeyFile = filepath.Join(t.TempDir(), filepath.Base(c.PublicKeyFile))
	if err := os.WriteFile(c.PublicKeyFile, providerPEM(t), 0o600); err != nil {
		t.Fatal(err)
	}
}

func providerPEM(t *testing.T) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&providerKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// changed returns c in the long form with its issuer changed.
func changed(t *testing.T, c auth.Config, conf func(*auth.IssuerConfig)) auth.Config {
	t.Helper()
	if conf == nil {
		return c
	}
	long := auth.Config{Issuers: c.IssuerList(), ClockSkew: c.ClockSkew, JWKS: c.JWKS}
	conf(&long.Issuers[0])
	if err := long.Validate().Err(); err != nil {
		t.Fatal(err)
	}
	return long
}

func (s *section) accept(t *testing.T, c auth.Config, j jwt, want caller) {
	t.Helper()
	got, err := s.provider.verify(t, c, j)
	if err != nil {
		t.Fatal(err)
	}
	if got.Issuer != s.issuer || got.Subject != want.subject || got.ClientID != want.client || !slices.Equal(got.Scopes, want.scopes) {
		t.Errorf("issuer %q, subject %q, client %q, scopes %q\nwant   %q, subject %q, client %q, scopes %q",
			got.Issuer, got.Subject, got.ClientID, got.Scopes, s.issuer, want.subject, want.client, want.scopes)
	}
}

func (s *section) refuse(t *testing.T, c auth.Config, twin jwt, r refused) {
	t.Helper()
	if _, err := s.provider.verify(t, c, twin); err != nil {
		t.Errorf("the twin: %v", err)
	}
	if _, err := s.provider.verify(t, c, twin.edited(r.edit...)); !isRefusal(err, r.want) {
		t.Errorf("err = %v, want the reason %s", err, r.want)
	}
}

func isRefusal(err error, want auth.Reason) bool {
	refusal, ok := errors.AsType[*auth.Refusal](err)
	return ok && refusal.Reason == want
}

// What the permissions of Auth0 grant stands in a table on the page.
func TestProvidersGrantTable(t *testing.T) {
	const heading = "Auth0: permissions"
	p, s := readPage(t), sections()[heading]
	base, token := p.load(t, heading).Auth, p.tokens[heading][0]
	for _, tt := range []struct {
		claims, mode string
		want         []string
	}{
		{"scope", auth.ScopeClaimsUnion, []string{"tool:get_time", "tool:greet"}},
		{"permissions", auth.ScopeClaimsUnion, []string{"tool:get_time", "tool:get_weather"}},
		{"scope, permissions", auth.ScopeClaimsUnion, []string{"tool:get_time", "tool:greet", "tool:get_weather"}},
		{"scope, permissions", auth.ScopeClaimsIntersection, []string{"tool:get_time"}},
	} {
		t.Run(tt.claims+" "+tt.mode, func(t *testing.T) {
			c := base
			c.Issuers = slices.Clone(base.Issuers)
			c.Issuers[0].ScopeClaims, c.Issuers[0].ScopeClaimsMode = strings.Split(tt.claims, ", "), tt.mode
			s.prepare(t, &c, token)
			s.accept(t, c, token, caller{auth0User, "CLIENT_ID", tt.want})
			row := fmt.Sprintf("| `[%s]` | `%s` | `%s` |", tt.claims, tt.mode, strings.Join(tt.want, "` `"))
			if !strings.Contains(p.text, row) {
				t.Errorf("the page does not have the row\n%s", row)
			}
		})
	}
}

// A key in a variable, as it is and on one line.
func TestProvidersKeyInTheEnvironment(t *testing.T) {
	const heading = "Keys that are given, not fetched"
	s, token := sections()[heading], readPage(t).tokens[heading][0]
	s.provider.issuer = s.issuer
	lines := string(providerPEM(t))
	for name, key := range map[string]string{"lines": lines, "one line": strings.ReplaceAll(lines, "\n", `\n`)} {
		t.Run(name, func(t *testing.T) {
			c, err := config.Load(config.Source{Environ: []string{
				"MCPRS_AUTH_ISSUER=" + s.issuer, "MCPRS_AUTH_AUDIENCE=" + audience, "MCPRS_AUTH_PUBLIC_KEY=" + key,
			}})
			if err != nil {
				t.Fatal(err)
			}
			s.accept(t, c.Auth, token, s.want[0])
		})
	}
}

// What the page's configurations say beside what a token is judged by.
func TestProvidersSettings(t *testing.T) {
	p := readPage(t)
	if !p.load(t, "A strict issuer").Auth.Issuers[0].Required {
		t.Error("the strict issuer is not required")
	}
	// Cognito's scopes cannot be named as the tools name theirs: one is asked for
	// everything, and then a good token is enough.
	c := p.load(t, "Amazon Cognito")
	if !slices.Equal(c.Auth.RequiredScopes, []string{"mcp/call"}) || c.Access.Default != auth.AccessAuthenticated {
		t.Errorf("Cognito: required scopes %q, access %s", c.Auth.RequiredScopes, c.Access.Default)
	}
}
