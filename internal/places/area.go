package places

import "slices"

// pickBeside chooses what a query names that is also the name of whole countries
// or regions.
func (t *Table) pickBeside(query string, found []int, areas []area) (Match, error) {
	areas = outermost(areas)
	switch {
	case len(found) > 0 && !t.outweighed(found[0], areas):
		return t.pick(query, found, true)
	case len(found) == 0 && len(areas) == 1:
		if city, ok := t.cityOf(areas[0]); ok {
			return t.match(city, []int{city}), nil
		}
	}
	return Match{}, t.areaError(query, found, areas)
}

// outermost drops regions of countries that are in the list too: "Mexico" is the
// country, and also its state of that name.
func outermost(areas []area) []area {
	return slices.DeleteFunc(slices.Clone(areas), func(inner area) bool {
		return inner.region != 0 && slices.ContainsFunc(areas, func(a area) bool {
			return a.region == 0 && a.country == inner.country
		})
	})
}

// cityOf finds the city that has a region's name but for a word such as "City",
// and is the largest there: "Gifu", "Oklahoma". But "Kansas" is no city of Kansas,
// and a country is not its capital: "Mexico" has many time zones.
func (t *Table) cityOf(a area) (int, bool) {
	if a.region == 0 || a.code {
		return 0, false
	}
	city := t.largest([]area{a})[0]
	name, region := t.rows[city].name, fold(t.regions[a.region]).text
	return city, slices.Contains(variants(name, fold(name).text), bareRegion(region))
}

// outweighed tells whether a city is less likely to be meant than an area of the
// same name in which it does not lie: Lebanon in Tennessee than the country,
// Ontario in California than the province, where several times as many people
// live. A large city outweighs any region, and one that has the name of its own
// country outweighs everything.
func (t *Table) outweighed(city int, areas []area) bool {
	const large, times = 500_000, 3
	r, outweighed := t.rows[city], false
	for _, a := range areas {
		switch {
		case a.code:
		case a.holds(r):
			if a.region == 0 {
				return false
			}
		case a.region == 0 || r.population < large && t.population(a) > times*r.population:
			outweighed = true
		}
	}
	return outweighed
}

// population is how many people live in the cities of an area.
func (t *Table) population(a area) int {
	sum := 0
	for _, r := range t.rows {
		if a.holds(r) {
			sum += r.population
		}
	}
	return sum
}

// largest returns the most populous places in some areas, as many as are shown.
func (t *Table) largest(areas []area) []int {
	var found []int
	for i, r := range t.rows {
		if inAny(areas, r) {
			found = append(found, i)
		}
	}
	found = t.distinct(found[:min(len(found), 2*maxShown)])
	return found[:min(len(found), maxShown)]
}

func (t *Table) areaError(query string, namesakes []int, areas []area) *AreaError {
	var names []string
	for _, a := range areas {
		if name := t.areaName(a); len(names) < maxShown && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	namesakes = slices.DeleteFunc(t.distinct(namesakes), func(i int) bool { return inAny(areas, t.rows[i]) })
	return &AreaError{
		Query:     shorten(query),
		Areas:     names,
		Largest:   t.shown(t.largest(areas)),
		Namesakes: t.shown(namesakes),
		Zones:     t.zonesIn(areas),
	}
}
