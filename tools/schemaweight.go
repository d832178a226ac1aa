package tools

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// The library follows {"$ref":"#"} until the stack ends, which ends the process, and ten
// definitions that use the next one twice each until the caller gives up. So a schema is
// weighed before it is used: how many schemas can one value come to be judged by, in a
// document as deep as arguments may be? One that refers to itself for a member or an
// item, as that of a tree does, is good: each level of the document takes one more step.
// One that refers to itself for the same value never ends, and one that does so twice
// for a member doubles with each level.

var (
	errEndless  = errors.New("the schema refers to itself without end")
	errTooMuch  = fmt.Errorf("a value can come to be judged by more than %d schemas", maxSchemaWork)
	errPatterns = errors.New("the regular expressions are too long")
	errRef      = errors.New("$ref must name a schema within this one, as in #/$defs/name")
)

// scale weighs a schema.
type scale struct {
	nodes    []*node
	at       map[string]*node // by the JSON pointer from the root
	anchors  map[string]*node
	patterns int // bytes
	size     int // of the patterns, compiled
	by       weights
}

// node is a schema that is weighed. The schemas that judge the same value are lists of
// their own, because they are followed within one level of the document.
type node struct {
	schema               *jsonschema.Schema
	same, either, beside []*node
	ref                  *node // the one of same that $ref names
	// own, choices, pattern and members are what the schema costs by itself (see meter):
	// for any value, to compare a value with its choices, and by its regular expressions.
	own, choices, pattern int
	members               []memberPattern
	// weight is that of the level that is weighed, above that of the level below.
	weight, above int
	state         int
}

// memberPattern is one of patternProperties.
type memberPattern struct {
	size   int
	schema *jsonschema.Schema
}

const (
	fresh = iota
	underway
	weighed
)

// weigh refuses a schema by which validation would not end soon.
func weigh(s *jsonschema.Schema) (weights, error) {
	w := scale{at: map[string]*node{}, anchors: map[string]*node{}, by: weights{}}
	root, err := w.add(s, "")
	if err != nil {
		return nil, err
	}
	if w.patterns > maxPatternBytes || w.size > maxPatternSize {
		return nil, errPatterns
	}
	if err := w.link(); err != nil {
		return nil, err
	}
	for range maxArgumentsDepth + 1 {
		changed, err := w.level()
		if err != nil {
			return nil, err
		}
		if root.weight > maxSchemaWork {
			return nil, errTooMuch
		}
		if !changed {
			break
		}
	}
	return w.by, nil
}

// add takes in a schema and those within it. at is where it stands.
func (w *scale) add(s *jsonschema.Schema, at string) (*node, error) {
	switch {
	case s == nil:
		return nil, fmt.Errorf("null is no schema, at %s", at)
	case s.DynamicRef != "":
		return nil, errors.New("$dynamicRef is not supported")
	case s.ID != "" && at != "":
		return nil, errors.New("$id is not supported within a schema") // it changes what a $ref means
	case len(w.nodes) >= maxSchemaWork:
		return nil, errTooMuch
	}
	n := &node{schema: s}
	w.nodes = append(w.nodes, n)
	w.at[at], w.by[s] = n, n
	for _, anchor := range []string{s.Anchor, s.DynamicAnchor} {
		if anchor == "" {
			continue
		}
		if w.anchors[anchor] != nil {
			return nil, fmt.Errorf("two schemas have the anchor %q", anchor) // the library takes one of them
		}
		w.anchors[anchor] = n
	}
	w.measure(n)
	for _, p := range parts(s) {
		inner, err := w.add(p.schema, at+p.at)
		if err != nil {
			return nil, err
		}
		n.hold(inner, p.role)
	}
	return n, nil
}

func (n *node) hold(inner *node, r role) {
	switch r {
	case held:
	case same:
		n.same = append(n.same, inner)
	case either:
		n.either = append(n.either, inner)
	case beside:
		n.beside = append(n.beside, inner)
	}
}

// link follows the references.
func (w *scale) link() error {
	for _, n := range w.nodes {
		if n.schema.Ref == "" {
			continue
		}
		target := w.target(n.schema.Ref)
		if target == nil {
			return errRef
		}
		n.ref = target
		n.same = append(n.same, target)
	}
	return nil
}

// target finds what a reference names (JSON Schema 2020-12 §8.2), or returns nil.
func (w *scale) target(ref string) *node {
	u, err := url.Parse(ref)
	if err != nil || !strings.HasPrefix(ref, "#") {
		return nil
	}
	if u.Fragment != "" && !strings.HasPrefix(u.Fragment, "/") {
		return w.anchors[u.Fragment]
	}
	steps := strings.Split(u.Fragment, "/")
	for i, step := range steps {
		steps[i] = pointerEscape.Replace(pointerUnescape.Replace(step))
	}
	return w.at[strings.Join(steps, "/")]
}

// level weighs all schemas for documents that are one level deeper than before, and
// reports whether that makes a difference.
func (w *scale) level() (changed bool, err error) {
	for _, n := range w.nodes {
		n.above, n.state = n.weight, fresh
	}
	for _, n := range w.nodes {
		if err := n.weigh(); err != nil {
			return false, err
		}
		changed = changed || n.weight != n.above
	}
	return changed, nil
}

func (n *node) weigh() error {
	switch n.state {
	case underway:
		return errEndless
	case weighed:
		return nil
	}
	n.state = underway
	sum, most := 1, 0
	for _, s := range n.same {
		if err := s.weigh(); err != nil {
			return err
		}
		sum = min(sum+s.weight, maxSchemaWork+1)
	}
	for _, s := range n.either {
		most = max(most, s.above)
	}
	for _, s := range n.beside {
		most = min(most+s.above, maxSchemaWork+1)
	}
	n.weight, n.state = min(sum+most, maxSchemaWork+1), weighed
	return nil
}
