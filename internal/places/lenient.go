package places

import (
	"slices"
	"strings"
)

// The words with which a name is written now and then, all folded. What is
// shorter comes after what it ends or begins, so that the longest is taken off.
var (
	cityPrefixes = []string{"city of ", "borough of ", "town of ", "ciudad de ", "ciudad ", "greater ", "stadt ", "the "}
	citySuffixes = []string{" city", " town", " municipality", " district", " si", " shi"}

	regionPrefixes = []string{
		"autonomous republic of ", "free and hanseatic city of ", "free and sovereign state of ", "free state of ",
		"national capital territory of ", "federal territory of ", "special region of ", "departamento de ",
		"principality of ", "municipality of ", "province of ", "republic of ", "canton of ", "region of ",
		"estado de ", "state of ", "city of ",
	}
	regionSuffixes = []string{
		" special capital region", " uyghur autonomous region", " autonomous region", " autonomous okrug",
		" municipality", " governorate", " department", " prefecture", " voivodeship", " voivodship", " province",
		" district", " division", " emirate", " republic", " county", " region", " oblast", " state", " kray",
		" krai", " kraj", " city", " ken", " do",
	}

	// joints stand between a name and the river or the place that tells it from
	// its namesakes: "Newcastle upon Tyne", "Frankfurt am Main", "Rostov-on-Don".
	joints = []string{" upon ", " on ", " an der ", " am ", " sur ", " sous ", " under "}
)

// bareName is a folded name of a city without the words that say that it is one.
func bareName(name string) string { return without(name, cityPrefixes, citySuffixes) }

// bareRegion is a folded name of a region without the words that say of what kind
// it is.
func bareRegion(name string) string { return without(name, regionPrefixes, regionSuffixes) }

// without takes the first fitting prefix and the first fitting suffix off a name,
// but never all of it.
func without(name string, prefixes, suffixes []string) string {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(name, p); ok {
			name = rest
			break
		}
	}
	for _, s := range suffixes {
		if rest, ok := strings.CutSuffix(name, s); ok {
			return rest
		}
	}
	return name
}

// variants are the folded names, other than its own folded one, by which a place
// of the table is known loosely: "Biel" and "Bienne" for "Biel/Bienne",
// "Frankfurt" for "Frankfurt (Oder)" and "Frankfurt am Main", "Suwon" for
// "Suwon-si".
func variants(name, own string) []string {
	var found []string
	add := func(variant string) {
		if variant != "" && variant != own && !slices.Contains(found, variant) {
			found = append(found, variant)
		}
	}
	parts := []string{own}
	if strings.ContainsAny(name, "(,/") {
		main, _, _ := strings.Cut(name, "(")
		main, _, _ = strings.Cut(main, ",")
		parts = nil
		for part := range strings.SplitSeq(main, "/") {
			parts = append(parts, fold(part).text)
		}
	}
	for _, text := range parts {
		add(text)
		add(bareName(text))
		for _, joint := range joints {
			if before, _, ok := strings.Cut(text, joint); ok {
				add(before)
			}
		}
	}
	return found
}

// respelled undoes the spelling of umlauts and of ø and å with two letters, as in
// "Duesseldorf", "Tromsoe" and "Aalesund".
var respelled = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "aa", "a")

// readings are the ways to read a folded name as written by somebody, other than
// literally.
func readings(name string) []string {
	found := []string{name}
	for _, reading := range []string{bareName(name), respelled.Replace(name), respelled.Replace(bareName(name))} {
		if reading != "" && !slices.Contains(found, reading) {
			found = append(found, reading)
		}
	}
	return found
}
