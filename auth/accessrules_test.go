package auth

import (
	"regexp"
	"strings"
	"testing"
)

func TestMatchPattern(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"alpha", "alpha", true},
		{"alpha", "alpha2", false},
		{"alpha", "Alpha", false},
		{"alpha", "alph", false},
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "a/b c", true},
		{"**", "", true},
		{"a*", "a", true},
		{"a*", "ba", false},
		{"*a", "ba", true},
		{"*a", "ab", false},
		{"a*a", "a", false},
		{"a*a", "aa", true},
		{"ab*ba", "aba", false},
		{"ab*ba", "abba", true},
		{"a*b*c", "a-b-c", true},
		{"a*b*c", "acb", false},
		{"*ab*ab*", "abab", true},
		{"*ab*ab*", "aab", false},
		{"*b*b", "abb", true},
		{"*b*b", "ab", false},
		// There is no other sign with a meaning.
		{"a?c", "abc", false},
		{"a?c", "a?c", true},
		{"[ab]", "a", false},
		{"a.c", "abc", false},
		{`a\*`, "a*", false},
		{`a\*`, `a\b`, true},
		{"docs://*/x", "docs://a/b/x", true},
	} {
		if got := matchPattern(tt.pattern, tt.name); got != tt.want {
			t.Errorf("%q of %q: %v", tt.pattern, tt.name, got)
		}
	}
}

// matchNaively is matchPattern byte by byte: at[i] says that the pattern so far is about
// the first i bytes of the name.
func matchNaively(pattern, name string) bool {
	at := make([]bool, len(name)+1)
	at[0] = true
	for _, c := range []byte(pattern) {
		next := make([]bool, len(at))
		for i := range at {
			if c == '*' {
				next[i] = at[i] || i > 0 && next[i-1]
			} else {
				next[i] = i > 0 && at[i-1] && name[i-1] == c
			}
		}
		at = next
	}
	return at[len(name)]
}

// Over every short pattern and name, and not only where a fuzzer looks.
func TestMatchPatternIsTheNaiveOne(t *testing.T) {
	words := func(letters string, most int) []string {
		all := []string{""}
		for from := 0; most > 0; most-- {
			end := len(all)
			for _, w := range all[from:end] {
				for _, c := range letters {
					all = append(all, w+string(c))
				}
			}
			from = end
		}
		return all
	}
	for _, pattern := range words("ab*", 5) {
		for _, name := range words("ab", 5) {
			if got := matchPattern(pattern, name); got != matchNaively(pattern, name) {
				t.Errorf("%q of %q: %v", pattern, name, got)
			}
		}
	}
}

func FuzzMatchPattern(f *testing.F) {
	for _, seed := range [][2]string{
		{"", ""}, {"*", "a"}, {"a*b*c", "aXbYc"}, {"*a*a*a*b", "aaaaaaaa"}, {"tools/*", "tools/call"}, {"é*\xff", "é\xff"}, {"a**", "a\n"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if len(pattern) > 40 || len(name) > 200 {
			return
		}
		parts := strings.Split(pattern, "*")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		reference, err := regexp.Compile(`(?s)\A` + strings.Join(parts, ".*") + `\z`)
		if err != nil {
			return // bytes that are no UTF-8 are in no regular expression
		}
		if got := matchPattern(pattern, name); got != reference.MatchString(name) {
			t.Errorf("%q of %q: %v", pattern, name, got)
		}
	})
}
