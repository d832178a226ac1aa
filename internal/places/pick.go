package places

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// pick chooses among the places that a query names, most populous first. Unless
// it is certain what the query says, it only chooses between places that have the
// same full name.
func (t *Table) pick(query string, found []int, certain bool) (Match, error) {
	if i, ok := t.spelledOut(query, found); ok {
		return t.match(i, found), nil
	}
	// Of places with one full name only the first can be asked for, so the others
	// are no alternatives.
	distinct := t.distinct(found)
	if len(distinct) == 1 || certain && t.clearlyMeant(query, distinct) {
		return t.match(distinct[0], found), nil
	}
	return Match{}, &AmbiguousError{
		Query:      shorten(query),
		Candidates: t.shown(distinct),
		More:       max(0, len(distinct)-maxShown),
	}
}

func (t *Table) match(chosen int, found []int) Match {
	others := slices.DeleteFunc(slices.Clone(found), func(i int) bool { return i == chosen })
	return Match{Place: t.place(chosen), Others: t.shown(others)}
}

// spelledOut finds the place whose full name is the query: letter by letter, or
// else folded. Without it "San José, Costa Rica" would have namesakes within
// Costa Rica, and could never be asked for.
func (t *Table) spelledOut(query string, found []int) (int, bool) {
	literal, text := norm.NFC.String(query), fold(query).text
	same := -1
	for _, i := range found {
		name := t.place(i).String()
		if norm.NFC.String(name) == literal {
			return i, true
		}
		if same < 0 && fold(name).text == text {
			same = i
		}
	}
	return same, same >= 0
}

// distinct drops places whose full name is that of a more populous one.
func (t *Table) distinct(found []int) []int {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(found), func(i int) bool {
		name := t.place(i).String()
		defer func() { seen[name] = true }()
		return seen[name]
	})
}

// clearlyMeant tells whether the most populous of some namesakes is the one that
// is meant: a large city three times as populous as the next (Barcelona in Spain,
// beside Venezuela's), or a city five times as populous (Geneva in Switzerland,
// beside Illinois'). Springfield, Richmond and Valencia have no such bearer.
func (t *Table) clearlyMeant(query string, found []int) bool {
	const large, city = 500_000, 100_000
	first, second := t.rows[found[0]].population, t.rows[found[1]].population
	if outnumbers := first >= large && first >= 3*second || first >= city && first >= 5*second; !outnumbers {
		return false
	}
	// An accent is written on purpose: "San José" is not first of all San Jose in
	// California.
	spelled := func(i int) bool {
		return strings.HasPrefix(strings.ToLower(norm.NFC.String(query)), strings.ToLower(norm.NFC.String(t.rows[i].name)))
	}
	return ascii(query) || spelled(found[0]) || !slices.ContainsFunc(found, spelled)
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}
