package auth

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"mcp-resource-server/internal/strictjson"
)

// jsonFault says why data is not one strict JSON object, which strictjson itself
// does not tell; "" where it is one.
func jsonFault(data []byte) string {
	_, err := strictjson.Members(data, maxTokenDepth)
	switch {
	case err == nil:
		return ""
	case errors.Is(err, strictjson.ErrTooDeep):
		return fmt.Sprintf("nested more than %d deep", maxTokenDepth)
	case bytes.HasPrefix(data, []byte("\ufeff")):
		return "a byte order mark in front of the JSON"
	case !utf8.Valid(data):
		return "not UTF-8"
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(data))
	value, err := dec.ReadValue()
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
		return "a member that stands twice: " + show(string(syntax.JSONPointer))
	case err != nil:
		return "not JSON"
	case value.Kind() != '{':
		return kindOf(value) + ", where an object is wanted"
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return "something behind the JSON object"
	}
	return "not JSON"
}
