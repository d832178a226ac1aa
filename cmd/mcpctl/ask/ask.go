package ask

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"
)

// Asker answers questions with the tools of one server. It may be used by
// several goroutines if its Tools and Observe may.
type Asker struct {
	options Options
	effort  string
	tools   Tools

	mu        sync.Mutex
	inventory *inventory // nil until the first question
}

// New makes an Asker. Wrong options fail here: without a key with [ErrNoKey],
// otherwise with [ErrOptions]. Nothing is asked yet.
func New(o Options, t Tools) (*Asker, error) {
	o, err := o.checked()
	if err != nil {
		return nil, err
	}
	effort, err := reasoningEffort(o)
	if err != nil {
		return nil, err
	}
	return &Asker{options: o, effort: effort, tools: t}, nil
}

// Ask answers one question, in a conversation of its own. The answer is
// [Printable]. An error of the tools' own Call or List comes back wrapped.
func (a *Asker) Ask(ctx context.Context, question string) (string, error) {
	switch {
	case strings.TrimSpace(question) == "":
		return "", fmt.Errorf("%w: it is empty", ErrQuestion)
	case len(question) > maxQuestion:
		return "", fmt.Errorf("%w: it has %d bytes, the limit is %d", ErrQuestion, len(question), maxQuestion)
	case !utf8.ValidString(question):
		return "", fmt.Errorf("%w: it is not UTF-8", ErrQuestion)
	}
	list, err := a.list(ctx)
	if err != nil {
		return "", err
	}
	c := conversation{options: a.options, tools: a.tools, model: a.newModel(), protocol: a.protocol(list)}
	return c.run(ctx, question)
}

func (a *Asker) protocol(list *inventory) protocol {
	if a.options.Plain {
		return &plainText{list: list, model: a.options.Model}
	}
	return newToolCalls(list, a.options.Model, a.effort)
}

// list fetches the tools once for all questions.
func (a *Asker) list(ctx context.Context) (*inventory, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inventory != nil {
		return a.inventory, nil
	}
	listed, err := a.tools.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the tools: %w", err)
	}
	inv, err := newInventory(listed, a.options.Only, a.options.observe)
	if err != nil {
		return nil, err
	}
	a.inventory = inv
	return inv, nil
}
