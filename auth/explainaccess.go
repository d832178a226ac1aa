package auth

import "slices"

// AccessExplanation is what the policy says of one operation and one caller. It is for
// an operator: it tells of what is concealed, too, and MUST NOT reach the caller.
type AccessExplanation struct {
	Decision
	// Lacks are those of Needs that the caller does not hold, and of alternatives, of
	// which it holds none, the first.
	Lacks []string
	// Through has those of Needs that the caller was not granted, and holds all the
	// same: each with the scope that includes it (access.implies).
	Through map[string]string
}

// Explain decides as [Policy.Check] does, and says why.
func (p *Policy) Explain(op Operation, principal Principal) AccessExplanation {
	x := AccessExplanation{Decision: p.Check(op, principal)}
	// What is concealed is judged as if it were not.
	x.Lacks = p.judge(requirement{needs: x.Needs}, principal).Missing
	for _, s := range slices.Concat(x.Needs.AllOf, x.Needs.AnyOf) {
		if principal.HasScope(s) {
			continue
		}
		if i := slices.IndexFunc(p.hierarchy[s], principal.HasScope); i >= 0 {
			if x.Through == nil {
				x.Through = map[string]string{}
			}
			x.Through[s] = p.hierarchy[s][i]
		}
	}
	return x
}
