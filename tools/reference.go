package tools

import (
	"fmt"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// Documented is a tool, and what the access policy asks of whoever calls it.
type Documented struct {
	Tool  Tool
	Needs auth.Needs
}

// Reference describes the tools in Markdown, in the order of their names: what each
// does, which scopes it needs, and what goes in and comes out. There is a section for
// each, of the second level, and no heading above them. The same tools make the same
// text, and no text of a tool can be read as Markdown.
func Reference(list []Documented) string {
	list = slices.SortedFunc(slices.Values(list), func(a, b Documented) int {
		return strings.Compare(a.Tool.Name(), b.Tool.Name())
	})
	var sections []string
	for _, d := range list {
		sections = append(sections, section(d))
	}
	return strings.Join(sections, "\n")
}

func section(d Documented) string {
	definition := d.Tool.Definition()
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", escaped(definition.Name))
	fmt.Fprintf(&b, "**%s.** %s\n\n", escaped(definition.Title), escaped(definition.Description))
	fmt.Fprintf(&b, "- Scopes: %s\n", neededScopes(d.Needs))
	fmt.Fprintf(&b, "- A call %s\n", hintWords(definition.Annotations))
	writeFields(&b, "Input", "Required", definition.InputSchema)
	writeFields(&b, "Output", "Always there", definition.OutputSchema)
	return b.String()
}

// neededScopes says what the policy asks for.
func neededScopes(n auth.Needs) string {
	var parts []string
	if len(n.AllOf) > 0 {
		parts = append(parts, listed(n.AllOf, "and"))
	}
	switch {
	case len(n.AnyOf) == 1:
		parts = append(parts, code(n.AnyOf[0]))
	case len(n.AnyOf) > 1:
		parts = append(parts, "one of "+listed(n.AnyOf, "or"))
	}
	if len(parts) == 0 {
		return "none, a valid token is enough"
	}
	return strings.Join(parts, ", and ")
}

// listed is `a`, `b` and `c`.
func listed(scopes []string, word string) string {
	spans := make([]string, len(scopes))
	for i, s := range scopes {
		spans[i] = code(s)
	}
	last := len(spans) - 1
	if last == 0 {
		return spans[0]
	}
	return strings.Join(spans[:last], ", ") + " " + word + " " + spans[last]
}

// hintWords says what a call may do. Hints that are left out mean the worst (MCP
// 2025-11-25, schema, ToolAnnotations).
func hintWords(a *mcp.ToolAnnotations) string {
	if a == nil {
		a = &mcp.ToolAnnotations{}
	}
	effect := "changes things, and may destroy some"
	switch {
	case a.ReadOnlyHint:
		effect = "changes nothing"
	case a.DestructiveHint != nil && !*a.DestructiveHint:
		effect = "changes things, and destroys none"
	}
	if !a.ReadOnlyHint && a.IdempotentHint {
		effect += "; to repeat it changes nothing more"
	}
	if a.OpenWorldHint != nil && !*a.OpenWorldHint {
		return effect + "; it touches nothing outside this server"
	}
	return effect + "; it reaches beyond this server"
}

// writeFields writes the table of a schema's properties. presence is what its third
// column is called.
func writeFields(b *strings.Builder, what, presence string, schema any) {
	fields := schemaFields(schema)
	if len(fields) == 0 {
		fmt.Fprintf(b, "\n%s: nothing.\n", what)
		return
	}
	fmt.Fprintf(b, "\n%s:\n\n| Name | Type | %s | Description |\n| --- | --- | --- | --- |\n", what, presence)
	for _, f := range fields {
		required := "no"
		if f.required {
			required = "yes"
		}
		name := strings.ReplaceAll(code(f.path), "|", `\|`) // a table's own sign, in code spans too
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", name, escaped(f.kind), required, escaped(f.description))
	}
}
