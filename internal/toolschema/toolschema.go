// Package toolschema makes the input schemas of tools usable that a server has sent,
// without trust in the server: what would take memory or time without bound, or end
// the process, is refused, and then only the server can judge arguments.
package toolschema

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/jsonschema-go/jsonschema"
)

const (
	// MaxBytes bounds the text of a schema. In memory it is a hundred times that.
	MaxBytes = 256 << 10
	// MaxPatternBytes bounds the regular expressions of one schema together: compiled,
	// a hostile one takes thousands of times its length.
	MaxPatternBytes = 1 << 10
	// MaxParts bounds a schema with its references put in. A short schema can stand for
	// an endless one, and validating by it would not end either.
	MaxParts = 10_000
)

// Read reads a schema. It may still refer to itself: whoever follows its references has
// to expect that.
func Read(schema json.RawMessage) (*jsonschema.Schema, error) {
	s, _, err := read(schema)
	return s, err
}

// read also returns the schema as the library understood it, in plain values. It takes
// "$Ref" for "$ref": what is judged must be what it made of the text.
func read(schema json.RawMessage) (s *jsonschema.Schema, understood any, err error) {
	if len(schema) > MaxBytes {
		return nil, nil, errors.New("the schema is too large")
	}
	s = &jsonschema.Schema{}
	if err := json.Unmarshal(schema, s); err != nil {
		return nil, nil, fmt.Errorf("reading the schema: %w", err)
	}
	text, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal(text, &understood)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading the schema: %w", err)
	}
	if patterns(understood) > MaxPatternBytes {
		return nil, nil, errors.New("the regular expressions of the schema are too long")
	}
	return s, understood, nil
}

// Compile makes a schema ready for validation (JSON Schema 2020-12, or draft 7 where it
// says so). An error means that arguments cannot be validated here.
func Compile(schema json.RawMessage) (*jsonschema.Resolved, error) {
	s, understood, err := read(schema)
	if err != nil {
		return nil, err
	}
	w := walk{root: understood}
	if err := w.visit(understood, true); err != nil {
		return nil, err
	}
	// The library finds out about other drafts only when it validates.
	if !supportedDraft(s.Schema) {
		return nil, errors.New("the schema is of a draft that is not supported")
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		return nil, fmt.Errorf("resolving the schema: %w", err)
	}
	return resolved, nil
}

func supportedDraft(uri string) bool {
	switch uri {
	case "", "https://json-schema.org/draft/2020-12/schema",
		"http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft-07/schema#":
		return true
	}
	return false
}

// patterns is how long the regular expressions in a schema are together.
func patterns(node any) int {
	size := 0
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			size += patterns(child)
		}
	case map[string]any:
		if pattern, ok := node["pattern"].(string); ok {
			size += len(pattern)
		}
		if properties, ok := node["patternProperties"].(map[string]any); ok {
			for pattern := range properties {
				size += len(pattern)
			}
		}
		for _, child := range node {
			size += patterns(child)
		}
	}
	return size
}
