package auth

import (
	"slices"
)

// Operation is what a caller asks for: an MCP method, and the tool for
// tools/call.
type Operation struct {
	Method string
	Tool   string
	// Modern says that the request is one of MCP 2026-07-28 or later. The eras have
	// different methods.
	Modern bool
}

// The operations that are no JSON-RPC method: what GET and DELETE ask for on the
// MCP endpoint in a legacy session.
const (
	OperationStream     = "http:stream"
	OperationEndSession = "http:end-session"
)

// Verdict is the outcome of a decision.
type Verdict int

// The verdicts. The zero value refuses.
const (
	// NoRule: there is no rule for the method, so that nobody may use it.
	NoRule Verdict = iota
	// NoTool: the tool does not exist.
	NoTool
	// Denied: scopes are missing.
	Denied
	// Allowed: the principal may do this.
	Allowed
)

// Decision is what [Policy.Check] says of one operation and one caller.
type Decision struct {
	Verdict Verdict
	// Scopes are all scopes that the operation needs, held or not.
	Scopes []string
}

// ProtectedTool is a tool as the policy sees it.
type ProtectedTool struct {
	Name string
	// Scopes are the tool's own, all of which it needs under access.default:
	// tool_scope.
	Scopes []string
}

// Policy is the one table of access. It is immutable, and safe for concurrent use.
type Policy struct {
	required []string
	tools    map[string][]string // by tool: all scopes that a call needs
	scopes   []string            // every scope that some operation needs, sorted
}

// eras are those in which a method exists.
type eras struct{ legacy, modern bool }

// methods are those that have a rule; any other is refused. All but tools/call
// need auth.required_scopes alone.
var methods = map[string]eras{
	methodCallTool:                     {legacy: true, modern: true},
	"tools/list":                       {legacy: true, modern: true},
	"notifications/cancelled":          {legacy: true, modern: true},
	"notifications/progress":           {legacy: true, modern: true},
	"initialize":                       {legacy: true},
	"ping":                             {legacy: true},
	"notifications/initialized":        {legacy: true},
	"notifications/roots/list_changed": {legacy: true},
	OperationStream:                    {legacy: true},
	OperationEndSession:                {legacy: true},
	"server/discover":                  {modern: true},
	"subscriptions/listen":             {modern: true},
}

// methodCallTool is the one method whose rule depends on what it names.
const methodCallTool = "tools/call"

// hasRule reports whether op's method exists in its era.
func hasRule(op Operation) bool {
	in := methods[op.Method]
	if op.Modern {
		return in.modern
	}
	return in.legacy
}

// NewPolicy builds the table. c must be valid.
func NewPolicy(c AccessConfig, required []string, tools []ProtectedTool) *Policy {
	p := &Policy{required: slices.Clip(slices.Clone(required)), tools: map[string][]string{}}
	all := slices.Clone(required)
	for _, t := range tools {
		needs := slices.Clone(required)
		if c.Default != AccessAuthenticated {
			for _, s := range t.Scopes {
				if !slices.Contains(needs, s) {
					needs = append(needs, s)
				}
			}
		}
		p.tools[t.Name] = slices.Clip(needs) // nobody who appends to a decision writes here
		all = append(all, needs...)
	}
	slices.Sort(all)
	p.scopes = slices.Compact(all)
	return p
}

// Check decides whether principal may do op. What it does not know it refuses.
func (p *Policy) Check(op Operation, principal Principal) Decision {
	if !hasRule(op) {
		return Decision{Verdict: NoRule}
	}
	if op.Method != methodCallTool {
		return p.judge(p.required, principal)
	}
	needs, known := p.tools[op.Tool]
	if known {
		return p.judge(needs, principal)
	}
	if d := p.judge(p.required, principal); d.Verdict != Allowed {
		return d
	}
	return Decision{Verdict: NoTool, Scopes: p.required}
}

func (p *Policy) judge(needs []string, principal Principal) Decision {
	for _, s := range needs {
		if !principal.HasScope(s) {
			return Decision{Verdict: Denied, Scopes: needs}
		}
	}
	return Decision{Verdict: Allowed, Scopes: needs}
}

// Scopes returns every scope that some operation needs, sorted: what the
// metadata offers as scopes_supported.
func (p *Policy) Scopes() []string { return slices.Clone(p.scopes) }

// UnlocksNoTool reports whether principal may call no tool at all although there
// are some, and the scopes that are missing for all of them: the commonest
// mistake of a first day, an application that was granted nothing.
func (p *Policy) UnlocksNoTool(principal Principal) (missing []string, none bool) {
	for _, needs := range p.tools {
		if p.judge(needs, principal).Verdict == Allowed {
			return nil, false
		}
		for _, s := range needs {
			if !principal.HasScope(s) && !slices.Contains(missing, s) {
				missing = append(missing, s)
			}
		}
	}
	slices.Sort(missing)
	return missing, len(p.tools) > 0
}
