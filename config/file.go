package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"mcp-resource-server/internal/faults"
	"mcp-resource-server/internal/strictyaml"
)

// maxFileBytes bounds the configuration file and the env file, which somebody
// may point at the wrong thing.
const maxFileBytes = 1 << 20

// readLimited returns the content of a file of at most limit bytes.
func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(raw)) > limit {
		return nil, &os.PathError{Op: "read", Path: path, Err: fmt.Errorf("larger than %d KiB", limit>>10)}
	}
	return raw, nil
}

// parseYAML returns the root of the one document in raw, or nil where there is
// none. Its errors name a line and never quote it: it may hold a secret.
func parseYAML(raw []byte) (*yaml.Node, error) {
	root, err := strictyaml.Root(raw)
	if err != nil || root == nil {
		return nil, err
	}
	if root.Kind != yaml.MappingNode {
		return nil, errors.New("is not a list of sections such as \"http:\" and \"auth:\"")
	}
	return root, nil
}

// Texts of what a node of the file should have been.
const (
	wantText    = "must be text, in quotes where YAML would read something else"
	wantBool    = "must be true or false, without quotes"
	wantInt     = "must be a whole number, without quotes"
	wantList    = "must be a list, such as [a, b]"
	wantSection = "must be a section: its keys stand below it, indented"
	wantEntries = "must be a list of sections, each of which begins with \"- \""
	wantNoAlias = "must be written out: YAML aliases are not accepted"
)

// fileReader holds a YAML tree against the keys. It checks the tree and not what
// a decoder made of it, because decoders coerce, fold the case of keys, and
// forget lines and duplicates.
type fileReader struct{ faults faults.List }

func (r *fileReader) fault(n *yaml.Node, path, text string) {
	r.faults.Add(path, "%s (line %d)", text, n.Line)
}

// section returns the values of a mapping, without the keys that are null: "~"
// and nothing at all mean that a key is not set.
func (r *fileReader) section(n *yaml.Node, keys []*key, path string) map[string]any {
	values := map[string]any{}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		k := r.lookup(name, keys, path)
		if k == nil {
			continue
		}
		at := join(path, k.name)
		if first, twice := lines[k.name]; twice {
			r.fault(name, at, fmt.Sprintf("stands twice, first on line %d", first))
			continue
		}
		lines[k.name] = name.Line
		if isNull(value) {
			continue
		}
		if v, ok := r.value(value, k, at); ok {
			values[k.name] = v
		}
	}
	return values
}

// lookup returns the key that name is, exactly, or nil after a fault.
func (r *fileReader) lookup(name *yaml.Node, keys []*key, path string) *key {
	if name.Kind != yaml.ScalarNode {
		r.fault(name, join(path, "?"), "is not a known key")
		return nil
	}
	known := make([]string, len(keys))
	for i, k := range keys {
		if k.name == name.Value {
			return k
		}
		known[i] = join(path, k.name)
	}
	at := join(path, shown(name.Value))
	if strings.Contains(name.Value, ".") {
		r.fault(name, at, "is not a known key: write each part of a path on a line of its own, indented")
	} else {
		r.fault(name, at, "is not a known key"+hint(strings.ToLower(at), known))
	}
	return nil
}

// value returns what n holds for k, or false after a fault.
func (r *fileReader) value(n *yaml.Node, k *key, path string) (any, bool) {
	if n.Kind == yaml.AliasNode {
		r.fault(n, path, wantNoAlias)
		return nil, false
	}
	switch k.kind {
	case kindSection:
		if n.Kind != yaml.MappingNode {
			r.fault(n, path, wantSection)
			return nil, false
		}
		return r.section(n, k.keys, path), true
	case kindEntries:
		return r.entries(n, k, path)
	case kindList:
		return r.list(n, path)
	default:
		return r.scalar(n, k.kind, path)
	}
}

// entries keeps the place of an entry that is none, so that the faults of
// those after it have the right number.
func (r *fileReader) entries(n *yaml.Node, k *key, path string) (any, bool) {
	if n.Kind != yaml.SequenceNode {
		r.fault(n, path, wantEntries)
		return nil, false
	}
	list := make([]any, len(n.Content))
	for i, e := range n.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		list[i] = map[string]any{}
		switch e.Kind {
		case yaml.MappingNode:
			list[i] = r.section(e, k.keys, at)
		case yaml.AliasNode:
			r.fault(e, at, wantNoAlias)
		default:
			r.fault(e, at, wantSection)
		}
	}
	return list, true
}

func (r *fileReader) list(n *yaml.Node, path string) (any, bool) {
	if n.Kind != yaml.SequenceNode {
		r.fault(n, path, wantList)
		return nil, false
	}
	var list []string
	for i, e := range n.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case e.Kind == yaml.AliasNode:
			r.fault(e, at, wantNoAlias)
		case !isText(e):
			r.fault(e, at, wantText)
		default:
			list = append(list, e.Value)
		}
	}
	return list, true
}

// scalar accepts the YAML type of a kind alone, then the one spelling that the
// environment accepts too.
func (r *fileReader) scalar(n *yaml.Node, k kind, path string) (any, bool) {
	tag, want := "!!str", wantText
	switch k {
	case kindBool:
		tag, want = "!!bool", wantBool
	case kindInt:
		tag, want = "!!int", wantInt
	case kindDuration:
		want = errDuration.Error()
	}
	if isScalar(n, tag) || tag == "!!str" && isText(n) {
		if v, err := parseText(k, n.Value); err == nil {
			return v, true
		}
	}
	r.fault(n, path, want)
	return nil, false
}

// isText reports text, and a date: YAML 1.2 knows none (§10.3, the core schema), and the
// versions of MCP look like one.
func isText(n *yaml.Node) bool {
	return isScalar(n, "!!str") || isScalar(n, "!!timestamp") && n.Style&yaml.TaggedStyle == 0
}

func isScalar(n *yaml.Node, tag string) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == tag
}

func isNull(n *yaml.Node) bool { return isScalar(n, "!!null") }
