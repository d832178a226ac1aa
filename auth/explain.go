package auth

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Explanation is what every check says of one token. It is for an operator who
// holds the token: it shows what stands in it, but never its signature, no key, and
// no text of it that is not made printable first. It MUST NOT reach a caller.
type Explanation struct {
	// At is the time that the token was judged at.
	At time.Time
	// Around says what stood around the token and was left aside, so that the
	// token itself could be judged. A server leaves nothing aside: see Refusal.
	Around []string
	// Checks are the checks in the order in which a server makes them.
	Checks []CheckResult
	// Refusal is what Verify says of what was given; nil where that is accepted.
	Refusal *Refusal
	// Bare is what Verify says of the token without what stood around it. Where
	// nothing did it is Refusal.
	Bare *Refusal
	// Principal is the caller, where Bare is nil.
	Principal Principal
	// Keys tells of the keys among which the token's own was looked for. It is zero
	// where none was.
	Keys KeyReport
	// Hints tell what a server accepts and an operator may not have meant.
	Hints []string

	judged *explaining // nil for a static token
}

// CheckResult is what one check says.
type CheckResult struct {
	Name  string
	State CheckState
	// Expected and Got are what the check wants and what the token has.
	Expected, Got string
	// Fix says what to do about it, where the check failed.
	Fix string
	// Reason is the code in the server's log, where the check failed.
	Reason Reason
}

// CheckState is what became of a check.
type CheckState string

// The states. A check is not reached where one failed that it builds on.
const (
	CheckPassed     CheckState = "ok"
	CheckFailed     CheckState = "failed"
	CheckNotReached CheckState = "not_reached"
)

// The checks that explain has beside those of the table.
const (
	checkGiven       checkName = "as given"
	checkStaticToken checkName = "static token"
)

// Explain makes every check that can be made of what was given as a token, where
// [Verifier.Verify] stops at the first that fails: the first failure here is the
// one there. It may ask for a key where Verify would not.
func (v *Verifier) Explain(ctx context.Context, given string) Explanation {
	e := Explanation{At: v.now()}
	static := v.trust.static != nil
	_, malformed := parseToken(given)
	bare := given
	if malformed != nil && (!static || !isStaticToken(given)) {
		bare, e.Around = unwrap(given)
	}
	if static && isStaticToken(bare) {
		e.judgeStatic(v, bare)
	} else {
		e.judge(ctx, v, bare)
	}
	e.Refusal = e.Bare
	if len(e.Around) > 0 {
		e.Refusal = &Refusal{Reason: reasonOf(malformed)}
		e.Checks = slices.Insert(e.Checks, 0, e.asGiven())
	}
	return e
}

// asGiven is the result for a token with something around it.
func (e *Explanation) asGiven() CheckResult {
	return CheckResult{
		Name: string(checkGiven), State: CheckFailed, Reason: e.Refusal.Reason,
		Expected: "the token alone",
		Got:      "a token with " + phrases(e.Around),
		Fix:      "send the token without that, after one \"Bearer \"; the checks below judge the token alone",
	}
}

// explaining is a token on its way through all of the checks.
type explaining struct {
	*candidate
	v      *Verifier
	failed map[checkName]bool
	ended  bool // a check failed on which all later ones build
}

func (e *Explanation) judge(ctx context.Context, v *Verifier, raw string) {
	x := &explaining{v: v, candidate: &candidate{raw: raw, now: e.At}, failed: map[checkName]bool{}}
	for _, check := range checks {
		if !x.reaches(check.name) {
			e.Checks = append(e.Checks, CheckResult{Name: string(check.name), State: CheckNotReached})
			continue
		}
		err := check.judge(ctx, v, x.candidate)
		if err != nil {
			x.failed[check.name] = true
			x.ended = x.ended || check.needed
			if e.Bare == nil {
				e.Bare = x.refusal(err)
			}
		}
		e.Checks = append(e.Checks, x.result(check.name, err))
	}
	if e.Bare == nil {
		e.Principal = x.principal()
	}
	if x.issuer != nil {
		e.Keys = x.keys()
	}
	e.Hints = x.hints()
	e.judged = x
}

// reaches reports whether the check can be made after those that failed.
func (x *explaining) reaches(name checkName) bool {
	// A key source is not asked for a key without a name: see keySource.
	nameless := x.failed[checkKeyID] && (name == checkKey || name == checkSignature)
	return !x.ended && !nameless
}

func (x *explaining) result(name checkName, err error) CheckResult {
	d := descriptions[name]
	r := CheckResult{Name: string(name), State: CheckPassed, Expected: d.expected(x), Got: d.got(x)}
	if err != nil {
		r.State, r.Reason = CheckFailed, reasonOf(err)
		r.Fix = d.fix(x, r.Reason)
	}
	return r
}

// description puts one check into words. expected and got are asked for after the
// check was made, whatever it said; fix only where it failed.
type description struct {
	expected, got func(*explaining) string
	fix           func(*explaining, Reason) string
}

// descriptions has an entry for each check of the table.
var descriptions = map[checkName]description{
	checkForm:         {constant(fmt.Sprintf("three parts in base64url, at most %d bytes", maxTokenBytes)), (*explaining).gotForm, (*explaining).fixForm},
	checkHeader:       {constant("strict JSON, alg and kid, nothing that changes what is signed"), (*explaining).gotHeader, (*explaining).fixHeader},
	checkClaims:       {constant("strict JSON"), (*explaining).gotClaims, (*explaining).fixClaims},
	checkIssuerName:   {(*explaining).expectedIssuer, (*explaining).gotIssuer, (*explaining).fixIssuer},
	checkAlgorithm:    {(*explaining).expectedAlgorithm, (*explaining).gotAlgorithm, (*explaining).fixAlgorithm},
	checkType:         {(*explaining).expectedType, (*explaining).gotType, (*explaining).fixType},
	checkKeyID:        {(*explaining).expectedKeyID, (*explaining).gotKeyID, (*explaining).fixKeyID},
	checkSubject:      {constant("text that is not empty, and a jti of text, if any"), (*explaining).gotSubject, (*explaining).fixSubject},
	checkBinding:      {constant("no cnf"), (*explaining).gotBinding, (*explaining).fixBinding},
	checkAudiences:    {(*explaining).expectedAudience, (*explaining).gotAudience, (*explaining).fixAudience},
	checkExpiry:       {(*explaining).expectedExpiry, (*explaining).gotExpiry, (*explaining).fixExpiry},
	checkNotBefore:    {(*explaining).expectedNotBefore, (*explaining).gotNotBefore, (*explaining).fixNotBefore},
	checkAge:          {(*explaining).expectedAge, (*explaining).gotAge, (*explaining).fixAge},
	checkClient:       {(*explaining).expectedClient, (*explaining).gotClient, (*explaining).fixClient},
	checkOrganization: {(*explaining).expectedOrganization, (*explaining).gotOrganization, (*explaining).fixOrganization},
	checkRequired:     {(*explaining).expectedRequired, (*explaining).gotRequired, (*explaining).fixRequired},
	checkGrants:       {(*explaining).expectedGrants, (*explaining).gotGrants, (*explaining).fixGrants},
	checkRevocation:   {(*explaining).expectedRevocation, (*explaining).gotRevocation, (*explaining).fixRevocation},
	checkKey:          {(*explaining).expectedKey, (*explaining).gotKey, (*explaining).fixKey},
	checkSignature:    {constant("one by that key, over this header and these claims"), (*explaining).gotSignature, (*explaining).fixSignature},
}

func constant(text string) func(*explaining) string {
	return func(*explaining) string { return text }
}
