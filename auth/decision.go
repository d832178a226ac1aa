package auth

import "slices"

// Verdict is the outcome of a decision.
type Verdict int

// The verdicts. The zero value refuses.
const (
	// NoRule: there is no rule for the method, so that nobody may use it.
	NoRule Verdict = iota
	// NoTarget: what the operation names does not exist, as far as the caller is told.
	NoTarget
	// Denied: scopes are missing.
	Denied
	// Allowed: the principal may do this.
	Allowed
)

// Decision is what [Policy.Check] says of one operation and one caller. Its lists are
// the policy's own: they MUST NOT be changed.
type Decision struct {
	Verdict Verdict
	// Scopes are all scopes that the operation needs, held or not, as a challenge names
	// them: of alternatives the first. For a denied caller it is the alternative that it
	// holds or can ask for, and what it holds by access.implies is named by the scope
	// that it was granted. They tell nothing of what is concealed.
	Scopes []string
	// Missing are those of Scopes that a denied caller does not hold.
	Missing []string
	// Final says that a denied caller cannot ask its issuer for what is missing: an
	// administrator must assign it.
	Final bool
	// Rule is what decided: access.rules[2], access.default, or "" where nothing did.
	Rule string
	// Concealed says that the target is there, and that the answer MUST be the one for
	// a target that is not.
	Concealed bool
	// Needs is what Rule asks for, concealed or not. It is for the audit line, and MUST
	// NOT reach the caller.
	Needs Needs
}

// Needs are the scopes that an operation needs: all of AllOf, and one of AnyOf where
// there are any.
type Needs struct{ AllOf, AnyOf []string }

// with are the scopes of which one is the alternative, "" where there are none.
func (n Needs) with(alternative string) []string {
	if alternative == "" {
		return n.AllOf
	}
	return slices.Concat(n.AllOf, []string{alternative})
}

// first is the alternative that a challenge names by itself, "" where there are none.
func (n Needs) first() string {
	if len(n.AnyOf) == 0 {
		return ""
	}
	return n.AnyOf[0]
}

func (n Needs) clone() Needs { return Needs{slices.Clone(n.AllOf), slices.Clone(n.AnyOf)} }
