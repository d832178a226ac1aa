package ask

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"mcp-resource-server/internal/strictjson"
)

// noParameters is the schema of a tool that has none of its own.
const noParameters = `{"type":"object","properties":{}}`

// parameters gives a tool's input schema in the form that a model's API takes,
// which is the schema as it is, but for texts that are not [Printable], and for what
// JSON Schema lets out and OpenAI refuses a whole request for: "type" and
// "properties" of the outermost object. An errHiddenName is one of a tool that MUST
// NOT be offered.
func parameters(schema json.RawMessage) (json.RawMessage, error) {
	schema = bytes.TrimSpace(schema)
	if len(schema) == 0 || string(schema) == "null" {
		return json.RawMessage(noParameters), nil
	}
	members, err := strictjson.Object(schema, maxDepth)
	if err != nil {
		return nil, err
	}
	if len(members) == 0 {
		return json.RawMessage(noParameters), nil
	}
	if schema, err = printableSchema(schema); err != nil {
		return nil, err
	}
	missing := ""
	if _, ok := members["type"]; !ok {
		missing += `"type":"object",`
	}
	if _, ok := members["properties"]; !ok {
		missing += `"properties":{},`
	}
	return slices.Concat([]byte("{"+missing), schema[1:]), nil
}

// compile makes a schema ready for validation (JSON Schema 2020-12, or draft 7
// where it says so). An error means that arguments cannot be validated here.
func compile(schema json.RawMessage) (*jsonschema.Resolved, error) {
	if err := bounded(schema); err != nil {
		return nil, err
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(schema, &s); err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
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

// bounded reports whether a schema stays small with its references put in. The
// library follows {"$ref":"#"} until the stack ends, which ends the process, and
// ten definitions that use the next one ten times each until the user gives up.
// A schema that refers to itself in any way is refused here: what is left is a
// tree, and validating by it takes as long as it is large.
func bounded(schema json.RawMessage) error {
	var root any
	if err := json.Unmarshal(schema, &root); err != nil {
		return fmt.Errorf("reading the schema: %w", err)
	}
	w := walk{root: root}
	return w.visit(root, true)
}

// walk counts the parts of a schema. It takes every object for a schema, also
// where one is only an example.
type walk struct {
	root     any
	parts    int
	patterns int // bytes of regular expressions
}

func (w *walk) visit(node any, top bool) error {
	if w.parts++; w.parts > maxSchemaParts {
		return errors.New("the schema refers to itself, or is too large")
	}
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			if err := w.visit(child, false); err != nil {
				return err
			}
		}
	case map[string]any:
		return w.object(node, top)
	}
	return nil
}

func (w *walk) object(node map[string]any, top bool) error {
	for key, child := range node {
		text, isText := child.(string)
		if err := w.pattern(key, child); err != nil {
			return err
		}
		switch {
		case !isText:
			if err := w.visit(child, false); err != nil {
				return err
			}
		case key == "$ref":
			target, err := w.target(text)
			if err != nil {
				return err
			}
			if err := w.visit(target, false); err != nil {
				return err
			}
		case key == "$dynamicRef", key == "$recursiveRef", key == "$id" && !top:
			// They change what a reference means.
			return fmt.Errorf("the schema uses %s", key)
		}
	}
	return nil
}

// pattern counts the regular expressions of a schema. A short one, such as
// ((x{1000}){1000}), takes megabytes once it is compiled.
func (w *walk) pattern(key string, value any) error {
	switch value := value.(type) {
	case string:
		if key == "pattern" {
			w.patterns += len(value)
		}
	case map[string]any:
		if key != "patternProperties" {
			return nil
		}
		for pattern := range value {
			w.patterns += len(pattern)
		}
	}
	if w.patterns > maxPatternBytes {
		return errors.New("the regular expressions of the schema are too long")
	}
	return nil
}

// target finds what a JSON pointer (RFC 6901) into the schema itself names.
func (w *walk) target(ref string) (any, error) {
	refused := errors.New("the schema has a reference that is no pointer into itself")
	fragment, ok := strings.CutPrefix(ref, "#")
	pointer, err := url.PathUnescape(fragment)
	if !ok || err != nil {
		return nil, refused
	}
	if pointer == "" {
		return w.root, nil
	}
	if pointer, ok = strings.CutPrefix(pointer, "/"); !ok {
		return nil, refused // an anchor
	}
	node := w.root
	for token := range strings.SplitSeq(pointer, "/") {
		if node, ok = child(node, pointerEscapes.Replace(token)); !ok {
			return nil, refused
		}
	}
	return node, nil
}

var pointerEscapes = strings.NewReplacer("~1", "/", "~0", "~")

func child(node any, token string) (any, bool) {
	switch node := node.(type) {
	case map[string]any:
		found, ok := node[token]
		return found, ok
	case []any:
		i, err := strconv.Atoi(token)
		if err != nil || i < 0 || i >= len(node) {
			return nil, false
		}
		return node[i], true
	}
	return nil, false
}
