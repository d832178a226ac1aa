package conformance

import (
	"context"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// pace is the time between two notifications, which the suite wants to see apart.
const pace = 50 * time.Millisecond

// notifyingTools tell the client something before they answer.
func notifyingTools() []tools.Tool {
	return []tools.Tool{
		tools.DefineContent("test_tool_with_progress", tools.Options{
			Title: "Progress", Description: "Tells of its progress three times, then answers.",
		}, withProgress),
		tools.DefineContent("test_tool_with_logging", tools.Options{
			Title: "Log messages", Description: "Sends three messages to the client's log, then answers.",
		}, withLogging),
		tools.DefineContent("test_logging_tool", tools.Options{
			Title: "A log message", Description: "Sends one message to the client's log, then answers.",
		}, func(ctx context.Context, c tools.Caller, _ none) ([]mcp.Content, error) {
			return text("one message was logged, for a client that wants it"), c.Log(ctx, "info", "one message")
		}),
	}
}

func withProgress(ctx context.Context, c tools.Caller, _ none) ([]mcp.Content, error) {
	const total = 100
	for done := 0.0; done <= total; done += total / 2 {
		if err := c.Progress(ctx, done, total, "on the way"); err != nil {
			return nil, err
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
	return text("all done"), nil
}

func withLogging(ctx context.Context, c tools.Caller, _ none) ([]mcp.Content, error) {
	for _, line := range []string{"begun", "at work", "done"} {
		if err := c.Log(ctx, "info", line); err != nil {
			return nil, err
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
	return text("three messages were logged"), nil
}

func pause(ctx context.Context) error {
	select {
	case <-time.After(pace):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
