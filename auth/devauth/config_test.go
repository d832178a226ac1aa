package devauth_test

import (
	"strings"
	"testing"
	"time"

	"mcp-resource-server/auth/devauth"
)

// The unaltered testConfig is the twin of every row: all other tests start with it.
func TestNewRefusesBadConfig(t *testing.T) {
	tests := []struct {
		name string
		edit func(*devauth.Config)
		want []string
	}{
		{"no audiences", func(c *devauth.Config) { c.Audiences = nil }, []string{"Audiences: at least one is required"}},
		{"empty audience", func(c *devauth.Config) { c.Audiences = append(c.Audiences, "") }, []string{"Audiences: must not be empty strings"}},
		{"no clients", func(c *devauth.Config) { c.Clients = nil }, []string{"Clients: at least one is required"}},
		{"profile", func(c *devauth.Config) { c.Profile = "AUTH0" }, []string{`Profile: must be "auth0" or "rfc9068"`}},
		{"negative lifetime", func(c *devauth.Config) { c.TokenTTL = -time.Hour }, []string{"TokenTTL: must be at least a second"}},
		{"lifetime under a second", func(c *devauth.Config) { c.TokenTTL = time.Millisecond }, []string{"TokenTTL: must be at least a second"}},
		{"no client id", func(c *devauth.Config) { c.Clients[0].ID = "" }, []string{"Clients[0].ID: must be printable ASCII and not empty"}},
		{"client id twice", func(c *devauth.Config) { c.Clients[1].ID = "agent" }, []string{"Clients[1].ID: is taken by an earlier client"}},
		{"no secret", func(c *devauth.Config) { c.Clients[0].Secret = "" }, []string{"Clients[0].Secret: must be printable ASCII and not empty"}},
		{"unprintable secret", func(c *devauth.Config) { c.Clients[0].Secret = "hidden\n" }, []string{"Clients[0].Secret: must be printable ASCII and not empty"}},
		{"scope with a space", func(c *devauth.Config) { c.Clients[0].Scopes = []string{"a b"} }, []string{`Clients[0].Scopes: "a b" is not a scope`}},
		{"foreign audience", func(c *devauth.Config) { c.Clients[0].Audiences = []string{"https://x.example"} }, []string{`Clients[0].Audiences: "https://x.example" is not one of the server's audiences`}},
		{
			"all faults at once",
			func(c *devauth.Config) { c.Audiences, c.Clients[0].Secret, c.TokenTTL = nil, "hidden\n", 1 },
			[]string{"Audiences: at least one", "Clients[0].Secret:", "TokenTTL:", `Clients[1].Audiences: "` + apiTwo},
		},
	}
	ln, err := devauth.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := testConfig()
			tt.edit(&cfg)
			_, err := devauth.New(ln, cfg)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not tell %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "hidden") {
				t.Error("the error tells a secret")
			}
		})
	}
}
