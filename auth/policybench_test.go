package auth

import (
	"fmt"
	"testing"
)

// largeAccess is a table of 1,000 tools and 50 rules, names and patterns, in which the
// last rules decide on most.
func largeAccess() (AccessConfig, []Protected) {
	var targets []Protected
	for i := range 1000 {
		name := fmt.Sprintf("area-%02d.tool-%04d", i%100, i)
		targets = append(targets, Protected{Target: Tool(name), Scopes: []string{"tool:" + name}})
	}
	c := DefaultAccessConfig()
	for i := range 49 {
		r := AccessRule{Tools: []string{fmt.Sprintf("area-%02d.*", i)}, AllOf: []string{fmt.Sprintf("area:%02d", i)}, AnyOf: []string{"read", "write"}}
		for j := range 10 {
			r.Tools = append(r.Tools, targets[i*10+j+500].Name)
		}
		c.Rules = append(c.Rules, r)
	}
	c.Rules = append(c.Rules, AccessRule{Methods: []string{"*"}, AnyOf: []string{"read", "write"}})
	c.Implies = []ScopeGrant{{Scope: "admin", Grants: []string{"write"}}, {Scope: "write", Grants: []string{"read"}}}
	return c, targets
}

// Deciding is on the way of every request, twice: where it allows it allocates nothing.
func TestPolicyAllocatesNothingWhereItAllows(t *testing.T) {
	c, targets := largeAccess()
	p := NewPolicy(c, []string{"mcp:use"}, targets)
	caller := holder("mcp:use other admin area:00")
	for name, op := range map[string]Operation{
		"a tool of a rule": call("area-00.tool-0000"), "another": call("area-99.tool-0999"), "a list": {Method: "tools/list", Modern: true},
	} {
		if d := p.Check(op, caller); d.Verdict != Allowed {
			t.Fatalf("%s: %+v", name, d)
		}
		if n := testing.AllocsPerRun(100, func() { p.Check(op, caller) }); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	for _, tool := range []Target{targets[0].Target, targets[1].Target} {
		if n := testing.AllocsPerRun(100, func() { p.Lists(tool, true, caller) }); n > 0 {
			t.Errorf("whether %s is listed: %v allocations", tool.Name, n)
		}
	}
}

func BenchmarkPolicyCheck(b *testing.B) {
	c, targets := largeAccess()
	p := NewPolicy(c, []string{"mcp:use"}, targets)
	for name, caller := range map[string]Principal{"allowed": holder("mcp:use read area:00"), "denied": holder("mcp:use")} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Check(Operation{Method: "tools/call", Target: targets[0].Target, Modern: true}, caller)
			}
		})
	}
}

func BenchmarkPolicyListsAll(b *testing.B) {
	c, targets := largeAccess()
	p, caller := NewPolicy(c, []string{"mcp:use"}, targets), holder("mcp:use read area:00")
	b.ReportAllocs()
	for b.Loop() {
		for _, t := range targets {
			p.Lists(t.Target, true, caller)
		}
	}
}

func BenchmarkNewPolicy(b *testing.B) {
	c, targets := largeAccess()
	b.ReportAllocs()
	for b.Loop() {
		NewPolicy(c, []string{"mcp:use"}, targets)
	}
}

func BenchmarkAccessCheckTargets(b *testing.B) {
	c, targets := largeAccess()
	for b.Loop() {
		c.CheckTargets([]string{"mcp:use"}, targets)
	}
}
