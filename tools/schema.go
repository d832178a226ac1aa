package tools

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
)

// schema is a JSON schema, ready to be shown and ready to be used.
type schema struct {
	raw      json.RawMessage
	resolved *jsonschema.Resolved
	weights  weights
}

// mustSchema derives a schema from T, which marks the arguments that have headers
// (see [Options]).
func mustSchema[T any](tool, what string, headers map[string]string) schema {
	if t := reflect.TypeFor[T](); t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("tool %q: the %s must be a struct", tool, what))
	}
	s, err := jsonschema.For[T](nil)
	if err != nil {
		panic(fmt.Sprintf("tool %q: %s schema: %v", tool, what, err))
	}
	if path := unwritable(reflect.TypeFor[T](), what); path != "" {
		panic(fmt.Sprintf("tool %q: %s is of a type whose JSON is not what its schema says: use a string or a number", tool, path))
	}
	plainArrays(s)
	if s.Properties == nil {
		// Left out, it makes OpenAI's API refuse the whole list of tools.
		s.Properties = map[string]*jsonschema.Schema{}
	}
	for argument, header := range headers {
		p, ok := s.Properties[argument]
		if !ok {
			panic(fmt.Sprintf("tool %q: no argument %q for the header %q", tool, argument, header))
		}
		p.Extra = map[string]any{headerKeyword: header}
	}
	if err := checkHeaders(s); err != nil {
		panic(fmt.Sprintf("tool %q: %v", tool, err))
	}
	weights, err := weigh(s)
	if err != nil {
		panic(fmt.Sprintf("tool %q: %s schema: %v", tool, what, err))
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		panic(fmt.Sprintf("tool %q: %s schema: %v", tool, what, err))
	}
	raw, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("tool %q: %s schema: %v", tool, what, err))
	}
	return schema{raw: raw, resolved: resolved, weights: weights}
}

// plainArrays makes every array of a derived schema an array and nothing else. A
// Go slice may be nil, from which the library takes that null is allowed; here an
// empty array is written for it, and many clients cannot read a list of types.
func plainArrays(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if slices.Equal(s.Types, []string{"null", "array"}) {
		s.Type, s.Types = "array", nil
	}
	if s.Items != nil && reflect.ValueOf(*s.Items).IsZero() {
		// It would be written as true, which few clients know for a schema.
		s.Items.Description = "a value of any type"
	}
	for _, property := range s.Properties {
		plainArrays(property)
	}
	plainArrays(s.Items)
	plainArrays(s.AdditionalProperties)
}

// unwritable returns the path of a field whose JSON form and derived schema differ,
// so that no call could ever hold to both, or "" where there is none: a duration
// (an integer to the one, no form to the other), bytes (an array, base64), a type
// with a JSON form of its own that the schema cannot know, and a pointer to a list
// (whose null the schema does not have). It looks into structs and lists, each type
// once.
func unwritable(t reflect.Type, path string) string {
	return findUnwritable(t, path, map[reflect.Type]bool{})
}

func findUnwritable(t reflect.Type, path string, seen map[reflect.Type]bool) string {
	if seen[t] || t == reflect.TypeFor[time.Time]() {
		return ""
	}
	seen[t] = true
	if t == reflect.TypeFor[time.Duration]() || hasOwnForm(t) {
		return path
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return path
		}
		return findUnwritable(t.Elem(), path+"[]", seen)
	case reflect.Pointer:
		if t.Elem().Kind() == reflect.Slice {
			return path
		}
		return findUnwritable(t.Elem(), path, seen)
	case reflect.Map:
		return findUnwritable(t.Elem(), path, seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if !f.IsExported() {
				continue
			}
			if at := findUnwritable(f.Type, path+"."+f.Name, seen); at != "" {
				return at
			}
		}
	}
	return ""
}

// hasOwnForm reports a type that writes itself.
func hasOwnForm(t reflect.Type) bool {
	for _, form := range []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()} {
		if t.Implements(form) || reflect.PointerTo(t).Implements(form) {
			return true
		}
	}
	return false
}
