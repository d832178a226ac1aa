package main

import (
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"

	"mcp-resource-server/internal/toolschema"
)

// accepts reports whether a value of a type has the right type and is one of those
// that are listed, where they are. A nil value stands for any of its type. This is
// to choose a type for a text; the whole object is validated when it is made.
func (s shape) accepts(kind string, value jsontext.Value) bool {
	m := matcher{shape: s, kind: kind, value: value, budget: toolschema.MaxParts}
	return m.accepts(s.part)
}

// matcher holds one value to a schema. Beyond its budget it takes everything: a
// schema may lead back to itself.
type matcher struct {
	shape  shape
	kind   string
	value  jsontext.Value
	budget int
}

func (m *matcher) accepts(s *jsonschema.Schema) bool {
	if m.budget--; s == nil || m.budget < 0 {
		return true
	}
	if isFalse(s) || !m.rightType(s) || !m.listed(s) {
		return false
	}
	if s.Ref != "" && !m.accepts(m.shape.resolve(s.Ref)) {
		return false
	}
	for _, part := range s.AllOf {
		if !m.accepts(part) {
			return false
		}
	}
	return (s.AnyOf == nil || slices.ContainsFunc(s.AnyOf, m.accepts)) &&
		(s.OneOf == nil || slices.ContainsFunc(s.OneOf, m.accepts))
}

func (m *matcher) rightType(s *jsonschema.Schema) bool {
	types := s.Types
	if s.Type != "" {
		types = []string{s.Type}
	}
	return types == nil || slices.Contains(types, m.kind) || (m.kind == "integer" && slices.Contains(types, "number"))
}

func (m *matcher) listed(s *jsonschema.Schema) bool {
	values := listed(s)
	return values == nil || m.value == nil || slices.ContainsFunc(values, func(v any) bool {
		encoded, err := json.Marshal(v)
		return err == nil && sameJSON(encoded, m.value)
	})
}

// listed are the only values that a schema takes; nil if it lists none.
func listed(s *jsonschema.Schema) []any {
	if s.Const != nil {
		return []any{*s.Const}
	}
	return s.Enum
}

// sameJSON compares two values in their canonical form (RFC 8785).
func sameJSON(a, b jsontext.Value) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	return a.Canonicalize() == nil && b.Canonicalize() == nil && string(a) == string(b)
}
