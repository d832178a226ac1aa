package places

import (
	"errors"
	"slices"
	"testing"
)

func FuzzFind(f *testing.F) {
	for _, s := range []string{
		"Bengaluru", "Springfield", "springfield il", "India", "Georgia, USA", "San José", "Windsor, CA", "Paris, Germany",
		"Germany, Munich", "Mumbai (Bombay)", "Washington, D.C.", "Frankfurt/Main", "東京", "Ｔｏｋｙｏ", "St. John's", "Londn",
		"the", "the the", "city of", "City of City", "a b c d", ", ,", "", "\x00", "\xff", "saint saint saint", "ﷺﷺﷺ", "\u0301\u0301",
	} {
		f.Add(s)
	}
	table := Load()
	f.Fuzz(func(t *testing.T, query string) {
		got, err := table.Find(query)
		var named [][]Place
		var ambiguous *AmbiguousError
		var area *AreaError
		var unknown *UnknownError
		switch {
		case err == nil:
			named = [][]Place{{got.Place}, got.Others}
		case errors.As(err, &ambiguous):
			if len(ambiguous.Candidates) < 2 {
				t.Errorf("Find(%q): %v", query, err)
			}
			named = [][]Place{ambiguous.Candidates}
		case errors.As(err, &area):
			if len(area.Areas) == 0 || len(area.Areas) > maxShown || len(area.Largest) == 0 || len(area.Zones) == 0 {
				t.Errorf("Find(%q): %#v", query, err)
			}
			named = [][]Place{area.Largest, area.Namesakes}
		case errors.As(err, &unknown):
			named = [][]Place{unknown.Similar}
		default:
			t.Fatalf("Find(%q): %v is of no known type", query, err)
		}
		// A full name of the longest kind is some 150 bytes; %q makes ten of one rune.
		if err != nil && len(err.Error()) > 10*maxEchoRunes+3*maxShown*150 {
			t.Errorf("Find(%q): an error of %d bytes", query, len(err.Error()))
		}
		for _, places := range named {
			if len(places) > maxShown {
				t.Errorf("Find(%q) names %d places", query, len(places))
			}
			for _, p := range places {
				if again, err := table.Find(p.String()); err != nil || again.String() != p.String() {
					t.Errorf("Find(%q) names %s, and Find(%q) = %s, %v", query, p, p.String(), again, err)
				}
			}
		}
	})
}

// What is folded stays as it is: otherwise a name could be folded in one way in
// the table and in another in a query.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"São Paulo", "D.C.", "S. T. x", "ẞ", "İ", "a&b", "´", "ﷺ", "K", "ǅ", "ᾼ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !readable(s) {
			return // what Find refuses is never folded
		}
		once := fold(s)
		// Initials on either side of a separator are no abbreviation.
		written := []byte(once.text)
		for _, cut := range once.cuts {
			written[cut-1] = ','
		}
		if again := fold(string(written)); again.text != once.text || !slices.Equal(again.cuts, once.cuts) {
			t.Errorf("fold(%q) = %+v, folded again %+v", s, once, again)
		}
		for _, cut := range once.cuts {
			if cut <= 1 || cut >= len(once.text) || once.text[cut-1] != ' ' {
				t.Errorf("fold(%q) = %q, with a cut at %d", s, once.text, cut)
			}
		}
	})
}
