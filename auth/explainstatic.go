package auth

import (
	"crypto/sha256"
	"encoding/hex"
)

// judgeStatic explains a token of the static tokens' form. Its digest is what the file
// has of it; the beginning is enough to find the entry.
func (e *Explanation) judgeStatic(v *Verifier, raw string) {
	sum := sha256.Sum256([]byte(raw))
	found := CheckResult{
		Name: string(checkStaticToken), State: CheckPassed,
		Expected: "a digest in auth.static_tokens_file, of an entry that has not expired",
		Got:      "SHA-256 " + hex.EncodeToString(sum[:6]) + "...",
	}
	denied := CheckResult{Name: string(checkRevocation), State: CheckNotReached}
	principal, err := v.trust.staticPrincipal(raw, e.At)
	switch reason := reasonOf(err); {
	case err == nil:
		found.Got += ", the token " + show(principal.Subject)
		denied = CheckResult{Name: denied.Name, State: CheckPassed, Expected: v.trust.denylist.expected(), Got: v.trust.denylist.verdict()}
		e.Principal = principal
	case reason == ReasonRevoked:
		holder, _ := v.trust.static.principal(raw, e.At)
		found.Got += ", the token " + show(holder.Subject)
		lists := deniedBy(v.trust.denylist, bearing{issuer: holder.Issuer, clientID: holder.ClientID, subject: holder.Subject})
		denied = CheckResult{
			Name: denied.Name, State: CheckFailed, Reason: reason, Expected: v.trust.denylist.expected(),
			Got: "denied by " + phrases(lists), Fix: fixRevoked(lists),
		}
	default:
		found.State, found.Reason, found.Fix = CheckFailed, reason, v.trust.static.fix(reason)
	}
	e.Checks = append(e.Checks, found, denied)
	if err != nil {
		e.Bare = asRefusal(err)
	}
}

func (s *staticTokens) fix(reason Reason) string {
	switch {
	case s.unread():
		return "auth.static_tokens_file cannot be used: mend it; a server that runs goes on with what it read before, and may accept the token"
	case reason == ReasonExpired:
		return "the entry has expired: make a new token with mcp-server token new, and take the old entry out"
	}
	return "no entry has this digest: add the entry that mcp-server token new printed with the token, or look whether the token is of another server"
}
