package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// Prompt is a template of messages that a person can choose. It is immutable, and
// made by [NewPrompt].
type Prompt struct {
	definition mcp.Prompt
	scopes     []string
	get        PromptFunc
	complete   CompleteFunc
}

// PromptFunc makes the messages of a prompt. It is given arguments that the prompt
// declares, and all that it requires.
type PromptFunc func(ctx context.Context, caller Caller, arguments map[string]string) (*mcp.GetPromptResult, error)

// MaxCompletions is how many values a client is sent at once (MCP 2025-11-25,
// server/utilities/completion, "Completion Results").
const MaxCompletions = 100

// CompleteFunc proposes values for an argument of a prompt, of which value has been
// typed so far; others are the arguments that are settled. Of more than
// [MaxCompletions] the client is sent the first, and told that there are more: one
// beyond is enough for that. Of fewer it is told that they are all.
type CompleteFunc func(ctx context.Context, caller Caller, argument, value string, others map[string]string) ([]string, error)

// PromptOptions describe a prompt.
type PromptOptions struct {
	// Title is the prompt's name for people, Description says what it is for. Required.
	Title, Description string
	// Arguments are those that it takes.
	Arguments []*mcp.PromptArgument
	// Scopes are all needed under access.default: tool_scope. Empty: the one scope
	// "prompt:<name>".
	Scopes []string
	// Complete proposes values for the arguments. Nil: nothing is proposed.
	Complete CompleteFunc
	// Icons are pictures of the prompt, for people: see [SVG].
	Icons []mcp.Icon
}

// NewPrompt makes a prompt. It panics on a mistake in the definition, as [Define] does.
func NewPrompt(name string, o PromptOptions, get PromptFunc) Prompt {
	if !validName.MatchString(name) {
		panic(fmt.Sprintf("prompt %q: invalid name", name))
	}
	if o.Title == "" || o.Description == "" {
		panic(fmt.Sprintf("prompt %q: needs a title and a description", name))
	}
	if len(o.Scopes) == 0 {
		o.Scopes = []string{"prompt:" + name}
	}
	for i, a := range o.Arguments {
		if a == nil || a.Name == "" || hasArgument(o.Arguments[:i], a.Name) {
			panic(fmt.Sprintf("prompt %q: each argument needs a name of its own", name))
		}
	}
	mustScopes(fmt.Sprintf("prompt %q", name), o.Scopes)
	return Prompt{
		definition: mcp.Prompt{Name: name, Title: o.Title, Description: o.Description, Arguments: slices.Clone(o.Arguments), Icons: mustIcons(fmt.Sprintf("prompt %q", name), o.Icons)},
		scopes:     slices.Clone(o.Scopes),
		get:        get,
		complete:   o.Complete,
	}
}

// Name returns the prompt's name.
func (p Prompt) Name() string { return p.definition.Name }

// Scopes returns the scopes that the prompt itself asks for.
func (p Prompt) Scopes() []string { return slices.Clone(p.scopes) }

// Definition returns the prompt as prompts/list shows it.
func (p Prompt) Definition() *mcp.Prompt {
	d := p.definition
	return &d
}

// Completes reports whether the prompt proposes values for its arguments.
func (p Prompt) Completes() bool { return p.complete != nil }

// Target is the prompt as the access policy knows it.
func (p Prompt) Target() auth.Target { return auth.Prompt(p.Name()) }

// The faults in a prompt's arguments, as the caller is told.
var (
	errUnknownArgument = Errorf("the prompt has no such argument")
	errMissingArgument = Errorf("an argument that the prompt requires is missing")
)

// Get makes the prompt's messages with arguments. The error is one to ask [Told] about:
// that of the function that makes them, and one of arguments that are not the prompt's.
func (p Prompt) Get(ctx context.Context, caller Caller, arguments map[string]string) (result *mcp.GetPromptResult, err error) {
	defer recovered(&err)
	if err := p.known(arguments); err != nil {
		return nil, err
	}
	for _, a := range p.definition.Arguments {
		if _, given := arguments[a.Name]; a.Required && !given {
			return nil, errMissingArgument
		}
	}
	made, err := p.get(ctx, caller, arguments)
	if err != nil {
		return nil, err
	}
	if made == nil {
		return nil, errors.New("the prompt has no result")
	}
	// A copy: the function may keep what it made, and the SDK writes into the result.
	own := *made
	own.Messages = []*mcp.PromptMessage{} // [] where there is none, never null
	for i, m := range made.Messages {
		if m == nil {
			return nil, fmt.Errorf("message %d of the prompt: %w", i, errNilContent)
		}
		if err := checkContent(m.Content); err != nil {
			return nil, fmt.Errorf("message %d of the prompt: %w", i, err)
		}
		own.Messages = append(own.Messages, m)
	}
	if err := writable(own.Meta, nil); err != nil {
		return nil, fmt.Errorf("the result of the prompt: %w", err)
	}
	return &own, nil
}

// Complete proposes values for an argument, of which value has been typed so far. The
// error is as that of [Prompt.Get].
func (p Prompt) Complete(ctx context.Context, caller Caller, argument, value string, others map[string]string) (values []string, err error) {
	defer recovered(&err)
	if !hasArgument(p.definition.Arguments, argument) {
		return nil, errUnknownArgument
	}
	if err := p.known(others); err != nil {
		return nil, err
	}
	if p.complete == nil {
		return nil, nil
	}
	return p.complete(ctx, caller, argument, value, others)
}

// known refuses arguments that the prompt does not declare.
func (p Prompt) known(arguments map[string]string) error {
	for name := range arguments {
		if !hasArgument(p.definition.Arguments, name) {
			return errUnknownArgument
		}
	}
	return nil
}

func hasArgument(declared []*mcp.PromptArgument, name string) bool {
	return slices.ContainsFunc(declared, func(a *mcp.PromptArgument) bool { return a != nil && a.Name == name })
}
