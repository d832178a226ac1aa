package main

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
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

// globalSettings tells what holds for the tokens of all issuers, and of the rest what
// is not as it is by default.
func globalSettings(cfg config.Config, trust *auth.Trust) []setting {
	list := []setting{
		{"required_scopes", listWords(cfg.Auth.RequiredScopes, "none")},
		{"access.default", safe(cfg.Access.Default)},
		{"access.rules", rulesWords(cfg.Access.Rules)},
		{"denylist_file", fileWords(cfg.Auth.DenylistFile, trust.Denied(), "entry", "entries")},
		{"static_tokens_file", fileWords(cfg.Auth.StaticTokensFile, trust.StaticTokens(), "token", "tokens")},
	}
	def := config.Default()
	for _, s := range []struct {
		setting
		changed bool
	}{
		{setting{"access.implies", strconv.Itoa(len(cfg.Access.Implies))}, len(cfg.Access.Implies) > 0},
		{setting{"access.list", safe(cfg.Access.List)}, cfg.Access.List != def.Access.List},
		{setting{"access.metadata_scopes", safe(cfg.Access.MetadataScopes)}, cfg.Access.MetadataScopes != def.Access.MetadataScopes},
		{setting{"audit.enabled", strconv.FormatBool(cfg.Audit.Enabled)}, cfg.Audit.Enabled != def.Audit.Enabled},
		{setting{"audit.file", safe(cfg.Audit.File)}, cfg.Audit.File != def.Audit.File},
		{setting{"audit.subject", safe(cfg.Audit.Subject)}, cfg.Audit.Subject != def.Audit.Subject},
		{setting{"mcp.legacy_sse", strconv.FormatBool(cfg.MCP.LegacySSE)}, cfg.MCP.LegacySSE != def.MCP.LegacySSE},
		{setting{"allow_query_token", strconv.FormatBool(cfg.Auth.AllowQueryToken)}, cfg.Auth.AllowQueryToken != def.Auth.AllowQueryToken},
	} {
		if s.changed {
			list = append(list, s.setting)
		}
	}
	return list
}

// rulesWords counts the rules, and those that conceal: mcp-server access list has the
// rest.
func rulesWords(rules []auth.AccessRule) string {
	conceal := 0
	for _, r := range rules {
		if r.Conceal {
			conceal++
		}
	}
	switch {
	case len(rules) == 0:
		return "none"
	case conceal == 0:
		return strconv.Itoa(len(rules))
	default:
		return fmt.Sprintf("%d (with conceal: %d)", len(rules), conceal)
	}
}

func fileWords(path string, n int, one, many string) string {
	switch {
	case path == "":
		return "none"
	case n == 1:
		return fmt.Sprintf("%s (1 %s)", safe(path), one)
	default:
		return fmt.Sprintf("%s (%d %s)", safe(path), n, many)
	}
}
