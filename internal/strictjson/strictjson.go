// Package strictjson reads JSON that comes from outside in the one way in
// which it has a single meaning (RFC 7493, I-JSON): member names are unique
// after unescaping, text is valid UTF-8 without lone surrogates, nesting is
// bounded, and nothing follows the value.
//
// Two readers of one document that differ on any of these are how a check is
// bypassed; encoding/json takes the last duplicate and matches names whatever
// their case.
package strictjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Raw is one JSON value as it was written.
type Raw = jsontext.Value

var (
	// ErrInvalid is returned for anything that is not one I-JSON value. Its text
	// holds nothing of the input.
	ErrInvalid = errors.New("not one valid JSON value")
	// ErrTooDeep is returned for a value nested deeper than the caller allows.
	ErrTooDeep = errors.New("JSON nested too deeply")
	// ErrNotObject is returned where an object is expected and another value stands.
	ErrNotObject = errors.New("not a JSON object")
)

// Check reports whether data is exactly one I-JSON value whose objects and
// arrays nest at most maxDepth deep.
func Check(data []byte, maxDepth int) error {
	dec := jsontext.NewDecoder(bytes.NewBuffer(data))
	for {
		if _, err := dec.ReadToken(); err != nil {
			return ErrInvalid
		}
		if dec.StackDepth() > maxDepth {
			return ErrTooDeep
		}
		if dec.StackDepth() == 0 {
			break
		}
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return ErrInvalid
	}
	return nil
}

// Member is one member of an object. Its parts share the memory of what was read, but
// for a name that was escaped.
type Member struct {
	name  []byte // without its quotes and escapes
	Value Raw
}

// Is reports whether the member has this name, however it was escaped.
func (m Member) Is(name string) bool { return string(m.name) == name }

// Members checks data as Check does and returns the members of the object that it
// is, in their order. It costs little for each member, also where there are
// thousands of them: nothing is copied.
func Members(data []byte, maxDepth int) ([]Member, error) {
	if depth(data) > maxDepth {
		return nil, ErrTooDeep
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(data))
	switch open, err := dec.ReadToken(); {
	case err != nil:
		return nil, ErrInvalid
	case open.Kind() != '{':
		return nil, ErrNotObject
	}
	var members []Member
	for dec.PeekKind() != '}' {
		name, err := dec.ReadValue()
		if err != nil {
			return nil, ErrInvalid
		}
		nameEnd := dec.InputOffset()
		value, err := dec.ReadValue()
		if err != nil {
			return nil, ErrInvalid
		}
		// The decoder's own slices are good until the next read alone.
		end := dec.InputOffset()
		plain, err := unquoted(data[nameEnd-int64(len(name)) : nameEnd])
		if err != nil {
			return nil, ErrInvalid
		}
		members = append(members, Member{name: plain, Value: Raw(data[end-int64(len(value)) : end])})
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, ErrInvalid
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, ErrInvalid
	}
	return members, nil
}

// unquoted returns the text of a JSON string, which it copies only where something in
// it is escaped: once here, and not at each look at the name.
func unquoted(s []byte) ([]byte, error) {
	if bytes.IndexByte(s, '\\') < 0 {
		return s[1 : len(s)-1], nil
	}
	return jsontext.AppendUnquote(nil, s)
}

// depth returns how deep the objects and arrays of valid JSON nest. Of anything
// else it returns some number.
func depth(data []byte) int {
	deepest, now, inString := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++ // whatever is escaped ends no string
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}

// Object checks data as Check does and returns its members as written. The
// values share data's memory.
func Object(data []byte, maxDepth int) (map[string]Raw, error) {
	if err := Check(data, maxDepth); err != nil {
		return nil, err
	}
	members := map[string]Raw{}
	if jsontext.Value(data).Kind() != '{' {
		return nil, ErrNotObject
	}
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotObject, ErrInvalid)
	}
	return members, nil
}

// String returns the text of a JSON string, and false for any other value.
func String(v Raw) (string, bool) {
	if v.Kind() != '"' {
		return "", false
	}
	var s string
	if err := json.Unmarshal(v, &s); err != nil {
		return "", false
	}
	return s, true
}

// Array returns the elements of a JSON array as written, and false for any
// other value.
func Array(v Raw) ([]Raw, bool) {
	if v.Kind() != '[' {
		return nil, false
	}
	var elements []Raw
	if err := json.Unmarshal(v, &elements); err != nil {
		return nil, false
	}
	return elements, true
}

// Strings returns the elements of a JSON array of strings, and false for any
// other value.
func Strings(v Raw) ([]string, bool) {
	elements, ok := Array(v)
	if !ok {
		return nil, false
	}
	out := make([]string, len(elements))
	for i, r := range elements {
		s, ok := String(r)
		if !ok {
			return nil, false
		}
		out[i] = s
	}
	return out, true
}
