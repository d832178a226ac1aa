package fakemodel

import (
	stdjson "encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// chosen is a tool with its arguments, or without one the words to say instead.
type chosen struct {
	tool      string
	arguments stdjson.RawMessage
	words     string
}

// choose picks the tool whose name has the most words in common with the
// question; the first one of equals.
func choose(tools []tool, question string) chosen {
	best, most := tool{}, 0
	for _, t := range tools {
		if n := likeness(t.Name, question); n > most {
			best, most = t, n
		}
	}
	if most == 0 {
		return chosen{words: "None of the tools fits this question." + aside}
	}
	arguments, missing := fill(best.Parameters, question)
	if missing != "" {
		return chosen{words: fmt.Sprintf("The tool %s seems to fit, but the question does not say what its %q is.%s", best.Name, missing, aside)}
	}
	return chosen{tool: best.Name, arguments: arguments}
}

// likeness counts the words of a tool's name that the question has. A name that
// is one word to a program may be several to a person: "Who am I?" is whoami.
func likeness(name, question string) int {
	asked := words(question)
	n := 0
	for _, word := range words(name) {
		if !slices.Contains(commonWords(), word) && slices.Contains(asked, word) {
			n++
		}
	}
	const telling = 5 // letters; shorter ones are found in anything
	if joined := strings.Join(words(name), ""); n == 0 && len(joined) >= telling && strings.Contains(strings.Join(asked, ""), joined) {
		n = 1
	}
	return n
}

// commonWords say nothing about what a tool is for.
func commonWords() []string {
	return []string{"a", "all", "and", "by", "calculate", "check", "do", "find", "for", "from", "get", "in", "is", "it", "list", "my", "of", "set", "the", "to", "what"}
}

// words are the runs of letters and digits of a text, in lower case.
func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
