package places

import "strings"

// Place is a city, town or other populated place.
type Place struct {
	// Name is the usual English name, as GeoNames has it.
	Name string
	// Region is the first-level division of the country, such as a state. It is
	// empty for a place that belongs to none.
	Region string
	// Country is the country's English name, and CountryCode its ISO 3166-1 code
	// of two letters.
	Country, CountryCode string
	// Zone is the IANA name of the time zone.
	Zone string
	// Latitude and Longitude are degrees north and east (WGS 84).
	Latitude, Longitude float64
	// Population is the number of inhabitants; 0 where nobody counted.
	Population int
}

// String returns the place's full name, "Bengaluru, Karnataka, India", which
// [Table.Find] finds again. A part that only repeats another is left out:
// "Dubai, United Arab Emirates", "Shanghai, China", "Singapore".
func (p Place) String() string {
	name, region, country := fold(p.Name).text, fold(p.Region).text, fold(p.Country).text
	if name == country {
		return p.Name
	}
	if bare := bareRegion(region); region == "" || region == name || bare == name || bare == country {
		return p.Name + ", " + p.Country
	}
	return p.Name + ", " + p.Region + ", " + p.Country
}

// Match is what [Table.Find] found.
type Match struct {
	Place
	// Others are places that the query names as well and that were taken to be
	// less likely, most populous first, at most five of them. A place that has
	// the same full name as the one that was found is told apart by its
	// coordinates alone.
	Others []Place
}

// maxShown bounds the places that a match or an error lists.
const maxShown = 5

// list joins the full names of places.
func list(places []Place) string {
	names := make([]string, len(places))
	for i, p := range places {
		names[i] = p.String()
	}
	return strings.Join(names, "; ")
}
