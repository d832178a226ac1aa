package tools

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mcp-resource-server/auth"
)

type referenceItem struct {
	ID    string   `json:"id" jsonschema:"a|b and *c*"`
	Codes []string `json:"codes,omitempty"`
}

type referenceInput struct {
	Zeta  int             `json:"zeta" jsonschema:"first in the type, so first here"`
	Items []referenceItem `json:"items"`
	Alpha *string         `json:"alpha,omitempty" jsonschema:"may be null"`
}

func TestReference(t *testing.T) {
	tool := defined[referenceInput, nothing]("sort_items", Options{
		Title: "Sort *items*", Description: "1. Sorts <b>items</b>\n\n# of each [kind](http://x).",
		Annotations: Annotations{Additive: true, Idempotent: true, Closed: true},
	})()
	got := Reference([]Documented{
		{Tool: tool, Needs: auth.Needs{AllOf: []string{"mcp", "a|b"}, AnyOf: []string{"x", "y", "z"}}},
		{Tool: defined[nothing, nothing]("read", Options{Title: "Read", Description: "Reads."})()},
	})
	want := `## read

**Read.** Reads.

- Scopes: none, a valid token is enough
- A call changes things, and may destroy some; it reaches beyond this server

Input: nothing.

Output: nothing.

## sort_items

**Sort \*items\*.** 1\. Sorts \<b\>items\</b\> \# of each \[kind\](http://x).

- Scopes: ` + "`mcp` and `a|b`, and one of `x`, `y` or `z`" + `
- A call changes things, and destroys none; to repeat it changes nothing more; it touches nothing outside this server

Input:

| Name | Type | Required | Description |
| --- | --- | --- | --- |
| ` + "`zeta`" + ` | integer | yes | first in the type, so first here |
| ` + "`items`" + ` | array of object | yes |  |
| ` + "`items[].id`" + ` | string | yes | a\|b and \*c\* |
| ` + "`items[].codes`" + ` | array of string | no |  |
| ` + "`alpha`" + ` | null or string | no | may be null |

Output: nothing.
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := Reference(nil); got != "" {
		t.Errorf("of no tools: %q", got)
	}
}

// What a table cannot show is said; what cannot be read makes no panic.
func TestReferenceOfSchemas(t *testing.T) {
	for _, tt := range []struct{ name, schema, want string }{
		{"nothing", `"properties":{},"additionalProperties":false`, "nothing."},
		{"anything", `"properties":{}`, "an object, of which the schema says more than a table can."},
		{"a condition alone", `"anyOf":[{"required":["a"]}],"additionalProperties":false`, "an object, of which the schema says more than a table can."},
		{"a property and a condition", `"properties":{"a":{"$ref":"#/$defs/a"}},"$defs":{"a":{}},"anyOf":[{"required":["a"]}]`, "| `a` | see the schema | no |  |\n\nThe schema says more than this table."},
		{"a list of schemas", `"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"type":"array","items":[{"type":"string"}]}}`, "| `a` | array of any | no |  |"},
		{"no properties", `"properties":null`, "an object, of which the schema says more than a table can."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tool := DefineSchema("t", plainOptions, Schemas{Input: object(tt.schema)}, nil)
			got := Reference([]Documented{{Tool: tool}})
			if !strings.Contains(got, "\nInput: "+tt.want+"\n") && !strings.Contains(got, "\n"+tt.want+"\n") {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
			if !strings.HasSuffix(got, "\nOutput: content for people and models, which no schema describes.\n") {
				t.Errorf("the output is not described:\n%s", got)
			}
		})
	}
}

// A schema of many properties makes a table of some.
func TestReferenceIsBounded(t *testing.T) {
	var list []string
	for i := range 2 * maxFields {
		list = append(list, fmt.Sprintf(`"p%d":{"type":"object","properties":{"a":{},"b":{}}}`, i))
	}
	tool := DefineSchema("t", plainOptions, Schemas{Input: object(`"properties":{` + strings.Join(list, ",") + `}`)}, nil)
	got := Reference([]Documented{{Tool: tool}})
	if rows := strings.Count(got, "\n| `p"); rows != maxFields || !strings.Contains(got, "\nThe schema says more than this table.\n") {
		t.Errorf("%d rows", rows)
	}
}

func TestPromptReference(t *testing.T) {
	plain := NewPrompt("alone", PromptOptions{Title: "Alone", Description: "Takes *nothing*."}, nil)
	got := PromptReference([]DocumentedPrompt{
		{Prompt: NewPrompt("p", promptOptions, nil), Needs: auth.Needs{AllOf: []string{"prompt:p"}}}, {Prompt: plain},
	})
	want := `## alone

**Alone.** Takes \*nothing\*.

- Scopes: none, a valid token is enough

Arguments: none.

## p

**Title.** Description.

- Scopes: ` + "`prompt:p`" + `

Arguments:

| Name | Required | Description |
| --- | --- | --- |
| ` + "`city`" + ` | yes |  |
| ` + "`tone`" + ` | no |  |
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestResourceReference(t *testing.T) {
	got := ResourceReference([]DocumentedResource{{Resource: DocsTools()}})
	want := `## docs://tools

**Reference of the tools.** What each tool does, which scopes it needs, and what goes in and comes out. It holds the tools that the caller is shown, and no others.

- Scopes: none, a valid token is enough
- Type: ` + "`text/markdown`" + `
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTemplateReference(t *testing.T) {
	options := ResourceOptions{Name: "note", Title: "A *note*", Description: "One.", MIMEType: "text/plain"}
	got := TemplateReference([]DocumentedTemplate{
		{Template: NewTemplate("t://b/{id}", options, nil)},
		{Template: NewTemplate("t://a/{id}", options, nil), Needs: auth.Needs{AllOf: []string{"notes:read"}}},
	})
	section := func(uri, scopes string) string {
		return "## " + escaped(uri) + "\n\n**A \\*note\\*.** One.\n\n- Scopes: " + scopes + "\n- Type: `text/plain`\n"
	}
	want := section("t://a/{id}", "`notes:read`") + "\n" + section("t://b/{id}", "none, a valid token is enough")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Every tool that came with the server has a section, with every top-level property of its input.
func TestReferenceIsWhole(t *testing.T) {
	var list []Documented
	for _, tool := range shipped().Tools {
		list = append(list, Documented{Tool: tool, Needs: auth.Needs{AllOf: tool.Scopes()}})
	}
	got := Reference(list)
	for _, d := range list {
		_, section, ok := strings.Cut("\n"+got, "\n## "+d.Tool.Name()+"\n")
		if !ok {
			t.Errorf("no section for %s", d.Tool.Name())
			continue
		}
		section, _, _ = strings.Cut(section, "\n## ")
		var schema struct{ Properties map[string]any }
		if err := json.Unmarshal(d.Tool.Definition().InputSchema.(json.RawMessage), &schema); err != nil {
			t.Fatal(err)
		}
		for name := range schema.Properties {
			if !strings.Contains(section, "\n| `"+name+"` | ") {
				t.Errorf("%s: %s is missing", d.Tool.Name(), name)
			}
		}
		if !strings.Contains(section, "- Scopes: `tool:"+d.Tool.Name()+"`\n") {
			t.Errorf("%s: its scope is missing", d.Tool.Name())
		}
	}
}

func TestNeededScopes(t *testing.T) {
	for _, tt := range []struct {
		name  string
		needs auth.Needs
		want  string
	}{
		{"none", auth.Needs{}, "none, a valid token is enough"},
		{"one", auth.Needs{AllOf: []string{"a"}}, "`a`"},
		{"all of three", auth.Needs{AllOf: []string{"a", "b", "c"}}, "`a`, `b` and `c`"},
		{"one of one", auth.Needs{AnyOf: []string{"a"}}, "`a`"},
		{"one of two", auth.Needs{AnyOf: []string{"a", "b"}}, "one of `a` or `b`"},
		{"both", auth.Needs{AllOf: []string{"a"}, AnyOf: []string{"b", "c"}}, "`a`, and one of `b` or `c`"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := neededScopes(tt.needs); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSchemaFields(t *testing.T) {
	for _, tt := range []struct{ name, schema, want string }{
		{"no properties", `{"type":"object","properties":{}}`, ""},
		{"no schema", ``, ""},
		{"an enum", `{"properties":{"a":{"type":"string","enum":["x","y",1]}}}`, "a: string (x, y, 1)"},
		{"a format", `{"properties":{"a":{"type":"string","format":"date-time"}}}`, "a: string (date-time)"},
		{"no type", `{"properties":{"a":{}}}`, "a: any"},
		{"true", `{"properties":{"a":true}}`, "a: any"},
		{"two types", `{"properties":{"a":{"type":["number","null"]}}}`, "a: number or null"},
		{"lists of lists", `{"properties":{"a":{"type":"array","items":{"type":"array","items":{"type":"object","properties":{"b":{"type":"number"}}}}}}}`, "a: array of array of object; a[][].b: number"},
		{"deep down", `{"properties":{"a":{"properties":{"b":{"properties":{"c":{"properties":{"d":{"properties":{"e":{}}}}}}}}}}}`, "a: any; a.b: any; a.b.c: any; a.b.c.d: any"},
		{"required", `{"properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["b"]}`, "a: string; b: string!"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, f := range readFields(json.RawMessage(tt.schema)).fields {
				text := f.path + ": " + f.kind
				if f.required {
					text += "!"
				}
				got = append(got, text)
			}
			if text := strings.Join(got, "; "); text != tt.want {
				t.Errorf("got %s, want %s", text, tt.want)
			}
		})
	}
}
