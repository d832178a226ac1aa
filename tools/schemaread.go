package tools

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/jsonschema-go/jsonschema"

	"mcp-resource-server/internal/strictjson"
)

const (
	// maxSchemaBytes bounds the text of a schema. In memory it is a hundred times that.
	maxSchemaBytes = 256 << 10
	// maxSchemaDepth bounds the nesting of its text.
	maxSchemaDepth = 128
	// maxPatternBytes bounds the regular expressions of one schema together: compiled,
	// one can take thousands of times its length.
	maxPatternBytes = 16 << 10
	// maxSchemaWork bounds how many schemas one value can come to be judged by.
	maxSchemaWork = 10_000
)

// readSchema makes a schema ready that was not derived from a Go type. Whatever it is
// given, it does not panic, and what it makes ready judges in bounded time.
func readSchema(raw json.RawMessage) (schema, error) {
	s, weights, err := parseSchema(raw)
	if err != nil {
		return schema{}, errors.New(clip(err.Error()))
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		return schema{}, errors.New(clip(err.Error()))
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return schema{}, err
	}
	return schema{raw: compact.Bytes(), resolved: resolved, weights: weights}, nil
}

// parseSchema reads a schema, and refuses what must not come to be resolved.
func parseSchema(raw json.RawMessage) (*jsonschema.Schema, weights, error) {
	if len(raw) > maxSchemaBytes {
		return nil, nil, fmt.Errorf("larger than %d bytes", maxSchemaBytes)
	}
	if err := strictjson.Check(raw, maxSchemaDepth); err != nil {
		return nil, nil, err
	}
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return nil, nil, strictjson.ErrNotObject
	}
	s := &jsonschema.Schema{}
	if err := json.Unmarshal(raw, s); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			// Its text names Go types, of pages in length.
			return nil, nil, fmt.Errorf("a keyword cannot be a %s: %s", wrong.Value, wrong.Field)
		}
		return nil, nil, err
	}
	if err := checkSpelling(raw, s); err != nil {
		return nil, nil, err
	}
	if !supportedDraft(s.Schema) {
		return nil, nil, errors.New("$schema must be JSON Schema 2020-12, or draft 7")
	}
	// MCP 2026-07-28, schema, Tool: arguments are an object, and so is what a client of
	// MCP 2025-11-25 can take for structured content.
	if s.Type != "object" {
		return nil, nil, errors.New(`the type must be "object"`)
	}
	if err := checkHeaders(s); err != nil {
		return nil, nil, err
	}
	weights, err := weigh(s)
	return s, weights, err
}

// supportedDraft reports what the library can judge by. It finds out itself only when it
// judges.
func supportedDraft(uri string) bool {
	switch uri {
	case "", "https://json-schema.org/draft/2020-12/schema",
		"http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft-07/schema#":
		return true
	}
	return false
}

// checkSpelling refuses a schema that the library takes for another one than a client
// does: it reads "$Ref" as "$ref", and null as false.
func checkSpelling(raw json.RawMessage, s *jsonschema.Schema) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	var written, understood any
	if err := errors.Join(json.Unmarshal(raw, &written), json.Unmarshal(text, &understood)); err != nil {
		return err
	}
	if misread(written, understood) {
		return errors.New("a keyword is spelled in other letters, or null stands for a schema")
	}
	return nil
}

// misread reports a value in understood that written does not have. What is empty, and
// says nothing, may be missing from understood.
func misread(written, understood any) bool {
	switch understood := understood.(type) {
	case []any:
		list, ok := written.([]any)
		if !ok || len(list) != len(understood) {
			return true
		}
		for i := range list {
			if misread(list[i], understood[i]) {
				return true
			}
		}
		return false
	case map[string]any:
		object, ok := written.(map[string]any)
		if !ok {
			return true
		}
		for name, value := range understood {
			if original, ok := object[name]; !ok || misread(original, value) {
				return true
			}
		}
		return false
	}
	if object, ok := written.(map[string]any); ok {
		// {} is written as true, and {"not":{}} as false.
		return understood == false && object["not"] == nil || understood != true && understood != false
	}
	return written != understood
}
