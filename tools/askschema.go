package tools

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"
)

// maxListChoices bounds the choices of which a person can take several.
const maxListChoices = 100

// formFormats are those that a text can have.
var formFormats = []string{"", "email", "uri", "date", "date-time"}

// checkForm holds a schema to what an elicitation may ask for: a flat object (MCP
// 2025-11-25, client/elicitation, "Requested Schema"). A client, or the SDK when the
// person has answered, would refuse another one; and the defaults, which are filled in
// after that, can break no rule of it.
func checkForm(requested any) error {
	data, err := json.Marshal(requested)
	if err != nil {
		return fmt.Errorf("marshalling the schema: %w", err)
	}
	s, _, err := parseSchema(data)
	if err != nil {
		return fmt.Errorf("its schema: %s", clip(err.Error()))
	}
	if !only(*s, jsonschema.Schema{
		ID: s.ID, Schema: s.Schema, Type: s.Type, Properties: s.Properties, Required: s.Required,
		AdditionalProperties: s.AdditionalProperties,
	}) {
		return errors.New("its schema has a rule that is none of a form")
	}
	if a := s.AdditionalProperties; a != nil && !only(*a, jsonschema.Schema{}) && !reflect.DeepEqual(a, &jsonschema.Schema{Not: &jsonschema.Schema{}}) {
		return errors.New("its schema has fields without a name")
	}
	for name, field := range s.Properties {
		if err := checkField(field); err != nil {
			return fmt.Errorf("its field %q %w", name, err)
		}
	}
	if _, err := s.Resolve(&jsonschema.ResolveOptions{ValidateDefaults: true}); err != nil {
		return fmt.Errorf("resolving the schema: %s", clip(err.Error()))
	}
	return nil
}

var (
	errNoField   = errors.New("is no text, number, boolean or list")
	errFieldRule = errors.New("has a rule that is none of a form")
	errBounds    = errors.New("has bounds that nothing is within")
	errTitled    = errors.New("has a choice without a value or a title")
)

func checkField(f *jsonschema.Schema) error {
	allowed := jsonschema.Schema{Type: f.Type, Default: f.Default, Enum: f.Enum, Const: f.Const}
	switch f.Type {
	case "string":
		allowed.Format, allowed.Pattern, allowed.OneOf = f.Format, f.Pattern, f.OneOf
		allowed.MinLength, allowed.MaxLength = f.MinLength, f.MaxLength
	case "number", "integer":
		allowed.Minimum, allowed.Maximum, allowed.MultipleOf = f.Minimum, f.Maximum, f.MultipleOf
		allowed.ExclusiveMinimum, allowed.ExclusiveMaximum = f.ExclusiveMinimum, f.ExclusiveMaximum
	case "boolean":
	case "array":
		allowed.Items, allowed.UniqueItems = f.Items, f.UniqueItems
		allowed.MinItems, allowed.MaxItems = f.MinItems, f.MaxItems
	default:
		return errNoField
	}
	if !only(*f, allowed) {
		return errFieldRule
	}
	if crossed(f.MinLength, f.MaxLength) || crossed(f.MinItems, f.MaxItems) || f.Minimum != nil && f.Maximum != nil && *f.Minimum > *f.Maximum {
		return errBounds
	}
	switch f.Type {
	case "string":
		return checkText(f)
	case "array":
		return checkList(f.Items)
	}
	return nil
}

func checkText(f *jsonschema.Schema) error {
	if !slices.Contains(formFormats, f.Format) {
		return fmt.Errorf("has a format that is none of a form: %s", clip(f.Format))
	}
	if names, ok := f.Extra["enumNames"]; ok && f.Enum != nil {
		if list, ok := names.([]any); !ok || len(list) != len(f.Enum) {
			return errors.New("has not as many enumNames as choices")
		}
	}
	return checkTitled(f.OneOf)
}

// checkList looks at the choices of which a person can take several.
func checkList(items *jsonschema.Schema) error {
	switch {
	case items == nil, len(items.Enum)+len(items.AnyOf) == 0:
		return errors.New("is a list of no choices")
	case !only(*items, jsonschema.Schema{Type: "string", Enum: items.Enum}) && !only(*items, jsonschema.Schema{AnyOf: items.AnyOf}):
		return errFieldRule
	case len(items.Enum)+len(items.AnyOf) > maxListChoices:
		return fmt.Errorf("is a list of more than %d choices", maxListChoices)
	}
	return checkTitled(items.AnyOf)
}

// checkTitled looks at choices that have titles.
func checkTitled(choices []*jsonschema.Schema) error {
	for _, c := range choices {
		if c.Const == nil || c.Title == "" || !only(*c, jsonschema.Schema{Const: c.Const, Type: c.Type}) {
			return errTitled
		}
		if value, ok := (*c.Const).(string); !ok || value == "" {
			return errTitled
		}
	}
	return nil
}

func crossed(least, most *int) bool {
	return least != nil && *least < 0 || most != nil && *most < 0 || least != nil && most != nil && *least > *most
}

// only reports whether s says nothing about a value but what allowed does.
func only(s, allowed jsonschema.Schema) bool {
	allowed.Comment, allowed.Title, allowed.Description, allowed.Examples = s.Comment, s.Title, s.Description, s.Examples
	allowed.Deprecated, allowed.ReadOnly, allowed.WriteOnly = s.Deprecated, s.ReadOnly, s.WriteOnly
	allowed.Extra, allowed.PropertyOrder = s.Extra, s.PropertyOrder
	return reflect.DeepEqual(s, allowed)
}
