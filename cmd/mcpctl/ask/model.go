package ask

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// model is the model of one question, with patience for all its rounds together.
type model struct {
	client  *openai.Client
	door    *door
	observe func(Event)
	waited  time.Duration
}

func (a *Asker) newModel() *model {
	d := &door{http: a.options.HTTP, base: a.options.BaseURL, model: a.options.Model, key: a.options.APIKey}
	config := openai.DefaultConfig(a.options.APIKey)
	config.BaseURL, config.HTTPClient = a.options.BaseURL, d
	return &model{client: openai.NewClientWithConfig(config), door: d, observe: a.options.observe}
}

// answer gets the model's next answer. It asks again where the API is busy or
// failed.
func (m *model) answer(ctx context.Context, round int, request openai.ChatCompletionRequest) (openai.ChatCompletionMessage, error) {
	for attempt := 1; ; attempt++ {
		start := time.Now()
		response, err := m.client.CreateChatCompletion(ctx, request)
		if err == nil {
			return m.read(round, response, time.Since(start))
		}
		trouble := m.trouble(ctx, err)
		wait, ok := m.pause(attempt, trouble)
		if !ok {
			return openai.ChatCompletionMessage{}, trouble
		}
		m.observe(Event{Kind: EventRetry, Round: round, Wait: wait, Err: trouble})
		if err := sleep(ctx, wait); err != nil {
			return openai.ChatCompletionMessage{}, m.trouble(ctx, err)
		}
	}
}

// read takes the message out of a response.
func (m *model) read(round int, response openai.ChatCompletionResponse, took time.Duration) (openai.ChatCompletionMessage, error) {
	if len(response.Choices) == 0 {
		return openai.ChatCompletionMessage{}, m.door.notAnAnswer(nil)
	}
	choice := response.Choices[0] // no request asks for more
	m.observe(Event{Kind: EventRound, Round: round, Duration: took, Calls: len(choice.Message.ToolCalls)})
	if choice.Message.Refusal != "" {
		return openai.ChatCompletionMessage{}, &RefusalError{Text: clip(Printable(choice.Message.Refusal), maxSaid)}
	}
	// What else a finish reason says is not believed: some servers say "stop" with
	// tool calls. These two mean that even whole-looking arguments may lack a part.
	switch choice.FinishReason {
	case openai.FinishReasonLength:
		return openai.ChatCompletionMessage{}, fmt.Errorf("%w at the model's limit of tokens", ErrCutOff)
	case openai.FinishReasonContentFilter:
		return openai.ChatCompletionMessage{}, fmt.Errorf("%w by a content filter", ErrCutOff)
	}
	return choice.Message, nil
}

// trouble makes a ModelError of what the library returns.
func (m *model) trouble(ctx context.Context, err error) *ModelError {
	known, ok := errors.AsType[*ModelError](err)
	switch {
	case ctx.Err() != nil:
		return &ModelError{what: "stopped", cause: context.Cause(ctx), after: -1}
	case ok:
		return known
	case errors.Is(err, openai.ErrChatCompletionInvalidModel):
		return &ModelError{what: m.door.model + " is not a model for chats", after: -1}
	}
	// It was JSON, but not of the form: the door lets nothing else through.
	return m.door.notAnAnswer(nil)
}

// pause gives the time to wait before the next attempt, and false where there is
// none.
func (m *model) pause(attempt int, e *ModelError) (time.Duration, bool) {
	if !e.again {
		return 0, false
	}
	wait := e.after
	if wait < 0 {
		wait = firstWait
		for range attempt - 1 {
			wait *= 3
		}
	}
	switch {
	case attempt > maxRetries:
		e.what += fmt.Sprintf(", also when asked %d times", attempt)
		return 0, false
	case m.waited+wait > maxWait:
		e.what += fmt.Sprintf(", and wants %s of patience: ask again later", wait)
		return 0, false
	}
	m.waited += wait
	return wait, true
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// textOf is the text of a message, which some servers send in parts.
func textOf(m openai.ChatCompletionMessage) string {
	text := m.Content
	for _, part := range m.MultiContent {
		text += part.Text
	}
	return withoutThinking(text)
}

// withoutThinking drops the thoughts that some servers leave in front of the
// answer of a reasoning model.
func withoutThinking(text string) string {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), "<think>")
	if !ok {
		return text
	}
	if _, answer, ok := strings.Cut(rest, "</think>"); ok {
		return answer
	}
	return text
}
