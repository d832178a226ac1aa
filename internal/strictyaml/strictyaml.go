// Package strictyaml reads YAML documents that people write, and reports every
// mistake instead of guessing. Its errors name a line and never quote it: the
// document may hold a secret.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"

	"go.yaml.in/yaml/v3"
)

// Root returns the root of the one document in raw, or nil where there is none:
// an empty file, comments alone, or null.
func Root(raw []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, syntaxError(err)
	}
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		return nil, syntaxError(err)
	default:
		return nil, fmt.Errorf("line %d: a second YAML document begins, of which nothing would be read", second.Line)
	}
	if root := doc.Content[0]; !isNull(root) {
		return root, nil
	}
	return nil, nil
}

var yamlLine = regexp.MustCompile(`^yaml: (line \d+): `)

// syntaxError keeps the line of a parser's error, and none of its words: they
// quote names that the document has.
func syntaxError(err error) error {
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("%s: not valid YAML", m[1])
	}
	return errors.New("not valid YAML")
}

// isNull reports whether a node is nothing at all: "~", null or an empty place.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}
