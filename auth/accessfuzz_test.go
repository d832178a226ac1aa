package auth

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// accessOf reads rules such as "t:alpha p:* +s |a |b hide; m:tools/* token", and makes of
// every other word nothing: rules that Validate refuses are among them.
func accessOf(def, rules, implies string) AccessConfig {
	c := DefaultAccessConfig()
	c.Default, c.Implies = def, grantsOf(implies)
	for text := range strings.SplitSeq(rules, ";") {
		var r AccessRule
		for word := range strings.FieldsSeq(text) {
			switch key, rest := word[:1], strings.TrimPrefix(word[1:], ":"); {
			case word == "token":
				r.Authenticated = true
			case word == "hide":
				r.Conceal = true
			case key == "t":
				r.Tools = append(r.Tools, rest)
			case key == "p":
				r.Prompts = append(r.Prompts, rest)
			case key == "r":
				r.Resources = append(r.Resources, rest)
			case key == "m":
				r.Methods = append(r.Methods, rest)
			case key == "+":
				r.AllOf = append(r.AllOf, rest)
			case key == "|":
				r.AnyOf = append(r.AnyOf, rest)
			}
		}
		c.Rules = append(c.Rules, r)
	}
	return c
}

// decideNaively is the policy as one would write it who cares for nothing but what it
// means.
func decideNaively(c AccessConfig, required []string, op Operation, scopes []string) Verdict {
	holds := func(wanted string) bool {
		for open, seen := slices.Clone(scopes), map[string]bool{}; len(open) > 0; open = open[1:] {
			if open[0] == wanted {
				return true
			}
			for _, g := range c.Implies {
				if g.Scope == open[0] && !seen[g.Scope] {
					open = append(open, g.Grants...)
				}
			}
			seen[open[0]] = true
		}
		return false
	}
	all := func(list []string) bool { return !slices.ContainsFunc(list, func(s string) bool { return !holds(s) }) }
	era := "legacy"
	if op.Modern {
		era = "modern"
	}
	if !strings.Contains(eras[op.Method], era) {
		return NoRule
	}
	unknown := NoRule
	var own []string
	if names := methods[op.Method].names; len(names) > 0 {
		if unknown = NoTarget; !all(required) {
			unknown = Denied
		}
		i := slices.IndexFunc(inventory(), func(p Protected) bool { return p.Target == op.Target })
		if i < 0 || !slices.Contains(names, op.Target.Kind) {
			return unknown
		}
		own = inventory()[i].Scopes
	} else {
		op.Target = Target{}
	}
	for _, r := range c.Rules {
		about := slices.ContainsFunc(r.Methods, func(p string) bool { return matchNaively(p, op.Method) })
		for kind, list := range map[Kind][]string{KindTool: r.Tools, KindPrompt: r.Prompts, KindResource: r.Resources} {
			about = about || kind == op.Target.Kind && slices.ContainsFunc(list, func(p string) bool { return matchNaively(p, op.Target.Name) })
		}
		switch {
		case !about:
			continue
		case !r.Authenticated && len(r.AllOf)+len(r.AnyOf) == 0:
			return unknown
		case all(required) && all(r.AllOf) && (len(r.AnyOf) == 0 || slices.ContainsFunc(r.AnyOf, holds)):
			return Allowed
		case r.Conceal:
			return unknown
		default:
			return Denied
		}
	}
	if all(required) && (c.Default == AccessAuthenticated || all(own)) {
		return Allowed
	}
	return Denied
}

func FuzzPolicy(f *testing.F) {
	for _, seed := range []struct {
		def, rules, implies, required, method, kind, name, held string
		modern                                                  bool
	}{
		{"tool_scope", "", "", "", "tools/call", "tool", "alpha", "tool:alpha", true},
		{"authenticated", "t:beta* +s hide", "admin > s", "mcp:use", "tools/call", "tool", "beta", "admin mcp:use", true},
		{"tool_scope", "m:* token; t:alpha +a", "", "", "tasks/get", "", "", "a", false},
		{"tool_scope", "p:* +a |b |c; m:completion/* token", "a > b; b > a", "", "completion/complete", "prompt", "plan", "b", false},
		{"tool_scope", "r:docs://* |a hide; t:alpha", "", "x", "resources/read", "resource", "docs://plan/1", "", true},
		{"", "t:alpha; m:ping +s hide", "", "", "ping", "tool", "alpha", "tool:alpha", false},
		{"open", "t: +; m:", "> a; a >", "", "tools/call", "tool", "", "*", true},
	} {
		f.Add(seed.def, seed.rules, seed.implies, seed.required, seed.method, seed.kind, seed.name, seed.held, seed.modern)
	}
	f.Fuzz(func(t *testing.T, def, rules, implies, required, method, kind, name, held string, modern bool) {
		if len(rules) > 300 || len(implies) > 300 || len(name) > 300 || len(method) > 300 {
			return
		}
		c, needed := accessOf(def, rules, implies), strings.Fields(required)
		valid := c.Validate().Err() == nil
		_ = c.CheckTargets(needed, inventory())
		p := NewPolicy(c, needed, inventory())
		op := Operation{Method: method, Target: Target{Kind: Kind(kind), Name: name}, Modern: modern}
		caller := holder(held)
		d := p.Check(op, caller)

		if want := decideNaively(c, needed, op, caller.Scopes); d.Verdict != want {
			t.Errorf("%+v for %q: %+v, want the verdict %v", op, held, d, want)
		}
		if nobody := p.Check(op, Principal{}); nobody.Verdict == Allowed && len(nobody.Needs.AllOf)+len(nobody.Needs.AnyOf) > 0 {
			t.Errorf("%+v without a scope: %+v", op, nobody)
		}
		if (d.Verdict == Denied) != (len(d.Missing) > 0) {
			t.Errorf("%+v", d)
		}
		for _, s := range d.Missing {
			if !slices.Contains(d.Scopes, s) || caller.HasScope(s) {
				t.Errorf("missing %q: %+v", s, d)
			}
		}
		if d.Concealed {
			unknown := op
			if unknown.Target.Name = "none"; len(methods[method].names) == 0 {
				unknown.Method = "none"
			}
			if u := p.Check(unknown, caller); !reflect.DeepEqual(told(u), told(d)) {
				t.Errorf("%+v: concealed %+v, unknown %+v", op, d, u)
			}
		}
		if p.Lists(op.Target, modern, caller) && p.Check(op.Target.Use(modern), caller).Verdict != Allowed {
			t.Errorf("%+v is listed", op.Target)
		}
		for _, s := range slices.Concat(p.Scopes(), d.Scopes) {
			if valid && !ValidScope(s) && !slices.Contains(needed, s) {
				t.Errorf("%q is told as a scope", s)
			}
		}
	})
}
