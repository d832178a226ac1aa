package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"
)

var errUnjudged = errors.New("only the server can judge by this schema")

// validate judges a whole object. It returns errUnjudged where only the server can:
// the schema is of a draft that is not known here, refers to other documents or to
// itself, or is too large.
func validate(schema *jsonschema.Schema, object jsontext.Value) error {
	if schema == nil || !knownDraft(schema.Schema) || !bounded(schema) {
		return errUnjudged
	}
	resolved, err := schema.CloneSchemas().Resolve(nil)
	if err != nil {
		return errUnjudged
	}
	value, err := decode(object)
	if err != nil {
		return errUnjudged
	}
	return resolved.Validate(value)
}

// decode reads an object for the validator, which knows numbers as Go's. It is only
// judged by them; what is sent are the digits as they were given.
func decode(object jsontext.Value) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, err
	}
	return withNumbers(value)
}

func withNumbers(value any) (any, error) {
	var err error
	switch v := value.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n, nil
		}
		return v.Float64() // an error if it is too large
	case []any:
		for i := range v {
			if v[i], err = withNumbers(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for name := range v {
			if v[name], err = withNumbers(v[name]); err != nil {
				return nil, err
			}
		}
	}
	return value, nil
}

// knownDraft tells the drafts that the validator knows; it finds out late, and says
// so as if the value were wrong.
func knownDraft(uri string) bool {
	switch uri {
	case "", "https://json-schema.org/draft/2020-12/schema",
		"http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft-07/schema#":
		return true
	default:
		return false
	}
}

// maxSchemaParts bounds a schema with its references put in.
const maxSchemaParts = 10_000

// bounded reports whether a schema with its references put in is a tree of bearable
// size. The validator follows {"$ref":"#"} until the stack ends, and with it the
// process; ten definitions that use the next one ten times each take for ever.
func bounded(root *jsonschema.Schema) bool {
	parts := 0
	var visit func(*jsonschema.Schema) bool
	visit = func(s *jsonschema.Schema) bool {
		if s == nil {
			return true
		}
		if parts++; parts > maxSchemaParts {
			return false
		}
		if s.DynamicRef != "" || (s.ID != "" && s != root) {
			return false // they change what a reference means
		}
		if s.Ref != "" {
			target := shape{root: root}.resolve(s.Ref)
			if target == nil || !visit(target) {
				return false
			}
		}
		return !slices.ContainsFunc(subschemas(s), func(part *jsonschema.Schema) bool { return !visit(part) })
	}
	return visit(root)
}

func subschemas(s *jsonschema.Schema) []*jsonschema.Schema {
	parts := slices.Concat(s.AllOf, s.AnyOf, s.OneOf, s.PrefixItems, s.ItemsArray, []*jsonschema.Schema{
		s.Not, s.If, s.Then, s.Else,
		s.Items, s.AdditionalItems, s.Contains, s.UnevaluatedItems,
		s.AdditionalProperties, s.PropertyNames, s.UnevaluatedProperties, s.ContentSchema,
	})
	for _, m := range []map[string]*jsonschema.Schema{
		s.Properties, s.PatternProperties, s.Defs, s.Definitions, s.DependentSchemas, s.DependencySchemas,
	} {
		for _, part := range m {
			parts = append(parts, part)
		}
	}
	return parts
}
