package strictyaml

import (
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Line is the type of a field that [Decode] fills with the line on which its
// section begins, for errors about the section as a whole.
type Line int

// What a node should have been. None of them quotes what it is.
const (
	wantText      = "must be text on one line"
	wantSomeText  = "is empty: write text, in quotes where YAML would read nothing"
	wantQuotes    = "must stand in quotes: there is a space in it"
	wantList      = "must be a list: [a, b], or one \"- a\" to a line"
	wantSection   = "must be a section: its keys, each on a line of its own"
	wantNoAnchors = "must be written out: YAML anchors and aliases are not accepted"
	wantNoTags    = "must be written without a YAML tag (!)"
)

// Decode reads the one document in raw into what into points to: a string, a
// slice or a struct of these, whose fields are named by their yaml tags. Where
// there is no document, and for a key that is absent or has nothing behind it,
// what was there stays.
//
// It refuses, with the line and without quoting it, whatever could be read in two
// ways: an unknown key, a key that stands twice, a wrong type, an alias, a tag, and
// text that is empty. A number, a date, true or false is taken as the text that was
// written: an id that looks like a number is still an id. raw is bounded by the
// caller.
func Decode(raw []byte, into any) error {
	root, err := Root(raw)
	if err != nil || root == nil {
		return err
	}
	return decode(root, reflect.ValueOf(into).Elem(), "")
}

func decode(n *yaml.Node, v reflect.Value, path string) error {
	if err := checkPlain(n, path); err != nil {
		return err
	}
	switch v.Kind() {
	case reflect.String:
		return decodeText(n, v, path)
	case reflect.Slice:
		return decodeList(n, v, path)
	case reflect.Struct:
		return decodeSection(n, v, path)
	default:
		panic("strictyaml: nothing can be read into a " + v.Type().String())
	}
}

// checkPlain refuses what makes a node mean more than is written in its place.
func checkPlain(n *yaml.Node, path string) error {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return fault(n, path, wantNoAnchors)
	case n.Style&yaml.TaggedStyle != 0:
		return fault(n, path, wantNoTags)
	}
	return nil
}

// decodeText refuses block text, too: it ends in a line break that nobody sees. A
// space outside quotes may be a line break with a forgotten dash behind it, which
// makes one entry of two.
func decodeText(n *yaml.Node, v reflect.Value, path string) error {
	switch {
	case n.Kind != yaml.ScalarNode || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return fault(n, path, wantText)
	case isNull(n) || n.Value == "":
		return fault(n, path, wantSomeText)
	case n.Style == 0 && strings.ContainsAny(n.Value, " \n"):
		return fault(n, path, wantQuotes)
	}
	v.SetString(n.Value)
	return nil
}

func decodeList(n *yaml.Node, v reflect.Value, path string) error {
	if n.Kind != yaml.SequenceNode {
		return fault(n, path, wantList)
	}
	list := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, entry := range n.Content {
		if err := decode(entry, list.Index(i), fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	v.Set(list)
	return nil
}

func decodeSection(n *yaml.Node, v reflect.Value, path string) error {
	if n.Kind != yaml.MappingNode {
		return fault(n, path, wantSection)
	}
	fields := fieldsOf(v)
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if err := checkPlain(key, path); err != nil {
			return err
		}
		field, known := fields[key.Value]
		if !known {
			return fault(key, path, "is not a known key: there are "+strings.Join(names(v.Type()), ", "))
		}
		at := join(path, key.Value)
		if first, twice := lines[key.Value]; twice {
			return fault(key, at, fmt.Sprintf("stands twice, first on line %d", first))
		}
		lines[key.Value] = key.Line
		if isNull(value) && value.Anchor == "" && value.Style&yaml.TaggedStyle == 0 {
			continue
		}
		if err := decode(value, field, at); err != nil {
			return err
		}
	}
	setLine(v, n.Line)
	return nil
}

// fieldsOf returns the fields of a struct by the names of their keys.
func fieldsOf(v reflect.Value) map[string]reflect.Value {
	fields := map[string]reflect.Value{}
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("yaml"); name != "" {
			fields[name] = v.Field(i)
		}
	}
	return fields
}

// names returns the keys of a struct in their order.
func names(t reflect.Type) []string {
	var keys []string
	for f := range t.Fields() {
		if name := f.Tag.Get("yaml"); name != "" {
			keys = append(keys, name)
		}
	}
	return keys
}

func setLine(v reflect.Value, line int) {
	for i := range v.NumField() {
		if f := v.Field(i); f.Type() == reflect.TypeFor[Line]() {
			f.SetInt(int64(line))
		}
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func fault(n *yaml.Node, path, text string) error {
	if path == "" {
		return fmt.Errorf("line %d: %s", n.Line, text)
	}
	return fmt.Errorf("line %d: %s: %s", n.Line, path, text)
}
