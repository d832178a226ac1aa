package auth

import (
	"regexp"
	"slices"
	"strings"

	"mcp-resource-server/internal/faults"
)

// What is wrong with a text that was meant to be an identifier. Each would be accepted
// as one that no token has, and be noticed by refused callers alone.
const (
	emptyEntry     = "must not have an empty entry"
	outerSpace     = "begins or ends with a space"
	outerQuotes    = "has quotation marks around it, which are a part of it here: take them away"
	outerBrackets  = "has brackets around it, which are a part of it here: take them away"
	severalEntries = "looks like several: list each on its own (in a variable, with commas between)"
)

// mistyped returns what somebody most likely did not mean by an identifier, or "". Nearly
// all printable text can be an identifier (a client_id is *VSCHAR, RFC 6749 appendix A.1;
// it has spaces, or is a URL): what is refused here no issuer gives away.
func mistyped(id string) string {
	if fault := wrapped(id); fault != "" {
		return fault
	}
	if isSeveral(id) {
		return severalEntries
	}
	return ""
}

// wrapped returns what of its source's syntax is left around a text: docker's --env-file
// keeps quotation marks, and a list in JSON brackets, too.
func wrapped(id string) string {
	const quotes = "\"'`"
	switch {
	case id != strings.TrimSpace(id):
		return outerSpace
	case id != strings.Trim(id, quotes):
		return outerQuotes
	case strings.HasPrefix(id, "["), strings.HasSuffix(id, "]") && !strings.Contains(id, "["): // http://[::1] is whole
		return outerBrackets
	default:
		return ""
	}
}

// isSeveral reports whether id is a list in one text. A separator alone is no sign of
// that: a client may be called "Billing service". But words that are all numbers, all
// begin with one scheme, or are all long and of one length are the ids of one issuer.
func isSeveral(id string) bool {
	words := strings.FieldsFunc(id, func(r rune) bool { return strings.ContainsRune(" ,;", r) })
	if len(words) < 2 {
		return false
	}
	const long = 16
	first := words[0]
	scheme, _, hasScheme := strings.Cut(first, ":")
	all := func(f func(string) bool) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !f(w) })
	}
	return all(isNumber) ||
		hasScheme && all(func(w string) bool { return strings.HasPrefix(w, scheme+":") }) ||
		len(first) >= long && all(func(w string) bool { return len(w) == len(first) })
}

func isNumber(word string) bool { return strings.Trim(word, "0123456789") == "" }

// checkEntries holds a list to identifiers that a token can have. An empty entry would
// be met by a token without the claim.
func checkEntries(l *faults.List, path string, list []string) {
	if slices.Contains(list, "") {
		l.Add(path, emptyEntry)
	}
	for _, entry := range list {
		if strings.ContainsFunc(entry, notVisible) {
			l.Add(path, "%q has a character that cannot be seen", entry)
		} else if fault := mistyped(entry); fault != "" {
			l.Add(path, "%q %s", entry, fault)
		}
	}
	checkTwice(l, path, list)
}

// checkTwice refuses what is listed twice: one of them was to be another.
func checkTwice(l *faults.List, path string, list []string) {
	for i, entry := range list {
		if slices.Index(list, entry) < i {
			l.Add(path, "%q stands twice", entry)
		}
	}
}

// mediaType is one of RFC 2045 §5.1 without parameters, or with its first part left out
// as RFC 7515 §4.1.9 recommends.
var mediaType = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z{}-]+(/[!#$%&'*+.^_`|~0-9A-Za-z{}-]+)?$")

// checkTokenTypes accepts "", which is a token without typ.
func checkTokenTypes(l *faults.List, path string, types []string) {
	folded := make([]string, len(types))
	for i, t := range types {
		folded[i] = strings.ToLower(t)
		if t != "" && (!mediaType.MatchString(t) || wrapped(t) != "") {
			l.Add(path, "%q is not a media type without parameters, such as at+jwt", t)
		}
	}
	checkTwice(l, path, folded)
}
