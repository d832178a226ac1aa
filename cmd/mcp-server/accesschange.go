package main

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/internal/audit"
)

// maxChanges bounds how many changes are told one by one, and with it the memory that
// a file of any size takes: a file may have a subject to each line.
const maxChanges = 20_000

// change is what would be otherwise for one caller and one operation.
type change struct {
	gain bool
	// What comes from the line alone is as [told] tells it.
	issuer, clientID, subject, method string

	target    auth.Target // one of this program's
	rule, why string
	concealed bool
	// missing are scopes with spaces between: all of these, and one of anyOf.
	missing, anyOf string
}

// seen is how often, and when at last.
type seen struct {
	count int
	last  time.Time
}

// add counts the change c, of which the line says whose and of what.
func (r *replay) add(e audit.Entry, c change) {
	c.issuer, c.clientID, c.subject, c.method = told(e.Issuer), told(e.ClientID), told(e.Subject), told(e.Method)
	c.target = operationOf(e).Target
	s := r.changes[c]
	if s == nil {
		if len(r.changes) >= maxChanges {
			r.totals.Unlisted++
			return
		}
		s = &seen{}
		r.changes[c] = s
	}
	s.count++
	if e.Time.After(s.last) {
		s.last = e.Time
	}
}

// told is how the report tells foreign text: in printable ASCII. What is too long is cut,
// before anything is kept of it, and has its digest behind it, so that two that begin
// alike stay two.
func told(s string) string {
	if len(s) <= maxPlain && !strings.ContainsFunc(s, isEscaped) {
		return s // the usual, without the cost of the rest
	}
	text := auth.Printable(s)
	if whole, err := strconv.Unquote(`"` + text + `"`); err == nil && whole == s {
		return text
	}
	sum := sha256.Sum256([]byte(s))
	return fmt.Sprintf("%s (sha256 %x)", text, sum[:8])
}

// maxPlain is a length that is never cut.
const maxPlain = 100

// isEscaped reports what is not told as it is.
func isEscaped(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }

func compareChanges(a, b change) int {
	return cmp.Or(
		cmp.Compare(a.issuer, b.issuer), cmp.Compare(a.clientID, b.clientID), cmp.Compare(a.subject, b.subject),
		cmp.Compare(a.target.Kind, b.target.Kind), cmp.Compare(a.target.Name, b.target.Name), cmp.Compare(a.method, b.method),
		cmp.Compare(a.rule, b.rule), cmp.Compare(a.missing, b.missing), cmp.Compare(a.anyOf, b.anyOf), cmp.Compare(a.why, b.why),
	)
}
