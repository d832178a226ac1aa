package places

import (
	"slices"
	"strings"
)

// Complete returns at most limit places of which a name begins as query does, the most
// populous first. Each is found by its [Place.String], and no two have the same one.
// A query may go on behind the name, as [Place.String] does: "Paris, Te". Every place
// begins as an empty one does.
func (t *Table) Complete(query string, limit int) []Place {
	if !readable(query) || limit <= 0 {
		return nil
	}
	var found []Place
	seen := map[string]bool{}
	for _, row := range t.beginning(query) {
		if len(found) == limit {
			break
		}
		p := t.place(row)
		if full := p.String(); !seen[full] {
			seen[full] = true
			found = append(found, p)
		}
	}
	return found
}

// beginning returns the places of which a name begins as a query does, most populous
// first.
func (t *Table) beginning(query string) []int {
	typed := begun(query)
	if strings.TrimSpace(typed.text) == "" {
		return ranks(len(t.rows))
	}
	var found []int
	for _, text := range begins(typed, fold(query)) {
		found = append(found, t.prefixed(text)...)
	}
	for _, cut := range typed.cuts {
		for _, row := range t.prefixed(typed.text[:cut-1]) {
			if strings.HasPrefix(fold(t.place(row).String()).text, typed.text) {
				found = append(found, row)
			}
		}
	}
	return sorted(found)
}

// begun folds a text whose last word may go on: "St" is no "Saint" yet, and a space at
// the end stays.
func begun(query string) folded {
	const more = "0" // of a word, and no part of an abbreviation
	f := fold(query + more)
	f.text = strings.TrimSuffix(f.text, more)
	return f
}

// begins are the beginnings of a name that a text stands for: "St" is that of Stockholm,
// and of Saint Petersburg.
func begins(typed, whole folded) []string {
	if whole.text == strings.TrimSpace(typed.text) {
		return []string{typed.text}
	}
	return []string{typed.text, whole.text}
}

// prefixed returns the places of which a name begins with a folded text. Variants do not
// count.
func (t *Table) prefixed(text string) []int {
	i, _ := slices.BinarySearchFunc(t.names, text, func(n name, text string) int { return strings.Compare(n.text, text) })
	var found []int
	for ; i < len(t.names) && strings.HasPrefix(t.names[i].text, text); i++ {
		if !t.names[i].loose {
			found = append(found, t.names[i].row)
		}
	}
	return found
}

// ranks are the indexes of n places.
func ranks(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
