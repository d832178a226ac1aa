package main

import (
	"fmt"
	"slices"
	"strings"
)

// terraform is a resource of the Terraform provider auth0/auth0, which manages all
// scopes of an API. It is written as `terraform fmt` writes it.
func (t *accessTable) terraform() (string, error) {
	list, err := t.permissions()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("# Written by: mcp-server access list --format terraform\n" +
		"# It manages all permissions of the API: one that is not in it is removed.\n")
	identifier := "var.audience"
	if audience, ok := t.audience(); ok {
		identifier = hclString(audience)
	} else {
		b.WriteString("variable \"audience\" {\n" +
			"  description = \"The identifier of the API at Auth0: auth.audience of the server\"\n" +
			"  type        = string\n" +
			"}\n\n")
	}
	fmt.Fprintf(&b, "resource \"auth0_resource_server_scopes\" \"mcp_server\" {\n  resource_server_identifier = %s\n", identifier)
	for _, p := range list {
		fmt.Fprintf(&b, "\n  scopes {\n    name        = %s\n    description = %s\n  }\n", hclString(p.Value), hclString(p.Description))
	}
	b.WriteString("}\n")
	return b.String(), nil
}

// audience returns the one audience that is configured, also where no issuer is, and
// false where there is none or more than one.
func (t *accessTable) audience() (string, bool) {
	all := []string{t.cfg.Auth.Audience}
	for _, issuer := range t.cfg.Auth.Issuers {
		all = append(all, issuer.Audiences...)
	}
	all = slices.DeleteFunc(all, func(s string) bool { return s == "" })
	slices.Sort(all)
	if all = slices.Compact(all); len(all) != 1 {
		return "", false
	}
	return all[0], true
}

// hclString writes a quoted template of the HCL native syntax in which nothing is
// replaced: "${" and "%{" would begin what Terraform evaluates.
func hclString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		case (r == '$' || r == '%') && strings.HasPrefix(s[i+1:], "{"):
			b.WriteRune(r)
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
