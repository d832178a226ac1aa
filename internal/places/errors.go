package places

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxEchoRunes bounds how much of a query an error repeats.
const maxEchoRunes = 80

// AmbiguousError says that a query names several places of which none is
// clearly meant.
type AmbiguousError struct {
	// Query is what was asked for, shortened.
	Query string
	// Candidates are the places, most populous first, at most five of them.
	Candidates []Place
	// More is how many further ones there are.
	More int
}

func (e *AmbiguousError) Error() string {
	text := fmt.Sprintf("%q could be %s", e.Query, list(e.Candidates))
	if e.More > 0 {
		text += fmt.Sprintf(" and %d more", e.More)
	}
	return text
}

// AreaError says that a query names whole countries or regions rather than a
// city, and that no city of the same name is clearly meant.
type AreaError struct {
	// Query is what was asked for, shortened.
	Query string
	// Areas are the full names of the countries and regions: "India",
	// "Georgia, United States". At most five.
	Areas []string
	// Largest are the most populous cities there, at most five.
	Largest []Place
	// Namesakes are cities elsewhere that have the same name, most populous first,
	// at most five.
	Namesakes []Place
	// Zones are the time zones of the cities there, by IANA name, that of most
	// people first. Where there is only one, the time is known without a city.
	Zones []string
}

func (e *AreaError) Error() string {
	text := fmt.Sprintf("%q names a whole country or region (%s); name a city there, such as %s",
		e.Query, strings.Join(e.Areas, "; "), list(e.Largest))
	if len(e.Namesakes) > 0 {
		text += "; or one elsewhere that has the name: " + list(e.Namesakes)
	}
	return text
}

// UnknownError says that a query names no place of the table.
type UnknownError struct {
	// Query is what was asked for, shortened.
	Query string
	// Similar are places that may have been meant, the likeliest first, at most
	// five. It may be empty.
	Similar []Place
}

func (e *UnknownError) Error() string {
	text := fmt.Sprintf("%q is no known city of 15,000 people or more", e.Query)
	if len(e.Similar) > 0 {
		text += "; similar: " + list(e.Similar)
	}
	return text
}

// shorten cuts a query to what an error may repeat of it.
func shorten(query string) string {
	// A rune has at most UTFMax bytes: what lies beyond is not looked at.
	const enough = maxEchoRunes * utf8.UTFMax
	cut := len(query) > enough
	if cut {
		query = query[:enough]
	}
	runes := 0
	for i := range query {
		if runes++; runes > maxEchoRunes {
			return query[:i] + "…"
		}
	}
	if cut {
		return query + "…"
	}
	return query
}
