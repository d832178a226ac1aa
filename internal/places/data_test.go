package places

import (
	"bytes"
	"compress/gzip"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // a machine need not have the zones installed
)

func TestEmbeddedTable(t *testing.T) {
	table, err := build(embedded)
	if err != nil {
		t.Fatal(err)
	}
	if len(table.rows) < 24_000 {
		t.Errorf("%d places: the table is cut short", len(table.rows))
	}
	for i, r := range table.rows {
		if i > 0 && r.population > table.rows[i-1].population {
			t.Fatalf("%s stands behind a smaller place", table.place(i))
		}
	}
	inhabited := map[int]bool{}
	for _, r := range table.rows {
		inhabited[r.country] = true
	}
	for i, c := range table.countries {
		if !inhabited[i] {
			t.Errorf("%s has no city: an AreaError could name none", c.name)
		}
	}
	if first, second := Load(), Load(); first != second {
		t.Error("two calls of Load gave two tables")
	}
}

func TestZones(t *testing.T) {
	zones := Load().Zones()
	if len(zones) < 300 || !slices.IsSorted(zones) || !slices.Contains(zones, "Asia/Kolkata") {
		t.Errorf("Zones() = %q", zones)
	}
	for i, zone := range zones {
		if _, err := time.LoadLocation(zone); err != nil {
			t.Errorf("%s: %v", zone, err)
		}
		if i > 0 && zone == zones[i-1] {
			t.Errorf("%s stands twice", zone)
		}
	}
	zones[0] = "changed"
	if Load().Zones()[0] == "changed" {
		t.Error("the caller got the table's own slice")
	}
}

func TestZonesOfCountry(t *testing.T) {
	tests := []struct {
		name, country, zones string
	}{
		{"India", "India", "Asia/Kolkata"},
		{"in", "India", "Asia/Kolkata"},
		{"IND", "India", "Asia/Kolkata"},
		{"the UAE", "United Arab Emirates", "Asia/Dubai"},
		{"The Netherlands", "Netherlands", "Europe/Amsterdam"},
		{"Holland", "Netherlands", "Europe/Amsterdam"},
		{"Georgia", "Georgia", "Asia/Tbilisi"},
		{"United Kingdom", "United Kingdom", "Europe/London"},
		{"New Zealand", "New Zealand", "Pacific/Auckland"},
		{"Portugal", "Portugal", "Europe/Lisbon Atlantic/Madeira Atlantic/Azores"},
		{"Spain", "Spain", "Europe/Madrid Atlantic/Canary Africa/Ceuta"},
		{"DE", "Germany", "Europe/Berlin"}, // and not Delaware
		{"Congo", "", ""},                  // there are two
		{"England", "", ""},                // a region
		{"California", "", ""},             // a region
		{"Paris", "", ""},
		{"", "", ""},
		{"India\n", "", ""},
		{strings.Repeat(" ", maxQueryBytes) + "India", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			country, zones, ok := Load().ZonesOfCountry(tt.name)
			if country != tt.country || strings.Join(zones, " ") != tt.zones || ok != (tt.country != "") {
				t.Errorf("ZonesOfCountry(%q) = %q, %q, %v", tt.name, country, zones, ok)
			}
		})
	}
}

// livingNames are the aliases that are also the name of another place: there the
// population decides, as among all namesakes. An old name MUST NOT be added here
// that would hide a place of today (Canton, Smyrna, Salisbury, Carlsbad).
var livingNames = []string{
	"Derry", "Lalitpur", "Newcastle", "Padua", "Puebla", "Rostov", "Sevilla", "Sudbury", "Vitoria", "Washington",
}

func TestAliases(t *testing.T) {
	table := Load()
	var living []string
	count := 0
	first := map[string]string{}
	shown := map[string]string{} // by geonameid
	err := lines("aliases.tsv", aliasesTSV, 3, 4, func(f []string) error {
		if shown[f[1]] == "" {
			shown[f[1]] = f[2]
		}
		if len(f) == 4 {
			shown[f[1]] = f[0]
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = lines("aliases.tsv", aliasesTSV, 3, 4, func(f []string) error {
		count++
		text := fold(f[0]).text
		if other, twice := first[text]; twice {
			t.Errorf("%s is the same as %s", f[0], other)
		}
		first[text] = f[0]
		called := table.called(text, false)
		if !slices.ContainsFunc(called, func(i int) bool { return table.rows[i].name == shown[f[1]] }) {
			t.Errorf("%s does not find %s", f[0], f[2])
		}
		if len(called) > 1 {
			living = append(living, f[0])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if slices.Sort(living); !slices.Equal(living, livingNames) {
		t.Errorf("aliases that other places have for a name: %q, want %q", living, livingNames)
	}
	if count < 250 {
		t.Errorf("%d aliases", count)
	}
}

// Each country is known by its two codes and by its name, and each region by the
// name that is shown, with and without its country.
func TestAreasAreKnown(t *testing.T) {
	table := Load()
	for i, c := range table.countries {
		for _, name := range []string{c.code, c.name} {
			if !slices.ContainsFunc(table.within(fold(name).text), area{country: i}.is) {
				t.Errorf("%q is not %s", name, c.name)
			}
		}
	}
	seen := map[int]bool{0: true}
	for _, r := range table.rows {
		if seen[r.region] {
			continue
		}
		seen[r.region] = true
		a := area{country: r.country, region: r.region}
		for _, name := range []string{table.regions[r.region], table.areaName(a)} {
			if !slices.ContainsFunc(table.within(fold(name).text), a.is) {
				t.Errorf("%q is not %s", name, table.areaName(a))
			}
		}
	}
}

// sample is a source in which each test breaks one thing.
func sample(t *testing.T, cities string) source {
	t.Helper()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write([]byte(cities)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return source{
		citiesGz:  z.Bytes(),
		more:      "# comment\n\n2\tOther\t\tXA\tXanadu\tUTC\t-90\t180\t0\n",
		aliases:   "Also\t1\tCity\n",
		countries: "XA\tXAN\tXanadu\tNowhere|Utopia\nXB\tXBN\tBanadu\n",
		regions:   "XA\tRegion\tThe Region\tRG\n",
	}
}

const sampleCity = "1\tCity\tRegion\tXA\tXanadu\tUTC\t1.5\t-2.25\t100\n"

func TestBuild(t *testing.T) {
	table, err := build(sample(t, sampleCity))
	if err != nil {
		t.Fatal(err)
	}
	want := Place{"City", "The Region", "Xanadu", "XA", "UTC", 1.5, -2.25, 100}
	for _, query := range []string{"City", "Also", "City, Utopia", "city rg", "City, Region, XAN", "City, The Region, Xanadu"} {
		if got, err := table.Find(query); err != nil || got.Place != want {
			t.Errorf("Find(%q) = %+v, %v", query, got.Place, err)
		}
	}
	if got, err := table.Find("Other"); err != nil || got.String() != "Other, Xanadu" {
		t.Errorf("Find(Other) = %s, %v", got, err)
	}
}

// A place is shown by the alias that says so, and found by its old name too.
func TestBuildShowsAlias(t *testing.T) {
	src := sample(t, sampleCity)
	src.aliases = "Newname\t1\tCity\tshown\nAlso\t1\tCity\n"
	table, err := build(src)
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"City", "Also", "Newname", "Newname, The Region, Xanadu"} {
		if got, err := table.Find(query); err != nil || got.Name != "Newname" {
			t.Errorf("Find(%q) = %+v, %v", query, got.Place, err)
		}
	}
}

// The twin of each is TestBuild.
func TestBuildRefuses(t *testing.T) {
	tests := []struct {
		name   string
		cities string // instead of sampleCity
		change func(*source)
		want   string
	}{
		{"too few columns", "1\tCity\n", nil, "cities.tsv, line 1: 2 fields"},
		{"too many columns", strings.ReplaceAll(sampleCity, "\n", "\tx\n"), nil, "cities.tsv, line 1: 10 fields"},
		{"the second line", sampleCity + "x\n", nil, "cities.tsv, line 2: 1 fields"},
		{"not UTF-8", strings.ReplaceAll(sampleCity, "City", "\xff"), nil, "cities.tsv, line 1: not UTF-8"},
		{"no id", strings.ReplaceAll(sampleCity, "1\tCity", "x\tCity"), nil, `cities.tsv, line 1: geonameid "x"`},
		{"id zero", strings.ReplaceAll(sampleCity, "1\tCity", "0\tCity"), nil, `cities.tsv, line 1: geonameid "0"`},
		{"an id twice", sampleCity + sampleCity, nil, "cities.tsv, line 2: geonameid 1 stands twice"},
		{"no name", strings.ReplaceAll(sampleCity, "City", ""), nil, "cities.tsv, line 1: an empty field"},
		{"a name without letters", strings.ReplaceAll(sampleCity, "City", "--"), nil, "cities.tsv, line 1: an empty field"},
		{"no zone", strings.ReplaceAll(sampleCity, "UTC", ""), nil, "cities.tsv, line 1: an empty field"},
		{"an unknown country", strings.ReplaceAll(sampleCity, "XA", "XC"), nil, `cities.tsv, line 1: country code "XC" is not in countries.tsv`},
		{"latitude out of range", strings.ReplaceAll(sampleCity, "1.5", "90.1"), nil, `cities.tsv, line 1: "90.1" is not within ±90 degrees`},
		{"latitude NaN", strings.ReplaceAll(sampleCity, "1.5", "NaN"), nil, `cities.tsv, line 1: "NaN" is not within ±90 degrees`},
		{"longitude out of range", strings.ReplaceAll(sampleCity, "-2.25", "-180.1"), nil, `cities.tsv, line 1: "-180.1" is not within ±180 degrees`},
		{"longitude missing", strings.ReplaceAll(sampleCity, "-2.25", ""), nil, `cities.tsv, line 1: "" is not within ±180 degrees`},
		{"population negative", strings.ReplaceAll(sampleCity, "100", "-1"), nil, `cities.tsv, line 1: population "-1"`},
		{"population not whole", strings.ReplaceAll(sampleCity, "100", "1e3"), nil, `cities.tsv, line 1: population "1e3"`},
		{"not compressed", sampleCity, func(s *source) { s.citiesGz = []byte(sampleCity) }, "cities.tsv.gz: gzip: invalid header"},
		{"cut short", sampleCity, func(s *source) { s.citiesGz = s.citiesGz[:len(s.citiesGz)-9] }, "cities.tsv.gz: unexpected EOF"},
		{"a fault in more", sampleCity, func(s *source) { s.more = "x\n" }, "more.tsv, line 1: 1 fields"},
		{"a country twice", sampleCity, func(s *source) { s.countries += "XA\tXAN\tXanadu\n" }, "countries.tsv, line 3: XA stands twice"},
		{"a region twice", sampleCity, func(s *source) { s.regions += s.regions }, "regions.tsv, names, line 2: Region, XA stands twice"},
		{"a region without a city", sampleCity, func(s *source) { s.regions += "XB\tRegion\tOther\n" }, "regions.tsv, line 2: no city is in Region, XB"},
		{"an alias of an unknown place", sampleCity, func(s *source) { s.aliases = "Also\t7\tCity\n" }, "aliases.tsv, line 1: geonameid 7 is not City"},
		{"an alias of another place", sampleCity, func(s *source) { s.aliases = "Also\t1\tTown\n" }, "aliases.tsv, line 1: geonameid 1 is not Town"},
		{"an alias without id", sampleCity, func(s *source) { s.aliases = "Also\t\tCity\n" }, `aliases.tsv, line 1: geonameid ""`},
		{"an alias that is shown and is not", sampleCity, func(s *source) { s.aliases = "Also\t1\tCity\thidden\n" }, `aliases.tsv, line 1: "hidden" for geonameid 1: it is the word shown, once`},
		{"two aliases that are shown", sampleCity, func(s *source) { s.aliases = "Also\t1\tCity\tshown\nToo\t1\tCity\tshown\n" }, `aliases.tsv, line 2: "shown" for geonameid 1: it is the word shown, once`},
		{"an alias that is the name", sampleCity, func(s *source) { s.aliases = "CITY\t1\tCity\n" }, `aliases.tsv, line 1: "CITY" is no other name of City`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := sample(t, tt.cities)
			if tt.change != nil {
				tt.change(&src)
			}
			if _, err := build(src); err == nil || err.Error() != tt.want {
				t.Errorf("build: %v, want %s", err, tt.want)
			}
		})
	}
}
