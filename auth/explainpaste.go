package auth

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"mcp-resource-server/internal/strictjson"
)

// unwrap takes off what stands around a token that was copied from somewhere: the
// header that it was in, quotes, the line breaks of a terminal. It says what that
// was, in fixed words. What is not clearly around a token stays.
func unwrap(given string) (bare string, around []string) {
	bare = given
	for range maxWrappings {
		inner, name := unwrapOnce(bare)
		if name == "" {
			break
		}
		bare = inner
		if !slices.Contains(around, name) {
			around = append(around, name)
		}
	}
	return bare, around
}

// maxWrappings bounds how deep a token may be wrapped.
const maxWrappings = 16

// unwrapOnce takes off the first wrapping that is there.
func unwrapOnce(s string) (inner, name string) {
	for _, w := range wrappings {
		if inner, ok := w.off(s); ok && inner != s {
			return inner, w.name
		}
	}
	return s, ""
}

// wrapping is something that stands around tokens. off returns what is within, and
// false where it is not there.
type wrapping struct {
	name string
	off  func(string) (string, bool)
}

var wrappings = []wrapping{
	{"white space around it", func(s string) (string, bool) { return strings.TrimFunc(s, isBlank), true }},
	{"\"Authorization:\" in front", trimmed(prefix("Authorization:"))},
	{"\"Bearer\" in front", trimmed(scheme("Bearer"))},
	{"\"DPoP\" in front", trimmed(scheme("DPoP"))},
	{"\"access_token=\" in front", func(s string) (string, bool) {
		inner, ok := prefix("access_token=")(s)
		inner, _, _ = strings.Cut(inner, "&")
		return inner, ok
	}},
	{"the answer of a token endpoint around it", fromTokenAnswer},
	{"a name in front (as in TOKEN=, token: or \"access_token\":)", fromAssignment},
	{"quotes around it", func(s string) (string, bool) { return strings.Trim(s, "\"'`"), true }},
	{"brackets around it", func(s string) (string, bool) { return strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">"), true }},
	{"a comma or semicolon behind it", func(s string) (string, bool) { return strings.TrimRight(s, ",;"), true }},
	{"a % behind it (zsh shows one where the line has no end)", func(s string) (string, bool) {
		inner, ok := strings.CutSuffix(s, "%")
		return inner, ok && !reference.MatchString(s)
	}},
	{"line breaks or other blanks within it", withoutBlanks},
}

// isBlank reports white space, and what is as invisible.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' || r == '\u2060' || r == 0
}

func prefix(p string) func(string) (string, bool) {
	return func(s string) (string, bool) {
		if len(s) < len(p) || !strings.EqualFold(s[:len(p)], p) {
			return s, false
		}
		return s[len(p):], true
	}
}

// trimmed takes the blanks off that stand behind a prefix, with it.
func trimmed(off func(string) (string, bool)) func(string) (string, bool) {
	return func(s string) (string, bool) {
		inner, ok := off(s)
		return strings.TrimLeftFunc(inner, isBlank), ok
	}
}

func scheme(name string) func(string) (string, bool) {
	return func(s string) (string, bool) {
		inner, ok := prefix(name)(s)
		if !ok || inner == "" || !isBlank(rune(inner[0])) {
			return s, false
		}
		return inner, true
	}
}

// fromTokenAnswer takes the access token out of a token endpoint's answer (RFC 6749
// §5.1).
func fromTokenAnswer(s string) (string, bool) {
	if !strings.HasPrefix(s, "{") {
		return s, false
	}
	answer, err := strictjson.Object([]byte(s), maxTokenDepth)
	if err != nil {
		return s, false
	}
	return strictjson.String(answer["access_token"])
}

// assignment is what stands in front of a value that has a name, in shells, in YAML
// and in JSON.
var assignment = regexp.MustCompile(`^(?:\{\s*)?(?i:export\s+|set\s+|\$env:)?("[A-Za-z_][\w-]*"|'[A-Za-z_][\w-]*'|[A-Za-z_][\w-]*)\s*[:=]\s*(["']?)(?:Bearer\s+)?(?:ey|mcprs_)`)

// fromAssignment takes a value out from behind its name, and from within its quotes
// where more stands behind them.
func fromAssignment(s string) (string, bool) {
	m := assignment.FindStringSubmatchIndex(s)
	if m == nil || s[0] == '{' && !strings.Contains(strings.ToLower(s[m[2]:m[3]]), "token") {
		return s, false
	}
	value := s[m[4]:]
	if quote := s[m[4]:m[5]]; quote != "" {
		if inner, _, closed := strings.Cut(value[1:], quote); closed {
			return inner, true
		}
	}
	return value, true
}

// withoutBlanks joins the lines of a token that a terminal or a mail broke. Where
// what remains is no token in parts, or where the lines are several tokens, the
// blanks mean something else.
func withoutBlanks(s string) (string, bool) {
	lines := strings.FieldsFunc(s, isBlank)
	joined := strings.Join(lines, "")
	tokens := 0
	for _, line := range lines {
		if strings.Count(line, ".") >= 2 {
			tokens++
		}
	}
	dots := strings.Count(joined, ".")
	foreign := strings.ContainsFunc(joined, func(r rune) bool { return !isTokenRune(r) })
	begins := strings.HasPrefix(joined, "ey") // the base64 of {
	return joined, begins && (dots == 2 || dots == 4) && tokens < 2 && !foreign
}

func isTokenRune(r rune) bool {
	return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.+/=", r)
}
