package main

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"

	"mcp-resource-server/internal/toolschema"
)

// inputSchema is a tool's, as it was sent and as it was read. The zero value says
// nothing: then only the server judges arguments.
type inputSchema struct {
	raw  jsontext.Value
	root *jsonschema.Schema
}

// readSchema reads a schema. One that is too large, or not there, says nothing.
func readSchema(raw jsontext.Value) inputSchema {
	if len(raw) == 0 || string(raw) == "null" {
		return inputSchema{}
	}
	root, err := toolschema.Read(json.RawMessage(raw))
	if err != nil {
		return inputSchema{}
	}
	return inputSchema{raw, root}
}

// shape is a part of a schema together with the whole, in which its references are
// looked up. A nil part says nothing: any value will do.
type shape struct {
	root, part *jsonschema.Schema
}

// maxAlternatives bounds how many schemas are tried for one value.
const maxAlternatives = 64

// alternatives are the schemas of which a value has to match one (anyOf, oneOf) or
// all (allOf) beside the part itself, references resolved. What is all and what is
// one does not matter here: they are only tried, and the whole is validated after.
func (s shape) alternatives() []*jsonschema.Schema {
	var found []*jsonschema.Schema
	var visit func(*jsonschema.Schema)
	visit = func(part *jsonschema.Schema) {
		if part == nil || slices.Contains(found, part) || len(found) == maxAlternatives {
			return
		}
		found = append(found, part)
		if part.Ref != "" {
			visit(s.resolve(part.Ref))
		}
		for _, list := range [][]*jsonschema.Schema{part.AllOf, part.AnyOf, part.OneOf} {
			for _, next := range list {
				visit(next)
			}
		}
	}
	visit(s.part)
	return found
}

// resolve finds the definition that a reference within the document names; nil for
// any other reference.
func (s shape) resolve(ref string) *jsonschema.Schema {
	if ref == "#" {
		return s.root
	}
	if s.root == nil {
		return nil
	}
	if name, ok := strings.CutPrefix(ref, "#/$defs/"); ok {
		return s.root.Defs[unescapePointer(name)]
	}
	if name, ok := strings.CutPrefix(ref, "#/definitions/"); ok {
		return s.root.Definitions[unescapePointer(name)]
	}
	return nil
}

// unescapePointer undoes the escapes of RFC 6901 §4.
func unescapePointer(s string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
}

// kinds are the types that the part names anywhere, or none if it names none.
func (s shape) kinds() []string {
	var kinds []string
	for _, part := range s.alternatives() {
		kinds = append(append(kinds, part.Types...), part.Type)
	}
	kinds = slices.DeleteFunc(kinds, func(k string) bool { return k == "" })
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// may reports whether a value of a type could match.
func (s shape) may(kind string) bool { return s.accepts(kind, nil) }

// is reports whether the part names a type.
func (s shape) is(kind string) bool { return slices.Contains(s.kinds(), kind) }

// declared is what stands in the schema for a property.
func (s shape) declared(name string) (shape, bool) {
	for _, part := range s.alternatives() {
		if p, ok := part.Properties[name]; ok {
			return shape{s.root, p}, true
		}
	}
	return shape{root: s.root}, false
}

// property is what a value of a property has to match. It is false where the schema
// has no room for that property.
func (s shape) property(name string) (shape, bool) {
	if p, ok := s.declared(name); ok {
		return p, true
	}
	for _, part := range s.alternatives() {
		for pattern, p := range part.PatternProperties {
			if re, err := regexp.Compile(pattern); err == nil && re.MatchString(name) {
				return shape{s.root, p}, true
			}
		}
	}
	for _, part := range s.alternatives() {
		for _, rest := range []*jsonschema.Schema{part.AdditionalProperties, part.UnevaluatedProperties} {
			if rest != nil {
				return shape{s.root, rest}, !isFalse(rest)
			}
		}
	}
	return shape{root: s.root}, true
}

// isFalse tells the schema that nothing matches, which is read as {"not": {}}.
func isFalse(s *jsonschema.Schema) bool {
	return s.Not != nil && reflect.DeepEqual(s.Not, &jsonschema.Schema{})
}

// element is what each element of an array has to match.
func (s shape) element() shape {
	for _, part := range s.alternatives() {
		if part.Items != nil {
			return shape{s.root, part.Items}
		}
	}
	return shape{root: s.root}
}

// properties are the names that are declared, sorted.
func (s shape) properties() []string {
	var names []string
	for _, part := range s.alternatives() {
		for name := range part.Properties {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// required are the names of properties that must be there whatever else is.
func (s shape) required() []string {
	if s.part == nil {
		return nil
	}
	names := slices.Clone(s.part.Required)
	if s.part.Ref != "" {
		if target := s.resolve(s.part.Ref); target != nil {
			names = append(names, target.Required...)
		}
	}
	for _, part := range s.part.AllOf {
		if part != nil { // null is no schema, and a server may send it all the same
			names = append(names, part.Required...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
