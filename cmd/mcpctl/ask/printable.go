package ask

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes a foreign text fit for a terminal: it cannot move the cursor,
// change colours, set a title or a link, ring, override the direction of writing,
// or hold what only a model would see. Line feeds and tabs stay.
func Printable(s string) string {
	// Whole sequences first, for else their letters would stay behind as litter.
	// What is safe does not depend on it: no control character passes below.
	if strings.ContainsRune(s, '\x1b') {
		s = escapeSequences.ReplaceAllString(s, "")
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	// Map also turns bytes that are not UTF-8 into U+FFFD.
	return strings.Map(shown, s)
}

// escapeSequences matches the forms of ECMA-48 §5.3 to §5.6 that end as they
// should: a control string (OSC, DCS, SOS, PM, APC) on one line, a control
// sequence (CSI), and any other.
var escapeSequences = regexp.MustCompile(
	`\x1b(?:[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)|\[[0-?]*[ -/]*[@-~]|[ -/]*[0-OQ-WYZ\\\x60-~])`,
)

// shown gives the character to print for r, or a negative number for none.
func shown(r rune) rune {
	switch {
	case r == '\n', r == '\t':
		return r
	case r < 0x20, r >= 0x7f && r < 0xa0: // C0, DEL, C1
		return -1
	case r == '\u2028', r == '\u2029': // line and paragraph separator
		return '\n'
	case invisible(r):
		return -1
	}
	return r
}

// invisible reports a character that shows nothing itself: overrides of the
// direction, marks, fillers, annotations, and the tags and variation selectors,
// whole alphabets that nobody sees and models read. They are Unicode's
// Default_Ignorable_Code_Point and a few more. That an emoji loses its variation
// selector costs little: most terminals ignore it.
func invisible(r rune) bool {
	switch {
	case r == '\u200c', r == '\u200d': // joiners: Persian, Hindi and families of emoji need them
		return false
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r): // Arabic signs, which are seen
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// clip bounds a text at a character's edge and says so.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return s[:edge(s, limit)] + "…"
}

// edge is the last position in s, at most limit, that no character spans.
func edge(s string, limit int) int {
	if limit >= len(s) {
		return len(s)
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return limit
}
