package auth

import (
	"strings"
	"testing"
)

// accessWith is the default access section with these rules.
func accessWith(rules ...AccessRule) AccessConfig {
	c := DefaultAccessConfig()
	c.Rules = rules
	return c
}

// Each row has its twin: the same section without the fault.
func TestAccessConfigValidate(t *testing.T) {
	const (
		notScope = " is not a scope (RFC 6749 §3.3: printable ASCII without space, quote and backslash)"
		nameless = "rules[0].tools: the rule names nothing: tools, prompts, resources or methods is needed"
		noReason = "any_of: the rule has no condition: any_of, all_of or authenticated: true is needed"
		beside   = "rules[0].authenticated: must not stand beside any_of and all_of: either a token is enough, or it is not"
	)
	set := func(change func(*AccessConfig)) AccessConfig {
		c := DefaultAccessConfig()
		change(&c)
		return c
	}
	rule := func(change func(*AccessRule)) AccessConfig {
		r := AccessRule{Tools: []string{"alpha"}, AllOf: []string{"a"}}
		change(&r)
		return accessWith(r)
	}
	implies := func(grants ...ScopeGrant) AccessConfig {
		return set(func(c *AccessConfig) { c.Implies = grants })
	}
	for _, tt := range []struct {
		name       string
		bad        AccessConfig
		want, twin string // twin names the change that good is
		good       AccessConfig
	}{
		{"no default", set(func(c *AccessConfig) { c.Default = "" }), "default: must be tool_scope or authenticated", "tool_scope", DefaultAccessConfig()},
		{"an unknown default", set(func(c *AccessConfig) { c.Default = "open" }), "default: must be tool_scope or authenticated", "authenticated", set(func(c *AccessConfig) { c.Default = "authenticated" })},
		{"an unknown list", set(func(c *AccessConfig) { c.List = "none" }), "list: must be permitted or all", "all", set(func(c *AccessConfig) { c.List = "all" })},
		{"unknown metadata scopes", set(func(c *AccessConfig) { c.MetadataScopes = "none" }), "metadata_scopes: must be all or baseline", "baseline", set(func(c *AccessConfig) { c.MetadataScopes = "baseline" })},

		{"a rule without a name", rule(func(r *AccessRule) { r.Tools = nil }), nameless, "a prompt", rule(func(r *AccessRule) { r.Tools, r.Prompts = nil, []string{"plan"} })},
		{"a rule with an empty list", rule(func(r *AccessRule) { r.Tools = []string{} }), nameless, "a resource", rule(func(r *AccessRule) { r.Tools, r.Resources = nil, []string{"docs://*"} })},
		{"a rule without a condition", rule(func(r *AccessRule) { r.AllOf = nil }), "rules[0]." + noReason, "authenticated", rule(func(r *AccessRule) { r.AllOf, r.Authenticated = nil, true })},
		{"a rule that conceals, without a condition", rule(func(r *AccessRule) { r.AllOf, r.Conceal = nil, true }), "rules[0]." + noReason, "any_of", rule(func(r *AccessRule) { r.AllOf, r.AnyOf, r.Conceal = nil, []string{"a"}, true })},
		{"authenticated beside all_of", rule(func(r *AccessRule) { r.Authenticated = true }), beside, "without", rule(func(*AccessRule) {})},
		{"authenticated beside any_of", rule(func(r *AccessRule) { r.AllOf, r.AnyOf, r.Authenticated = nil, []string{"a"}, true }), beside, "without", rule(func(r *AccessRule) { r.AllOf, r.AnyOf = nil, []string{"a"} })},
		{"authenticated and concealed", rule(func(r *AccessRule) { r.AllOf, r.Authenticated, r.Conceal = nil, true, true }), "rules[0].conceal: has nobody to conceal from: with authenticated every token is enough", "with a scope", rule(func(r *AccessRule) { r.Conceal = true })},
		{"an empty rule", accessWith(AccessRule{}), nameless + "\nrules[0]." + noReason, "a method", rule(func(r *AccessRule) { r.Tools, r.Methods = nil, []string{"tools/*"} })},
		{"the second rule", accessWith(AccessRule{Tools: []string{"a"}, Authenticated: true}, AccessRule{Tools: []string{"b"}}), "rules[1]." + noReason, "with one", accessWith(AccessRule{Tools: []string{"a"}, Authenticated: true}, AccessRule{Tools: []string{"b"}, Authenticated: true})},

		{"tools and a method in one rule: which of them it is about would be a guess", rule(func(r *AccessRule) { r.Methods = []string{"tools/call"} }), "rules[0].methods: must not stand beside tools, prompts and resources: a rule is about what is used, or about how", "tools and prompts", rule(func(r *AccessRule) { r.Prompts = []string{"plan"} })},
		{"a concealed method", rule(func(r *AccessRule) { r.Tools, r.Methods, r.Conceal = nil, []string{"tools/call"}, true }), "rules[0].conceal: is for tools, prompts and resources: which methods there are is no secret", "a concealed tool", rule(func(r *AccessRule) { r.Conceal = true })},

		{"an empty name", rule(func(r *AccessRule) { r.Tools = []string{"alpha", ""} }), "rules[0].tools[1]: is empty", "none", rule(func(r *AccessRule) { r.Tools = []string{"alpha"} })},
		{"a space before a name", rule(func(r *AccessRule) { r.Prompts = []string{" plan"} }), "rules[0].prompts[0]: begins or ends with a space", "no space", rule(func(r *AccessRule) { r.Prompts = []string{"plan"} })},
		{"quotes around a name", rule(func(r *AccessRule) { r.Tools, r.Methods = nil, []string{`"tools/list"`} }), "rules[0].methods[0]: has quotation marks around it, which are a part of it here: take them away", "none", rule(func(r *AccessRule) { r.Tools, r.Methods = nil, []string{"tools/list"} })},
		{"a list in a name", rule(func(r *AccessRule) { r.Tools = []string{"[alpha"} }), "rules[0].tools[0]: has brackets around it, which are a part of it here: take them away", "none", rule(func(r *AccessRule) { r.Tools = []string{"alpha"} })},
		{"a line break in a name", rule(func(r *AccessRule) { r.Resources = []string{"docs://a\nb"} }), "rules[0].resources[0]: has a character that cannot be seen", "none", rule(func(r *AccessRule) { r.Resources = []string{"docs://a b"} })},
		{"a name twice", rule(func(r *AccessRule) { r.Tools = []string{"alpha", "beta", "alpha"} }), "rules[0].tools[2]: stands there twice", "two", rule(func(r *AccessRule) { r.Tools = []string{"alpha", "beta"} })},

		{"a space in a scope", rule(func(r *AccessRule) { r.AllOf = []string{"a", "b c"} }), `rules[0].all_of[1]: "b c"` + notScope, "two", rule(func(r *AccessRule) { r.AllOf = []string{"a", "b", "c"} })},
		{"an empty scope", rule(func(r *AccessRule) { r.AnyOf = []string{""} }), `rules[0].any_of[0]: ""` + notScope, "one", rule(func(r *AccessRule) { r.AnyOf = []string{"b"} })},
		{"a quote in a scope", rule(func(r *AccessRule) { r.AnyOf = []string{`b"`} }), `rules[0].any_of[0]: "b\""` + notScope, "an apostrophe", rule(func(r *AccessRule) { r.AnyOf = []string{"b'"} })},
		{"a scope with an umlaut", rule(func(r *AccessRule) { r.AllOf = []string{"ä"} }), `rules[0].all_of[0]: "ä"` + notScope, "without", rule(func(r *AccessRule) { r.AllOf = []string{"ae"} })},
		{"a scope of OpenID Connect", rule(func(r *AccessRule) { r.AllOf = []string{"a", "offline_access"} }), `rules[0].all_of[1]: "offline_access" is the issuer's own (OpenID Connect), and grants nothing here`, "one like it", rule(func(r *AccessRule) { r.AllOf = []string{"a", "offline"} })},
		{"another in any_of", rule(func(r *AccessRule) { r.AnyOf = []string{"openid"} }), `rules[0].any_of[0]: "openid" is the issuer's own (OpenID Connect), and grants nothing here`, "one like it", rule(func(r *AccessRule) { r.AnyOf = []string{"openid:x"} })},
		{"implied by one of OpenID Connect", implies(ScopeGrant{"openid", []string{"a"}}), "implies[0].scope: is the issuer's own (OpenID Connect), and grants nothing here", "another", implies(ScopeGrant{"profile:all", []string{"a"}})},
		{"a scope twice", rule(func(r *AccessRule) { r.AllOf = []string{"a", "a"} }), "rules[0].all_of[1]: stands there twice", "in another case", rule(func(r *AccessRule) { r.AllOf = []string{"a", "A"} })},
		{"any_of within all_of", rule(func(r *AccessRule) { r.AnyOf = []string{"b", "a"} }), "rules[0].any_of[1]: is needed by all_of already, so that any_of would ask for nothing", "another", rule(func(r *AccessRule) { r.AnyOf = []string{"b", "c"} })},

		{"implies itself", implies(ScopeGrant{"a", []string{"a"}}), "implies[0].grants: lead back to the scope itself", "another", implies(ScopeGrant{"a", []string{"b"}})},
		{
			"implies in a circle", implies(ScopeGrant{"x", []string{"a"}}, ScopeGrant{"a", []string{"b"}}, ScopeGrant{"b", []string{"c"}}, ScopeGrant{"c", []string{"d", "a"}}),
			"implies[1].grants: lead back to the scope itself\nimplies[2].grants: lead back to the scope itself\nimplies[3].grants: lead back to the scope itself",
			"a diamond", implies(ScopeGrant{"x", []string{"a", "b"}}, ScopeGrant{"a", []string{"c"}}, ScopeGrant{"b", []string{"c"}}),
		},
		{"implies nothing", implies(ScopeGrant{"a", nil}), "implies[0].grants: is required: the scopes that it includes", "one", implies(ScopeGrant{"a", []string{"b"}})},
		{"implies by no scope", implies(ScopeGrant{"", []string{"b"}}), `implies[0].scope: ""` + notScope, "one", implies(ScopeGrant{"a", []string{"b"}})},
		{"implies what is no scope", implies(ScopeGrant{"a", []string{"b c"}}), `implies[0].grants[0]: "b c"` + notScope, "two", implies(ScopeGrant{"a", []string{"b", "c"}})},
		{"implies a scope twice", implies(ScopeGrant{"a", []string{"b", "b"}}), "implies[0].grants[1]: stands there twice", "once", implies(ScopeGrant{"a", []string{"b"}})},
		{"a scope in two entries", implies(ScopeGrant{"a", []string{"b"}}, ScopeGrant{"a", []string{"c"}}), "implies[1].scope: stands in another entry already: all that it grants belongs there", "in one", implies(ScopeGrant{"a", []string{"b", "c"}})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := wordsOf(tt.bad.Validate().Err()); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if err := tt.good.Validate().Err(); err != nil {
				t.Errorf("the twin (%s) is refused: %v", tt.twin, err)
			}
		})
	}
	if d := DefaultAccessConfig(); d.Default != AccessToolScope || d.List != ListPermitted || len(d.Rules)+len(d.Implies) > 0 {
		t.Errorf("the defaults are not the strict ones: %+v", d)
	}
}

// What rules name is held against what there is.
func TestAccessConfigCheckTargets(t *testing.T) {
	all := func(r AccessRule) AccessRule { r.AllOf = []string{"a"}; return r }
	tools := func(names ...string) AccessRule { return all(AccessRule{Tools: names}) }
	methods := func(names ...string) AccessRule { return all(AccessRule{Methods: names}) }
	hide := func(r AccessRule) AccessRule { r.Conceal = true; return r }
	anyOf := func(scopes ...string) AccessRule { return AccessRule{Tools: []string{"alpha"}, AnyOf: scopes} }
	implies := func(grants ...ScopeGrant) AccessConfig {
		c := accessWith(tools("alpha"))
		c.Implies = grants
		return c
	}
	writing := func(g ScopeGrant) AccessConfig {
		c := accessWith(AccessRule{Tools: []string{"alpha"}, AllOf: []string{"write"}, AnyOf: []string{"b", "read"}})
		c.Implies = []ScopeGrant{g}
		return c
	}
	const (
		never   = " can never match: rules before this one decide on it"
		absent  = " is nothing that this server has"
		useless = " is no pattern: name each scope"
	)
	for _, tt := range []struct {
		name string
		bad  AccessConfig
		want string
		good AccessConfig
	}{
		{"an unknown tool", accessWith(tools("alpha", "gamma")), `rules[0].tools[1]: "gamma"` + absent, accessWith(tools("alpha", "beta"))},
		{"a tool in another case", accessWith(tools("Alpha")), `rules[0].tools[0]: "Alpha"` + absent, accessWith(tools("alpha"))},
		{"a pattern for nothing", accessWith(tools("gamma*")), `rules[0].tools[0]: "gamma*"` + absent, accessWith(tools("beta*"))},
		{"a prompt's name among tools", accessWith(tools("plan")), `rules[0].tools[0]: "plan"` + absent, accessWith(all(AccessRule{Prompts: []string{"plan"}}))},
		{"a tool's name among prompts", accessWith(all(AccessRule{Prompts: []string{"beta"}})), `rules[0].prompts[0]: "beta"` + absent, accessWith(tools("beta"))},
		{"an unknown resource", accessWith(all(AccessRule{Resources: []string{"docs:/alpha"}})), `rules[0].resources[0]: "docs:/alpha"` + absent, accessWith(all(AccessRule{Resources: []string{"docs://alpha"}}))},
		{"an unknown method", accessWith(methods("tools/lists")), `rules[0].methods[0]: "tools/lists"` + absent, accessWith(methods("tools/list"))},
		{"a method that exists in no era", accessWith(methods("tasks/get")), `rules[0].methods[0]: "tasks/get"` + absent, accessWith(methods("ping"))},
		{"a method of no target that there is", accessWith(methods("tools/call*l")), `rules[0].methods[0]: "tools/call*l"` + absent, accessWith(methods("tools/call*"))},

		{"a name after its pattern", accessWith(tools("beta*"), tools("beta-two")), `rules[1].tools[0]: "beta-two"` + never, accessWith(tools("beta-two"), tools("beta*"))},
		{"a name after itself", accessWith(tools("beta"), tools("alpha", "beta")), `rules[1].tools[1]: "beta"` + never, accessWith(tools("beta"), tools("alpha"))},
		{"a pattern after its names", accessWith(tools("beta", "beta-two"), tools("beta*")), `rules[1].tools[0]: "beta*"` + never, accessWith(tools("beta"), tools("beta*"))},
		{"everything after everything", accessWith(methods("*"), tools("alpha"), methods("ping")), `rules[1].tools[0]: "alpha"` + never + "\n" + `rules[2].methods[0]: "ping"` + never, accessWith(methods("ping"), tools("alpha"), methods("*"))},
		{"a tool after its method", accessWith(methods("tools/call"), tools("alpha")), `rules[1].tools[0]: "alpha"` + never, accessWith(tools("alpha"), methods("tools/call"))},
		{"a method after its tools", accessWith(tools("*"), methods("tools/call")), `rules[1].methods[0]: "tools/call"` + never, accessWith(tools("beta*", "alpha"), methods("tools/call"))},
		{"a prompt after the methods that name it, all of them", accessWith(methods("prompts/get", "completion/*"), all(AccessRule{Prompts: []string{"plan"}})), `rules[1].prompts[0]: "plan"` + never, accessWith(methods("prompts/get"), all(AccessRule{Prompts: []string{"plan"}}))},

		{
			"any_of within what all_of includes", writing(ScopeGrant{"write", []string{"read"}}),
			"rules[0].any_of[1]: is included in what is needed anyway (access.implies), so that any_of would ask for nothing",
			writing(ScopeGrant{"read", []string{"list"}}),
		},
		{"any_of within what is required", accessWith(anyOf("b", "mcp:use")), "rules[0].any_of[1]: is in auth.required_scopes already, so that any_of would ask for nothing", accessWith(anyOf("b", "mcp:using"))},

		{
			"a concealed prompt that its completion shows", accessWith(methods("completion/*"), hide(all(AccessRule{Prompts: []string{"*"}}))),
			`rules[1].conceal: does not hide "alpha": completion/complete names it, too, and there access.rules[0] decides, which does not conceal`,
			accessWith(methods("prompts/list"), hide(all(AccessRule{Prompts: []string{"*"}}))),
		},
		{
			"a concealed resource that its subscription shows", accessWith(methods("resources/subscribe"), hide(all(AccessRule{Resources: []string{"*"}}))),
			`rules[1].conceal: does not hide "docs://alpha": resources/subscribe names it, too, and there access.rules[0] decides, which does not conceal`,
			accessWith(hide(all(AccessRule{Resources: []string{"*"}}))),
		},

		{"a pattern of grants", implies(ScopeGrant{"admin", []string{"tool:*"}}), `implies[0].grants[0]: "tool:*"` + useless, implies(ScopeGrant{"admin", []string{"a", "mcp:use"}})},
		{"a pattern behind a scope of other servers", implies(ScopeGrant{"root", []string{"admin"}}, ScopeGrant{"admin", []string{"elsewhere", "else*"}}), `implies[1].grants[1]: "else*"` + useless, implies(ScopeGrant{"root", []string{"admin"}}, ScopeGrant{"admin", []string{"elsewhere"}})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for name, c := range map[string]AccessConfig{"the fault": tt.bad, "the twin": tt.good} {
				if err := c.Validate().Err(); err != nil {
					t.Fatalf("%s is not sound in itself: %v", name, err)
				}
			}
			if got := wordsOf(tt.bad.CheckTargets([]string{"mcp:use"}, inventory()).Err()); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if err := tt.good.CheckTargets([]string{"mcp:use"}, inventory()).Err(); err != nil {
				t.Errorf("the twin is refused: %v", err)
			}
		})
	}
	// Nothing of a configuration without rules is wrong, whatever there is.
	for name, targets := range map[string][]Protected{"nothing": nil, "all": inventory()} {
		if err := DefaultAccessConfig().CheckTargets(nil, targets).Err(); err != nil {
			t.Errorf("the default beside %s: %v", name, err)
		}
	}
	if got := wordsOf(accessWith(tools("*")).CheckTargets(nil, nil).Err()); !strings.HasPrefix(got, `rules[0].tools[0]: "*"`) {
		t.Errorf("a rule about tools where there is none: %q", got)
	}
}
