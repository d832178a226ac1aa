package fakemodel

import (
	"strings"

	"github.com/go-json-experiment/json"
)

// What a prompt for models without tool calling is recognised by: this sentence,
// and the tools as one line of JSON behind that one.
const (
	plainContract = "Answer with exactly one JSON object"
	plainList     = "\nTools:\n"
)

// plainTools reads the tools out of the system's prompt, if that asks for JSON.
func (r request) plainTools() ([]tool, bool) {
	if len(r.Tools) > 0 || r.Messages[0].Role != "system" {
		return nil, false
	}
	prompt := string(r.Messages[0].Content)
	_, list, ok := strings.Cut(prompt, plainList)
	if !ok || !strings.Contains(prompt, plainContract) {
		return nil, false
	}
	list, _, _ = strings.Cut(list, "\n")
	var tools []tool
	if err := json.Unmarshal([]byte(list), &tools); err != nil {
		return nil, false
	}
	return tools, true
}

// answerPlain writes the one JSON object.
func (r request) answerPlain(tools []tool) string {
	last := r.question()
	if strings.HasPrefix(last, "Your last answer could not be used") {
		return answerJSON(last + aside)
	}
	if name, output, ok := plainOutput(last); ok {
		return answerJSON(sentence(name, output))
	}
	c := choose(tools, last)
	if c.tool == "" {
		return answerJSON(c.words)
	}
	name, _ := json.Marshal(c.tool) // text always marshals
	return `{"tool":` + string(name) + `,"arguments":` + string(c.arguments) + `}`
}

func answerJSON(text string) string {
	quoted, _ := json.Marshal(strings.ToValidUTF8(text, "?")) // text always marshals
	return `{"answer":` + string(quoted) + `}`
}

// plainOutput finds a tool's output between its two marked lines.
func plainOutput(message string) (name, output string, ok bool) {
	const result, begin, end = "Result of the tool ", "BEGIN ", "END "
	rest, ok := strings.CutPrefix(message, result)
	if !ok {
		return "", "", false
	}
	name, rest, _ = strings.Cut(rest, ".")
	_, rest, ok = strings.Cut(rest, "\n"+begin)
	if !ok {
		return "", "", false
	}
	mark, rest, _ := strings.Cut(rest, "\n")
	output, _, ok = strings.Cut(rest, "\n"+end+mark)
	return name, output, ok
}
