package tools

import (
	"slices"
	"strings"

	"mcp-resource-server/auth"
)

// Set is what a server has: its tools, prompts, resources and templates of resources,
// each in the order of their names. It is immutable; the zero value is empty.
type Set struct {
	tools     index[Tool]
	prompts   index[Prompt]
	resources index[Resource]
	templates index[Template]
	serving   []Template // the templates in the order in which they serve what several match
}

// Inventory is what a program has for its callers, in any order.
type Inventory struct {
	Tools     []Tool
	Prompts   []Prompt
	Resources []Resource
	Templates []Template
}

// index is a list that is ordered and can be asked by name. It is never changed.
type index[T any] struct {
	sorted []T
	byName map[string]T
}

// newIndex panics where two have one name: the list is the program's own.
func newIndex[T any](list []T, name func(T) string) index[T] {
	n := index[T]{sorted: slices.Clone(list), byName: map[string]T{}}
	for _, v := range list {
		if _, twice := n.byName[name(v)]; twice {
			panic("two things are called " + name(v))
		}
		n.byName[name(v)] = v
	}
	slices.SortFunc(n.sorted, func(a, b T) int { return strings.Compare(name(a), name(b)) })
	return n
}

// NewSet returns what of all c enables: tools can be switched off. It panics where two
// of a kind have one name: the inventory is the program's own.
func NewSet(all Inventory, c Config) Set {
	off := func(t Tool) bool { return len(c.Enabled) > 0 && !slices.Contains(c.Enabled, t.Name()) }
	return Set{
		tools: newIndex(slices.DeleteFunc(slices.Clone(all.Tools), off), Tool.Name),
	}.With(all.Prompts, all.Resources).WithTemplates(all.Templates)
}

// With returns s with these prompts and resources in the place of its own.
func (s Set) With(prompts []Prompt, resources []Resource) Set {
	s.prompts, s.resources = newIndex(prompts, Prompt.Name), newIndex(resources, Resource.URI)
	return s
}

// WithTemplates returns s with these templates in the place of its own. It panics where
// two differ in the names of their variables alone: they would have the same documents.
func (s Set) WithTemplates(templates []Template) Set {
	s.templates = newIndex(templates, Template.URITemplate)
	s.serving = slices.SortedFunc(slices.Values(templates), func(a, b Template) int { return strings.Compare(a.parsed.shape(), b.parsed.shape()) })
	for i := 1; i < len(s.serving); i++ {
		if a, b := s.serving[i-1], s.serving[i]; a.parsed.shape() == b.parsed.shape() {
			names := []string{a.URITemplate(), b.URITemplate()}
			slices.Sort(names)
			panic("two templates have the same documents: " + strings.Join(names, " and "))
		}
	}
	return s
}

// Get returns the tool called name.
func (s Set) Get(name string) (Tool, bool) {
	t, ok := s.tools.byName[name]
	return t, ok
}

// Sorted returns the tools in the order of their names.
func (s Set) Sorted() []Tool { return slices.Clone(s.tools.sorted) }

// Prompt returns the prompt called name.
func (s Set) Prompt(name string) (Prompt, bool) {
	p, ok := s.prompts.byName[name]
	return p, ok
}

// Prompts returns the prompts in the order of their names.
func (s Set) Prompts() []Prompt { return slices.Clone(s.prompts.sorted) }

// Resource returns the resource with the URI, spelled exactly so.
func (s Set) Resource(uri string) (Resource, bool) {
	r, ok := s.resources.byName[uri]
	return r, ok
}

// Resources returns the resources in the order of their URIs.
func (s Set) Resources() []Resource { return slices.Clone(s.resources.sorted) }

// Template returns the template whose documents the one with the URI belongs to: of
// several that match the one that has text where the others have a variable first. What
// variables are called makes no difference. A resource that has the URI itself comes
// before all.
func (s Set) Template(uri string) (Template, bool) {
	if _, ok := s.Resource(uri); ok {
		return Template{}, false
	}
	for _, t := range s.serving {
		if t.Matches(uri) {
			return t, true
		}
	}
	return Template{}, false
}

// Resolve returns the target under which the policy knows t, which a request names: for
// a document of a template that is the template. The text of a template is the URI of
// no document, and known to nobody.
func (s Set) Resolve(t auth.Target) auth.Target {
	if t.Kind != auth.KindResource {
		return t
	}
	if template, ok := s.Template(t.Name); ok {
		return template.Target()
	}
	if _, ok := s.templates.byName[t.Name]; ok {
		return auth.Resource("")
	}
	return t
}

// ResolveReference is Resolve for what may also name a template by its text: the
// reference of a completion (MCP, "ref/resource").
func (s Set) ResolveReference(t auth.Target) auth.Target {
	if _, ok := s.templates.byName[t.Name]; ok && t.Kind == auth.KindResource {
		return t
	}
	return s.Resolve(t)
}

// Templates returns the templates in their order as text.
func (s Set) Templates() []Template { return slices.Clone(s.templates.sorted) }

// Protected returns all of it as the access policy sees it.
func (s Set) Protected() []auth.Protected {
	var list []auth.Protected
	for _, t := range s.tools.sorted {
		list = append(list, auth.Protected{Target: t.Target(), Scopes: t.Scopes()})
	}
	for _, p := range s.prompts.sorted {
		list = append(list, auth.Protected{Target: p.Target(), Scopes: p.Scopes()})
	}
	for _, r := range s.resources.sorted {
		list = append(list, auth.Protected{Target: r.Target(), Scopes: r.Scopes()})
	}
	for _, t := range s.templates.sorted {
		list = append(list, auth.Protected{Target: t.Target(), Scopes: t.Scopes()})
	}
	return list
}

// Has reports whether the target is in s.
func (s Set) Has(t auth.Target) bool {
	var ok bool
	switch t.Kind {
	case auth.KindTool:
		_, ok = s.tools.byName[t.Name]
	case auth.KindPrompt:
		_, ok = s.prompts.byName[t.Name]
	case auth.KindResource:
		if _, ok = s.resources.byName[t.Name]; !ok {
			_, ok = s.templates.byName[t.Name]
		}
	}
	return ok
}
