package config

import (
	"regexp"
	"strconv"

	"mcp-resource-server/internal/editdistance"
)

// hintDistance is how many letters may differ between an unknown name and the
// known one that is offered for it.
const hintDistance = 2

// hint returns ", did you mean X?" for the candidate nearest to name, or "".
func hint(name string, candidates []string) string {
	best, least := "", hintDistance+1
	for _, c := range candidates {
		if d := distance(name, c); d < least {
			best, least = c, d
		}
	}
	if best == "" {
		return ""
	}
	return ", did you mean " + best + "?"
}

// distance is the edit distance of a and b, or any number above hintDistance where
// their lengths alone exceed that: a name of outside origin may be endless.
func distance(a, b string) int {
	if len(a)-len(b) > hintDistance || len(b)-len(a) > hintDistance {
		return hintDistance + 1
	}
	return editdistance.Of(a, b)
}

// shownLength bounds what a fault repeats of a name that nobody knows.
const shownLength = 64

var plainName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// shown returns a name of outside origin as a fault's path can hold it: on one
// line, and not endless.
func shown(name string) string {
	if len(name) > shownLength {
		return strconv.Quote(name[:shownLength]) + "…"
	}
	if !plainName.MatchString(name) {
		return strconv.Quote(name)
	}
	return name
}
