package places

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxQueryBytes is longer than any full name: nothing longer is looked up.
const maxQueryBytes = 200

// readable tells whether a query is worth reading: bounded text without control
// characters.
func readable(query string) bool {
	return len(query) <= maxQueryBytes && utf8.ValidString(query) && !strings.ContainsFunc(query, unicode.IsControl)
}

// Find returns the place that a query names: a city, alone or with its region,
// its country or both behind it. The error is an [*AmbiguousError], an
// [*AreaError] or an [*UnknownError]; each may be shown to whoever asked.
func (t *Table) Find(query string) (Match, error) {
	if !readable(query) {
		return Match{}, &UnknownError{Query: shorten(query)}
	}
	q := fold(query)
	for _, lenient := range []bool{false, true} {
		if found, certain := t.qualified(q.text, q.cuts, lenient); len(found) > 0 {
			return t.pick(query, found, certain)
		}
		found := t.called(q.text, lenient)
		if areas := t.areas[areaKey(q.text)]; len(areas) > 0 && !lenient {
			return t.pickBeside(query, found, areas)
		}
		if len(found) > 0 {
			return t.pick(query, found, true)
		}
		// "Paris France": the name may end at any word.
		if found, certain := t.qualified(q.text, wordStarts(q.text), lenient); len(found) > 0 {
			return t.pick(query, found, certain)
		}
		// "Bavaria, Germany" names no city, but is no mistake either.
		if areas := t.within(q.text); len(areas) > 0 && !lenient {
			return t.pickBeside(query, nil, areas)
		}
	}
	return Match{}, &UnknownError{Query: shorten(query), Similar: t.shown(t.similar(q))}
}

// called returns the places that have a folded name, as written by somebody.
func (t *Table) called(text string, lenient bool) []int {
	if !lenient {
		return t.named(text, false)
	}
	var found []int
	for _, reading := range readings(text) {
		found = append(found, t.named(reading, true)...)
	}
	return sorted(found)
}

// qualified returns the places whose name ends before one of the given words of
// a folded text, and that lie in what the rest names or are called that too, as in
// "Mumbai (Bombay)". It is not certain what is meant if the rest can be read in
// two ways that both fit: "Windsor, CA" is in Canada and in California.
func (t *Table) qualified(text string, starts []int, lenient bool) (found []int, certain bool) {
	certain = true
	for _, i := range starts {
		called := t.called(text[:i-1], lenient)
		if len(called) == 0 {
			continue
		}
		fitting := 0
		for _, a := range outermost(t.within(text[i:])) {
			if there := t.in([]area{a}, called); len(there) > 0 {
				found = append(found, there...)
				fitting++
			}
		}
		certain = certain && fitting < 2
		also := t.called(text[i:], false)
		found = append(found, slices.DeleteFunc(called, func(row int) bool { return !slices.Contains(also, row) })...)
	}
	return sorted(found), certain
}

// in returns those of some places that lie in one of some areas.
func (t *Table) in(areas []area, rows []int) []int {
	return slices.DeleteFunc(slices.Clone(rows), func(i int) bool { return !inAny(areas, t.rows[i]) })
}
