package auth

import (
	"fmt"
	"slices"
	"strings"

	"mcp-resource-server/internal/faults"
)

// CheckTargets returns what is wrong with the rules of c beside the targets that
// there are and the scopes that every operation needs: an entry that names nothing,
// one on which rules before it decide whatever is asked, a condition that asks for
// nothing, a rule that conceals what another shows, and a scope that is granted by
// another and was meant as a pattern. c must be valid.
func (c AccessConfig) CheckTargets(required []string, targets []Protected) faults.List {
	var l faults.List
	all := c.decide(targets)
	shown, direct := c.showing(all), directGrants(c.Implies)
	for i, r := range c.Rules {
		at := fmt.Sprintf("rules[%d]", i)
		for _, list := range r.lists() {
			checkEntriesDecide(&l, at+"."+list.key, list, i, all)
		}
		for j, s := range r.AnyOf {
			includes := func(needed string) bool { return slices.Contains(included(direct, needed), s) }
			switch anyway := slices.Concat(required, r.AllOf); {
			case slices.Contains(required, s):
				l.Add(fmt.Sprintf("%s.any_of[%d]", at, j), "is in auth.required_scopes already, so that any_of would ask for nothing")
			case slices.ContainsFunc(anyway, includes):
				l.Add(fmt.Sprintf("%s.any_of[%d]", at, j), "is included in what is needed anyway (access.implies), so that any_of would ask for nothing")
			}
		}
		if d, ok := shown[i]; ok {
			l.Add(at+".conceal", "does not hide %q: %s names it, too, and there %s decides, which does not conceal", d.target.Name, d.method, ruleName(d.rule))
		}
	}
	c.checkGrants(&l, required, targets)
	return l
}

// ruleList is what a rule names under one key.
type ruleList struct {
	key     string
	kind    Kind // "" for methods
	entries []string
}

func (r AccessRule) lists() []ruleList {
	return []ruleList{
		{"tools", KindTool, r.Tools},
		{"prompts", KindPrompt, r.Prompts},
		{"resources", KindResource, r.Resources},
		{"methods", "", r.Methods},
	}
}

// matches reports whether an entry of the list is about the question.
func (list ruleList) matches(entry string, q question) bool {
	if list.kind == "" {
		return matchPattern(entry, q.method)
	}
	return list.kind == q.target.Kind && matchPattern(entry, q.target.Name)
}

// checkEntriesDecide finds entries of rule i that are about nothing, or about what
// other rules decide on.
func checkEntriesDecide(l *faults.List, key string, list ruleList, i int, all []decided) {
	for j, entry := range list.entries {
		found, decides := false, false
		for _, d := range all {
			if list.matches(entry, d.question) {
				found, decides = true, decides || d.rule == i
			}
		}
		at := fmt.Sprintf("%s[%d]", key, j)
		switch {
		case !found:
			l.Add(at, "%q is nothing that this server has", entry)
		case !decides:
			l.Add(at, "%q can never match: rules before this one decide on it", entry)
		}
	}
}

// showing returns, for each rule that conceals how a target is used, another method
// that names the same target and that is refused, if at all, with a challenge.
func (c AccessConfig) showing(all []decided) map[int]decided {
	conceals := func(rule int) bool { return rule != noRule && c.Rules[rule].Conceal }
	hiding := map[Target]int{}
	for _, d := range all {
		if conceals(d.rule) && d.method == usedBy[d.target.Kind] {
			hiding[d.target] = d.rule
		}
	}
	shown := map[int]decided{}
	for _, d := range all {
		rule, hidden := hiding[d.target]
		if _, told := shown[rule]; hidden && !told && !conceals(d.rule) {
			shown[rule] = d
		}
	}
	return shown
}

// checkGrants finds what was meant as a pattern in access.implies, which no scope is:
// nothing asks for a scope of that name. A hierarchy may hold other scopes that nothing
// here asks for: it may be one that several servers share.
func (c AccessConfig) checkGrants(l *faults.List, required []string, targets []Protected) {
	known := map[string]bool{}
	add := func(scopes ...string) {
		for _, s := range scopes {
			known[s] = true
		}
	}
	add(required...)
	for _, t := range targets {
		add(t.Scopes...)
	}
	for _, r := range c.Rules {
		add(r.AllOf...)
		add(r.AnyOf...)
	}
	for _, g := range c.Implies {
		add(g.Scope)
	}
	for i, g := range c.Implies {
		for j, s := range g.Grants {
			if strings.Contains(s, "*") && !known[s] {
				l.Add(fmt.Sprintf("implies[%d].grants[%d]", i, j), "%q is no pattern: name each scope", s)
			}
		}
	}
}
