package main

import (
	"strings"

	"mcp-resource-server/auth"
)

// anyRequest is the decision on a call that names nothing: it is refused for what every
// request needs, or for naming nothing.
func (e *explainer) anyRequest(p auth.Principal) auth.Decision {
	return e.generation.Policy.Check(auth.Tool("").Use(true), p)
}

// accessHints tell of a caller that can do nothing, which is the commonest mistake of
// a first day, and of methods that rules keep from it.
func (e *explainer) accessHints(p auth.Principal) []string {
	if d := e.anyRequest(p); d.Verdict == auth.Denied {
		return []string{"the token lacks " + strings.Join(d.Missing, " ") + ", which every request needs (auth.required_scopes): each is answered with 403"}
	}
	hints := e.methodHints(p)
	if lacks, none := e.generation.Policy.UnlocksNoTool(p); none {
		hints = append(hints, "the token is good for no tool at all: each needs a scope that it lacks ("+strings.Join(lacks, " ")+")")
	}
	return hints
}

// methodHints tell which methods that name nothing a rule refuses to p: without
// initialize, say, no legacy client gets as far as a tool.
func (e *explainer) methodHints(p auth.Principal) []string {
	type refusal struct{ rule, lacks string }
	var order []refusal
	methods := map[refusal][]string{}
	for _, row := range e.generation.Policy.Rows() {
		if row.Target != (auth.Target{}) {
			continue
		}
		for _, modern := range []bool{true, false} {
			x := e.generation.Policy.Explain(auth.Operation{Method: row.Method, Modern: modern}, p)
			if len(x.Lacks) == 0 {
				continue // or it is no method of that era
			}
			r := refusal{x.Rule, strings.Join(x.Lacks, " ")}
			if methods[r] == nil {
				order = append(order, r)
			}
			methods[r] = append(methods[r], row.Method)
			break
		}
	}
	var hints []string
	for _, r := range order {
		hints = append(hints, r.rule+" refuses "+strings.Join(methods[r], ", ")+" to it, for it lacks "+r.lacks)
	}
	return hints
}
