package tools

import (
	"errors"

	"github.com/google/jsonschema-go/jsonschema"
)

// What a schema of ten thousand choices, or of a long regular expression, costs depends on
// the value as well: a mebibyte of texts, each of which is looked for among 600 choices,
// takes the library ten seconds, in which it heeds no cancellation. So the work is counted
// before it is done, by a walk along the way of the library that takes every branch, and
// stops where there is too much of it. It counts what the library does at most, so that
// what is let through is soon done.

const (
	// maxJudging bounds the work of one judgement: about a second of one processor.
	maxJudging = 10_000_000
	// maxPatternSize bounds the regular expressions of one schema together, by their
	// compiled size: (?:a?){1000} is short, and long then.
	maxPatternSize = 20_000
)

// The costs of what the library does, in tenths of a microsecond.
const (
	costOfSchema  = 4  // to call for one
	costOfNumber  = 8  // to compare one: it becomes a fraction of any size
	textPerCost   = 16 // bytes that are written, or compared
	costOfName    = 2  // to write which schema refuses a value
	copiesPerCost = 4  // of what it takes to write a text, where it is only copied
	patternFactor = 10 // steps of a regular expression, each for one byte
)

var errTooCostly = errors.New("too large to be held to its schema")

// validate holds a value to the schema. It is [errTooCostly] where that would take long.
func (s schema) validate(value any) error {
	if s.cost(value) > maxJudging {
		return errTooCostly
	}
	return s.resolved.Validate(value)
}

// cost is the work of holding a value to the schema, at most; beyond maxJudging it is no
// more than that it is more.
func (s schema) cost(value any) int {
	m := meter{weights: s.weights, left: maxJudging}
	m.judge(s.resolved.Schema(), value)
	return maxJudging - m.left
}

// weights are what was found out about each schema within one when it was weighed.
type weights map[*jsonschema.Schema]*node

// meter counts down.
type meter struct {
	weights weights
	left    int
}

func (m *meter) spend(cost int) { m.left = max(m.left-cost, -1) }
func (m *meter) empty() bool    { return m.left < 0 }

// judge counts what it takes to hold v to s, and returns what it takes to write the text
// of a refusal, which each schema around may write once more.
func (m *meter) judge(s *jsonschema.Schema, v any) (words int) {
	n := m.weights[s]
	m.spend(costOfSchema + n.own)
	if m.empty() {
		return 0
	}
	if n.ref != nil {
		words = m.judge(n.ref.schema, v)
	}
	if !hasType(s, v) {
		words += m.write(v)
	} else {
		words += m.judgeValue(s, n, v)
	}
	words += costOfName
	m.spend(words / copiesPerCost)
	return words
}

// judgeValue is judge for a value of a type that the schema allows.
func (m *meter) judgeValue(s *jsonschema.Schema, n *node, v any) (words int) {
	if n.choices > 0 {
		m.spend(n.choices)
		words += n.choices + m.write(v)
	}
	for _, inner := range n.same {
		if inner != n.ref && !m.empty() {
			words += m.judge(inner.schema, v)
		}
	}
	switch v := v.(type) {
	case string:
		if s.MinLength != nil || s.MaxLength != nil || s.Pattern != "" {
			words += m.write(v)
		}
		m.match(n.pattern, v)
	case float64:
		if s.Minimum != nil || s.Maximum != nil || s.ExclusiveMinimum != nil || s.ExclusiveMaximum != nil || s.MultipleOf != nil {
			m.spend(2 * costOfNumber)
		}
	case []any:
		words += m.judgeList(s, v)
	case map[string]any:
		words += m.judgeObject(s, n, v)
	}
	return words
}

func (m *meter) judgeList(s *jsonschema.Schema, list []any) (words int) {
	if s.UniqueItems || s.Contains != nil {
		words += m.write(list)
	}
	positional, others := s.PrefixItems, s.Items
	if s.ItemsArray != nil {
		positional, others = s.ItemsArray, s.AdditionalItems
	}
	most := 0
	for i, item := range list {
		m.spend(1)
		one := others
		if i < len(positional) {
			one = positional[i]
		}
		for _, inner := range []*jsonschema.Schema{one, s.Contains, s.UnevaluatedItems} {
			if inner != nil && !m.empty() {
				most = max(most, m.judge(inner, item))
			}
		}
	}
	return words + most
}

func (m *meter) judgeObject(s *jsonschema.Schema, n *node, object map[string]any) (words int) {
	most := 0
	each := func(inner *jsonschema.Schema, v any) {
		if inner != nil && !m.empty() {
			most = max(most, m.judge(inner, v))
		}
	}
	for name, member := range object {
		if m.empty() {
			return 0
		}
		words += m.write(name)
		if inner, ok := s.Properties[name]; ok {
			each(inner, member)
		} else {
			each(s.AdditionalProperties, member)
		}
		for _, p := range n.members {
			m.match(p.size, name)
			each(p.schema, member)
		}
		each(s.PropertyNames, name)
		each(s.UnevaluatedProperties, member)
	}
	return words + most
}

// match counts what it takes to match a text.
func (m *meter) match(pattern int, text string) {
	m.spend(pattern * (len(text) + 1) / patternFactor)
}

// write counts what it takes to write a value, or to compare it with another one.
func (m *meter) write(v any) int {
	before := m.left
	m.spend(costToWrite(v, m.left))
	return before - max(m.left, 0)
}
