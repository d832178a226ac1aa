package auth

import (
	"fmt"
	"slices"
	"strings"

	"mcp-resource-server/internal/faults"
)

// AccessConfig is the access section of the configuration: what a verified
// caller may use.
type AccessConfig struct {
	// What is needed for a tool, prompt or resource that no rule names. tool_scope:
	// its own scopes (tool:<name> for a tool, prompt:<name> for a prompt).
	// authenticated: a valid token is enough.
	Default string `mapstructure:"default"`
	// Who may use what, in order: the first rule that matches decides, alone.
	Rules []AccessRule `mapstructure:"rules"`
	// Scopes that include others: who holds scope holds all of grants, too.
	Implies []ScopeGrant `mapstructure:"implies"`
	// What lists show. permitted: what the caller may use. all: also what it would
	// need more scopes for. What a rule conceals is in neither.
	List string `mapstructure:"list"`
	// Which scopes the protected resource metadata offers, which clients of people ask
	// for at a log-in. all: those of every operation. baseline: auth.required_scopes
	// alone, and the rest one by one when an operation needs it.
	MetadataScopes string `mapstructure:"metadata_scopes"`
}

// AccessRule is one entry of access.rules. It names what it is about (a name, or a
// pattern in which * stands for any text), and one condition.
type AccessRule struct {
	// Tools, by name.
	Tools []string `mapstructure:"tools"`
	// Prompts, by name.
	Prompts []string `mapstructure:"prompts"`
	// Resources, by URI.
	Resources []string `mapstructure:"resources"`
	// MCP methods, such as tools/list, and not beside the others. A rule that names
	// tools/call is about every tool.
	Methods []string `mapstructure:"methods"`
	// One of these scopes is needed. A challenge names the first.
	AnyOf []string `mapstructure:"any_of"`
	// All of these scopes are needed.
	AllOf []string `mapstructure:"all_of"`
	// A valid token is enough. Not beside any_of and all_of.
	Authenticated bool `mapstructure:"authenticated"`
	// To those whom the rule refuses, what it names does not exist: nothing says that
	// more scopes would help.
	Conceal bool `mapstructure:"conceal"`
}

// ScopeGrant is one entry of access.implies.
type ScopeGrant struct {
	// The scope that includes others.
	Scope string `mapstructure:"scope"`
	// The scopes that it includes.
	Grants []string `mapstructure:"grants"`
}

// The values of access.default.
const (
	AccessToolScope     = "tool_scope"
	AccessAuthenticated = "authenticated"
)

// The values of access.list.
const (
	ListPermitted = "permitted"
	ListAll       = "all"
)

// The values of access.metadata_scopes.
const (
	MetadataScopesAll      = "all"
	MetadataScopesBaseline = "baseline"
)

// DefaultAccessConfig returns the settings that hold where nothing is configured.
func DefaultAccessConfig() AccessConfig {
	return AccessConfig{Default: AccessToolScope, List: ListPermitted, MetadataScopes: MetadataScopesAll}
}

// Validate returns what is wrong with c, by key. What its rules name is held
// against what there is by [AccessConfig.CheckTargets].
func (c AccessConfig) Validate() faults.List {
	var l faults.List
	checkChoice(&l, "default", c.Default, AccessToolScope, AccessAuthenticated)
	checkChoice(&l, "list", c.List, ListPermitted, ListAll)
	checkChoice(&l, "metadata_scopes", c.MetadataScopes, MetadataScopesAll, MetadataScopesBaseline)
	for i, r := range c.Rules {
		l.Under(fmt.Sprintf("rules[%d]", i), r.validate())
	}
	return append(l, validateImplies(c.Implies)...)
}

func checkChoice(l *faults.List, key, got, a, b string) {
	if got != a && got != b {
		l.Add(key, "must be %s or %s", a, b)
	}
}

func (r AccessRule) validate() faults.List {
	var l faults.List
	named := 0
	for _, list := range r.lists() {
		checkNames(&l, list.key, list.entries)
		named += len(list.entries)
	}
	switch {
	case named == 0:
		l.Add("tools", "the rule names nothing: tools, prompts, resources or methods is needed")
	case len(r.Methods) > 0 && len(r.Methods) < named:
		l.Add("methods", "must not stand beside tools, prompts and resources: a rule is about what is used, or about how")
	case len(r.Methods) > 0 && r.Conceal:
		l.Add("conceal", "is for tools, prompts and resources: which methods there are is no secret")
	}
	switch {
	case !r.conditional():
		l.Add("any_of", "the rule has no condition: any_of, all_of or authenticated: true is needed")
	case r.Authenticated && len(r.AnyOf)+len(r.AllOf) > 0:
		l.Add("authenticated", "must not stand beside any_of and all_of: either a token is enough, or it is not")
	case r.Authenticated && r.Conceal:
		l.Add("conceal", "has nobody to conceal from: with authenticated every token is enough")
	}
	checkScopeList(&l, "any_of", r.AnyOf)
	checkScopeList(&l, "all_of", r.AllOf)
	for i, s := range r.AnyOf {
		if slices.Contains(r.AllOf, s) {
			l.Add(fmt.Sprintf("any_of[%d]", i), "is needed by all_of already, so that any_of would ask for nothing")
		}
	}
	return l
}

// checkNames adds a fault for each entry that cannot be the name of anything, and each
// that stands twice.
func checkNames(l *faults.List, key string, entries []string) {
	for i, entry := range entries {
		at := fmt.Sprintf("%s[%d]", key, i)
		switch fault := wrapped(entry); {
		case entry == "":
			l.Add(at, "is empty")
		case strings.ContainsFunc(entry, notVisible):
			l.Add(at, "has a character that cannot be seen")
		case fault != "":
			l.Add(at, "%s", fault)
		case slices.Contains(entries[:i], entry):
			l.Add(at, standsTwice)
		}
	}
}

const (
	notAScope   = "%q is not a scope (RFC 6749 §3.3: printable ASCII without space, quote and backslash)"
	standsTwice = "stands there twice"
)

// checkScopeList adds a fault for each entry that is no scope, and each that stands twice.
func checkScopeList(l *faults.List, key string, scopes []string) {
	for i, s := range scopes {
		at := fmt.Sprintf("%s[%d]", key, i)
		switch {
		case !ValidScope(s):
			l.Add(at, notAScope, s)
		case slices.Contains(oidcScopes, s):
			l.Add(at, "%q is the issuer's own (OpenID Connect), and grants nothing here", s)
		case slices.Contains(scopes[:i], s):
			l.Add(at, standsTwice)
		}
	}
}
