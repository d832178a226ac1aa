package server

import (
	"math"
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"mcp-resource-server/tools"
)

// headerRules say which arguments of a tool stand in a header, too, by the tool's name
// (MCP 2026-07-28, Streamable HTTP, "Custom Headers from Tool Parameters").
type headerRules map[string][]headerRule

// headerRule is one argument and its header.
type headerRule struct {
	header string   // in the form of a key of http.Header
	path   []string // the names that lead to the argument, from the outermost on
}

// newHeaderRules are the rules of all tools.
func newHeaderRules(set tools.Set) headerRules {
	rules := headerRules{}
	for _, tool := range set.Sorted() {
		for _, h := range tool.Headers() {
			rule := headerRule{header: http.CanonicalHeaderKey(headerParam + h.Name), path: h.Path}
			rules[tool.Name()] = append(rules[tool.Name()], rule)
		}
	}
	return rules
}

// agree compares the headers of a call with its arguments.
func (rules headerRules) agree(h http.Header, msg message) *rpcFault {
	ofTool := rules[msg.target.Name]
	if len(ofTool) == 0 {
		return nil
	}
	arguments := lookUp(msg.params, "arguments")
	for _, rule := range ofTool {
		if fault := rule.agree(h, lookUp(arguments, rule.path...)); fault != nil {
			return fault
		}
	}
	return nil
}

// agree compares the header with its argument, which is nil where there is none.
func (rule headerRule) agree(h http.Header, argument jsontext.Value) *rpcFault {
	values, present := h[rule.header]
	switch {
	case argument == nil && !present:
		return nil
	case argument == nil:
		return faultExtraParamHeader
	case !present:
		return faultNoParamHeader
	}
	text, ok := decodeHeader(values[0]) // there is one: see singleHeaders
	if !ok || !says(text, argument) {
		return faultParamHeader
	}
	return nil
}

// lookUp returns what stands in an object at path, nil for nothing and for null.
func lookUp(value jsontext.Value, path ...string) jsontext.Value {
	for _, name := range path {
		var members map[string]jsontext.Value
		if value.Kind() != '{' || json.Unmarshal(value, &members, jsontext.AllowDuplicateNames(true)) != nil {
			return nil
		}
		value = members[name]
	}
	if len(value) == 0 || value.Kind() == 'n' {
		return nil
	}
	return value
}

// says reports whether the text of a header is the value of an argument: a string, a
// boolean or a whole number in the range in which every reader has the same. Numbers are
// compared as such: 42.0 is 42.
func says(text string, argument jsontext.Value) bool {
	switch argument.Kind() {
	case '"':
		want, err := jsontext.AppendUnquote(nil, argument)
		return err == nil && text == string(want)
	case 't', 'f':
		return text == string(argument)
	case '0':
		said, ok := wholeFloat(text)
		want, whole := wholeFloat(string(argument))
		return ok && whole && said == want
	default:
		return false
	}
}

// wholeFloat returns the value of a JSON number that is whole.
func wholeFloat(text string) (float64, bool) {
	if value := jsontext.Value(text); value.Kind() != '0' || !value.IsValid() {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && n == math.Trunc(n) && math.Abs(n) <= maxSafeInteger
}
