package main

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"mcp-resource-server/internal/strictjson"
)

// argument is one k=v of a command line.
type argument struct {
	key  string
	raw  bool // k:=v: the value is JSON
	text string
}

// splitArgument reads "k=v" or "k:=v": whichever of the two signs comes first.
func splitArgument(s string) (argument, error) {
	key, text, ok := strings.Cut(s, "=")
	if !ok {
		return argument{}, usagef("%q is no argument: write NAME=VALUE, or NAME:=JSON", flat(s))
	}
	if !utf8.ValidString(s) {
		return argument{}, usagef("%q is not UTF-8", flat(s))
	}
	key, raw := strings.CutSuffix(key, ":")
	if key == "" {
		return argument{}, usagef("%q names no property: write NAME=VALUE, or NAME:=JSON", flat(s))
	}
	return argument{key: key, raw: raw, text: text}, nil
}

// buildArguments makes the object that a tool is called with, typed by its schema.
// Without a schema see convert. Every error is a usage error, of any length:
// the console shortens it, after it took out the token that a schema may quote.
func buildArguments(tool string, schema inputSchema, args []string) (jsontext.Value, error) {
	top := shape{schema.root, schema.root}
	root := &node{}
	for _, s := range args {
		a, err := splitArgument(s)
		if err != nil {
			return nil, err
		}
		path := splitKey(top, a.key)
		if slices.Contains(path, "") || len(path) > maxDepth {
			return nil, usagef("%q names no property", flat(a.key))
		}
		root.at(path).values = append(root.at(path).values, a)
	}
	if err := missing(tool, top, root); err != nil {
		return nil, err
	}
	object, err := root.object(top, "")
	if err != nil {
		return nil, err
	}
	if err := validate(schema, object); err != nil && !errors.Is(err, errUnjudged) {
		return nil, usagef("%s does not take these arguments: %s", flat(tool), flat(strings.TrimPrefix(err.Error(), "validating root: ")))
	}
	return object, nil
}

// missing names the required properties that are not there.
func missing(tool string, top shape, root *node) error {
	var names []string
	for _, name := range top.required() {
		if !slices.Contains(root.names, name) {
			p, _ := top.property(name)
			names = append(names, name+"="+strings.ToUpper(wanted(p)))
		}
	}
	if names == nil {
		return nil
	}
	return usagef("%s needs %s", flat(tool), flat(strings.Join(names, " ")))
}

// splitKey splits a key at the dots that lead into objects. A dot in the name of a
// declared property is none of those.
func splitKey(s shape, key string) []string {
	if _, ok := s.declared(key); ok {
		return []string{key}
	}
	for i := len(key) - 1; i > 0; i-- { // the longest declared name
		if key[i] != '.' {
			continue
		}
		if p, ok := s.declared(key[:i]); ok {
			return append([]string{key[:i]}, splitKey(p, key[i+1:])...)
		}
	}
	return strings.Split(key, ".")
}

// node is a value on its way: what was given for it itself, or for its properties.
type node struct {
	values   []argument
	names    []string // of the properties, in the order they came in
	children map[string]*node
}

// at is the node at a path below n, made if it is not there.
func (n *node) at(path []string) *node {
	for _, name := range path {
		child := n.children[name]
		if child == nil {
			if n.children == nil {
				n.children = map[string]*node{}
			}
			child = &node{}
			n.children[name] = child
			n.names = append(n.names, name)
		}
		n = child
	}
	return n
}

// object makes a JSON object of the properties; key is where it stands.
func (n *node) object(s shape, key string) (jsontext.Value, error) {
	out := jsontext.Value{'{'}
	for i, name := range n.names {
		full := strings.TrimPrefix(key+"."+name, ".")
		p, ok := s.property(name)
		if !ok {
			return nil, unknownProperty(s, full)
		}
		value, err := n.children[name].value(p, full)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		if out, err = jsontext.AppendQuote(out, name); err != nil {
			return nil, usagef("%s: %v", flat(full), err)
		}
		out = append(append(out, ':'), value...)
	}
	return append(out, '}'), nil
}

func unknownProperty(s shape, key string) error {
	known := s.properties()
	if len(known) == 0 {
		return usagef("there is no property %s: none is known here", flat(key))
	}
	return usagef("there is no property %s: known are %s", flat(key), flat(strings.Join(known, ", ")))
}

func (n *node) value(s shape, key string) (jsontext.Value, error) {
	switch {
	case len(n.values) > 0 && len(n.names) > 0:
		return nil, usagef("%s is given as a whole and in parts", flat(key))
	case len(n.names) > 0 && !s.may("object"):
		return nil, usagef("%s is %s: it has no parts", flat(key), wanted(s))
	case len(n.names) > 0:
		return n.object(s, key)
	case s.is("array") && !n.whole():
		return n.array(s, key)
	case len(n.values) > 1:
		return nil, usagef("%s is given twice", flat(key))
	default:
		return n.values[0].convert(s, key)
	}
}

// whole reports whether what is given for an array is the array, in JSON.
func (n *node) whole() bool {
	if len(n.values) != 1 {
		return false
	}
	v := n.values[0]
	return v.raw || isJSON(v.text, '[') || isJSON(v.text, 'n')
}

// array makes an array of what was given once or repeatedly. What may also be
// something else is that if it was given once.
func (n *node) array(s shape, key string) (jsontext.Value, error) {
	if len(n.values) == 1 {
		if value, err := n.values[0].convert(s, key); err == nil {
			return value, nil
		}
	}
	out := jsontext.Value{'['}
	for i, v := range n.values {
		value, err := v.convert(s.element(), key)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, value...)
	}
	return append(out, ']'), nil
}

// isJSON reports whether text is one strict JSON value of a kind.
func isJSON(text string, kind jsontext.Kind) bool {
	return jsontext.Value(text).Kind() == kind && strictjson.Check([]byte(text), maxDepth) == nil
}
