package tools

import (
	"encoding/json"
	"fmt"
	"maps"
)

// FormAnswer holds what a person has filled in to the schema of the form, and returns it
// with the defaults. It refuses an answer that would take long to judge.
func FormAnswer(requested any, content map[string]any) (map[string]any, error) {
	data, err := json.Marshal(requested)
	if err != nil {
		return nil, fmt.Errorf("marshalling the schema: %w", err)
	}
	form, err := readSchema(data)
	if err != nil {
		return nil, fmt.Errorf("its schema: %w", err)
	}
	filled := maps.Clone(content)
	if filled == nil {
		filled = map[string]any{}
	}
	if err := form.validate(filled); err != nil {
		return nil, err
	}
	if err := form.resolved.ApplyDefaults(&filled); err != nil {
		return nil, err
	}
	// A default that fits its field can break a rule of the whole.
	if err := form.validate(filled); err != nil {
		return nil, err
	}
	return filled, nil
}
