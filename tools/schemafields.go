package tools

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	jsonv2 "github.com/go-json-experiment/json"
)

// maxFieldDepth bounds how far down a schema's properties are shown.
const maxFieldDepth = 4

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
}

// UnmarshalJSON reads a schema, of which true and false are two (JSON Schema 2020-12
// §4.3.2).
func (s *fieldSchema) UnmarshalJSON(data []byte) error {
	if kind := jsontext.Value(data).Kind(); kind == 't' || kind == 'f' {
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
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != '}' && dec.PeekKind() != ']' {
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

// schemaFields are the properties of a tool's schema, which is json.RawMessage.
func schemaFields(schema any) []field {
	raw, _ := schema.(json.RawMessage)
	var s fieldSchema
	if err := jsonv2.Unmarshal(raw, &s); err != nil {
		return nil // no tool can be made with such a schema
	}
	return s.fields("", 1)
}

func (s fieldSchema) fields(at string, depth int) []field {
	var list []field
	if depth > maxFieldDepth {
		return nil
	}
	for _, p := range s.Properties {
		path := at + p.name
		list = append(list, field{
			path: path, kind: p.schema.kind(), description: p.schema.Description,
			required: slices.Contains(s.Required, p.name),
		})
		list = append(list, p.schema.fields(path+".", depth+1)...)
		for items := p.schema.Items; items != nil; items = items.Items {
			path += "[]"
			list = append(list, items.fields(path+".", depth+1)...)
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
