package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// formOf is a form of one field, a.
func formOf(field string) string {
	return `{"type":"object","properties":{"a":{` + field + `}}}`
}

// elicit asks for the form by the SDK, in a session whose client answers with content.
func elicit(t *testing.T, form string, content map[string]any) (map[string]any, error) {
	t.Helper()
	here, there := mcp.NewInMemoryTransports()
	server := mcp.NewServer(&mcp.Implementation{Name: "s", Version: "1"}, nil)
	session, err := server.Connect(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "c", Version: "1"}, &mcp.ClientOptions{
		ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: "accept", Content: maps.Clone(content)}, nil
		},
	})
	other, err := client.Connect(t.Context(), there, &mcp.ClientSessionOptions{ProtocolVersion: "2025-11-25"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	result, err := session.Elicit(t.Context(), &mcp.ElicitParams{Message: "?", RequestedSchema: json.RawMessage(form)})
	if err != nil {
		return nil, err
	}
	return result.Content, nil
}

// TestCheckForm: what a form may be. Whatever is taken, the SDK takes as well, when the
// person has answered; and the answer that it makes of that is the same.
func TestCheckForm(t *testing.T) {
	choices := strings.TrimSuffix(strings.Repeat(`"x",`, maxListChoices), ",")
	for _, tt := range []struct {
		name, form string
		answer     any    // of the field a, where the form is taken
		want       string // the error, or its beginning
	}{
		{"itself", formOf(`"type":"string","$ref":"#/properties/a"`), nil, "its schema: the schema refers to itself without end"},
		{"another field", `{"type":"object","properties":{"a":{"type":"string","$ref":"#/properties/b"},"b":{"type":"string"}}}`, nil, `its field "a" has a rule that is none of a form`},
		{"two fields", `{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a"]}`, "x", ""},
		{"null", `{"type":"object","properties":{"a":null}}`, nil, "its schema: null is no schema, at /properties/a"},
		{"a rule of the whole", `{"type":"object","maxProperties":1,"properties":{"a":{"type":"string"},"b":{"type":"string","default":"x"}}}`, nil, "its schema has a rule that is none of a form"},
		{"definitions", `{"type":"object","$defs":{"a":{}}}`, nil, "its schema has a rule that is none of a form"},
		{"a default", `{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string","default":"x"}},"additionalProperties":false}`, "x", ""},
		{"a default of another type", formOf(`"type":"integer","default":"x"`), nil, "resolving the schema: "},
		{"fields without a name", `{"type":"object","additionalProperties":{"type":"string"}}`, nil, "its schema has fields without a name"},
		{"any other field", `{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"T","type":"object","properties":{"a":{"type":"boolean"}},"additionalProperties":true}`, true, ""},
		{"nested", formOf(`"type":"object"`), nil, `its field "a" is no text, number, boolean or list`},
		{"several types", formOf(`"type":["string","null"]`), nil, `its field "a" is no text, number, boolean or list`},
		{"a combination", formOf(`"type":"string","allOf":[{}]`), nil, `its field "a" has a rule that is none of a form`},
		{"a rule of numbers for a text", formOf(`"type":"string","minimum":1`), nil, `its field "a" has a rule that is none of a form`},
		{"a UUID", formOf(`"type":"string","format":"uuid"`), nil, `its field "a" has a format that is none of a form: uuid`},
		{"an address", formOf(`"type":"string","format":"email"`), "a@b.example", ""},
		{"a length below none", formOf(`"type":"string","minLength":-1`), nil, `its field "a" has bounds that nothing is within`},
		{"crossed lengths", formOf(`"type":"string","minLength":3,"maxLength":2`), nil, `its field "a" has bounds that nothing is within`},
		{"lengths", formOf(`"type":"string","minLength":2,"maxLength":2`), "xx", ""},
		{"crossed numbers", formOf(`"type":"number","minimum":3,"maximum":2`), nil, `its field "a" has bounds that nothing is within`},
		{"numbers", formOf(`"type":"integer","minimum":2,"maximum":2`), 2.0, ""},
		{"a choice", formOf(`"type":"string","enum":["x","y"],"enumNames":["X","Y"]`), "x", ""},
		{"a choice of more than names", formOf(`"type":"string","enum":["x","y"],"enumNames":["X"]`), nil, `its field "a" has not as many enumNames as choices`},
		{"a choice with titles", formOf(`"type":"string","oneOf":[{"const":"x","title":"X"}]`), "x", ""},
		{"a choice without a title", formOf(`"type":"string","oneOf":[{"const":"x"}]`), nil, `its field "a" has a choice without a value or a title`},
		{"a choice of a number", formOf(`"type":"string","oneOf":[{"const":1,"title":"X"}]`), nil, `its field "a" has a choice without a value or a title`},
		{"a list of anything", formOf(`"type":"array"`), nil, `its field "a" is a list of no choices`},
		{"a list of texts", formOf(`"type":"array","items":{"type":"string"}`), nil, `its field "a" is a list of no choices`},
		{"a list of choices", formOf(`"type":"array","items":{"type":"string","enum":["x"]},"maxItems":1`), []any{"x"}, ""},
		{"a list of titles", formOf(`"type":"array","items":{"anyOf":[{"const":"x","title":"X"}]}`), []any{"x"}, ""},
		{"a list without a title", formOf(`"type":"array","items":{"anyOf":[{"const":"x"}]}`), nil, `its field "a" has a choice without a value or a title`},
		{"a list of both", formOf(`"type":"array","items":{"type":"string","anyOf":[{"const":"x","title":"X"}]}`), nil, `its field "a" has a rule that is none of a form`},
		{"a list of numbers", formOf(`"type":"array","items":{"type":"integer","enum":[1]}`), nil, `its field "a" has a rule that is none of a form`},
		{"as many choices as there may be", formOf(`"type":"array","items":{"type":"string","enum":[` + choices + `]}`), []any{"x"}, ""},
		{"one more", formOf(`"type":"array","items":{"type":"string","enum":[` + choices + `,"y"]}`), nil, `its field "a" is a list of more than 100 choices`},
		{"a pattern", formOf(`"type":"string","pattern":"^[a-z]+$"`), "x", ""},
		{"a pattern of a date", formOf(`"type":"string","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"`), "2026-01-01", ""},
		{"a long pattern", formOf(`"type":"string","pattern":".{0,1000}x"`), "x", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := checkForm(json.RawMessage(tt.form))
			if tt.want != "" {
				if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
					t.Errorf("%v, want %q", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			content := map[string]any{"a": tt.answer}
			theirs, err := elicit(t, tt.form, content)
			if err != nil {
				t.Fatal(err)
			}
			ours, err := FormAnswer(json.RawMessage(tt.form), content)
			if err != nil || fmt.Sprint(ours) != fmt.Sprint(theirs) || len(content) != 1 {
				t.Errorf("%v, %v; the SDK says %v", ours, err, theirs)
			}
		})
	}
}

// A form that is derived from a Go type is one.
func TestCheckFormOfGoType(t *testing.T) {
	s, err := jsonschema.For[struct {
		City string `json:"city"`
		Days int    `json:"days,omitempty"`
	}](nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkForm(s); err != nil {
		t.Error(err)
	}
}

// TestFormAnswer: an answer is refused that does not fit, that does not when the defaults
// are there, and that would take long.
func TestFormAnswer(t *testing.T) {
	const one = `{"type":"object","maxProperties":1,"properties":{"a":{"type":"string"},"b":{"type":"string","default":"x"}}}`
	list := formOf(`"type":"array","items":{"type":"string","enum":["` + strings.Repeat(`x","`, 99) + `y"]}`)
	for _, tt := range []struct {
		name, form string
		content    map[string]any
		want       string // the error has it
		filled     map[string]any
	}{
		{"nothing", one, nil, "", map[string]any{"b": "x"}},
		{"with its default too many", one, map[string]any{"a": "x"}, "maxProperties: ", nil},
		{"without a default", one, map[string]any{"b": "y"}, "", map[string]any{"b": "y"}},
		{"of another type", one, map[string]any{"b": 1.0}, `has type "integer", want "string"`, nil},
		{"too much", list, map[string]any{"a": chosen(1 << 18)}, "too large to be held to its schema", nil},
		{"a little", list, map[string]any{"a": chosen(1)}, "", map[string]any{"a": chosen(1)}},
		{"no form", `{"type":"object","$ref":"#"}`, nil, "its schema: the schema refers to itself without end", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			filled, err := FormAnswer(json.RawMessage(tt.form), tt.content)
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%v, want %q", err, tt.want)
				}
				return
			}
			if err != nil || fmt.Sprint(filled) != fmt.Sprint(tt.filled) {
				t.Errorf("%v, %v; want %v", filled, err, tt.filled)
			}
		})
	}
}

func chosen(n int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = "y"
	}
	return list
}

// FuzzCheckForm: whatever a form is, it is taken or refused; and an answer to one that is
// taken is judged.
func FuzzCheckForm(f *testing.F) {
	for _, field := range []string{
		`"$ref":"#/properties/a"`, `"$ref":"#","type":"string"`, `"type":"array","items":{"anyOf":[{"const":"x","title":"X"}]}`,
		`"type":"string","pattern":"(a?){9}","default":"x"`, `"type":"array","items":{"$ref":"#/properties/a"}`, `"type":"number","multipleOf":0,"default":1`,
	} {
		f.Add([]byte(formOf(field)))
	}
	f.Fuzz(func(_ *testing.T, form []byte) {
		if checkForm(json.RawMessage(form)) == nil {
			_, _ = FormAnswer(json.RawMessage(form), map[string]any{"a": "x", "b": []any{"x"}, "c": 1.0})
		}
	})
}
