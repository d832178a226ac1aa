package auth

import (
	"fmt"
	"slices"
)

// Policy is the one table of access. It is immutable, and safe for concurrent use.
type Policy struct {
	required  requirement
	decisions map[question]requirement
	hierarchy hierarchy
	offered   []string // the scopes that the metadata offers, sorted
	listAll   bool
}

// requirement is what one rule makes of one question.
type requirement struct {
	needs   Needs
	scopes  []string // of needs, made once
	rule    string
	conceal bool
}

// ruleDefault is the name of what decides where no rule matches.
const ruleDefault = "access.default"

// ruleName is the name of the rule with that index.
func ruleName(i int) string {
	if i == noRule {
		return ruleDefault
	}
	return fmt.Sprintf("access.rules[%d]", i)
}

// NewPolicy builds the table. c must be valid, beside the targets too; a rule that
// has no condition grants nothing here.
func NewPolicy(c AccessConfig, required []string, targets []Protected) *Policy {
	p := &Policy{
		required:  newRequirement(required, Needs{}, ruleDefault),
		decisions: map[question]requirement{},
		hierarchy: newHierarchy(c.Implies),
		listAll:   c.List == ListAll,
	}
	own := map[Target][]string{}
	if c.Default != AccessAuthenticated {
		for _, t := range targets {
			own[t.Target] = t.Scopes
		}
	}
	for _, d := range c.decide(targets) {
		if d.rule == noRule {
			p.decisions[d.question] = newRequirement(required, Needs{AllOf: own[d.target]}, ruleDefault)
			continue
		}
		rule := c.Rules[d.rule]
		if !rule.conditional() {
			continue
		}
		r := newRequirement(required, Needs{AllOf: rule.AllOf, AnyOf: rule.AnyOf}, ruleName(d.rule))
		r.conceal = rule.Conceal
		p.decisions[d.question] = r
	}
	p.offered = p.scopesToOffer(c.MetadataScopes)
	return p
}

// newRequirement adds what every operation needs to what a rule asks for.
func newRequirement(required []string, asked Needs, rule string) requirement {
	var all []string
	for _, s := range slices.Concat(required, asked.AllOf) {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	// Clipped: nobody who appends to a decision writes here.
	needs := Needs{AllOf: slices.Clip(all), AnyOf: slices.Clip(slices.Clone(asked.AnyOf))}
	return requirement{needs: needs, scopes: slices.Clip(needs.with(needs.first())), rule: rule}
}

// Check decides whether principal may do op. What it does not know it refuses.
func (p *Policy) Check(op Operation, principal Principal) Decision {
	m := methods[op.Method]
	if !m.in(op.Modern) {
		return Decision{}
	}
	q := question{method: op.Method}
	if len(m.names) > 0 {
		q.target = op.Target
	}
	asked, known := p.decisions[q]
	if !known {
		return p.unknown(m, principal)
	}
	d := p.judge(asked, principal)
	if d.Verdict == Allowed || !asked.conceal {
		return d
	}
	hidden := p.unknown(m, principal)
	hidden.Concealed, hidden.Rule, hidden.Needs = true, d.Rule, d.Needs
	return hidden
}

// unknown decides on what is not there. Of a target whoever lacks what every
// operation needs learns no more than that; a method is unknown to everybody.
func (p *Policy) unknown(m method, principal Principal) Decision {
	if len(m.names) == 0 {
		return Decision{}
	}
	d := p.judge(p.required, principal)
	if d.Verdict == Allowed {
		d.Verdict, d.Rule = NoTarget, ""
	}
	return d
}

// judge holds the principal to what is required. It allocates nothing where it allows.
func (p *Policy) judge(r requirement, principal Principal) Decision {
	d := Decision{Verdict: Allowed, Scopes: r.scopes, Rule: r.rule, Needs: r.needs}
	if p.meets(r.needs, principal) {
		return d
	}
	needs := r.needs.with(p.alternative(r.needs, principal))
	d.Verdict, d.Scopes = Denied, make([]string, 0, len(needs))
	for _, needed := range needs {
		scope, held, askable := p.way(needed, principal)
		if slices.Contains(d.Scopes, scope) {
			continue
		}
		d.Scopes = append(d.Scopes, scope)
		if !held {
			d.Missing = append(d.Missing, scope)
			d.Final = d.Final || !askable
		}
	}
	d.Scopes = slices.Clip(d.Scopes)
	return d
}

// way is the scope by which principal holds what is needed, or else by which it can come
// to hold it: the scope itself, or the narrowest that includes it. A client asks its
// issuer for just what a challenge names, and would lose the one that it has. One that
// an administrator assigned is not lost, and no scope to ask for.
func (p *Policy) way(needed string, principal Principal) (scope string, held, askable bool) {
	ways := p.hierarchy[needed]
	switch i := slices.IndexFunc(ways, principal.HasScope); {
	case principal.HasScope(needed):
		return needed, true, true
	case i >= 0 && principal.asked(ways[i]):
		return ways[i], true, true
	case i >= 0:
		return needed, true, true
	case principal.CanAskFor(needed):
		return needed, false, true
	}
	if i := slices.IndexFunc(ways, principal.CanAskFor); i >= 0 {
		return ways[i], false, true
	}
	return needed, false, false
}

// meets reports whether the principal holds all that is needed.
func (p *Policy) meets(n Needs, principal Principal) bool {
	for _, s := range n.AllOf {
		if !p.hierarchy.held(s, principal) {
			return false
		}
	}
	for _, s := range n.AnyOf {
		if p.hierarchy.held(s, principal) {
			return true
		}
	}
	return len(n.AnyOf) == 0
}

// alternative is the one of AnyOf that a challenge names. Whoever holds one is not sent
// for another, which its issuer may not grant; and a way that there is comes before
// the end of all ways (see Decision.Final).
func (p *Policy) alternative(n Needs, principal Principal) string {
	// In this order, so that a client is not sent for a scope that includes others where
	// one that is needed does.
	for _, good := range []func(string) bool{
		principal.HasScope,
		func(s string) bool { return p.hierarchy.held(s, principal) },
		principal.CanAskFor,
		func(s string) bool { _, _, askable := p.way(s, principal); return askable },
	} {
		if i := slices.IndexFunc(n.AnyOf, good); i >= 0 {
			return n.AnyOf[i]
		}
	}
	return n.first()
}
