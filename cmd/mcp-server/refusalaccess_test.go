package main

import (
	"mcp-resource-server/auth"
)

// reasonConcealed is the reason of package server that depends on the credential.
const reasonConcealed auth.Reason = verdictConcealed

// accessPlaces grant in different ways: by what a client asks for, and by what somebody
// assigned.
func accessPlaces() map[string]place {
	granting := func(claims ...string) place {
		return place{set: func(c *auth.IssuerConfig) { c.ScopeClaims = claims }}
	}
	return map[string]place{
		plain:         {},
		"permissions": granting("permissions"),
		"roles":       granting("realm_access.roles", "roles"),
		"either":      granting("scope", "permissions"),
	}
}

// probeTable asks for one of two levels beside the tool's own scope, and has scopes
// that include others.
func probeTable(c *auth.AccessConfig) {
	c.Rules = []auth.AccessRule{{Tools: []string{"probe"}, AllOf: []string{"tool:probe"}, AnyOf: []string{"level:two", "level:one"}}}
	c.Implies = []auth.ScopeGrant{
		{Scope: "level:3", Grants: []string{"level:two"}},
		{Scope: "all", Grants: []string{"level:3", "tool:probe"}},
	}
}

// accessNeeds is what a call needs by probeTable, as a challenge names it to whoever
// holds none of the alternatives.
const accessNeeds = "base tool:probe level:two"

// ruleRows are tokens beside probeTable that lack what their client can ask for.
func ruleRows() []refusalRow {
	lacks := func(name, good, fault string) refusalRow {
		return refusalRow{
			name: name, reason: auth.ReasonScope, only: calls, needs: accessNeeds,
			good: edits(claim("azp", `"agent"`), claim("scope", `"`+good+`"`)), fault: claim("scope", `"`+fault+`"`),
		}
	}
	holds := func(name, scope string) refusalRow {
		return refusalRow{name: name, fault: claim("scope", `"`+scope+`"`)}
	}
	// The tool's own scope stands first: an answer names it behind base, and so has no
	// long piece of the token in it.
	const good = "tool:probe base level:one"
	either := edits(claim("azp", `"agent"`), claim("scope", `"base"`), claim("permissions", `["tool:probe", "level:one"]`))
	through := lacks("an alternative through another scope, and not the rest", "tool:probe base level:3", "level:3 base")
	through.needs = "base tool:probe level:3" // by the scope that was granted
	rows := []refusalRow{
		through,
		lacks("none of the alternatives", good, "tool:probe base"),
		lacks("an alternative in another case", good, "tool:probe base Level:one"),
		lacks("a word that begins with an alternative", good, "tool:probe base level:ones"),
		lacks("every alternative, and not the rest", good, "level:two level:one base"),
		lacks("a scope that begins with one that includes others", "base all", "base all:of:it"),
		lacks("what all includes, for which all is not held", "tool:probe base level:3", "tool:probe base level:four"),
		holds("the second alternative", good),
		holds("an alternative that another scope includes", "tool:probe base level:3"),
		holds("everything through one scope", "base all"),
	}
	second := lacks("the second alternative, which the challenge names, and not the rest", good, "level:one base")
	second.needs = "base tool:probe level:one"
	return append(append(rows, second), at("either", because(auth.ReasonScope, either,
		refusalRow{name: "assigned in no way, where a client can ask", fault: claim("permissions", `"level:one x"`), only: calls, needs: "base tool:probe level:one"},
	)...)...)
}

// assignedRows are tokens beside probeTable that lack what somebody would have to
// assign: the refusal is final, and no challenge sends the client for another token.
func assignedRows() []refusalRow {
	list := func(name, list string) edit {
		return edits(claim("scope", `"tool:probe base level:one"`), claim("azp", `"agent"`), claim(name, list))
	}
	permissions, roles := func(l string) edit { return list("permissions", l) }, func(l string) edit { return list("roles", l) }
	final := func(name, lacks string, only []string, fault edit) refusalRow {
		return refusalRow{name: name, fault: fault, only: only, needs: accessNeeds, lacks: lacks}
	}
	rows := at("permissions", because(auth.ReasonPermission, permissions(`["tool:probe", "level:one", "base"]`),
		final("none at all, whatever was asked for", "", operations, claim("permissions", "")),
		final("an empty list", "", operations, claim("permissions", `[]`)),
		final("all but the tool's", "tool:probe", calls, permissions(`["base", "level:one"]`)),
		final("all but one of the alternatives", "level:two", calls, permissions(`["base", "tool:probe"]`)),
		final("all but what every request needs", "base", operations, permissions(`["all", "tool:probe"]`)),
	)...)
	rows = append(rows, at("permissions", refusalRow{name: "everything through one permission", fault: permissions(`["all", "base"]`)})...)
	return append(rows, at("roles", because(auth.ReasonPermission, roles(`["tool:probe", "level:one", "base"]`),
		final("none at all", "", operations, claim("roles", "")),
		final("a role in another case", "tool:probe", calls, roles(`["base", "Tool:probe", "level:two"]`)),
		final("a permission and no role", "tool:probe", calls, edits(roles(`["base", "level:two"]`), claim("permissions", `"tool:probe level:one"`))),
		final("roles in two claims, and one missing", "level:two", calls, edits(roles(`["base"]`), claim("realm_access", `{"roles": ["tool:probe"]}`))),
	)...)...)
}

// concealProbe conceals the tool from whoever may not use it.
func concealProbe(c *auth.AccessConfig) {
	c.Rules = []auth.AccessRule{{Tools: []string{"probe"}, AllOf: []string{"tool:probe"}, Conceal: true}}
}

// concealedRows are tokens that lack what a concealed tool needs: to them it is not
// there, whether their client could ask for it or not. Without what every request
// needs they are refused for that, as with any other tool.
func concealedRows() []refusalRow {
	rows := because(reasonConcealed, claim("azp", `"agent"`),
		refusalRow{name: "a concealed tool, and the baseline alone", fault: claim("scope", `"base"`), only: calls},
		refusalRow{name: "a concealed tool, and its scope in another case", fault: claim("scope", `"base Tool:probe"`), only: calls},
	)
	assigned := edits(claim("azp", `"agent"`), claim("permissions", `["tool:probe", "base"]`))
	return append(rows, at("permissions", because(reasonConcealed, assigned,
		refusalRow{name: "a concealed tool that is not assigned", fault: claim("permissions", `["base"]`), only: calls},
	)...)...)
}
