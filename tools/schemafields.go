package tools

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	jsonv2 "github.com/go-json-experiment/json"
)

const (
	// maxFieldDepth bounds how far down a schema's properties are shown.
	maxFieldDepth = 4
	// maxFields bounds how many of them are.
	maxFields = 200
)

// field is one property of a schema, or of an object within it: reasons[].path.
type field struct {
	path, kind, description string
	required                bool
}

// fieldSchema is what of a JSON Schema a reader is shown.
type fieldSchema struct {
	Type        jsontext.Value `json:"type"` // a name, or a list of names
	Format      string         `json:"format"`
	Enum        []any          `json:"enum"`
	Description string         `json:"description"`
	Properties  properties     `json:"properties"`
	Required    []string       `json:"required"`
	Items       *fieldSchema   `json:"items"`

	// What else may stand in a schema from elsewhere, and is not shown.
	Additional jsontext.Value `json:"additionalProperties"`
	rules
}

// rules are the keywords by which a schema says more than which properties there are.
type rules struct {
	Ref              jsontext.Value `json:"$ref"`
	AllOf            jsontext.Value `json:"allOf"`
	AnyOf            jsontext.Value `json:"anyOf"`
	OneOf            jsontext.Value `json:"oneOf"`
	Not              jsontext.Value `json:"not"`
	If               jsontext.Value `json:"if"`
	Pattern          jsontext.Value `json:"patternProperties"`
	DependentSchemas jsontext.Value `json:"dependentSchemas"`
	Dependencies     jsontext.Value `json:"dependencies"`
}

func (r rules) there() bool {
	return len(r.Ref)+len(r.AllOf)+len(r.AnyOf)+len(r.OneOf)+len(r.Not)+len(r.If)+
		len(r.Pattern)+len(r.DependentSchemas)+len(r.Dependencies) > 0
}

// UnmarshalJSON reads a schema, of which true and false are two (JSON Schema 2020-12
// §4.3.2). A list of schemas, which draft 7 has for items, is not shown.
func (s *fieldSchema) UnmarshalJSON(data []byte) error {
	if jsontext.Value(data).Kind() != '{' {
		return nil
	}
	type plainSchema fieldSchema
	return jsonv2.Unmarshal(data, (*plainSchema)(s))
}

// properties keep the order in which they are written.
type properties []property

type property struct {
	name   string
	schema fieldSchema
}

// UnmarshalJSONFrom reads an object of schemas.
func (p *properties) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '{' {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		next := property{name: name.String()}
		if err := jsonv2.UnmarshalDecode(dec, &next.schema); err != nil {
			return fmt.Errorf("property %q: %w", next.name, err)
		}
		*p = append(*p, next)
	}
	_, err := dec.ReadToken()
	return err
}

// shownFields is what a reader is shown of a schema.
type shownFields struct {
	fields []field
	// closed: there is nothing beside the fields.
	closed bool
	// more: the schema says things of the object that the fields do not.
	more bool
}

// readFields reads a tool's schema, which is json.RawMessage.
func readFields(schema any) shownFields {
	raw, _ := schema.(json.RawMessage)
	var s fieldSchema
	if err := jsonv2.Unmarshal(raw, &s); err != nil {
		return shownFields{} // no tool can be made with such a schema
	}
	shown := shownFields{fields: s.fields(nil, "", 1), more: s.there()}
	if len(shown.fields) > maxFields {
		shown.fields, shown.more = shown.fields[:maxFields], true
	}
	shown.closed = string(s.Additional) == "false" && !shown.more
	return shown
}

// fields appends the properties of s to list, and those of the objects within it. It
// stops soon after there are too many.
func (s fieldSchema) fields(list []field, at string, depth int) []field {
	if depth > maxFieldDepth {
		return list
	}
	for _, p := range s.Properties {
		if len(list) > maxFields {
			return list
		}
		path := at + p.name
		list = append(list, field{
			path: path, kind: p.schema.kind(), description: p.schema.Description,
			required: slices.Contains(s.Required, p.name),
		})
		list = p.schema.fields(list, path+".", depth+1)
		for items := p.schema.Items; items != nil; items = items.Items {
			path += "[]"
			list = items.fields(list, path+".", depth+1)
		}
	}
	return list
}

// kind is the type in words: array of string, number or null.
func (s fieldSchema) kind() string {
	var one string
	var several []string
	if jsonv2.Unmarshal(s.Type, &one) == nil {
		several = []string{one}
	} else if jsonv2.Unmarshal(s.Type, &several) != nil {
		several = []string{"any"}
		if s.there() {
			several = []string{"see the schema"}
		}
	}
	words := strings.Join(several, " or ")
	switch {
	case len(s.Enum) > 0:
		words += " (" + s.choices() + ")"
	case s.Format != "":
		words += " (" + s.Format + ")"
	}
	if slices.Contains(several, "array") && s.Items != nil {
		words += " of " + s.Items.kind()
	}
	return words
}

func (s fieldSchema) choices() string {
	words := make([]string, len(s.Enum))
	for i, v := range s.Enum {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, ", ")
}
