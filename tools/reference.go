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
	writeHead(&b, definition.Name, definition.Title, definition.Description, d.Needs)
	fmt.Fprintf(&b, "- A call %s\n", hintWords(definition.Annotations))
	writeFields(&b, "Input", "Required", definition.InputSchema)
	if definition.OutputSchema == nil {
		b.WriteString("\nOutput: content for people and models, which no schema describes.\n")
		return b.String()
	}
	writeFields(&b, "Output", "Always there", definition.OutputSchema)
	return b.String()
}

// DocumentedPrompt is a prompt, and what the access policy asks of whoever uses it.
type DocumentedPrompt struct {
	Prompt Prompt
	Needs  auth.Needs
}

// PromptReference describes prompts as [Reference] does tools.
func PromptReference(list []DocumentedPrompt) string {
	list = slices.SortedFunc(slices.Values(list), func(a, b DocumentedPrompt) int {
		return strings.Compare(a.Prompt.Name(), b.Prompt.Name())
	})
	var sections []string
	for _, d := range list {
		sections = append(sections, promptSection(d))
	}
	return strings.Join(sections, "\n")
}

func promptSection(d DocumentedPrompt) string {
	definition := d.Prompt.Definition()
	var b strings.Builder
	writeHead(&b, definition.Name, definition.Title, definition.Description, d.Needs)
	if len(definition.Arguments) == 0 {
		b.WriteString("\nArguments: none.\n")
		return b.String()
	}
	b.WriteString("\nArguments:\n\n| Name | Required | Description |\n| --- | --- | --- |\n")
	for _, a := range definition.Arguments {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(a.Name), yesNo(a.Required), escaped(a.Description))
	}
	return b.String()
}

// DocumentedResource is a resource, and what the access policy asks of whoever reads it.
type DocumentedResource struct {
	Resource Resource
	Needs    auth.Needs
}

// ResourceReference describes resources as [Reference] does tools, in the order of their
// URIs.
func ResourceReference(list []DocumentedResource) string {
	list = slices.SortedFunc(slices.Values(list), func(a, b DocumentedResource) int {
		return strings.Compare(a.Resource.URI(), b.Resource.URI())
	})
	var sections []string
	for _, d := range list {
		r := d.Resource.Definition()
		sections = append(sections, documentSection(r.URI, r.Title, r.Description, r.MIMEType, d.Needs))
	}
	return strings.Join(sections, "\n")
}

// DocumentedTemplate is a template of resources, and what the access policy asks of
// whoever reads a document of it.
type DocumentedTemplate struct {
	Template Template
	Needs    auth.Needs
}

// TemplateReference describes templates as [Reference] does tools, in their order as
// text.
func TemplateReference(list []DocumentedTemplate) string {
	list = slices.SortedFunc(slices.Values(list), func(a, b DocumentedTemplate) int {
		return strings.Compare(a.Template.URITemplate(), b.Template.URITemplate())
	})
	var sections []string
	for _, d := range list {
		t := d.Template.Definition()
		sections = append(sections, documentSection(t.URITemplate, t.Title, t.Description, t.MIMEType, d.Needs))
	}
	return strings.Join(sections, "\n")
}

func documentSection(uri, title, description, mimeType string, needs auth.Needs) string {
	var b strings.Builder
	writeHead(&b, uri, title, description, needs)
	fmt.Fprintf(&b, "- Type: %s\n", code(mimeType))
	return b.String()
}

// writeHead writes what all sections begin with.
func writeHead(b *strings.Builder, name, title, description string, needs auth.Needs) {
	fmt.Fprintf(b, "## %s\n\n", escaped(name))
	fmt.Fprintf(b, "**%s.** %s\n\n", escaped(title), escaped(description))
	fmt.Fprintf(b, "- Scopes: %s\n", neededScopes(needs))
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
	read := readFields(schema)
	switch {
	case len(read.fields) == 0 && read.closed:
		fmt.Fprintf(b, "\n%s: nothing.\n", what)
		return
	case len(read.fields) == 0:
		fmt.Fprintf(b, "\n%s: an object, of which the schema says more than a table can.\n", what)
		return
	}
	fmt.Fprintf(b, "\n%s:\n\n| Name | Type | %s | Description |\n| --- | --- | --- | --- |\n", what, presence)
	for _, f := range read.fields {
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", cell(f.path), escaped(f.kind), yesNo(f.required), escaped(f.description))
	}
	if read.more {
		b.WriteString("\nThe schema says more than this table.\n")
	}
}

// cell is a name in a table, whose own sign counts in code spans, too.
func cell(name string) string { return strings.ReplaceAll(code(name), "|", `\|`) }

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
