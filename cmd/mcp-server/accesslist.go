package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"mcp-resource-server/auth"
)

// The values of --format.
const (
	formatText      = "text"
	formatJSON      = "json"
	formatAuth0     = "auth0"
	formatTerraform = "terraform"
)

func (p *program) accessListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Print which scopes each tool, prompt and resource needs, and the rule that says so",
		Long: "Prints the access table of this configuration: which scopes each tool, prompt and resource needs,\n" +
			"and the rule that says so. It needs no issuer: of the configuration, the sections access and tools\n" +
			"and auth.required_scopes have to be right.\n\n" +
			"As auth0 or terraform it prints the permissions to create at the API in Auth0: the body of\n" +
			"PATCH /api/v2/resource-servers/ID of the Management API, or a resource of the Terraform provider.\n" +
			"Both stand for the whole list: a permission of the API that is not in it is removed.",
		Args: cobra.NoArgs,
	}
	load := p.accessFlags(cmd)
	format := cmd.Flags().String("format", formatText, "text, json, auth0 or terraform")
	cmd.RunE = func(*cobra.Command, []string) error {
		cfg, err := load()
		if err != nil {
			return err
		}
		text, err := newAccessTable(cfg).format(*format)
		if err != nil {
			return err
		}
		_, err = io.WriteString(p.stdout, text)
		return err
	}
	return cmd
}

// format writes the table in one of the formats.
func (t *accessTable) format(name string) (string, error) {
	switch name {
	case formatText:
		return t.text(), nil
	case formatJSON:
		return t.json()
	case formatAuth0:
		return t.auth0()
	case formatTerraform:
		return t.terraform()
	default:
		return "", errors.New("--format: must be text, json, auth0 or terraform")
	}
}

// text is the table for a reader. Each line stays whole, so that it can be searched;
// the scopes stand last, for they may be many.
func (t *accessTable) text() string {
	lines := [][5]string{{"KIND", "NAME", "DECIDED BY", "CONCEALED", "SCOPES"}}
	for _, r := range t.rows() {
		lines = append(lines, [...]string{r.Kind, r.label(), r.Rule, map[bool]string{true: "yes", false: "no"}[r.Concealed], r.words()})
	}
	var width [5]int
	for _, line := range lines {
		for i, cell := range line[:4] {
			width[i] = max(width[i], len(cell))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		for i, cell := range line[:4] {
			fmt.Fprintf(&b, "%-*s  ", width[i], cell)
		}
		b.WriteString(line[4] + "\n")
	}
	b.WriteByte('\n')
	t.footer(&b)
	return b.String()
}

// label names what the row is about, and the method where it is not the usual one.
func (r accessRow) label() string {
	if r.Kind == kindMethod || r.isUse() {
		return r.Name
	}
	return r.Name + " (" + r.Method + ")"
}

// isUse reports whether the row is about a target's own use: a call, or a read.
func (r accessRow) isUse() bool { return r.Method == useOf(auth.Target{Kind: auth.Kind(r.Kind)}) }

// words says which scopes are needed.
func (r accessRow) words() string {
	if len(r.AllOf)+len(r.AnyOf) == 0 {
		return "none: a valid token is enough"
	}
	return scopeWords(r.AllOf, r.AnyOf)
}

// scopeWords names all of some scopes, and one of others.
func scopeWords(allOf, anyOf []string) string {
	all, one := strings.Join(allOf, ", "), "one of "+strings.Join(anyOf, ", ")
	switch {
	case len(anyOf) == 0:
		return all
	case len(allOf) == 0:
		return one
	default:
		return all + ", and " + one
	}
}

// footer is what holds for the whole table.
func (t *accessTable) footer(b *strings.Builder) {
	line := func(name, text string) { wrap(b, fmt.Sprintf("%-18s", name), text) }
	if required := t.cfg.Auth.RequiredScopes; len(required) > 0 {
		line("every request", "needs "+strings.Join(required, ", ")+" (auth.required_scopes)")
	}
	for _, g := range t.cfg.Access.Implies {
		line("implies", g.Scope+" includes "+strings.Join(g.Grants, ", "))
	}
	line("scopes_supported", orNone(t.policy.Scopes()))
}

// accessDocument is the table for programs.
type accessDocument struct {
	Default         string          `json:"default"`
	List            string          `json:"list"`
	MetadataScopes  string          `json:"metadata_scopes"`
	RequiredScopes  []string        `json:"required_scopes"`
	Table           []accessRow     `json:"table"`
	Implies         []accessImplied `json:"implies"`
	ScopesSupported []string        `json:"scopes_supported"`
}

// accessImplied is one entry of access.implies.
type accessImplied struct {
	Scope  string   `json:"scope"`
	Grants []string `json:"grants"`
}

func (t *accessTable) json() (string, error) {
	a := t.cfg.Access
	d := accessDocument{
		Default: a.Default, List: a.List, MetadataScopes: a.MetadataScopes,
		RequiredScopes: listOf(t.cfg.Auth.RequiredScopes), Table: t.rows(), Implies: []accessImplied{},
		ScopesSupported: listOf(t.policy.Scopes()),
	}
	for _, g := range a.Implies {
		d.Implies = append(d.Implies, accessImplied(g))
	}
	return indentedJSON(d)
}

// indentedJSON writes v for people and programs. Letters such as < stand as they are.
func indentedJSON(v any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return "", fmt.Errorf("writing JSON: %w", err)
	}
	return b.String(), nil
}
