// Package places turns what a person or a model writes for a city ("Bangalore",
// "springfield il", "Frankfurt (Oder)", "Paris, Texas") into one place of the
// GeoNames table, or into an error that names what could have been meant.
//
// A name is looked up as it stands first, with accents, case, punctuation and a
// few abbreviations folded away, then more leniently ("City of …", "Duesseldorf").
// What follows a name narrows it: a region, a country, a code of either, or a
// region and its country, behind a comma or just a space.
//
// One place is chosen among namesakes only where it is clearly the one that is
// meant: it has 500,000 inhabitants and three times as many as the next, or
// 100,000 and five times as many. Otherwise the answer is an [AmbiguousError].
// Where the name is also a country's or a region's and no large city's, the answer
// is an [AreaError]. Every place that an error names is found by its
// [Place.String], verbatim, so that whoever asked can ask again.
//
// # Data
//
// cities.tsv.gz and more.tsv are GeoNames' (geonames.org) places of 15,000 people
// and more, and seats of government, licensed CC BY 4.0
// (creativecommons.org/licenses/by/4.0): whoever ships them says so in a NOTICE.
// more.tsv has what cities.tsv.gz leaves out because it lies in no first-level
// region. countries.tsv and regions.tsv change how some countries and regions are
// shown ("State of Maine" is "Maine"), and with aliases.tsv add what else people
// call things.
package places
