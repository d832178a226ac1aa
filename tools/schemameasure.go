package tools

import (
	"math"
	"regexp/syntax"

	"github.com/google/jsonschema-go/jsonschema"
)

// measure finds out what a schema costs by itself.
func (w *scale) measure(n *node) {
	s := n.schema
	n.own = len(s.Properties) + costOfNames(s.Required)
	for _, names := range []map[string][]string{s.DependentRequired, s.DependencyStrings} {
		for _, list := range names {
			n.own += 1 + costOfNames(list)
		}
	}
	for _, choice := range s.Enum {
		n.choices += 1 + costToWrite(choice, maxJudging)
	}
	if s.Const != nil {
		n.choices += 1 + costToWrite(*s.Const, maxJudging)
	}
	size := func(pattern string) int {
		w.patterns += len(pattern)
		if pattern == "" || w.patterns > maxPatternBytes {
			return 0
		}
		one := patternSize(pattern)
		w.size += one
		return one
	}
	n.pattern = size(s.Pattern)
	for pattern, inner := range s.PatternProperties {
		n.members = append(n.members, memberPattern{size(pattern), inner})
	}
}

// costOfNames is what it takes to look for members.
func costOfNames(names []string) (cost int) {
	for _, name := range names {
		cost += 1 + len(name)/textPerCost
	}
	return cost
}

// costToWrite stops counting soon after most.
func costToWrite(v any, most int) int {
	switch v := v.(type) {
	case string:
		return 1 + len(v)/textPerCost
	case float64:
		return costOfNumber
	case []any:
		cost := 1
		for _, item := range v {
			if cost += costToWrite(item, most-cost); cost > most {
				break
			}
		}
		return cost
	case map[string]any:
		cost := 1
		for name, member := range v {
			if cost += 1 + len(name)/textPerCost + costToWrite(member, most-cost); cost > most {
				break
			}
		}
		return cost
	default:
		return 1
	}
}

// hasType reports whether the schema allows values of v's type.
func hasType(s *jsonschema.Schema, v any) bool {
	types := s.Types
	if s.Type != "" {
		types = []string{s.Type}
	}
	if types == nil {
		return true
	}
	for _, t := range types {
		if isOf(t, v) {
			return true
		}
	}
	return false
}

func isOf(name string, v any) bool {
	switch v := v.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case string:
		return name == "string"
	case float64:
		return name == "number" || name == "integer" && v == math.Trunc(v)
	case []any:
		return name == "array"
	default:
		return name == "object"
	}
}

// patternSize is about the compiled size of a regular expression, and maxPatternSize and
// one for whatever is larger. One that is none has no size: the library refuses it.
func patternSize(pattern string) int {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0
	}
	return sizeOf(re)
}

func sizeOf(re *syntax.Regexp) int {
	size := 1
	switch re.Op {
	case syntax.OpLiteral:
		size = len(re.Rune)
	case syntax.OpCapture:
		size = 2
	}
	for _, sub := range re.Sub {
		size = min(size+sizeOf(sub), maxPatternSize+1)
	}
	if re.Op == syntax.OpRepeat {
		size *= max(re.Min, re.Max) + 1
	}
	return min(size, maxPatternSize+1)
}
