package places

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFold(t *testing.T) {
	tests := []struct {
		in, want string
		cuts     []int
	}{
		{"São Paulo", "sao paulo", nil},
		{"  São\u00a0  Paulo ", "sao paulo", nil},
		{"Łódź", "lodz", nil},
		{"Tromsø", "tromso", nil},
		{"Weißenfels", "weissenfels", nil},
		{"Đà Nẵng", "da nang", nil},
		{"Gǝncǝ / Gəncə", "ganca ganca", []int{6}},
		{"Iğdır İzmir", "igdir izmir", nil},
		{"Ħaż-Żabbar", "haz zabbar", nil},
		{"Þórshöfn, Ærø", "thorshofn aero", []int{10}},
		{"Cœur", "coeur", nil},
		{"Xi'an Xi’an Xiʼan Xi`an Xi´an", "xian xian xian xian xian", nil},
		{"St. John's", "saint johns", nil},
		{"Ste-Catherine, Sta. Cruz, Sto Domingo", "sainte catherine santa cruz santo domingo", []int{17, 28}},
		{"Mt. Vernon Ft. Worth", "mount vernon fort worth", nil},
		{"Washington, D.C.", "washington dc", []int{11}},
		{"Washington D. C.", "washington dc", nil},
		{"U.S.A., U.K.", "usa uk", []int{4}},
		{"D, C", "d c", []int{2}},
		{"A Coruña", "a coruna", nil},
		{"V.S.K.Valasai (Dindigul-Dist.)", "vsk valasai dindigul dist", []int{12}},
		{"Trinidad & Tobago", "trinidad and tobago", nil},
		{"Trinidad&Tobago", "trinidad and tobago", nil},
		{"6th of October City", "6th of october city", nil},
		{"Ａｂｕ　Ｄｈａｂｉ，ＵＡＥ", "abu dhabi uae", []int{10}},
		{"Θεσσαλονίκη Αθήνας", "θεσσαλονικη αθηνασ", nil},
		{"soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth", nil},
		{", India,, ", "india", nil},
		{"🙂 -- !", "", nil},
		{"", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			got := fold(tt.in)
			if got.text != tt.want || !slices.Equal(got.cuts, tt.cuts) {
				t.Errorf("fold(%q) = %q, %v, want %q, %v", tt.in, got.text, got.cuts, tt.want, tt.cuts)
			}
		})
	}
}

func TestVariants(t *testing.T) {
	tests := []struct {
		name string
		want []string
	}{
		{"Munich", nil},
		{"Biel/Bienne", []string{"biel", "bienne"}},
		{"Frankfurt (Oder)", []string{"frankfurt"}},
		{"Frankfurt am Main", []string{"frankfurt"}},
		{"Newcastle upon Tyne", []string{"newcastle"}},
		{"Rostov-on-Don", []string{"rostov"}},
		{"Burgdorf, Hanover", []string{"burgdorf"}},
		{"Sharjah city", []string{"sharjah"}},
		{"City of Westminster", []string{"westminster"}},
		{"Ciudad Juárez", []string{"juarez"}},
		{"The Bronx", []string{"bronx"}},
		{"Suwon-si", []string{"suwon"}},
		{"City", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := variants(tt.name, fold(tt.name).text); !slices.Equal(got, tt.want) {
				t.Errorf("variants(%q) = %q, want %q", tt.name, got, tt.want)
			}
		})
	}
}

func TestPlaceString(t *testing.T) {
	tests := []struct {
		name string
		in   Place
		want string
	}{
		{"all three", Place{Name: "Bengaluru", Region: "Karnataka", Country: "India"}, "Bengaluru, Karnataka, India"},
		{"no region", Place{Name: "Nouakchott", Country: "Mauritania"}, "Nouakchott, Mauritania"},
		{"the region is the city", Place{Name: "Dubai", Region: "Dubai", Country: "United Arab Emirates"}, "Dubai, United Arab Emirates"},
		{"but for accents", Place{Name: "Cordoba", Region: "Córdoba", Country: "Argentina"}, "Cordoba, Argentina"},
		{"but for a word", Place{Name: "Cairo", Region: "Cairo Governorate", Country: "Egypt"}, "Cairo, Egypt"},
		{"with the word", Place{Name: "Ho Chi Minh City", Region: "Ho Chi Minh City", Country: "Vietnam"}, "Ho Chi Minh City, Vietnam"},
		{"the city has a word more", Place{Name: "Gifu City", Region: "Gifu", Country: "Japan"}, "Gifu City, Gifu, Japan"},
		{"the region is the country", Place{Name: "Taipei", Region: "Taiwan", Country: "Taiwan"}, "Taipei, Taiwan"},
		{"the country is the city", Place{Name: "Luxembourg", Region: "Luxembourg", Country: "Luxembourg"}, "Luxembourg"},
		{"whatever the region", Place{Name: "Hong Kong", Region: "Central and Western", Country: "Hong Kong"}, "Hong Kong"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.in.String(); got != tt.want {
				t.Errorf("String() = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestShorten(t *testing.T) {
	eighty := strings.Repeat("é", maxEchoRunes)
	tests := []struct{ name, in, want string }{
		{"short", "Paris", "Paris"},
		{"empty", "", ""},
		{"just as long", eighty, eighty},
		{"one too long", eighty + "é", eighty + "…"},
		{"much too long", strings.Repeat("🙂", 1<<20), strings.Repeat("🙂", maxEchoRunes) + "…"},
		{"not UTF-8", strings.Repeat("\xff", 100), strings.Repeat("\xff", maxEchoRunes) + "…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := shorten(tt.in); got != tt.want {
				t.Errorf("shorten = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDistance(t *testing.T) {
	tests := []struct {
		a, b string
		want int // -1: more than allowed
	}{
		{"london", "london", 0},
		{"londn", "london", 1},
		{"londonn", "london", 1},
		{"lomdon", "london", 1},
		{"lnodon", "london", 1}, // two letters swapped are one slip
		{"bangalor", "bengaluru", -1},
		{"bengalor", "bengaluru", 2},
		{"abcdef", "fedcba", -1},
		{"london", "lond", 2},
		{"london", "lon", -1},
		{"", "ab", 2},
		{"", "", 0},
		{strings.Repeat("a", maxNearBytes), strings.Repeat("a", maxNearBytes), 0},
		{strings.Repeat("a", maxNearBytes+1), strings.Repeat("a", maxNearBytes), -1},
	}
	for _, tt := range tests {
		for _, pair := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
			got, ok := distance(pair[0], pair[1], 2)
			if ok != (tt.want >= 0) || ok && got != tt.want {
				t.Errorf("distance(%q, %q) = %d, %v, want %d", pair[0], pair[1], got, ok, tt.want)
			}
		}
	}
}

func TestNamesFitDistance(t *testing.T) {
	for _, n := range Load().names {
		if len(n.text) > maxNearBytes {
			t.Errorf("%q is never compared", n.text)
		}
		if !utf8.ValidString(n.text) || n.text == "" {
			t.Errorf("name %q", n.text)
		}
	}
}
