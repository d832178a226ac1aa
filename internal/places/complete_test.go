package places

import (
	"fmt"
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	table := Load()
	for _, tt := range []struct {
		name, query string
		want        string // the first places
	}{
		{"a beginning", "Berl", "Berlin, Germany"},
		{"in other letters", "sÃO pau", "São Paulo, Brazil"},
		{"without accents", "sao pau", "São Paulo, Brazil"},
		{"with accents", "São Pau", "São Paulo, Brazil"},
		{"the whole name", "Nairobi", "Nairobi, Nairobi Area, Kenya"},
		{"the full name", "Paris, Texas", "Paris, Texas, United States"},
		{"the full name, begun", "Paris, Te", "Paris, Texas, United States"},
		{"a comma at the end", "Nairobi,", "Nairobi, Nairobi Area, Kenya"},
		{"a comma and a space", "Nairobi, ", "Nairobi, Nairobi Area, Kenya"},
		{"an old name", "Bomb", "Mumbai, Maharashtra, India"},
		{"most people first", "lon", "London, England, United Kingdom; Longyan"},
		{"an abbreviation that may be none", "St", "Istanbul, Turkey; Saint Petersburg, Russia"},
		{"an abbreviation that is none", "Sto", "Santo Domingo, Nacional, Dominican Republic; Stockholm, Sweden"},
		{"an abbreviation", "St. Louis", "St Louis, Missouri, United States; Saint-Louis, Senegal"},
		{"a space at the end", "New ", "New York"},
		{"nothing yet", "", "Shanghai, China; "},
		{"a space", " ", "Shanghai, China; "},
		{"no place", "xqxq", ""},
		{"a control character", "Ber\x00", ""},
		{"no UTF-8", "Ber\xff", ""},
		{"too long", strings.Repeat("a", maxQueryBytes+1), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := list(table.Complete(tt.query, 2)); !strings.HasPrefix(got, tt.want) || (tt.want == "") != (got == "") {
				t.Errorf("= %q, want %q…", got, tt.want)
			}
		})
	}
}

// What "New " begins is two words; "New" begins Newcastle, too.
func TestCompleteKeepsASpace(t *testing.T) {
	for query, wanted := range map[string]bool{"New": true, "New ": false} {
		got := list(Load().Complete(query, 1000))
		if strings.Contains(got, "Newcastle") != wanted || !strings.Contains(got, "New Delhi") {
			t.Errorf("%q: Newcastle is there: %v, want %v", query, !wanted, wanted)
		}
	}
}

func TestCompleteLimit(t *testing.T) {
	for _, limit := range []int{-1, 0, 1, 100} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			if got := len(Load().Complete("s", limit)); got != max(0, limit) {
				t.Errorf("%d places", got)
			}
		})
	}
}

// FuzzComplete: each place is found again by its name, and stands there once, behind
// those with more people.
func FuzzComplete(f *testing.F) {
	for _, s := range []string{"", "Berl", "Paris, Te", "St", "St. ", "D.C", "Washington, D.", "Xi'", "東", "ﷺ", ", ,", "0", "00", "ﬁ", "a & ", "\u0301"} {
		f.Add(s)
	}
	table := Load()
	f.Fuzz(func(t *testing.T, query string) {
		const limit = 7
		got := table.Complete(query, limit)
		if len(got) > limit {
			t.Errorf("%d places", len(got))
		}
		seen := map[string]bool{}
		for i, p := range got {
			full := p.String()
			if seen[full] || i > 0 && p.Population > got[i-1].Population {
				t.Errorf("Complete(%q) = %s", query, list(got))
			}
			seen[full] = true
			if again, err := table.Find(full); err != nil || again.String() != full {
				t.Errorf("Complete(%q) names %s, and Find has %s, %v", query, full, again, err)
			}
		}
	})
}

func BenchmarkComplete(b *testing.B) {
	table := Load()
	for _, query := range []string{"", "s", "San ", "Paris, Te", "San Francisco"} {
		b.Run(fmt.Sprintf("%q", query), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				table.Complete(query, 100)
			}
		})
	}
}
