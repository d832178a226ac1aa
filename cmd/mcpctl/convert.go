package main

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"mcp-resource-server/internal/strictjson"
)

// kindOrder is in which order the types of a union are tried: what only a few texts
// can mean comes first, and any text is a string. A text that is meant as a string
// and can mean something else is given as NAME:="text".
var kindOrder = []string{"null", "boolean", "integer", "number", "object", "array", "string"}

// convert makes JSON of a value: of the first type in kindOrder that the schema
// takes and the text can mean. A number is the text itself, to the last digit.
func (a argument) convert(s shape, key string) (jsontext.Value, error) {
	if a.raw {
		if err := strictjson.Check([]byte(a.text), maxDepth); err != nil {
			return nil, usagef("%s:= wants JSON: %s", flat(key), err)
		}
		return jsontext.Value(a.text), nil
	}
	for _, kind := range kindOrder {
		if value, ok := textAs(kind, a.text); ok && s.accepts(kind, value) {
			return value, nil
		}
	}
	// To JSON Schema, 1.0 and 1e3 are integers. They come last: where a text may be a
	// string too, it is rather that.
	if isWhole(a.text) && s.accepts("integer", jsontext.Value(a.text)) {
		return jsontext.Value(a.text), nil
	}
	return nil, usagef("%s is %q: it must be %s", flat(key), flat(a.text), flat(wanted(s)))
}

// textAs makes a value of a type of a text, as it is written.
func textAs(kind, text string) (jsontext.Value, bool) {
	value := jsontext.Value(text)
	switch kind {
	case "null":
		return value, text == "null"
	case "boolean":
		return value, text == "true" || text == "false"
	case "integer":
		return value, isJSON(text, '0') && !strings.ContainsAny(text, ".eE ") && strings.TrimSpace(text) == text
	case "number":
		return value, isJSON(text, '0') && strings.TrimSpace(text) == text
	case "object":
		return value, isJSON(text, '{')
	case "array":
		return value, isJSON(text, '[')
	default:
		quoted, err := jsontext.AppendQuote(nil, text)
		return quoted, err == nil
	}
}

// isWhole reports whether a text is a JSON number without a fraction, however it is
// written: digits that come after the point are zeros, or an exponent moves it on.
func isWhole(text string) bool {
	if value, ok := textAs("number", text); !ok || value == nil {
		return false
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(text, "-")), "e")
	integer, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimRight(integer+fraction, "0")
	if digits == "" {
		return true // zero
	}
	// The last digit that is not 0 stands so many places behind the point.
	places := len(digits) - len(integer)
	n, err := strconv.ParseInt(cmp.Or(exponent, "0"), 10, 64)
	if err != nil { // more than anybody counts to
		return !strings.HasPrefix(exponent, "-")
	}
	return n >= int64(places)
}

// wanted names what a value may be, for people: values where they are listed, and
// types.
func wanted(s shape) string {
	var words []string
	for _, part := range s.alternatives() {
		for _, v := range listed(part) {
			words = append(words, valueText(v))
		}
	}
	for _, part := range s.alternatives() {
		// A type beside a list is that of the list.
		if words == nil || (listed(part) == nil && part != s.part) {
			words = append(append(words, part.Types...), part.Type)
		}
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	if len(words) == 0 {
		return "value"
	}
	return oneOf(words)
}

func valueText(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	encoded, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(encoded)
}
