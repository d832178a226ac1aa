// Package fakemodel serves the OpenAI-compatible chat completions API without a
// model behind it.
//
// [Standin] goes by words: it picks the tool whose name the question mentions,
// fills its arguments by rules, and says what the tool said. It understands
// nothing, and is there so that the way from a question to a tool and back can be
// tried without a key and without a network. It MUST NOT be taken for a measure
// of what a model would do.
//
// [Script] replays answers that a test has written down, and records what it was
// asked.
package fakemodel
