package tools

import (
	"strings"
	"unicode"
)

// markdownSigns are the characters that mean something within a line of Markdown
// (CommonMark §6, and GitHub's tables, strikethrough and mathematics).
const markdownSigns = "\\`*_{}[]<>#|~&$!"

// escaped is text as one line of Markdown that shows it and nothing else.
func escaped(text string) string {
	var b strings.Builder
	line := []rune(plain(text))
	for i, r := range line {
		if means(line, i) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return afterNumber(b.String())
}

// means reports whether the character at i could be a sign. Within a word, such as
// weight_kg, an underscore is none (CommonMark §6.2).
func means(line []rune, i int) bool {
	r := line[i]
	if r == '_' && i > 0 && i < len(line)-1 {
		return !alphanumeric(line[i-1]) || !alphanumeric(line[i+1])
	}
	return strings.ContainsRune(markdownSigns, r) || (i == 0 && strings.ContainsRune("-+=", r))
}

func alphanumeric(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// afterNumber escapes what makes a number at the beginning of a line a list's.
func afterNumber(line string) string {
	rest := strings.TrimLeft(line, "0123456789")
	if rest == line || rest == "" || !strings.ContainsRune(".)", rune(rest[0])) {
		return line
	}
	return line[:len(line)-len(rest)] + `\` + rest
}

// code is text as a code span (CommonMark §6.1), in which nothing has a meaning.
func code(text string) string {
	text = plain(text)
	if text == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}

// plain is text in one line, without control characters and what hides or turns text.
func plain(text string) string {
	line := strings.Join(strings.Fields(text), " ")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, line)
}
