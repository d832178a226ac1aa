package ask

import (
	"bytes"
	"errors"
	"io"
	"regexp"

	"github.com/go-json-experiment/json/jsontext"
)

// errHiddenName is a schema whose names are not what they look like.
var errHiddenName = errors.New("a name in its input schema holds characters that nobody sees")

// printableSchema makes all texts of a schema [Printable]: they reach the model as
// the tool's description does, also as an enum or a default. A name is not touched,
// because a call with another one would fail: with one that would have to be, the
// schema is refused.
func printableSchema(schema []byte) ([]byte, error) {
	return rewritten(schema, func(in *jsontext.Decoder) (jsontext.Token, bool, error) {
		token, err := in.ReadToken()
		if err != nil || token.Kind() != '"' {
			return token, false, err
		}
		text := token.String()
		shown := Printable(text)
		// Names are the odd ones of an object's elements.
		if kind, n := in.StackIndex(in.StackDepth()); shown != text && kind == '{' && n%2 == 1 {
			return token, false, errHiddenName
		}
		return jsontext.String(shown), shown != text, nil
	})
}

// callArguments is where a response has the arguments of a call.
var callArguments = regexp.MustCompile(`^/choices/[0-9]+/message/(?:tool_calls/[0-9]+/function|function_call)/arguments$`)

// withTextArguments puts the arguments of a response's calls into strings where they
// are objects. The API wants JSON inside a string there, and many servers that copy
// it send the object itself, which means the same and which the library refuses
// together with the whole response.
//
// The response's id and time are left out: nobody reads them here, and one of another
// type than OpenAI's would cost the whole answer, too.
func withTextArguments(response []byte) ([]byte, error) {
	return rewritten(response, func(in *jsontext.Decoder) (jsontext.Token, bool, error) {
		if unread(in) {
			return jsontext.Null, true, in.SkipValue()
		}
		if in.PeekKind() != '{' || !callArguments.MatchString(string(in.StackPointer())) {
			token, err := in.ReadToken()
			return token, false, err
		}
		object, err := in.ReadValue()
		return jsontext.String(string(object)), true, err
	})
}

// unread reports whether what comes next is the value of a member that nobody reads.
func unread(in *jsontext.Decoder) bool {
	if kind, n := in.StackIndex(in.StackDepth()); in.StackDepth() != 1 || kind != '{' || n%2 == 0 {
		return false
	}
	at := in.StackPointer()
	return at == "/created" || at == "/id"
}

// rewritten copies JSON piece by piece: next reads one from in and gives what stands
// for it, and whether that is something else. Where nothing is, the data comes back
// as it was written.
func rewritten(data []byte, next func(in *jsontext.Decoder) (jsontext.Token, bool, error)) ([]byte, error) {
	in := jsontext.NewDecoder(bytes.NewReader(data))
	var buffer bytes.Buffer
	out := jsontext.NewEncoder(&buffer)
	changed := false
	for {
		token, other, err := next(in)
		switch {
		case errors.Is(err, io.EOF) && changed:
			return bytes.TrimSpace(buffer.Bytes()), nil
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, err
		}
		changed = changed || other
		if err := out.WriteToken(token); err != nil {
			return nil, err
		}
	}
}
