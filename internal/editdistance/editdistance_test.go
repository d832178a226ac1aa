package editdistance

import "testing"

func TestOf(t *testing.T) {
	for _, tt := range []struct {
		name, a, b string
		want       int
	}{
		{"nothing", "", "", 0},
		{"all put in", "", "abc", 3},
		{"the same", "abc", "abc", 0},
		{"one put in", "gettime", "get_time", 1},
		{"one changed", "greet", "greed", 1},
		{"changed and put in", "kitten", "sitting", 3},
		{"two that change places", "ab", "ba", 2},
		{"bytes, not letters", "ü", "u", 2},
		{"nothing in common", "abc", "xyz", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Of(tt.a, tt.b); got != tt.want {
				t.Errorf("from %q to %q: %d, want %d", tt.a, tt.b, got, tt.want)
			}
			if got := Of(tt.b, tt.a); got != tt.want {
				t.Errorf("from %q to %q: %d, want %d", tt.b, tt.a, got, tt.want)
			}
		})
	}
}
