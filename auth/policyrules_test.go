package auth

import (
	"strings"
	"testing"
)

// The first rule that is about an operation decides, alone.
func TestPolicyRules(t *testing.T) {
	tools := func(names ...string) AccessRule { return AccessRule{Tools: names} }
	all := func(r AccessRule, scopes string) AccessRule { r.AllOf = strings.Fields(scopes); return r }
	anyOf := func(r AccessRule, scopes string) AccessRule { r.AnyOf = strings.Fields(scopes); return r }
	token := func(r AccessRule) AccessRule { r.Authenticated = true; return r }
	methods := func(names ...string) AccessRule { return AccessRule{Methods: names} }
	list, complete := Operation{Method: "tools/list"}, Operation{Method: "completion/complete"}
	about := func(op Operation, target Target) Operation { op.Target = target; return op }

	for _, tt := range []struct {
		name            string
		rules           []AccessRule
		required        string
		op              Operation
		held            string
		verdict         Verdict
		scopes, missing string
		rule            string // "0": access.rules[0], "-": access.default
	}{
		{"no rule: its own scopes", nil, "", call("alpha"), "", Denied, "tool:alpha", "tool:alpha", "-"},
		{"a rule of its own: no longer its own scopes", []AccessRule{all(tools("alpha"), "a")}, "", call("alpha"), "tool:alpha", Denied, "a", "a", "0"},
		{"a rule of its own, held", []AccessRule{all(tools("alpha"), "a")}, "", call("alpha"), "a", Allowed, "a", "", "0"},
		{"a rule about another", []AccessRule{all(tools("alpha"), "a")}, "", call("beta"), "a", Denied, "tool:beta", "tool:beta", "-"},
		{"a name is no beginning", []AccessRule{all(tools("beta"), "a")}, "", call("beta-two"), "a", Denied, "tool:beta-two data:read", "tool:beta-two data:read", "-"},
		{"a pattern", []AccessRule{all(tools("beta*"), "a")}, "", call("beta-two"), "a", Allowed, "a", "", "0"},
		{"the first of two", []AccessRule{all(tools("alpha"), "a"), token(tools("*"))}, "", call("alpha"), "", Denied, "a", "a", "0"},
		{"the second where the first is not about it", []AccessRule{all(tools("alpha"), "a"), token(tools("*"))}, "", call("beta"), "", Allowed, "", "", "1"},
		{"the first though the second would refuse", []AccessRule{token(tools("alpha")), all(tools("*"), "a")}, "", call("alpha"), "", Allowed, "", "", "0"},
		{"a pattern matches nothing that is not there", []AccessRule{token(tools("*"))}, "", call("gamma"), "", NoTarget, "", "", ""},

		{"all_of, one held", []AccessRule{all(tools("alpha"), "a b")}, "", call("alpha"), "b", Denied, "a b", "a", "0"},
		{"any_of, none held: the first is named", []AccessRule{anyOf(tools("alpha"), "a b")}, "", call("alpha"), "c", Denied, "a", "a", "0"},
		{"any_of, the first held", []AccessRule{anyOf(tools("alpha"), "a b")}, "", call("alpha"), "a", Allowed, "a", "", "0"},
		{"any_of, the last held", []AccessRule{anyOf(tools("alpha"), "a b")}, "", call("alpha"), "b", Allowed, "a", "", "0"},
		{"any_of beside all_of, none held", []AccessRule{anyOf(all(tools("alpha"), "c"), "a b")}, "", call("alpha"), "", Denied, "c a", "c a", "0"},
		{"any_of beside all_of, all_of held", []AccessRule{anyOf(all(tools("alpha"), "c"), "a b")}, "", call("alpha"), "c", Denied, "c a", "a", "0"},
		{"any_of beside all_of, the last of any_of held: nobody is sent for the first", []AccessRule{anyOf(all(tools("alpha"), "c"), "a b")}, "", call("alpha"), "b", Denied, "c b", "c", "0"},
		{"any_of beside all_of, both held", []AccessRule{anyOf(all(tools("alpha"), "c"), "a b")}, "", call("alpha"), "b c", Allowed, "c a", "", "0"},
		{"authenticated", []AccessRule{token(tools("alpha"))}, "", call("alpha"), "", Allowed, "", "", "0"},

		{"required and all_of in one", []AccessRule{all(tools("alpha"), "a b")}, "mcp:use", call("alpha"), "a", Denied, "mcp:use a b", "mcp:use b", "0"},
		{"required and any_of in one", []AccessRule{anyOf(tools("alpha"), "a b")}, "mcp:use", call("alpha"), "", Denied, "mcp:use a", "mcp:use a", "0"},
		{"required and authenticated", []AccessRule{token(tools("alpha"))}, "mcp:use", call("alpha"), "", Denied, "mcp:use", "mcp:use", "0"},
		{"required and authenticated, held", []AccessRule{token(tools("alpha"))}, "mcp:use", call("alpha"), "mcp:use", Allowed, "mcp:use", "", "0"},
		{"required that stands in all_of, too, is named once", []AccessRule{all(tools("alpha"), "a mcp:use")}, "mcp:use", call("alpha"), "", Denied, "mcp:use a", "mcp:use a", "0"},

		{"a prompt of a tool's name", []AccessRule{token(tools("alpha"))}, "", get("alpha"), "", Denied, "prompt:alpha", "prompt:alpha", "-"},
		{"a rule about prompts", []AccessRule{token(AccessRule{Prompts: []string{"alpha"}})}, "", get("alpha"), "", Allowed, "", "", "0"},
		{"a rule about prompts, and a tool", []AccessRule{token(AccessRule{Prompts: []string{"alpha"}})}, "", call("alpha"), "", Denied, "tool:alpha", "tool:alpha", "-"},
		{"a rule about prompts, and their completion", []AccessRule{all(AccessRule{Prompts: []string{"*"}}, "a")}, "", about(complete, Prompt("plan")), "", Denied, "a", "a", "0"},
		{"completion of a tool is nothing", []AccessRule{token(tools("*"))}, "", about(complete, Tool("alpha")), "", NoTarget, "", "", ""},
		{"a rule about resources", []AccessRule{token(AccessRule{Resources: []string{"docs://plan/*"}})}, "", read("docs://plan/1"), "", Allowed, "", "", "0"},
		{"a rule about other resources", []AccessRule{token(AccessRule{Resources: []string{"docs://plan/*"}})}, "", read("docs://alpha"), "", Denied, "docs:read", "docs:read", "-"},
		{"a rule about resources, and who subscribes", []AccessRule{all(AccessRule{Resources: []string{"*"}}, "a")}, "", Operation{Method: "resources/subscribe", Target: Resource("docs://alpha")}, "docs:read", Denied, "a", "a", "0"},

		{"a rule about a method that names tools", []AccessRule{all(methods("tools/call"), "a")}, "", call("alpha"), "tool:alpha", Denied, "a", "a", "0"},
		{"a rule about a list", []AccessRule{all(methods("tools/list"), "a")}, "", list, "", Denied, "a", "a", "0"},
		{"a rule about a list is about no call", []AccessRule{all(methods("tools/list"), "a")}, "", call("alpha"), "a", Denied, "tool:alpha", "tool:alpha", "-"},
		{"a rule about every method", []AccessRule{all(methods("*"), "a")}, "", Operation{Method: "ping"}, "", Denied, "a", "a", "0"},
		{"a rule about tools is about no list", []AccessRule{all(tools("*"), "a")}, "", list, "", Allowed, "", "", "-"},
		{"a method before a tool", []AccessRule{all(methods("tools/*"), "a"), token(tools("alpha"))}, "", call("alpha"), "", Denied, "a", "a", "0"},
		{"a tool before a method", []AccessRule{token(tools("alpha")), all(methods("tools/*"), "a")}, "", call("alpha"), "", Allowed, "", "", "0"},
		{"several kinds in one rule: its tool", []AccessRule{all(AccessRule{Tools: []string{"alpha"}, Prompts: []string{"plan"}, Methods: []string{"ping"}}, "a")}, "", call("alpha"), "", Denied, "a", "a", "0"},
		{"several kinds in one rule: its prompt", []AccessRule{all(AccessRule{Tools: []string{"alpha"}, Prompts: []string{"plan"}, Methods: []string{"ping"}}, "a")}, "", get("plan"), "", Denied, "a", "a", "0"},
		{"several kinds in one rule: its method", []AccessRule{all(AccessRule{Tools: []string{"alpha"}, Prompts: []string{"plan"}, Methods: []string{"ping"}}, "a")}, "", Operation{Method: "ping"}, "", Denied, "a", "a", "0"},
		{"several kinds in one rule: nothing else", []AccessRule{all(AccessRule{Tools: []string{"alpha"}, Prompts: []string{"plan"}, Methods: []string{"ping"}}, "a")}, "", get("alpha"), "", Denied, "prompt:alpha", "prompt:alpha", "-"},

		// What Validate refuses grants nothing, should it come here.
		{"a rule without a condition", []AccessRule{tools("alpha"), token(tools("*"))}, "", call("alpha"), "tool:alpha", NoTarget, "", "", ""},
		{"a rule without a condition, about a method", []AccessRule{methods("ping")}, "", Operation{Method: "ping"}, "", NoRule, "", "", ""},
		{"authenticated beside scopes", []AccessRule{token(all(tools("alpha"), "a"))}, "", call("alpha"), "", Denied, "a", "a", "0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rule := tt.rule
			switch rule {
			case "":
			case "-":
				rule = "access.default"
			default:
				rule = "access.rules[" + rule + "]"
			}
			p := ruled(strings.Fields(tt.required), tt.rules...)
			wantDecision(t, p.Check(tt.op, holder(tt.held)), tt.verdict, tt.scopes, tt.missing, rule)
		})
	}
}

// access.default: authenticated is for what no rule names, and for nothing else.
func TestPolicyDefaultBesideRules(t *testing.T) {
	c := DefaultAccessConfig()
	c.Default, c.Rules = AccessAuthenticated, []AccessRule{{Tools: []string{"alpha"}, AllOf: []string{"a"}}}
	p := NewPolicy(c, []string{"mcp:use"}, inventory())
	wantDecision(t, p.Check(call("alpha"), holder("mcp:use")), Denied, "mcp:use a", "a", "access.rules[0]")
	wantDecision(t, p.Check(call("beta"), holder("mcp:use")), Allowed, "mcp:use", "", "access.default")
	wantDecision(t, p.Check(call("beta"), holder("")), Denied, "mcp:use", "mcp:use", "access.default")
	wantDecision(t, p.Check(call("gamma"), holder("mcp:use")), NoTarget, "mcp:use", "", "")
}

// Final is what asking cannot help with, and of alternatives none may be left.
func TestPolicyFinal(t *testing.T) {
	limited := func(held string, within ...string) Principal {
		p := holder(held)
		p.asking = asking{within: append([]string{}, within...)}
		return p
	}
	assigned := Principal{asking: asking{final: true}}
	rules := []AccessRule{{Tools: []string{"alpha"}, AllOf: []string{"c"}, AnyOf: []string{"a", "b"}}}
	for _, tt := range []struct {
		name            string
		caller          Principal
		scopes, missing string
		final           bool
	}{
		{"whoever may ask for anything", holder(""), "c a", "c a", false},
		{"whoever may ask for nothing", assigned, "c a", "c a", true},
		{"all that is missing was assigned", limited("", "a", "c"), "c a", "c a", false},
		{"another alternative was assigned", limited("", "b", "c"), "c b", "c b", false},
		{"no alternative was assigned", limited("", "c"), "c a", "c a", true},
		{"one of two was assigned", limited("", "a"), "c a", "c a", true},
		{"what is missing was assigned, what is held was not", limited("a", "c"), "c a", "c", false},
		{"what is held was assigned, what is missing was not", limited("a", "a"), "c a", "c", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := ruled(nil, rules...).Check(call("alpha"), tt.caller)
			wantDecision(t, d, Denied, tt.scopes, tt.missing, "access.rules[0]")
			if d.Final != tt.final {
				t.Errorf("final: %v", d.Final)
			}
		})
	}
	// No other verdict is final.
	free := ruled(nil)
	for _, op := range []Operation{call("free"), call("gamma"), {Method: "tasks/get"}} {
		if d := free.Check(op, assigned); d.Final || d.Verdict == Denied {
			t.Errorf("%+v: %+v", op, d)
		}
	}
}
