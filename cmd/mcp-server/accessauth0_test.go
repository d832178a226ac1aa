package main

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
	"mcp-resource-server/tools"
)

// What must exist at the provider is what stands anywhere in the table.
func TestAccessPermissions(t *testing.T) {
	values := func(list []permission) (values []string) {
		for _, p := range list {
			values = append(values, p.Value)
		}
		return values
	}
	long := strings.Repeat("s", maxAuth0Value)
	for _, tt := range []struct {
		name   string
		change func(*config.Config)
		want   []string
		err    string
	}{
		{"what tools ask for", nil, []string{"notes:read", "notes:write", "prompt:daily", "tool:purge_notes", "tool:read_notes", "tool:search_notes"}, ""},
		{"of the tools that are on", func(c *config.Config) { c.Tools.Enabled = []string{"read_notes"} }, []string{"prompt:daily", "tool:read_notes"}, ""},
		{"what is concealed, alternatives, and what includes others", hierarchy, []string{
			"desk:a", "desk:b", "notes", "notes:admin", "notes:guest", "notes:list", "notes:purge", "notes:read", "notes:write", "tool:search_notes",
		}, ""},
		{"none of OpenID Connect", func(c *config.Config) {
			c.Access.Default, c.Auth.RequiredScopes = auth.AccessAuthenticated, []string{"openid", "offline_access", "base"}
		}, []string{"base"}, ""},
		{"none at all", func(c *config.Config) { c.Access.Default = auth.AccessAuthenticated }, nil, errNoPermission.Error()},
		{"none but those", func(c *config.Config) {
			c.Access.Default, c.Auth.RequiredScopes = auth.AccessAuthenticated, []string{"openid"}
		}, nil, errNoPermission.Error()},
		{"the longest", func(c *config.Config) {
			c.Access.Default, c.Auth.RequiredScopes = auth.AccessAuthenticated, []string{long}
		}, []string{long}, ""},
		{
			"one that is too long", func(c *config.Config) { c.Auth.RequiredScopes = []string{long + "s"} }, nil,
			"the scope " + long[:40] + "... is longer than Auth0 takes: at most 280 characters",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list, err := notesTable(t, tt.change).permissions()
			if got := values(list); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || err.Error() != tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
	_, err := notesTable(t, func(c *config.Config) { c.Access.Default = auth.AccessAuthenticated }).format(formatTerraform)
	if !errors.Is(err, errNoPermission) {
		t.Errorf("terraform: %v", err)
	}
}

// Whoever grants a scope reads what its things are called, templates too.
func TestAccessPermissionTitles(t *testing.T) {
	all := notes()
	all.Templates = []tools.Template{tools.NewTemplate("notes://{id}", tools.ResourceOptions{
		Name: "note", Title: "A note", Description: "One.", MIMEType: "text/plain", Scopes: []string{"notes:one"},
	}, nil)}
	list, err := accessTableOf(config.Default(), all).permissions()
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]string{
		"notes:one": "Read notes://{id} (A note)", "prompt:daily": "Use the prompt daily (Daily notes)", "tool:read_notes": "Call read_notes (Read notes)",
	} {
		if !slices.Contains(list, permission{value, want}) {
			t.Errorf("%s is not %q in %q", value, want, list)
		}
	}
}

// Auth0 refuses a description that is too long, and one that is empty says nothing.
func TestAccessPermissionDescription(t *testing.T) {
	many := slices.Repeat([]string{"Call a_tool_with_quite_a_long_name (And a title)"}, 40)
	for _, tt := range []struct {
		name string
		uses []string
		want string
	}{
		{"one", []string{"Call a (A)"}, "Call a (A)"},
		{"two", []string{"Call a (A)", "Call b (B)"}, "Call a (A); call b (B)"},
		{"too many", many, strings.Join(append(many[:1:1], slices.Repeat([]string{"call" + many[0][4:]}, 8)...), "; ") + "; and 31 more"},
		{"one that is too long", []string{"Call " + strings.Repeat("ü", 300), "Call b"}, "Call " + strings.Repeat("ü", 238) + "...; and 1 more"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := description(tt.uses)
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if len(got) > maxAuth0Description {
				t.Errorf("%d bytes", len(got))
			}
		})
	}
}

// What Terraform makes of each text was looked at with `terraform console`.
func TestAccessHCLString(t *testing.T) {
	for in, want := range map[string]string{
		`plain:scope`:       `"plain:scope"`,
		`"quoted" \ back`:   `"\"quoted\" \\ back"`,
		`${var.x} %{if}`:    `"$${var.x} %%{if}"`,
		`$${x} $$ % $ {x}`:  `"$$${x} $$ % $ {x}"`,
		"line\nfeed\r\ttab": `"line\nfeed\r\ttab"`,
		"bell\a del\x7f":    `"bell\u0007 del\u007f"`,
		"für":               `"für"`,
		`ends in $`:         `"ends in $"`,
	} {
		if got := hclString(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func FuzzAccessHCLString(f *testing.F) {
	for _, s := range []string{"", "a", `"`, `\`, "${", "%{", "$${", "$$", "\n", "\x00", "é", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		if got := readHCL(t, hclString(s)); got != s {
			t.Errorf("%q is read as %q", s, got)
		}
	})
}

// readHCL reads a quoted template without any interpolation (HCL native syntax
// specification, "Template Expressions" and "String Literals").
func readHCL(t *testing.T, written string) string {
	t.Helper()
	inside, ok := strings.CutPrefix(written, `"`)
	inside, ok2 := strings.CutSuffix(inside, `"`)
	if !ok || !ok2 {
		t.Fatalf("%s is not quoted", written)
	}
	var plain strings.Builder
	for i := 0; i < len(inside); i++ {
		rest := inside[i:]
		switch {
		case strings.HasPrefix(rest, "$${"), strings.HasPrefix(rest, "%%{"):
			plain.WriteString(rest[1:3])
			i += 2
		case strings.HasPrefix(rest, "${"), strings.HasPrefix(rest, "%{"):
			t.Fatalf("%s: a template begins", written)
		case rest[0] == '\\':
			var s string
			n := 2
			if rest[1] == 'u' {
				n = 6
			}
			if err := json.Unmarshal([]byte(`"`+rest[:n]+`"`), &s); err != nil {
				t.Fatalf("%s: %v", written, err)
			}
			plain.WriteString(s)
			i += n - 1
		case rest[0] == '"' || rest[0] < ' ':
			t.Fatalf("%s: %q stands bare", written, rest[0])
		default:
			plain.WriteByte(rest[0])
		}
	}
	return plain.String()
}

// Terraform asks for the API where the configuration does not name it.
func TestAccessTerraformAudience(t *testing.T) {
	issuer := func(audiences ...string) auth.IssuerConfig {
		return auth.IssuerConfig{Issuer: "https://tenant.example/", Audiences: audiences}
	}
	const variable = "resource_server_identifier = var.audience\n"
	for _, tt := range []struct {
		name   string
		change func(*config.Config)
		want   string
	}{
		{"none", nil, variable},
		{"the short form", func(c *config.Config) { c.Auth.Audience = `api "x" ${y}` }, `resource_server_identifier = "api \"x\" $${y}"` + "\n"},
		{"the long form", func(c *config.Config) { c.Auth.Issuers = []auth.IssuerConfig{issuer("a")} }, `resource_server_identifier = "a"` + "\n"},
		{"one of two issuers", func(c *config.Config) { c.Auth.Issuers = []auth.IssuerConfig{issuer("a"), issuer("a")} }, `resource_server_identifier = "a"` + "\n"},
		{"two", func(c *config.Config) { c.Auth.Issuers = []auth.IssuerConfig{issuer("a", "b")} }, variable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := notesTable(t, tt.change).terraform()
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got, tt.want) || strings.Contains(got, "variable \"audience\"") != (tt.want == variable) {
				t.Errorf("%s", got)
			}
		})
	}
}
