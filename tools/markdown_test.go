package tools

import (
	"strings"
	"testing"
	"unicode"
)

func TestEscaped(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"plain", "Tells the time, in °C: 5 (or so).", "Tells the time, in °C: 5 (or so)."},
		{"a name", "max_items", "max_items"},
		{"emphasis", "_a_ *b*", `\_a\_ \*b\*`},
		{"a heading", "# a", `\# a`},
		{"a list", "- a", `\- a`},
		{"a numbered list", "12) a", `12\) a`},
		{"a number", "12 apples", "12 apples"},
		{"HTML", "<script>&lt;", `\<script\>\&lt;`},
		{"code", "a`b", "a\\`b"},
		{"an image", "![a](b)", `\!\[a\](b)`},
		{"a table", "a|b", `a\|b`},
		{"lines", " a\n\n  b\r\n", "a b"},
		{"a backslash", `a\`, `a\\`},
		{"what turns text around", "a\u202eb\u200b\x00c", "abc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := escaped(tt.text); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestCode(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"a", "`a`"}, {"", ""}, {"a`b", "``a`b``"}, {"`a", "`` `a ``"}, {"a``b`c", "```a``b`c```"}, {"a\nb", "`a b`"},
	} {
		if got := code(tt.text); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.text, got, tt.want)
		}
	}
}

// FuzzEscaped: every sign stands behind a backslash, and what is left without the
// backslashes is the text.
func FuzzEscaped(f *testing.F) {
	for _, s := range []string{"", "a_b_", "# <a> [b](c) `d`", "1. x", `\`, "a\n- b", "\u202e\x00", "_", "__init__"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := escaped(text)
		var shown strings.Builder
		quoted := false
		for i, r := range got {
			switch {
			case quoted:
				quoted = false
			case r == '\\':
				quoted = true
				continue
			case r != '_' && strings.ContainsRune(markdownSigns, r), i == 0 && strings.ContainsRune("-+=", r), r != ' ' && unicode.IsSpace(r), unicode.IsControl(r):
				t.Errorf("%q at %d of %q", r, i, got)
			}
			shown.WriteRune(r)
		}
		if quoted || shown.String() != plain(text) {
			t.Errorf("%q shows %q", got, shown.String())
		}
	})
}
