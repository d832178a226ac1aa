package toolschema

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// walk tells whether a schema stays small with its references put in. The library
// follows {"$ref":"#"} until the stack ends, which ends the process, and ten definitions
// that use the next one ten times each until the user gives up. A schema that refers to
// itself in any way is refused: what is left is a tree, and validating by it takes as
// long as it is large.
//
// It counts the parts, and takes every object for a schema, also where one is only an
// example.
type walk struct {
	root  any
	parts int
}

func (w *walk) visit(node any, top bool) error {
	if w.parts++; w.parts > MaxParts {
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
