package auth

import (
	"slices"
	"strings"
)

// Protected is a target as the policy sees it.
type Protected struct {
	Target
	// Scopes are its own: it needs all of them under access.default: tool_scope.
	Scopes []string
}

// entries are what the rule names of one kind.
func (r AccessRule) entries(kind Kind) []string {
	switch kind {
	case KindTool:
		return r.Tools
	case KindPrompt:
		return r.Prompts
	case KindResource:
		return r.Resources
	default:
		return nil
	}
}

// matches reports whether the rule is about an operation. A method that names
// something is matched by either.
func (r AccessRule) matches(methodName string, target Target) bool {
	return matchesAny(r.Methods, methodName) || matchesAny(r.entries(target.Kind), target.Name)
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matchPattern(p, name) })
}

// matchPattern reports whether name is what pattern says, in which each * stands for
// any text, the empty one too. There is no other sign with a meaning, and no escape: a
// star in a URI can only be matched by one that stands for more.
func matchPattern(pattern, name string) bool {
	first, rest, starred := strings.Cut(pattern, "*")
	if !starred {
		return pattern == name
	}
	name, ok := strings.CutPrefix(name, first)
	if !ok {
		return false
	}
	parts := strings.Split(rest, "*")
	last := parts[len(parts)-1]
	for _, part := range parts[:len(parts)-1] {
		_, after, found := strings.Cut(name, part)
		if !found {
			return false
		}
		name = after
	}
	return strings.HasSuffix(name, last)
}

// conditional reports whether the rule says at all who may do what it is about.
func (r AccessRule) conditional() bool {
	return r.Authenticated || len(r.AllOf)+len(r.AnyOf) > 0
}

// question is one that the rules can be asked: a method, and what it names.
type question struct {
	method string
	target Target
}

// questions are all that there are with the targets.
func questions(targets []Protected) []question {
	var all []question
	for _, name := range offered() {
		kinds := methods[name].names
		if len(kinds) == 0 {
			all = append(all, question{method: name})
			continue
		}
		for _, t := range targets {
			if slices.Contains(kinds, t.Kind) {
				all = append(all, question{name, t.Target})
			}
		}
	}
	return all
}

// decided is a question, and the index of the rule that decides on it.
type decided struct {
	question
	rule int
}

// noRule is the index of the rule that decides where none does.
const noRule = -1

// decide returns for every question the first rule that is about it.
func (c AccessConfig) decide(targets []Protected) []decided {
	asked := questions(targets)
	all := make([]decided, len(asked))
	for i, q := range asked {
		about := func(r AccessRule) bool { return r.matches(q.method, q.target) }
		all[i] = decided{q, slices.IndexFunc(c.Rules, about)} // noRule is what IndexFunc has for it
	}
	return all
}
