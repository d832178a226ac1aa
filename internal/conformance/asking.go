package conformance

import (
	"context"
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// askingTools ask the client while they run. What the suite calls in MCP 2025-11-25 and
// what it calls from 2026-07-28 on differ in name alone.
func askingTools() []tools.Tool {
	return []tools.Tool{
		tools.DefineContent("test_sampling", tools.Options{
			Title: "Ask the model", Description: "Has the client's model answer a prompt.",
		}, func(ctx context.Context, c tools.Caller, in prompted) ([]mcp.Content, error) {
			return sampled(ctx, c, "answer", in.Prompt)
		}),
		// Needs a capability that the client may not have declared.
		tools.DefineContent("test_missing_capability", tools.Options{
			Title: "Ask the model, or fail", Description: "Needs a client that lends its model.",
		}, func(ctx context.Context, c tools.Caller, _ none) ([]mcp.Content, error) {
			return sampled(ctx, c, "answer", "Say yes.")
		}),
		tools.DefineContent("test_elicitation", tools.Options{
			Title: "Ask the person", Description: "Has the person at the client fill in a form.",
		}, func(ctx context.Context, c tools.Caller, in told) ([]mcp.Content, error) {
			return elicited(ctx, c, "form", in.Message, accountForm)
		}),
		// Progress and a question: nothing else may come on the stream of the answer.
		tools.DefineContent("test_streaming_elicitation", tools.Options{
			Title: "Ask the person on the way", Description: "Tells of its progress, then asks.",
		}, func(ctx context.Context, c tools.Caller, _ none) ([]mcp.Content, error) {
			if err := c.Progress(ctx, 1, 2, "about to ask"); err != nil {
				return nil, err
			}
			return elicited(ctx, c, "form", "Which account is it?", accountForm)
		}),
		elicitation("test_elicitation_sep1034_defaults", "A form with defaults", defaultsForm),
		elicitation("test_elicitation_sep1330_enums", "A form with choices", choicesForm),
	}
}

type prompted struct {
	Prompt string `json:"prompt" jsonschema:"what the model is asked"`
}

type told struct {
	Message string `json:"message" jsonschema:"what the person is told"`
}

// elicitation is a tool that has a form filled in.
func elicitation(name, title, form string) tools.Tool {
	return tools.DefineContent(name, tools.Options{Title: title, Description: "Has the person at the client fill in a form."},
		func(ctx context.Context, c tools.Caller, _ none) ([]mcp.Content, error) {
			return elicited(ctx, c, "form", "Please fill this in.", form)
		})
}

// elicited has a form filled in, and says what came of it.
func elicited(ctx context.Context, c tools.Caller, name, message, form string) ([]mcp.Content, error) {
	answer, err := c.Elicit(ctx, name, asking(message, form))
	if err != nil {
		return nil, err
	}
	filled, err := json.Marshal(answer.Content)
	if err != nil {
		return nil, err
	}
	return textf("the person chose to %s: %s", answer.Action, filled), nil
}

func asking(message, form string) *mcp.ElicitParams {
	return &mcp.ElicitParams{Message: message, RequestedSchema: json.RawMessage(form)}
}

// sampled has the client's model answer, and repeats it.
func sampled(ctx context.Context, c tools.Caller, name, prompt string) ([]mcp.Content, error) {
	answer, err := c.Sample(ctx, name, saying(prompt))
	if err != nil {
		return nil, err
	}
	return textf("the model said: %s", words(answer.Content)), nil
}

func saying(prompt string) *mcp.CreateMessageParams {
	return &mcp.CreateMessageParams{
		Messages:  []*mcp.SamplingMessage{{Role: "user", Content: &mcp.TextContent{Text: prompt}}},
		MaxTokens: 100,
	}
}

// words are the text of a content, if it is one.
func words(content mcp.Content) string {
	if t, ok := content.(*mcp.TextContent); ok {
		return t.Text
	}
	return "(no text)"
}
