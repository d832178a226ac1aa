package auth

import (
	"strings"
	"testing"
)

func TestShow(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "a b", `"a b"`},
		{"empty", "", `""`},
		{"terminal escape", "\x1b]0;x\a", `"\x1b]0;x\a"`},
		{"writing direction", "a\u202eb\u2066", `"a\u202eb\u2066"`},
		{"not UTF-8", "a\xffb", `"a\xffb"`},
		{"quotes", `a"b\`, `"a\"b\\"`},
		{"letters", "größe", `"gr\u00f6\u00dfe"`},
		{"200 characters", strings.Repeat("a", 200), `"` + strings.Repeat("a", 200) + `"`},
		{"201 characters", strings.Repeat("a", 201), `"` + strings.Repeat("a", 200) + `..." and 1 bytes more`},
		{"cut before an escape", strings.Repeat("a", 199) + "\u202e", `"` + strings.Repeat("a", 199) + `..." and 3 bytes more`},
	} {
		if got := show(tt.in); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
