package ask

import (
	"errors"
	"fmt"
)

// Errors to branch on.
var (
	// ErrNoKey means that there is no key for the model's API. Its text says what
	// to set.
	ErrNoKey = errors.New("no key for the model's API: set OPENAI_API_KEY (and OPENAI_BASE_URL for Ollama, vLLM and others; where such a server wants no key, any value will do)")
	// ErrOptions is any other mistake in [Options].
	ErrOptions = errors.New("wrong options for ask")
	// ErrInsecureURL is a base URL with http to another machine. It is an
	// [ErrOptions].
	ErrInsecureURL = fmt.Errorf("%w: plain http to another machine would show the key and the tools' outputs to the network", ErrOptions)
	// ErrQuestion is a question that is empty, too long or not text.
	ErrQuestion = errors.New("not a question")
	// ErrToolList is a list of tools that cannot be offered to a model.
	ErrToolList = errors.New("the server's tools cannot be offered to a model")

	// ErrModel is any trouble with the model's API. The error in the chain is a
	// [*ModelError].
	ErrModel = errors.New("asking the model")
	// ErrNoToolCalling means that the model, or its server, cannot call tools. It is
	// also an [ErrModel], or an [ErrOptions] where that is known before. Plain in
	// [Options] does without.
	ErrNoToolCalling = errors.New("no tool calling")
	// ErrRefused means that the model refused to answer. The error in the chain is
	// a [*RefusalError].
	ErrRefused = errors.New("the model refused to answer")
	// ErrCutOff is an answer that the model's API ended early.
	ErrCutOff = errors.New("the model's answer was cut off")
	// ErrNonsense means that the model answered twice what cannot be used.
	ErrNonsense = errors.New("the model answered nonsense")
	// ErrTooManyRounds means that the model still asked for tools when the rounds
	// were used up.
	ErrTooManyRounds = errors.New("the model found no answer in time")
)

// RefusalError is the model's own refusal. It is an [ErrRefused].
type RefusalError struct {
	Text string // what the model said, fit for a terminal; not part of Error
}

// Error says that the model refused, in words of this package.
func (e *RefusalError) Error() string { return ErrRefused.Error() }

// Unwrap gives ErrRefused.
func (e *RefusalError) Unwrap() error { return ErrRefused }

// fault is what was wrong with an answer of the model.
type fault struct {
	tool   string // the tool's own name, where it is about one that exists
	what   string // in words of this package alone
	detail string // may repeat what the model or the tool's schema says
}

// text is the fault with all that is known of it, for the model and for people
// who watch; an error of this package has only what.
func (f *fault) text() string {
	if f.detail == "" {
		return f.what
	}
	return f.what + ": " + clip(f.detail, maxFault)
}
