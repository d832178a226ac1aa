package auth

import (
	"slices"
	"strings"
	"testing"
)

func testPolicy(def string, required ...string) *Policy {
	return NewPolicy(AccessConfig{Default: def}, required, []Protected{
		{Target: Tool("alpha"), Scopes: []string{"tool:alpha"}},
		{Target: Tool("pair"), Scopes: []string{"tool:pair", "data:read"}},
		{Target: Tool("required-too"), Scopes: []string{"mcp:use", "tool:r"}},
		{Target: Tool("free")},
	})
}

func call(tool string) Operation { return Operation{Method: "tools/call", Target: Tool(tool)} }

func TestPolicy(t *testing.T) {
	for _, tt := range []struct {
		name     string
		def      string
		required []string
		op       Operation
		held     string
		verdict  Verdict
		scopes   string // all that the operation needs, required first
	}{
		{"a tool with its scope", AccessToolScope, nil, call("alpha"), "tool:alpha", Allowed, "tool:alpha"},
		{"a tool without its scope", AccessToolScope, nil, call("alpha"), "tool:beta", Denied, "tool:alpha"},
		{"a tool without any scope", AccessToolScope, nil, call("alpha"), "", Denied, "tool:alpha"},
		{"a scope in another case", AccessToolScope, nil, call("alpha"), "tool:Alpha", Denied, "tool:alpha"},
		{"a scope that begins alike", AccessToolScope, nil, call("alpha"), "tool:alpha2 tool:alph", Denied, "tool:alpha"},
		{"a star is no wildcard", AccessToolScope, nil, call("alpha"), "tool:* *", Denied, "tool:alpha"},
		{"two scopes, both held", AccessToolScope, nil, call("pair"), "data:read tool:pair", Allowed, "tool:pair data:read"},
		{"two scopes, one held: both are named", AccessToolScope, nil, call("pair"), "tool:pair", Denied, "tool:pair data:read"},
		{"required and own, both held", AccessToolScope, []string{"mcp:use"}, call("alpha"), "mcp:use tool:alpha", Allowed, "mcp:use tool:alpha"},
		{"required and own, own held: both are named, required first", AccessToolScope, []string{"mcp:use"}, call("alpha"), "tool:alpha", Denied, "mcp:use tool:alpha"},
		{"required and own, none held: both are named in one", AccessToolScope, []string{"z", "a"}, call("pair"), "", Denied, "z a tool:pair data:read"},
		{"a scope that is required and the tool's is named once", AccessToolScope, []string{"mcp:use"}, call("required-too"), "", Denied, "mcp:use tool:r"},
		{"a tool without scopes of its own", AccessToolScope, nil, call("free"), "", Allowed, ""},
		{"a tool without scopes of its own, required missing", AccessToolScope, []string{"mcp:use"}, call("free"), "", Denied, "mcp:use"},
		{"no default at all is the strict one", "", nil, call("alpha"), "", Denied, "tool:alpha"},
		{"an unknown default is the strict one", "everybody", nil, call("alpha"), "", Denied, "tool:alpha"},

		{"authenticated: any token", AccessAuthenticated, nil, call("alpha"), "", Allowed, ""},
		{"authenticated: required all the same", AccessAuthenticated, []string{"mcp:use"}, call("alpha"), "tool:alpha", Denied, "mcp:use"},
		{"authenticated: required held", AccessAuthenticated, []string{"mcp:use"}, call("pair"), "mcp:use", Allowed, "mcp:use"},

		{"a tool that is not there", AccessToolScope, nil, call("beta"), "tool:beta", NoTarget, ""},
		{"a tool in another case", AccessToolScope, nil, call("Alpha"), "tool:alpha", NoTarget, ""},
		{"a tool without a name", AccessToolScope, nil, call(""), "tool:alpha", NoTarget, ""},
		{"a tool that is not there, required missing: no more is told", AccessToolScope, []string{"mcp:use"}, call("beta"), "", Denied, "mcp:use"},
		{"authenticated: a tool that is not there", AccessAuthenticated, nil, call("beta"), "", NoTarget, ""},

		{"a list", AccessToolScope, nil, Operation{Method: "tools/list"}, "", Allowed, ""},
		{"a list, required missing", AccessToolScope, []string{"mcp:use"}, Operation{Method: "tools/list"}, "tool:alpha", Denied, "mcp:use"},
		{"a tool's name beside another method", AccessToolScope, nil, Operation{Method: "tools/list", Target: Tool("alpha")}, "", Allowed, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := testPolicy(tt.def, tt.required...)
			got := p.Check(tt.op, Principal{Scopes: strings.Fields(tt.held)})
			if got.Verdict != tt.verdict || !slices.Equal(got.Scopes, strings.Fields(tt.scopes)) {
				t.Errorf("%+v, want the verdict %v and the scopes %q", got, tt.verdict, tt.scopes)
			}
		})
	}
}

// What every operation needs is needed for every method, and named in its challenge;
// operation_test.go has the methods themselves.
func TestPolicyRequiresOfEveryMethod(t *testing.T) {
	for method, m := range methods {
		for _, modern := range []bool{false, true} {
			if !m.in(modern) {
				continue
			}
			op := Operation{Method: method, Modern: modern}
			if len(m.names) > 0 {
				op.Target = Tool("nothing")
			}
			if d := testPolicy(AccessAuthenticated, "mcp:use").Check(op, Principal{}); d.Verdict != Denied || !slices.Equal(d.Scopes, []string{"mcp:use"}) {
				t.Errorf("%+v without scopes: %+v", op, d)
			}
			if d := testPolicy(AccessAuthenticated, "mcp:use").Check(op, holder("mcp:use")); d.Verdict != Allowed && d.Verdict != NoTarget {
				t.Errorf("%+v: %+v", op, d)
			}
		}
	}
	if (Decision{}).Verdict == Allowed {
		t.Error("the zero Decision allows")
	}
}

func TestPolicyScopes(t *testing.T) {
	for _, tt := range []struct {
		policy *Policy
		want   string
	}{
		{testPolicy(AccessToolScope), "data:read mcp:use tool:alpha tool:pair tool:r"},
		{testPolicy(AccessToolScope, "z", "mcp:use"), "data:read mcp:use tool:alpha tool:pair tool:r z"},
		{testPolicy(AccessAuthenticated), ""},
		{testPolicy(AccessAuthenticated, "z", "a"), "a z"},
		{NewPolicy(AccessConfig{}, nil, nil), ""},
	} {
		got := tt.policy.Scopes()
		if !slices.Equal(got, strings.Fields(tt.want)) {
			t.Errorf("scopes %q, want %q", got, tt.want)
		}
		if len(got) > 0 {
			got[0] = "changed"
			if tt.policy.Scopes()[0] == "changed" {
				t.Error("a caller can change the policy")
			}
		}
	}
}

// What a policy was built from, and what it gave, is no way into it.
func TestPolicyIsImmutable(t *testing.T) {
	required, own := []string{"mcp:use", ""}[:1], []string{"tool:alpha", "data:read"}
	p := NewPolicy(AccessConfig{}, required, []Protected{{Target: Tool("alpha"), Scopes: own}})
	required[0], own[0] = "changed", "changed"
	d := p.Check(call("alpha"), Principal{})
	_ = append(d.Scopes, "appended")
	if d := p.Check(call("alpha"), Principal{}); !slices.Equal(d.Scopes, []string{"mcp:use", "tool:alpha", "data:read"}) {
		t.Errorf("scopes %q", d.Scopes)
	}
	if cap(d.Scopes) > len(d.Scopes) {
		t.Error("two callers that append to a decision's scopes write to the same place")
	}
	if d := p.Check(Operation{Method: "ping"}, Principal{}); cap(d.Scopes) > len(d.Scopes) {
		t.Error("two callers that append to a decision's scopes write to the same place")
	}
}

func TestPolicyUnlocksNoTool(t *testing.T) {
	for _, tt := range []struct {
		name    string
		policy  *Policy
		held    string
		missing string
		none    bool
	}{
		{"nothing held", NewPolicy(AccessConfig{}, nil, []Protected{{Tool("a"), []string{"s:a", "s:both"}}, {Tool("b"), []string{"s:b", "s:both"}}}), "", "s:a s:b s:both", true},
		{"part of each", NewPolicy(AccessConfig{}, nil, []Protected{{Tool("a"), []string{"s:a", "s:both"}}, {Tool("b"), []string{"s:b", "s:both"}}}), "s:both", "s:a s:b", true},
		{"one tool unlocked", NewPolicy(AccessConfig{}, nil, []Protected{{Tool("a"), []string{"s:a"}}, {Tool("b"), []string{"s:b"}}}), "s:b", "", false},
		{"required missing", testPolicy(AccessAuthenticated, "mcp:use"), "tool:alpha", "mcp:use", true},
		{"a tool that is free", testPolicy(AccessToolScope), "", "", false},
		{"no tools", NewPolicy(AccessConfig{}, []string{"mcp:use"}, nil), "", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			missing, none := tt.policy.UnlocksNoTool(Principal{Scopes: strings.Fields(tt.held)})
			if none != tt.none || !slices.Equal(missing, strings.Fields(tt.missing)) {
				t.Errorf("missing %q, none %v, want %q, %v", missing, none, tt.missing, tt.none)
			}
		})
	}
}

func TestValidScope(t *testing.T) {
	for scope, want := range map[string]bool{
		"a": true, "tool:alpha": true, "https://x/y?z": true, "!#$%&'()*+,-./:;<=>?@[]^_`{|}~": true,
		"": false, " ": false, "a b": false, `a"`: false, `a\`: false, "a\t": false, "a\x00": false,
		"a\x7f": false, "é": false, "a\xff": false, "a\n": false,
	} {
		if got := ValidScope(scope); got != want {
			t.Errorf("ValidScope(%q) = %v", scope, got)
		}
	}
	// Every byte on its own, by RFC 6749 §3.3.
	for c := range 256 {
		want := c == 0x21 || (c >= 0x23 && c <= 0x5b) || (c >= 0x5d && c <= 0x7e)
		if got := ValidScope(string([]byte{byte(c)})); got != want {
			t.Errorf("ValidScope of byte %#x = %v", c, got)
		}
	}
}
