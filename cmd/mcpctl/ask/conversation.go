package ask

import (
	"context"
	"fmt"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

type message = openai.ChatCompletionMessage

// protocol is how tools are offered to a model, asked for by it and answered. A
// value serves one question.
type protocol interface {
	// open makes the first messages.
	open(question string) []message
	// request makes the request that continues the conversation.
	request(messages []message) openai.ChatCompletionRequest
	// read judges the model's answer.
	read(answer message) turn
	// reply makes the messages that follow a turn which is not the last: the turn
	// itself as it goes into the history, and what the calls gave, in their order.
	reply(t turn, outputs []string) []message
	// advice says what may help against nonsense.
	advice() string
}

// turn is what one answer of the model comes to: the final text, or calls, or a
// fault of the answer as a whole.
type turn struct {
	text    string
	calls   []call
	fault   *fault
	history message
}

// nonsense gives the first fault of a turn, or nil.
func (t turn) nonsense() *fault {
	if t.fault != nil {
		return t.fault
	}
	for _, c := range t.calls {
		if c.fault != nil {
			return c.fault
		}
	}
	return nil
}

// conversation is one question on its way to an answer.
type conversation struct {
	options  Options
	tools    Tools
	model    *model
	protocol protocol
	nonsense int
}

func (c *conversation) run(ctx context.Context, question string) (string, error) {
	messages := c.protocol.open(question)
	for round := 1; ; round++ {
		answer, err := c.model.answer(ctx, round, c.protocol.request(messages))
		if err != nil {
			return "", err
		}
		t := c.protocol.read(answer)
		if t.text != "" {
			return t.text, nil
		}
		if err := c.judge(round, t); err != nil {
			return "", err
		}
		outputs, err := c.calls(ctx, round, t.calls)
		if err != nil {
			return "", err
		}
		messages = append(messages, c.protocol.reply(t, outputs)...)
	}
}

// judge ends the question where another round would be one too many. It comes
// before the calls: none is made whose output nobody would read.
func (c *conversation) judge(round int, t turn) error {
	if f := t.nonsense(); f != nil {
		c.options.observe(Event{Kind: EventNonsense, Round: round, Tool: f.tool, Text: f.text()})
		if c.nonsense++; c.nonsense > maxNonsense {
			return fmt.Errorf("%w again after being told: %s; %s", ErrNonsense, f.what, c.protocol.advice())
		}
	}
	if round >= c.options.MaxRounds {
		return fmt.Errorf("%w: it wanted to go on after %d rounds (--max-rounds)", ErrTooManyRounds, round)
	}
	return nil
}

// calls makes the calls of one answer, one after the other: a model may have
// meant the order, and tools may change things. A call with a fault is not made;
// its output is the fault.
func (c *conversation) calls(ctx context.Context, round int, calls []call) ([]string, error) {
	outputs := make([]string, len(calls))
	for i, wanted := range calls {
		if wanted.fault != nil {
			outputs[i] = "error: the call was not made. The answer had " + wanted.fault.text() + ". Correct the call."
			continue
		}
		var err error
		if outputs[i], err = c.call(ctx, round, wanted); err != nil {
			return nil, err
		}
	}
	return outputs, nil
}

func (c *conversation) call(ctx context.Context, round int, wanted call) (string, error) {
	e := Event{Kind: EventCall, Round: round, Tool: wanted.tool.name, Arguments: string(wanted.arguments)}
	start := time.Now()
	result, err := c.tools.Call(ctx, wanted.tool.name, wanted.arguments)
	e.Duration = time.Since(start)
	if err != nil {
		e.Err = err
		c.options.observe(e)
		return "", fmt.Errorf("calling %s: %w", Printable(wanted.tool.name), err)
	}
	text, cut := output(result)
	e.Bytes, e.Cut, e.ToolError = len(result.Text), cut, result.IsError
	c.options.observe(e)
	return text, nil
}
