package auth

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"mcp-resource-server/internal/strictjson"
)

const (
	// maxShown bounds what is shown of one value.
	maxShown = 200
	// maxDetail bounds what is shown of an error.
	maxDetail = 600
	// maxListed bounds how many values of a list are shown.
	maxListed = 8
)

// printable writes foreign text in ASCII alone, so that no control character, terminal
// escape or change of the writing direction gets out, and letters that only look
// alike show. It is cut; rest is how many bytes are left out.
func printable(s string) (text string, rest int) { return printableTo(maxShown, s) }

func printableTo(limit int, s string) (text string, rest int) {
	var b strings.Builder
	for i := 0; i < len(s); {
		_, size := utf8.DecodeRuneInString(s[i:])
		piece := strconv.QuoteToASCII(s[i : i+size])
		piece = piece[1 : len(piece)-1]
		if b.Len()+len(piece) > limit {
			return b.String() + "...", len(s) - i
		}
		b.WriteString(piece)
		i += size
	}
	return b.String(), 0
}

// Printable is how an explanation writes foreign text: in ASCII, escaped and cut.
func Printable(s string) string { return plain(s) }

// show quotes foreign text.
func show(s string) string {
	text, rest := printable(s)
	if rest > 0 {
		return fmt.Sprintf("\"%s\" and %d bytes more", text, rest)
	}
	return `"` + text + `"`
}

// plain is for what stands in a sentence without quotes.
func plain(s string) string {
	text, _ := printable(s)
	return text
}

// detail is for the text of an error, which has quotes of its own.
func detail(s string) string {
	text, _ := printableTo(maxDetail, s)
	return strings.ReplaceAll(text, `\"`, `"`)
}

func plains(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = plain(s)
	}
	return out
}

// showAll shows a list of values.
func showAll(values []string) string {
	shown := make([]string, 0, min(len(values), maxListed+1))
	for i, v := range values {
		if i == maxListed {
			shown = append(shown, fmt.Sprintf("%d more", len(values)-i))
			break
		}
		shown = append(shown, show(v))
	}
	return phrases(shown)
}

// phrases joins what is to be read as one sentence.
func phrases(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

// oneOf says which values are accepted.
func oneOf(values []string) string {
	if len(values) == 1 {
		return show(values[0])
	}
	return "one of " + showAll(values)
}

// showRaw shows the value of a claim; of an object it shows the names alone.
func showRaw(raw strictjson.Raw) string {
	switch raw.Kind() {
	case '"':
		s, _ := strictjson.String(raw)
		return show(s)
	case '[':
		if list, ok := strictjson.Strings(raw); ok {
			if len(list) == 0 {
				return "an empty list"
			}
			return "the list of " + showAll(list)
		}
		return "a list with other things than text"
	case '{':
		return "an object with " + memberNames(raw)
	case 't', 'f', 'n', '0':
		return plain(string(raw))
	default:
		return "nothing"
	}
}

// memberNames shows which members an object has.
func memberNames(raw strictjson.Raw) string {
	object, err := strictjson.Object(raw, maxTokenDepth)
	if err != nil || len(object) == 0 {
		return "nothing in it"
	}
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	return showAll(names)
}

// kindOf names the type of a claim's value, for a claim that has the wrong one.
func kindOf(raw strictjson.Raw) string {
	switch raw.Kind() {
	case '"':
		return "text"
	case '[':
		return "a list"
	case '{':
		return "an object"
	case '0':
		return "a number"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	default:
		return "not there"
	}
}

// number writes a count with its noun.
func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
