package tools

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Ask asks the client, and through it a person or a model, and returns the answers under
// the names of the questions: [*mcp.ElicitParams], [*mcp.CreateMessageParams],
// [*mcp.CreateMessageWithToolsParams] or [*mcp.ListRootsParams], at most 16 at once, are
// answered by [*mcp.ElicitResult], [*mcp.CreateMessageResult],
// [*mcp.CreateMessageWithToolsResult] and [*mcp.ListRootsResult]. ctx is the handler's.
//
// Of an elicitation that was accepted, the content holds to the schema that was asked
// for, formats aside, and has its defaults; what was declined or cancelled has none. An
// answer is what the client says, and no proof that a person was asked: it must not
// permit what the caller's token does not.
//
// In a session of MCP 2025-11-25 and older, Ask waits for the answers, 10 minutes at
// most. From MCP 2026-07-28 on it returns [*InputNeeded] instead, which the handler must
// return: the handler is called again, from its beginning and with the same arguments,
// when the client has sent the answers, and Ask then returns them. Hence what comes before
// Ask runs more than once: [Once] keeps what must not. Names of questions MUST differ
// within a handler. A question MUST be the same each time, to the letter: what was
// answered to another one of its name does not count, and it is asked again. What is
// drawn at random or read off a clock for a question, such as the id of an elicitation by
// a page, hence belongs into [Once].
//
// A client that cannot be asked gets [*CapabilityNeeded], which the handler returns, too,
// unless it can go on without; [Caller.Supports] tells before. What else goes wrong at
// the client, such as an answer that does not come, is an error whose text is for the
// caller.
func (c Caller) Ask(ctx context.Context, questions mcp.InputRequestMap) (mcp.InputResponseMap, error) {
	asked, err := wellFormed(questions)
	if err != nil {
		return nil, err
	}
	if missing := c.lacks(asked); missing != nil {
		return nil, missing
	}
	if len(asked) == 0 {
		return mcp.InputResponseMap{}, nil
	}
	return c.Client.Ask(ctx, asked)
}

// Supports reports whether the client can be asked the question. None is asked of nobody.
func (c Caller) Supports(question mcp.InputRequest) bool {
	return !isNone(question) && c.lacks(mcp.InputRequestMap{"": question}) == nil
}

// Elicit asks the person at the client, as [Caller.Ask] does.
func (c Caller) Elicit(ctx context.Context, name string, question *mcp.ElicitParams) (*mcp.ElicitResult, error) {
	return askOne[*mcp.ElicitResult](ctx, c, name, question)
}

// Sample asks the model of the client, as [Caller.Ask] does.
func (c Caller) Sample(ctx context.Context, name string, question *mcp.CreateMessageParams) (*mcp.CreateMessageResult, error) {
	return askOne[*mcp.CreateMessageResult](ctx, c, name, question)
}

// Roots asks the client for its roots, as [Caller.Ask] does.
func (c Caller) Roots(ctx context.Context, name string) (*mcp.ListRootsResult, error) {
	return askOne[*mcp.ListRootsResult](ctx, c, name, &mcp.ListRootsParams{})
}

func askOne[A mcp.InputResponse](ctx context.Context, c Caller, name string, question mcp.InputRequest) (answer A, err error) {
	answers, err := c.Ask(ctx, mcp.InputRequestMap{name: question})
	if err != nil {
		return answer, err
	}
	answer, ok := answers[name].(A)
	if !ok {
		return answer, fmt.Errorf("the answer is a %T", answers[name])
	}
	return answer, nil
}

// Once returns what make returns, and the same value each time that the handler runs
// again for one call (see [Caller.Ask]). T must come out of JSON as it went in. The value
// travels to the client and back, sealed. key MUST differ within a handler.
func Once[T any](ctx context.Context, c Caller, key string, make func() (T, error)) (T, error) {
	var value T
	if c.Client == nil {
		return make()
	}
	raw, err := c.Client.Once(ctx, key, func() (json.RawMessage, error) {
		made, err := make()
		if err != nil {
			return nil, err
		}
		return json.Marshal(made)
	})
	if err != nil {
		return value, err
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		return value, fmt.Errorf("reading %q again: %w", key, err)
	}
	return value, nil
}
