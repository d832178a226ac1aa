package ask

import "fmt"

// output gives what a model gets of a tool's result: the text that its user
// would see, no less and no more, bounded, and marked where it was cut. It is
// the same text that people see, so that nothing is said behind their back.
func output(r Result) (text string, cut bool) {
	text = Printable(r.Text)
	if all := len(text); all > maxOutput {
		text = text[:edge(text, maxOutput)]
		text += fmt.Sprintf("\n[cut: %d bytes of %d]", all-len(text), all)
		cut = true
	}
	if text == "" {
		// An empty content is left out of the JSON, and OpenAI refuses a message
		// without one.
		text = "(no output)"
	}
	if r.IsError {
		text = "error: " + text
	}
	return text, cut
}
