package auth

import (
	"cmp"
	"slices"
)

// This file is what else is read from the table: lists, metadata, documents.

// Lists reports whether principal is shown the target in a list, of whatever era.
func (p *Policy) Lists(t Target, modern bool, principal Principal) bool {
	use := t.Use(modern)
	asked, known := p.decisions[question{use.Method, use.Target}]
	if !known {
		return false
	}
	return p.meets(asked.needs, principal) || (p.listAll && !asked.conceal)
}

// Scopes returns what the metadata offers as scopes_supported, sorted.
func (p *Policy) Scopes() []string { return slices.Clone(p.offered) }

// oidcScopes are an issuer's own (OpenID Connect Core 1.0 §3.1.2.1 and §11).
var oidcScopes = []string{"openid", "offline_access"}

// scopesToOffer leaves out what stands only in rules that conceal, and the scopes of
// OpenID Connect, which are none of a resource's.
func (p *Policy) scopesToOffer(which string) []string {
	all := slices.Clone(p.required.needs.AllOf)
	if which != MetadataScopesBaseline {
		for _, r := range p.decisions {
			if !r.conceal {
				all = append(append(all, r.needs.AllOf...), r.needs.AnyOf...)
			}
		}
	}
	all = slices.DeleteFunc(all, func(s string) bool { return slices.Contains(oidcScopes, s) })
	slices.Sort(all)
	return slices.Compact(all)
}

// Row is one line of the table: who may do what, and why.
type Row struct {
	Method string
	Target Target
	Needs  Needs
	Rule   string
	// Conceal says that those whom the rule refuses are not told that there is
	// anything.
	Conceal bool
}

// Rows returns the whole table, ordered by kind, name and method.
func (p *Policy) Rows() []Row {
	rows := make([]Row, 0, len(p.decisions))
	for q, r := range p.decisions {
		rows = append(rows, Row{Method: q.method, Target: q.target, Needs: r.needs.clone(), Rule: r.rule, Conceal: r.conceal})
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Target.Kind, b.Target.Kind), cmp.Compare(a.Target.Name, b.Target.Name), cmp.Compare(a.Method, b.Method))
	})
	return rows
}

// UnlocksNoTool reports whether principal may call no tool at all although there
// are some, and the scopes that are missing for all of them: the commonest
// mistake of a first day, an application that was granted nothing. It is for operators:
// what is concealed counts, too.
func (p *Policy) UnlocksNoTool(principal Principal) (missing []string, none bool) {
	for q, r := range p.decisions {
		if q.method != usedBy[KindTool] {
			continue
		}
		if p.meets(r.needs, principal) {
			return nil, false
		}
		none = true
		missing = append(missing, p.judge(r, principal).Missing...)
	}
	slices.Sort(missing)
	return slices.Compact(missing), none
}
