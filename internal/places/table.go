package places

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// Table is the table of places. It is immutable and safe for concurrent use.
type Table struct {
	// rows are the places, most populous first: the index is the rank.
	rows []row
	// names are sorted by text.
	names []name
	// areas are the countries and regions by folded name or code. A key has no
	// leading "the".
	areas     map[string][]area
	countries []country
	// regions[0] stands for none.
	regions []string
	zones   []string
}

type row struct {
	name                  string
	region, country, zone int // indexes
	latitude, longitude   float64
	population            int
}

type country struct{ code, name string }

// name is one folded name of the place with the given index.
type name struct {
	text string
	// loose marks a variant that counts only if no place has the name itself.
	loose bool
	row   int
}

// area is a region, or a whole country if region is 0.
type area struct {
	country, region int
	// code marks an abbreviation: "in" is more often a code than a question.
	code bool
}

// is tells whether two areas are the same, however they were written.
func (a area) is(other area) bool { return a.country == other.country && a.region == other.region }

func (a area) holds(r row) bool {
	if a.region != 0 {
		return a.region == r.region
	}
	return a.country == r.country
}

// Load returns the table. It is parsed at the first call, once for all callers.
func Load() *Table { return load() }

// load caches what is a constant of the program: the embedded files, parsed.
var load = sync.OnceValue(func() *Table {
	t, err := build(embedded)
	if err != nil {
		panic("places: the embedded table is malformed: " + err.Error())
	}
	return t
})

// Zones returns the IANA names of all time zones of the table, sorted.
func (t *Table) Zones() []string { return slices.Sorted(slices.Values(t.zones)) }

// ZonesOfCountry returns the English name of a country, named or abbreviated as
// it may be in [Table.Find], and the time zones of its cities, that of most
// people first. A name that means two countries ("Congo") means neither.
func (t *Table) ZonesOfCountry(name string) (country string, zones []string, ok bool) {
	if !readable(name) {
		return "", nil, false
	}
	var found []area
	for _, a := range t.areas[areaKey(fold(name).text)] {
		if a.region == 0 {
			found = append(found, a)
		}
	}
	if len(found) != 1 {
		return "", nil, false
	}
	return t.countries[found[0].country].name, t.zonesIn(found), true
}

// zonesIn lists the time zones of the places in some areas, that of most people
// first.
func (t *Table) zonesIn(areas []area) []string {
	people := map[string]int{}
	for _, r := range t.rows {
		if inAny(areas, r) {
			people[t.zones[r.zone]] += r.population
		}
	}
	return slices.SortedFunc(maps.Keys(people), func(a, b string) int {
		if people[a] != people[b] {
			return people[b] - people[a]
		}
		return strings.Compare(a, b)
	})
}

func inAny(areas []area, r row) bool {
	return slices.ContainsFunc(areas, func(a area) bool { return a.holds(r) })
}

// place returns the place with an index.
func (t *Table) place(i int) Place {
	r := t.rows[i]
	return Place{
		Name:        r.name,
		Region:      t.regions[r.region],
		Country:     t.countries[r.country].name,
		CountryCode: t.countries[r.country].code,
		Zone:        t.zones[r.zone],
		Latitude:    r.latitude,
		Longitude:   r.longitude,
		Population:  r.population,
	}
}

// shown returns the first places of a list, as many as are shown.
func (t *Table) shown(rows []int) []Place {
	var out []Place
	for _, i := range rows[:min(len(rows), maxShown)] {
		out = append(out, t.place(i))
	}
	return out
}

// named returns the places that have a folded name, most populous first; loose
// says whether variants count.
func (t *Table) named(text string, loose bool) []int {
	i, _ := slices.BinarySearchFunc(t.names, text, func(n name, text string) int { return strings.Compare(n.text, text) })
	var found []int
	for ; i < len(t.names) && t.names[i].text == text; i++ {
		if loose || !t.names[i].loose {
			found = append(found, t.names[i].row)
		}
	}
	return sorted(found)
}

// sorted sorts places by rank and drops duplicates.
func sorted(rows []int) []int {
	slices.Sort(rows)
	return slices.Compact(rows)
}

// within returns the areas that a folded text names: one, or a region and its
// country, whichever comes first.
func (t *Table) within(text string) []area {
	found := slices.Clone(t.areas[areaKey(text)])
	for _, i := range wordStarts(text) {
		left, right := t.areas[areaKey(text[:i-1])], t.areas[areaKey(text[i:])]
		for _, l := range left {
			for _, r := range right {
				both := area{country: l.country, region: l.region + r.region}
				if l.country == r.country && (l.region == 0) != (r.region == 0) && !slices.ContainsFunc(found, both.is) {
					found = append(found, both)
				}
			}
		}
	}
	return found
}

// areaKey is the key of areas for a folded name.
func areaKey(text string) string { return strings.TrimPrefix(text, "the ") }

// areaName is the full name of an area.
func (t *Table) areaName(a area) string {
	if a.region == 0 {
		return t.countries[a.country].name
	}
	return t.regions[a.region] + ", " + t.countries[a.country].name
}
