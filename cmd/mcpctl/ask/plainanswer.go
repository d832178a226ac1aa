package ask

import (
	"errors"
	"strings"

	"mcp-resource-server/internal/strictjson"
)

// What can be wrong with an answer in the plain protocol. The texts go to the
// model, and hold nothing of what it wrote.
var (
	errPlainNone    = errors.New("no JSON object")
	errPlainSeveral = errors.New("more than one JSON object")
	errPlainBraces  = errors.New("braces that do not pair")
	errPlainJSON    = errors.New("a JSON object that is not valid, or has a name twice")
	errPlainForm    = errors.New(`a JSON object that is neither {"tool":"NAME","arguments":{…}} nor {"answer":"TEXT"}`)
)

// plainAnswer is what a model asks for in the plain protocol: a tool, or with
// answer the end of the question.
type plainAnswer struct {
	tool      string
	arguments string // a JSON object, or "" for none
	answer    string
}

// parsePlain reads an answer. Text around the one object is passed over, such as
// the fence of a code block: models write it whatever they are told. Nothing else
// is guessed.
func parsePlain(text string) (plainAnswer, error) {
	object, err := oneObject(text)
	if err != nil {
		return plainAnswer{}, err
	}
	members, err := strictjson.Object([]byte(object), maxDepth)
	if err != nil {
		return plainAnswer{}, errPlainJSON
	}
	var parsed plainAnswer
	parsed.answer, _ = strictjson.String(members["answer"])
	parsed.tool, _ = strictjson.String(members["tool"])
	// Other members are the model's own, such as its thoughts. Both at once, or neither,
	// say nothing.
	if (parsed.answer == "") == (parsed.tool == "") {
		return plainAnswer{}, errPlainForm
	}
	if parsed.tool != "" {
		parsed.arguments = string(members["arguments"])
	}
	return parsed, nil
}

// oneObject finds the one balanced {…} in a text. Two are not one, also where
// the second stands in a list or is an example in words: which of them the model
// meant would be a guess.
func oneObject(text string) (string, error) {
	if strings.HasPrefix(strings.TrimSpace(text), "[") {
		return "", errPlainForm // a list, even of one
	}
	found := ""
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '}':
			return "", errPlainBraces
		case '{':
			size := objectSize(text[i:])
			if size < 0 {
				return "", errPlainBraces
			}
			if found != "" {
				return "", errPlainSeveral
			}
			found = text[i : i+size]
			i += size - 1
		}
	}
	if found == "" {
		return "", errPlainNone
	}
	return found, nil
}

// objectSize is the length of the balanced {…} that s begins with, or -1. Braces
// inside JSON strings do not count.
func objectSize(s string) int {
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++ // whatever it is, it does not end the string
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}
