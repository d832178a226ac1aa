package auth

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// told is what of a decision reaches a caller.
func told(d Decision) Decision {
	return Decision{Verdict: d.Verdict, Scopes: d.Scopes, Missing: d.Missing, Final: d.Final}
}

// concealing hides a tool, a prompt, a resource and a method from whoever lacks "s".
func concealing(required []string, list string) *Policy {
	c := DefaultAccessConfig()
	c.List = list
	c.Rules = []AccessRule{{
		Tools: []string{"beta*"}, Prompts: []string{"plan"}, Resources: []string{"docs://plan/*"}, Methods: []string{"ping", "tools/list"},
		AllOf: []string{"s"}, AnyOf: []string{"hidden:one", "hidden:two"}, Conceal: true,
	}}
	return NewPolicy(c, required, inventory())
}

var concealedOperations = []struct{ there, unknown Operation }{
	{call("beta"), call("gamma")},
	{call("beta-two"), call("gamma")},
	{get("plan"), get("none")},
	{read("docs://plan/1"), read("docs://none")},
	{Operation{Method: "completion/complete", Target: Prompt("plan")}, Operation{Method: "completion/complete", Target: Prompt("none")}},
	{Operation{Method: "resources/subscribe", Target: Resource("docs://plan/1")}, Operation{Method: "resources/subscribe", Target: Resource("docs://none")}},
	{Operation{Method: "ping"}, Operation{Method: "pong"}},
	{Operation{Method: "tools/list"}, Operation{Method: "tools/lists"}},
}

// For those whom a concealing rule refuses, what it names is not there; to the others
// it is what it ever was.
func TestPolicyConceals(t *testing.T) {
	final, limited := Principal{asking: asking{final: true}}, Principal{asking: asking{within: []string{"s"}}}
	for _, required := range []string{"", "mcp:use", "mcp:use mcp:more"} {
		for _, list := range []string{ListPermitted, ListAll} {
			p := concealing(strings.Fields(required), list)
			for _, op := range concealedOperations {
				for _, caller := range []Principal{
					{},
					final, limited, holder("mcp:use"), holder("mcp:use mcp:more"), holder("s"), holder("s mcp:use mcp:more"),
					holder("hidden:one hidden:two mcp:use mcp:more"), holder("tool:beta tool:beta-two data:read prompt:plan docs:read"),
				} {
					got, want := p.Check(op.there, caller), p.Check(op.unknown, caller)
					if !reflect.DeepEqual(told(got), told(want)) {
						t.Errorf("%+v for %v: %+v, and for what is unknown %+v", op.there, caller.Scopes, got, want)
					}
					if !got.Concealed || want.Concealed {
						t.Errorf("%+v: concealed %v, and what is unknown %v", op.there, got.Concealed, want.Concealed)
					}
					if got.Rule != "access.rules[0]" || !slices.Contains(got.Needs.AllOf, "s") || len(got.Needs.AnyOf) != 2 {
						t.Errorf("%+v: the audit line would not tell: %+v", op.there, got)
					}
					if p.Lists(op.there.Target, op.there.Modern, caller) {
						t.Errorf("%+v is listed under list: %s", op.there.Target, list)
					}
				}
				d := p.Check(op.there, holder("s hidden:two mcp:use mcp:more"))
				if d.Verdict != Allowed || d.Concealed {
					t.Errorf("%+v for its own: %+v", op.there, d)
				}
			}
		}
	}
}

// A concealed method that names nothing is one that does not exist, for whoever lacks
// what every operation needs, too: of a method that there is not nobody is told that.
func TestPolicyConcealsMethods(t *testing.T) {
	p := concealing([]string{"mcp:use"}, ListPermitted)
	for _, held := range []string{"", "mcp:use", "s hidden:one"} {
		if d := p.Check(Operation{Method: "ping"}, holder(held)); !reflect.DeepEqual(told(d), Decision{}) {
			t.Errorf("with %q: %+v", held, d)
		}
	}
	if d := p.Check(Operation{Method: "initialize"}, holder("")); d.Verdict != Denied {
		t.Errorf("the twin that is not concealed: %+v", d)
	}
}

// Scopes that stand only in concealing rules are nowhere to be read.
func TestPolicyConcealsScopes(t *testing.T) {
	p := concealing([]string{"mcp:use"}, ListAll)
	secret := []string{"s", "hidden:one", "hidden:two", "tool:beta", "tool:beta-two", "data:read", "prompt:plan"}
	for _, s := range p.Scopes() {
		if slices.Contains(secret, s) {
			t.Errorf("the metadata offers %s", s)
		}
	}
	if want := []string{"docs:read", "mcp:use", "prompt:alpha", "tool:alpha"}; !slices.Equal(p.Scopes(), want) {
		t.Errorf("the metadata offers %q, want %q", p.Scopes(), want)
	}
	// A scope that another rule needs, too, is no secret.
	c := DefaultAccessConfig()
	c.Rules = []AccessRule{
		{Tools: []string{"alpha"}, AllOf: []string{"s"}, Conceal: true},
		{Tools: []string{"beta"}, AllOf: []string{"s"}},
	}
	if p := NewPolicy(c, nil, inventory()); !slices.Contains(p.Scopes(), "s") {
		t.Errorf("the metadata offers %q", p.Scopes())
	}
}

func TestPolicyLists(t *testing.T) {
	rules := []AccessRule{
		{Tools: []string{"beta"}, AllOf: []string{"a"}, Conceal: true},
		{Prompts: []string{"*"}, AnyOf: []string{"a", "b"}},
	}
	for _, tt := range []struct {
		list, required, held string
		target               Target
		want                 bool
	}{
		{ListPermitted, "", "", Tool("alpha"), false},
		{ListPermitted, "", "tool:alpha", Tool("alpha"), true},
		{ListPermitted, "mcp:use", "tool:alpha", Tool("alpha"), false},
		{ListPermitted, "", "", Tool("free"), true},
		{ListPermitted, "", "b", Prompt("plan"), true},
		{ListPermitted, "", "", Prompt("plan"), false},
		{ListPermitted, "", "docs:read", Resource("docs://alpha"), true},
		{ListPermitted, "", "", Resource("docs://alpha"), false},
		{ListPermitted, "", "a", Tool("beta"), true},
		{ListPermitted, "", "", Tool("beta"), false},
		{ListAll, "", "", Tool("alpha"), true},
		{ListAll, "mcp:use", "", Tool("alpha"), true},
		{ListAll, "", "", Prompt("plan"), true},
		{ListAll, "", "", Resource("docs://alpha"), true},
		{ListAll, "", "", Tool("beta"), false},
		{ListAll, "mcp:use", "", Tool("beta"), false},
		{ListAll, "mcp:use", "a", Tool("beta"), false},
		{ListAll, "mcp:use", "a mcp:use", Tool("beta"), true},
		// What is not there is in no list, whoever asks.
		{ListAll, "", "", Tool("gamma"), false},
		{ListAll, "mcp:use", "", Tool("gamma"), false},
		{ListAll, "", "", Target{}, false},
		{ListAll, "", "", Target{Kind: "other", Name: "alpha"}, false},
		// An unknown value of access.list is the strict one.
		{"", "", "", Tool("alpha"), false},
		{"everything", "", "", Tool("alpha"), false},
	} {
		c := DefaultAccessConfig()
		c.List, c.Rules = tt.list, rules
		p := NewPolicy(c, strings.Fields(tt.required), inventory())
		for _, modern := range []bool{false, true} {
			if got := p.Lists(tt.target, modern, holder(tt.held)); got != tt.want {
				t.Errorf("%+v, modern %v: listed %v", tt, modern, got)
			}
		}
	}
}

func TestPolicyMetadataScopes(t *testing.T) {
	rules := []AccessRule{
		{Tools: []string{"alpha"}, AnyOf: []string{"a", "b"}},
		{Methods: []string{"tools/list"}, AllOf: []string{"openid", "offline_access", "c"}},
		{Tools: []string{"beta*", "free"}, Authenticated: true},
	}
	for _, tt := range []struct {
		which, required, want string
	}{
		{MetadataScopesAll, "", "a b c docs:read prompt:alpha prompt:plan"},
		{MetadataScopesAll, "z mcp:use openid", "a b c docs:read mcp:use prompt:alpha prompt:plan z"},
		{"", "z", "a b c docs:read prompt:alpha prompt:plan z"},
		{MetadataScopesBaseline, "", ""},
		{MetadataScopesBaseline, "z mcp:use offline_access openid", "mcp:use z"},
	} {
		c := DefaultAccessConfig()
		c.MetadataScopes, c.Rules = tt.which, rules
		if got := NewPolicy(c, strings.Fields(tt.required), inventory()).Scopes(); strings.Join(got, " ") != tt.want {
			t.Errorf("%s with %q required: %q, want %q", tt.which, tt.required, got, tt.want)
		}
	}
}

// The rows are the whole table, in an order of their own, and no way into the policy.
func TestPolicyRows(t *testing.T) {
	p := concealing([]string{"mcp:use"}, ListPermitted)
	rows := p.Rows()
	if len(rows) != len(p.decisions) {
		t.Errorf("%d rows for %d decisions", len(rows), len(p.decisions))
	}
	at := func(method string, target Target) Row {
		t.Helper()
		i := slices.IndexFunc(rows, func(r Row) bool { return r.Method == method && r.Target == target })
		if i < 0 {
			t.Fatalf("%s %v has no row", method, target)
		}
		return rows[i]
	}
	hidden := Needs{AllOf: []string{"mcp:use", "s"}, AnyOf: []string{"hidden:one", "hidden:two"}}
	for _, want := range []Row{
		{Method: "tools/call", Target: Tool("beta"), Needs: hidden, Rule: "access.rules[0]", Conceal: true},
		{Method: "ping", Needs: hidden, Rule: "access.rules[0]", Conceal: true},
		{Method: "tools/call", Target: Tool("alpha"), Needs: Needs{AllOf: []string{"mcp:use", "tool:alpha"}}, Rule: "access.default"},
		{Method: "initialize", Needs: Needs{AllOf: []string{"mcp:use"}}, Rule: "access.default"},
	} {
		if got := at(want.Method, want.Target); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	for i := range rows[1:] {
		a, b := rows[i], rows[i+1]
		before := slices.Compare([]string{string(a.Target.Kind), a.Target.Name, a.Method}, []string{string(b.Target.Kind), b.Target.Name, b.Method})
		if before >= 0 {
			t.Errorf("%+v stands before %+v", a, b)
		}
	}
	for _, r := range rows {
		for i := range r.Needs.AllOf {
			r.Needs.AllOf[i] = "changed"
		}
		for i := range r.Needs.AnyOf {
			r.Needs.AnyOf[i] = "changed"
		}
	}
	if d := p.Check(call("beta"), holder("mcp:use s hidden:one")); d.Verdict != Allowed {
		t.Errorf("a row leads into the policy: %+v", d)
	}
}
