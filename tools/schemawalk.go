package tools

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// part is a schema within another one.
type part struct {
	// at is where, as a JSON pointer (RFC 6901) from the one to the other.
	at     string
	schema *jsonschema.Schema // nil where null stands
	role   role
}

// role says what value a part judges, when the outer schema judges one.
type role int

const (
	held   role = iota // none: it is there to be referred to
	same               // the same one
	either             // a member or an item, of which no other part of this role judges it
	beside             // a member or an item, whatever else judges it
)

// parts are the schemas directly within s, always in the same order.
func parts(s *jsonschema.Schema) []part {
	var list []part
	one := func(r role, keyword string, s *jsonschema.Schema) {
		if s != nil {
			list = append(list, part{"/" + keyword, s, r})
		}
	}
	each := func(r role, keyword string, schemas []*jsonschema.Schema) {
		for i, s := range schemas {
			list = append(list, part{"/" + keyword + "/" + strconv.Itoa(i), s, r})
		}
	}
	named := func(r role, keyword string, schemas map[string]*jsonschema.Schema) {
		for _, name := range slices.Sorted(maps.Keys(schemas)) {
			list = append(list, part{"/" + keyword + "/" + pointerEscape.Replace(name), schemas[name], r})
		}
	}
	named(held, "$defs", s.Defs)
	named(held, "definitions", s.Definitions)
	one(held, "contentSchema", s.ContentSchema)

	each(same, "allOf", s.AllOf)
	each(same, "anyOf", s.AnyOf)
	each(same, "oneOf", s.OneOf)
	one(same, "not", s.Not)
	one(same, "if", s.If)
	one(same, "then", s.Then)
	one(same, "else", s.Else)
	named(same, "dependentSchemas", s.DependentSchemas)
	named(same, "dependencies", s.DependencySchemas)

	named(either, propertiesKeyword, s.Properties)
	one(either, "additionalProperties", s.AdditionalProperties)
	each(either, "prefixItems", s.PrefixItems)
	one(either, "items", s.Items)
	each(either, "items", s.ItemsArray)
	one(either, "additionalItems", s.AdditionalItems)

	named(beside, "patternProperties", s.PatternProperties)
	one(beside, "propertyNames", s.PropertyNames)
	one(beside, "unevaluatedProperties", s.UnevaluatedProperties)
	one(beside, "unevaluatedItems", s.UnevaluatedItems)
	one(beside, "contains", s.Contains)
	return list
}

const propertiesKeyword = "properties"

var (
	pointerEscape   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescape = strings.NewReplacer("~1", "/", "~0", "~")
)
