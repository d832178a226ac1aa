package main

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"mcp-resource-server/internal/toolschema"
)

var errUnjudged = errors.New("only the server can judge by this schema")

// validate judges a whole object. It returns errUnjudged where only the server can:
// the schema is of a draft that is not known here, refers to other documents or to
// itself, is too large, or is not there.
func validate(schema inputSchema, object jsontext.Value) error {
	if schema.root == nil {
		return errUnjudged
	}
	resolved, err := toolschema.Compile(json.RawMessage(schema.raw))
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
