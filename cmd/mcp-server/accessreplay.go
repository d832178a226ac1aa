package main

import (
	"slices"
	"strings"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
	"mcp-resource-server/internal/audit"
)

// replay asks the table about recorded operations, and adds up what would change.
type replay struct {
	table *accessTable
	// open is the same table, in which nothing is concealed: it says what is missing.
	open *auth.Policy
	// named are the methods that name a target.
	named   map[string]bool
	totals  replayTotals
	changes map[change]*seen
}

// The causes of a loss.
const (
	whyScopes      = "scopes"       // missing
	whySwitchedOff = "switched_off" // by tools.enabled
	whyNoRule      = "no_rule"      // this program does not have the method
)

func newReplay(t *accessTable) *replay {
	r := &replay{table: t, open: openPolicy(t.cfg, t.enabled.Protected()), named: map[string]bool{}, changes: map[change]*seen{}}
	r.totals.NotReplayable.Refused, r.totals.NotReplayable.NotOfThisProgram = map[string]int{}, map[string]int{}
	one := []auth.Protected{{Target: auth.Tool("t")}, {Target: auth.Prompt("p")}, {Target: auth.Resource("r:r")}}
	for _, row := range auth.NewPolicy(auth.AccessConfig{}, nil, one).Rows() {
		r.named[row.Method] = row.Target != auth.Target{}
	}
	return r
}

// openPolicy is the table without conceal.
func openPolicy(c config.Config, targets []auth.Protected) *auth.Policy {
	c.Access.Rules = slices.Clone(c.Access.Rules)
	for i := range c.Access.Rules {
		c.Access.Rules[i].Conceal = false
	}
	return auth.NewPolicy(c.Access, c.Auth.RequiredScopes, targets)
}

// Reasons of audit lines (package server): what a rule conceals, and what there is not.
const (
	recordedConcealed = "concealed"
	recordedUnknown   = "unknown_" // and the kind
)

// line replays one line.
func (r *replay) line(e audit.Entry) {
	r.totals.Lines++
	if !r.replayable(e) {
		return
	}
	op := operationOf(e)
	d := r.table.policy.Check(op, principalOf(e))
	r.totals.Replayed++
	switch was, is := e.Decision == audit.Allowed, d.Verdict == auth.Allowed; {
	case was == is:
		r.totals.Unchanged++
	case was:
		r.totals.Lost++
		r.add(e, r.lossOf(e, op, d))
	default:
		r.totals.Gained++
		r.add(e, change{gain: true, rule: d.Rule})
	}
}

// replayable reports whether the line says what was decided about an operation that
// this program has, and counts why not.
func (r *replay) replayable(e audit.Entry) bool {
	not, target := &r.totals.NotReplayable, operationOf(e).Target
	switch {
	case e.Decision == audit.Refused && strings.HasPrefix(e.Reason, recordedUnknown) && r.named[e.Method]:
		not.UnknownTarget++
	case e.Decision == audit.Refused && !decidedByPolicy(e.Reason):
		countNamed(not.Refused, e.Reason)
	case e.Issuer == "":
		not.NoCaller++
	case e.Method == "" || (e.Era != audit.EraLegacy && e.Era != audit.EraModern):
		not.NoOperation++
	case r.named[e.Method] && target.Name == "":
		not.UnknownTarget++
	case target.Name != "" && !r.table.all.Has(target):
		countNamed(not.NotOfThisProgram, string(target.Kind)+" "+target.Name)
	case e.Held == nil:
		not.NoScopes++
	default:
		return true
	}
	return false
}

// decidedByPolicy reports whether a refusal for reason says that the table refused.
func decidedByPolicy(reason string) bool {
	return reason == string(auth.ReasonScope) || reason == string(auth.ReasonPermission) || reason == recordedConcealed
}

func operationOf(e audit.Entry) auth.Operation {
	op := auth.Operation{Method: e.Method, Modern: e.Era == audit.EraModern}
	switch {
	case e.Tool != "":
		op.Target = auth.Tool(e.Tool)
	case e.Prompt != "":
		op.Target = auth.Prompt(e.Prompt)
	case e.Resource != "":
		op.Target = auth.Resource(e.Resource)
	}
	return op
}

func principalOf(e audit.Entry) auth.Principal {
	return auth.Principal{Issuer: e.Issuer, Subject: e.Subject, ClientID: e.ClientID, Scopes: e.Held}
}

// lossOf says why the operation would be refused.
func (r *replay) lossOf(e audit.Entry, op auth.Operation, d auth.Decision) change {
	c := change{rule: d.Rule, concealed: d.Concealed, why: whyScopes}
	switch {
	case op.Target.Name != "" && !r.table.enabled.Has(op.Target):
		c.rule, c.why = "", whySwitchedOff
	case d.Verdict == auth.NoRule && !d.Concealed:
		c.why = whyNoRule
	default:
		c.missing, c.anyOf = missingOf(r.open.Check(op, principalOf(e)))
	}
	return c
}

// missingOf tells what a caller has to have from what it has to have one of. The
// decision names the first of those, for a challenge.
func missingOf(d auth.Decision) (all, anyOf string) {
	isAlternative := func(s string) bool { return !slices.Contains(d.Needs.AllOf, s) }
	if slices.ContainsFunc(d.Missing, isAlternative) {
		anyOf = strings.Join(d.Needs.AnyOf, " ")
	}
	return strings.Join(slices.DeleteFunc(slices.Clone(d.Missing), isAlternative), " "), anyOf
}
