package main

import (
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
	"mcp-resource-server/internal/strictyaml"
)

// setting is a line of the summary: a key of the configuration, and what it is.
type setting struct{ key, text string }

// writeSettings aligns the texts of settings that stand together.
func writeSettings(b *strings.Builder, indent string, list []setting) {
	width := 0
	for _, s := range list {
		width = max(width, len(s.key))
	}
	for _, s := range list {
		fmt.Fprintf(b, "%s%-*s %s\n", indent, width+1, s.key+":", s.text)
	}
}

// issuerSettings tells where the keys come from and which clients are accepted, and of
// the rest what is not as it is by default: a restriction that was meant, and is not
// there, was lost on its way.
func issuerSettings(c auth.IssuerConfig) []setting {
	list := []setting{{"keys", keysWords(c)}, {"allowed_clients", listWords(c.AllowedClients, "any")}}
	// IssuerList fills the defaults in, for an issuer without settings, too.
	def := auth.Config{Issuer: c.Issuer}.IssuerList()[0]
	required := make([]string, len(c.RequiredClaims))
	for i, r := range c.RequiredClaims {
		required[i] = r.Claim + "=" + r.Value
	}
	scopeClaims := listWords(c.ScopeClaims, "scope")
	if len(c.ScopeClaims) > 1 {
		scopeClaims += " (" + safe(c.ScopeClaimsMode) + ")"
	}
	for _, s := range []struct {
		setting
		value, def any
	}{
		{setting{"algorithms", listWords(c.Algorithms, "")}, c.Algorithms, def.Algorithms},
		{setting{"token_types", listWords(c.TokenTypes, "")}, c.TokenTypes, def.TokenTypes},
		{setting{"audience_claim", safe(c.AudienceClaim)}, c.AudienceClaim, def.AudienceClaim},
		{setting{"strict_audience", strconv.FormatBool(c.StrictAudience)}, c.StrictAudience, def.StrictAudience},
		{setting{"client_id_claims", listWords(c.ClientIDClaims, "")}, c.ClientIDClaims, def.ClientIDClaims},
		{setting{"scope_claims", scopeClaims}, len(c.ScopeClaims), 0},
		{setting{"allowed_organizations", listWords(c.AllowedOrganizations, "any")}, len(c.AllowedOrganizations), 0},
		{setting{"required_claims", listWords(required, "none")}, len(required), 0},
		{setting{"max_token_age", c.MaxTokenAge.String()}, c.MaxTokenAge, def.MaxTokenAge},
		{setting{"insecure_http", strconv.FormatBool(c.InsecureHTTP)}, c.InsecureHTTP, def.InsecureHTTP},
		{setting{"required", strconv.FormatBool(c.Required)}, c.Required, def.Required},
	} {
		if !reflect.DeepEqual(s.value, s.def) {
			list = append(list, s.setting)
		}
	}
	return list
}

// keysWords says where an issuer's keys come from.
func keysWords(c auth.IssuerConfig) string {
	switch {
	case c.PublicKeyFile != "":
		return "static, from public_key_file " + safe(c.PublicKeyFile)
	case c.PublicKey != "":
		return "static, from public_key"
	case c.JWKSURL != "":
		return "fetched from " + safe(c.JWKSURL)
	default:
		return "fetched, found through the issuer's metadata"
	}
}

// listWords shows a list's entries, or what an empty one means. A list of more than one
// has its length with it, so that entries that ran into each other show.
func listWords(list []string, empty string) string {
	switch len(list) {
	case 0:
		return empty
	case 1:
		return safes(list)
	default:
		return fmt.Sprintf("%d: %s", len(list), safes(list))
	}
}

// globalSettings tells what holds for the tokens of all issuers.
func globalSettings(cfg config.Config) ([]setting, error) {
	list := []setting{
		{"required_scopes", listWords(cfg.Auth.RequiredScopes, "none")},
		{"access.default", safe(cfg.Access.Default)},
	}
	for _, f := range []struct{ key, path, one, many string }{
		{"denylist_file", cfg.Auth.DenylistFile, "entry", "entries"},
		{"static_tokens_file", cfg.Auth.StaticTokensFile, "token", "tokens"},
	} {
		text := "none"
		if f.path != "" {
			n, err := countEntries(f.path)
			if err != nil {
				return nil, fmt.Errorf("auth.%s: %w", f.key, err)
			}
			noun := f.many
			if n == 1 {
				noun = f.one
			}
			text = fmt.Sprintf("%s (%d %s)", safe(f.path), n, noun)
		}
		list = append(list, setting{f.key, text})
	}
	return list, nil
}

// countEntries counts the entries of the lists in a YAML file that was found good.
func countEntries(path string) (int, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	root, err := strictyaml.Root(content)
	if err != nil || root == nil {
		return 0, err
	}
	if root.Kind == yaml.SequenceNode {
		return len(root.Content), nil
	}
	n := 0
	for _, below := range root.Content {
		if below.Kind == yaml.SequenceNode {
			n += len(below.Content)
		}
	}
	return n, nil
}
