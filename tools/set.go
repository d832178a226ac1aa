package tools

import (
	"slices"
	"strings"

	"mcp-resource-server/auth"
)

// Set is the tools that a server has, in the order of their names. It is
// immutable; the zero value is empty.
type Set struct {
	sorted []Tool
	byName map[string]Tool
}

// NewSet returns the tools among all that c enables. It panics where two have
// one name: the list is the program's own.
func NewSet(all []Tool, c Config) Set {
	s := Set{byName: map[string]Tool{}}
	for _, t := range all {
		if len(c.Enabled) > 0 && !slices.Contains(c.Enabled, t.Name()) {
			continue
		}
		if _, twice := s.byName[t.Name()]; twice {
			panic("two tools are called " + t.Name())
		}
		s.byName[t.Name()] = t
		s.sorted = append(s.sorted, t)
	}
	slices.SortFunc(s.sorted, func(a, b Tool) int { return strings.Compare(a.Name(), b.Name()) })
	return s
}

// Get returns the tool called name.
func (s Set) Get(name string) (Tool, bool) {
	t, ok := s.byName[name]
	return t, ok
}

// Sorted returns the tools in the order of their names.
func (s Set) Sorted() []Tool { return slices.Clone(s.sorted) }

// Protected returns the tools as the access policy sees them.
func (s Set) Protected() []auth.ProtectedTool {
	list := make([]auth.ProtectedTool, len(s.sorted))
	for i, t := range s.sorted {
		list[i] = auth.ProtectedTool{Name: t.Name(), Scopes: t.Scopes()}
	}
	return list
}
