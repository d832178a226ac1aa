package places

import (
	"bytes"
	"cmp"
	"compress/gzip"
	_ "embed" // the tables
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	//go:embed cities.tsv.gz
	citiesGz []byte
	//go:embed more.tsv
	moreTSV string
	//go:embed aliases.tsv
	aliasesTSV string
	//go:embed countries.tsv
	countriesTSV string
	//go:embed regions.tsv
	regionsTSV string
)

// source is what a table is made of. Each file's first lines say what it holds.
type source struct {
	// citiesGz has, compressed, the columns geonameid, name, region, country code,
	// country, time zone, latitude, longitude, population; more has the same. The
	// country's name is countries.tsv's.
	citiesGz                          []byte
	more, aliases, countries, regions string
}

var embedded = source{citiesGz, moreTSV, aliasesTSV, countriesTSV, regionsTSV}

// builder makes a table.
type builder struct {
	*Table
	countryOf map[string]int    // by code
	regionOf  map[[2]string]int // by country code and the name in the table
	shownAs   map[[2]string]string
	zoneOf    map[string]int
	ids       []int          // of rows, until they are sorted
	known     map[int]bool   // ids
	renamed   map[int]string // by row: the name to show, where it is not the table's
}

func build(src source) (*Table, error) {
	b := &builder{
		Table:     &Table{areas: map[string][]area{}, regions: []string{""}},
		countryOf: map[string]int{},
		regionOf:  map[[2]string]int{},
		shownAs:   map[[2]string]string{},
		zoneOf:    map[string]int{},
		known:     map[int]bool{},
		renamed:   map[int]string{},
	}
	cities, err := decompress(src.citiesGz)
	if err != nil {
		return nil, err
	}
	// What a line refers to stands in a file before it.
	for _, file := range []struct {
		name, text  string
		least, most int // fields in a line
		line        func(fields []string) error
	}{
		{"countries.tsv", src.countries, 3, 4, b.addCountry},
		{"regions.tsv, names", src.regions, 3, 4, b.renameRegion},
		{"cities.tsv", cities, 9, 9, b.addCity},
		{"more.tsv", src.more, 9, 9, b.addCity},
		{"regions.tsv", src.regions, 3, 4, b.aliasRegion},
	} {
		if err := lines(file.name, file.text, file.least, file.most, file.line); err != nil {
			return nil, err
		}
	}
	ranks := b.rank()
	b.nameRows()
	if err := lines("aliases.tsv", src.aliases, 3, 4, func(f []string) error { return b.aliasCity(f, ranks) }); err != nil {
		return nil, err
	}
	for i, name := range b.renamed {
		b.rows[i].name = name
	}
	slices.SortFunc(b.names, func(a, b name) int {
		return cmp.Or(strings.Compare(a.text, b.text), a.row-b.row)
	})
	return b.Table, nil
}

func decompress(data []byte) (string, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return "", fmt.Errorf("cities.tsv.gz: %w", err)
	}
	var text strings.Builder
	if _, err := io.Copy(&text, z); err != nil { //nolint:gosec // the data is our own, not an upload
		return "", fmt.Errorf("cities.tsv.gz: %w", err)
	}
	return text.String(), nil
}

// lines calls each for the fields of every line that is not a comment.
func lines(file, text string, least, most int, each func(fields []string) error) error {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Split(line, "\t")
		err := error(nil)
		switch {
		case !utf8.ValidString(line):
			err = fmt.Errorf("not UTF-8")
		case len(fields) < least || len(fields) > most:
			err = fmt.Errorf("%d fields", len(fields))
		default:
			err = each(fields)
		}
		if err != nil {
			return fmt.Errorf("%s, line %d: %w", file, number, err)
		}
	}
	return nil
}

// addCountry takes the codes of two and three letters, the name, and further names.
func (b *builder) addCountry(f []string) error {
	code := strings.Clone(f[0])
	if _, twice := b.countryOf[code]; twice {
		return fmt.Errorf("%s stands twice", code)
	}
	i := len(b.countries)
	b.countryOf[code] = i
	b.countries = append(b.countries, country{code, f[2]})
	b.addArea(area{country: i}, append([]string{f[0], f[1], f[2]}, further(f)...))
	return nil
}

// renameRegion takes the country's code, the name in the table, the name to show
// if it is another, and further names, which are aliasRegion's.
func (b *builder) renameRegion(f []string) error {
	key := [2]string{f[0], f[1]}
	if _, twice := b.shownAs[key]; twice {
		return fmt.Errorf("%s, %s stands twice", f[1], f[0])
	}
	b.shownAs[key] = cmp.Or(f[2], f[1])
	return nil
}

func (b *builder) aliasRegion(f []string) error {
	i, ok := b.regionOf[[2]string{f[0], f[1]}]
	if !ok {
		return fmt.Errorf("no city is in %s, %s", f[1], f[0])
	}
	b.addArea(area{country: b.countryOf[f[0]], region: i}, further(f))
	return nil
}

// further are the names in the fourth field, if there is one.
func further(f []string) []string {
	if len(f) < 4 {
		return nil
	}
	return strings.Split(f[3], "|")
}

// addArea makes an area known by some names. Names that differ only in accents
// are one.
func (b *builder) addArea(a area, names []string) {
	for _, n := range names {
		text := fold(n).text
		// A code has two or three letters; no country's name is that short.
		a.code = len(text) <= 3
		keys := []string{areaKey(text)}
		if a.region != 0 {
			// Of a region alone: "Republic of China" is not China.
			keys = append(keys, bareRegion(areaKey(text)))
		}
		for _, key := range keys {
			if key != "" && !slices.ContainsFunc(b.areas[key], a.is) {
				b.areas[key] = append(b.areas[key], a)
			}
		}
	}
}

func (b *builder) addCity(f []string) error {
	id, err := strconv.Atoi(f[0])
	if err != nil || id <= 0 {
		return fmt.Errorf("geonameid %q", f[0])
	}
	home, ok := b.countryOf[f[3]]
	switch {
	case b.known[id]:
		return fmt.Errorf("geonameid %d stands twice", id)
	case !ok:
		return fmt.Errorf("country code %q is not in countries.tsv", f[3])
	case fold(f[1]).text == "" || f[5] == "":
		return fmt.Errorf("an empty field")
	}
	r := row{name: strings.Clone(f[1]), country: home, region: b.region(f[3], f[2]), zone: b.zone(f[5])}
	if r.latitude, err = degrees(f[6], 90); err != nil {
		return err
	}
	if r.longitude, err = degrees(f[7], 180); err != nil {
		return err
	}
	if r.population, err = strconv.Atoi(f[8]); err != nil || r.population < 0 {
		return fmt.Errorf("population %q", f[8])
	}
	b.rows, b.ids, b.known[id] = append(b.rows, r), append(b.ids, id), true
	return nil
}

// degrees reads a coordinate. The comparison is written so that NaN fails it.
func degrees(text string, limit float64) (float64, error) {
	d, err := strconv.ParseFloat(text, 64)
	if err != nil || !(d >= -limit && d <= limit) {
		return 0, fmt.Errorf("%q is not within ±%v degrees", text, limit)
	}
	return d, nil
}

// region returns the index of a country's region, which is new at its first city.
func (b *builder) region(code, name string) int {
	if name == "" {
		return 0
	}
	key := [2]string{code, name}
	if i, ok := b.regionOf[key]; ok {
		return i
	}
	i := len(b.regions)
	shown := strings.Clone(cmp.Or(b.shownAs[key], name))
	b.regions = append(b.regions, shown)
	b.regionOf[[2]string{code, strings.Clone(name)}] = i
	b.addArea(area{country: b.countryOf[code], region: i}, []string{name, shown})
	return i
}

func (b *builder) zone(name string) int {
	if i, ok := b.zoneOf[name]; ok {
		return i
	}
	i := len(b.zones)
	name = strings.Clone(name)
	b.zones = append(b.zones, name)
	b.zoneOf[name] = i
	return i
}

// rank sorts the rows and returns their indexes by geonameid.
func (b *builder) rank() map[int]int {
	order := make([]int, len(b.rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(b.rows[j].population-b.rows[i].population, b.ids[i]-b.ids[j])
	})
	rows := make([]row, len(order))
	ranks := make(map[int]int, len(order))
	for rank, i := range order {
		rows[rank] = b.rows[i]
		ranks[b.ids[i]] = rank
	}
	b.rows = rows
	return ranks
}

func (b *builder) nameRows() {
	for i, r := range b.rows {
		own := fold(r.name).text
		b.names = append(b.names, name{text: own, row: i})
		for _, v := range variants(r.name, own) {
			b.names = append(b.names, name{text: v, loose: true, row: i})
		}
	}
}

// aliasCity takes another name, the geonameid, the name in the table, which is there
// for whoever reads the file, and the word "shown" where the other name is the one
// to show.
func (b *builder) aliasCity(f []string, ranks map[int]int) error {
	id, err := strconv.Atoi(f[1])
	if err != nil {
		return fmt.Errorf("geonameid %q", f[1])
	}
	i, ok := ranks[id]
	if !ok || b.rows[i].name != f[2] {
		return fmt.Errorf("geonameid %d is not %s", id, f[2])
	}
	text := fold(f[0]).text
	if text == "" || text == fold(f[2]).text {
		return fmt.Errorf("%q is no other name of %s", f[0], f[2])
	}
	b.names = append(b.names, name{text: text, row: i})
	if len(f) < 4 {
		return nil
	}
	if _, twice := b.renamed[i]; twice || f[3] != "shown" {
		return fmt.Errorf("%q for geonameid %d: it is the word shown, once", f[3], id)
	}
	b.renamed[i] = strings.Clone(f[0])
	return nil
}
