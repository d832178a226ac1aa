package places

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// similar returns places that a query without an answer may have meant, the
// likeliest first.
func (t *Table) similar(q folded) []int {
	if found := t.turned(q.text); len(found) > 0 {
		return found
	}
	name, areas := t.split(q)
	found := t.called(name, true)
	if len(found) == 0 {
		found = t.near(name)
	}
	// "Bengalor, India" rather means a place in India.
	if there := t.in(areas, found); len(there) > 0 {
		found = there
	}
	return t.distinct(found[:min(len(found), 4*maxShown)])
}

// turned reads a query from its other end: "Germany, Munich".
func (t *Table) turned(text string) []int {
	for _, i := range wordStarts(text) {
		if areas := t.areas[areaKey(text[:i-1])]; len(areas) > 0 {
			if found := t.in(areas, t.called(text[i:], true)); len(found) > 0 {
				return t.distinct(found)
			}
		}
	}
	return nil
}

// split guesses what in a query is the name, and in what areas the place lies.
func (t *Table) split(q folded) (name string, areas []area) {
	if len(q.cuts) > 0 {
		first, last := q.cuts[0], q.cuts[len(q.cuts)-1]
		return q.text[:first-1], t.within(q.text[last:])
	}
	for _, i := range wordStarts(q.text) {
		if areas := t.within(q.text[i:]); len(areas) > 0 {
			return q.text[:i-1], areas
		}
	}
	return q.text, nil
}

// maxNearBytes bounds the names that are compared letter by letter. No name of
// the table is longer.
const maxNearBytes = 64

// near returns the places whose names are spelled much like a folded name, the
// nearest first, and of equally near ones the most populous.
func (t *Table) near(text string) []int {
	if len(text) < 3 || len(text) > maxNearBytes {
		return nil
	}
	// One wrong letter in four or five is a slip; in three it is another name.
	tolerance := 0
	switch {
	case len(text) >= 6:
		tolerance = 2
	case len(text) >= 4:
		tolerance = 1
	}
	costs := map[int]int{}
	for _, n := range t.names {
		cost, ok := distance(text, n.text, tolerance)
		if !ok && (strings.HasPrefix(n.text, text) || strings.HasPrefix(text, n.text+" ")) {
			cost, ok = 1, true
		}
		if !ok {
			continue
		}
		if known, twice := costs[n.row]; !twice || cost < known {
			costs[n.row] = cost
		}
	}
	found := make([]int, 0, len(costs))
	for i := range costs {
		found = append(found, i)
	}
	slices.SortFunc(found, func(a, b int) int { return cmp.Or(costs[a]-costs[b], a-b) })
	return found
}

// distance counts the letters (of folded text, so bytes but for other scripts) to
// insert, delete, replace or swap with the next to make one text of the other,
// and tells whether there are at most as many as allowed.
func distance(a, b string, allowed int) (int, bool) {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > allowed || len(b) > maxNearBytes {
		return 0, false
	}
	// Each change alters at most two letters of the set, so most names end here.
	if bits.OnesCount64(letters(a)^letters(b)) > 2*allowed {
		return 0, false
	}
	var rows [3][maxNearBytes + 1]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			replaced := last[j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			row[j] = min(replaced, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > allowed {
			return 0, false
		}
		before, last, row = last, row, before
	}
	return last[len(b)], last[len(b)] <= allowed
}

// letters is the set of the letters of a text, of other scripts' a rough one.
func letters(text string) uint64 {
	var set uint64
	for i := range len(text) {
		set |= 1 << (text[i] % 64)
	}
	return set
}
