package conformance

import (
	"context"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

func prompts() []tools.Prompt {
	argument := func(name, description string) *mcp.PromptArgument {
		return &mcp.PromptArgument{Name: name, Description: description, Required: true}
	}
	return []tools.Prompt{
		tools.NewPrompt("test_simple_prompt", tools.PromptOptions{
			Title: "A simple prompt", Description: "One message, the same each time.",
		}, says("Summarise what was said so far.")),
		tools.NewPrompt("test_prompt_with_arguments", tools.PromptOptions{
			Title: "A prompt with arguments", Description: "One message with two arguments in it.",
			Arguments: []*mcp.PromptArgument{argument("arg1", "the one"), argument("arg2", "the other")},
			Complete:  complete,
		}, withArguments),
		tools.NewPrompt("test_prompt_with_embedded_resource", tools.PromptOptions{
			Title: "A prompt with a document", Description: "A document, and what to do with it.",
			Arguments: []*mcp.PromptArgument{argument("resourceUri", "the URI of the document")},
		}, withDocument),
		tools.NewPrompt("test_prompt_with_image", tools.PromptOptions{
			Title: "A prompt with a picture", Description: "A picture, and what to do with it.",
		}, withPicture),
		tools.NewPrompt("test_input_required_result_prompt", tools.PromptOptions{
			Title: "A prompt that asks", Description: "One message with what the person said in it.",
		}, withContext),
	}
}

func messages(content ...mcp.Content) *mcp.GetPromptResult {
	result := &mcp.GetPromptResult{}
	for _, c := range content {
		result.Messages = append(result.Messages, &mcp.PromptMessage{Role: "user", Content: c})
	}
	return result
}

func says(words string) tools.PromptFunc {
	return func(context.Context, tools.Caller, map[string]string) (*mcp.GetPromptResult, error) {
		return messages(text(words)...), nil
	}
}

func withArguments(_ context.Context, _ tools.Caller, a map[string]string) (*mcp.GetPromptResult, error) {
	return messages(textf("Compare %q with %q.", a["arg1"], a["arg2"])...), nil
}

// complete proposes what begins as that which was typed.
func complete(_ context.Context, _ tools.Caller, _, typed string, _ map[string]string) ([]string, error) {
	var proposed []string
	for _, value := range []string{"tea", "test", "testament", "toast"} {
		if strings.HasPrefix(value, typed) {
			proposed = append(proposed, value)
		}
	}
	return proposed, nil
}

func withDocument(_ context.Context, _ tools.Caller, a map[string]string) (*mcp.GetPromptResult, error) {
	return messages(document(a["resourceUri"]), text("Find the mistakes in this document.")[0]), nil
}

func withPicture(context.Context, tools.Caller, map[string]string) (*mcp.GetPromptResult, error) {
	return messages(&mcp.ImageContent{Data: picture(), MIMEType: "image/png"}, text("Name the colour of this picture.")[0]), nil
}

func withContext(ctx context.Context, c tools.Caller, _ map[string]string) (*mcp.GetPromptResult, error) {
	given, err := filled(ctx, c, "user_context", "What should be kept in mind?", contextForm, "context")
	if err != nil {
		return nil, err
	}
	return messages(textf("Answer, and keep in mind: %v", given)...), nil
}
