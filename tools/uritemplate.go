package tools

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// uriTemplate is a URI template (RFC 6570) whose URIs can be read back.
//
// A document MUST have one URI alone: with a second one, what a rule conceals could be
// asked for under another name. So there is only the plain {variable} of level 1, and a
// URI is the template's in its one canonical spelling.
type uriTemplate struct {
	variables []string
	literals  []string // one more: what stands before, between and behind the variables
	pattern   *regexp.Regexp
}

// maxTemplateURI bounds a URI that is held against templates, in bytes.
const maxTemplateURI = 2048

var (
	templateVariable = regexp.MustCompile(`\{([A-Za-z_][A-Za-z0-9_]*)\}`)
	// What RFC 6570 §2.1 takes for a literal, in ASCII.
	templateLiteral = regexp.MustCompile(`^(?:[A-Za-z0-9._~:/?#\[\]@!$&()*+,;=-]|%[0-9A-F]{2})*$`)
	templateScheme  = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:`)
)

// delimiters are the reserved characters of RFC 3986 §2.2. No value has one, as it is
// written in a URI.
const delimiters = ":/?#[]@!$&()*+,;="

// The faults of a template.
var (
	errNoVariable   = errors.New("needs a variable such as {id}")
	errNoScheme     = errors.New("must begin with a scheme in lower case and a colon")
	errTwice        = errors.New("has a variable twice")
	errNoDelimiter  = errors.New("needs a delimiter such as / between two variables")
	errLiteral      = errors.New("may have plain variables such as {id}, and beside them what stands in a URI")
	errNotCanonical = errors.New("is not written as a canonical URI")
)

func parseURITemplate(text string) (t uriTemplate, err error) {
	end := 0
	for _, at := range templateVariable.FindAllStringSubmatchIndex(text, -1) {
		t.literals = append(t.literals, text[end:at[0]])
		t.variables = append(t.variables, text[at[2]:at[3]])
		end = at[1]
	}
	t.literals = append(t.literals, text[end:])
	if err := t.check(); err != nil {
		return t, err
	}
	pattern := `\A` + regexp.QuoteMeta(t.literals[0])
	for _, literal := range t.literals[1:] {
		pattern += `((?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+)` + regexp.QuoteMeta(literal)
	}
	t.pattern = regexp.MustCompile(pattern + `\z`)
	example := map[string]string{}
	for _, name := range t.variables {
		example[name] = "a"
	}
	if _, ok := t.match(t.expand(example)); !ok {
		return t, errNotCanonical
	}
	return t, nil
}

// shape is the template without the names of its variables, to compare it by: text comes
// before a variable, and before the end.
func (t uriTemplate) shape() string {
	const last = "\xff" // no literal has it
	return strings.Join(t.literals, last) + last
}

// check says what keeps the parts from being those of a template.
func (t uriTemplate) check() error {
	switch bad := func(literal string) bool { return !templateLiteral.MatchString(literal) }; {
	case slices.ContainsFunc(t.literals, bad):
		return errLiteral
	case len(t.variables) == 0:
		return errNoVariable
	case !templateScheme.MatchString(t.literals[0]):
		return errNoScheme
	}
	for i, name := range t.variables {
		if slices.Contains(t.variables[:i], name) {
			return errTwice
		}
		// Else a text could be parted in two ways between them.
		if i > 0 && !strings.ContainsAny(t.literals[i], delimiters) {
			return errNoDelimiter
		}
	}
	return nil
}

// match returns the values of the variables in uri. They make the same URI again, to
// the byte: no other spelling of it is the template's.
func (t uriTemplate) match(uri string) (values map[string]string, ok bool) {
	if len(uri) > maxTemplateURI {
		return nil, false
	}
	found := t.pattern.FindStringSubmatch(uri)
	if found == nil {
		return nil, false
	}
	values = map[string]string{}
	for i, name := range t.variables {
		value, err := url.PathUnescape(found[i+1])
		if err != nil || !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
			return nil, false
		}
		values[name] = value
	}
	if hasDotSegment(uri) || t.expand(values) != uri {
		return nil, false
	}
	return values, true
}

// expand makes the URI of values (RFC 6570 §3.2.2).
func (t uriTemplate) expand(values map[string]string) string {
	var uri strings.Builder
	for i, literal := range t.literals {
		if i > 0 {
			encodeValue(&uri, values[t.variables[i-1]])
		}
		uri.WriteString(literal)
	}
	return uri.String()
}

// encodeValue leaves the unreserved characters alone (RFC 3986 §2.3), and encodes each
// other byte of the UTF-8.
func encodeValue(uri *strings.Builder, value string) {
	for _, c := range []byte(value) {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			uri.WriteByte(c)
		} else {
			fmt.Fprintf(uri, "%%%02X", c)
		}
	}
}

// hasDotSegment reports whether the path of uri would be another once it is normalized
// (RFC 3986 §6.2.2.3).
func hasDotSegment(uri string) bool {
	if end := strings.IndexAny(uri, "?#"); end >= 0 {
		uri = uri[:end]
	}
	for segment := range strings.SplitSeq(uri, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}
