package conformance

import (
	"context"
	"encoding/json"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// updates is how often the watched document changes.
const updates = 2 * time.Second

func resources() []tools.Resource {
	plain := func(words string) tools.ResourceFunc {
		return func(context.Context, tools.Caller) (*mcp.ResourceContents, error) {
			return &mcp.ResourceContents{Text: words}, nil
		}
	}
	options := func(name, description, mimeType string) tools.ResourceOptions {
		return tools.ResourceOptions{Name: name, Title: description, Description: description + ".", MIMEType: mimeType}
	}
	watched := options("watched-resource", "A document that changes", "text/plain")
	watched.Watch = every(updates)
	return []tools.Resource{
		tools.NewResource("test://static-text", options("static-text", "A document", "text/plain"), plain("The text of the document.")),
		tools.NewResource("test://static-binary", options("static-binary", "A picture", "image/png"),
			func(context.Context, tools.Caller) (*mcp.ResourceContents, error) {
				return &mcp.ResourceContents{Blob: picture()}, nil
			}),
		tools.NewResource("test://watched-resource", watched, plain("The text of the moment.")),
	}
}

// every tells of a change again and again.
func every(interval time.Duration) func(context.Context, func()) {
	return func(ctx context.Context, changed func()) {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				changed()
			case <-ctx.Done():
				return
			}
		}
	}
}

func templates() []tools.Template {
	return []tools.Template{
		tools.NewTemplate("test://template/{id}/data", tools.ResourceOptions{
			Name: "template", Title: "Data by id", Description: "The data of one id.", MIMEType: "application/json",
		}, func(_ context.Context, _ tools.Caller, _ string, values map[string]string) (*mcp.ResourceContents, error) {
			data, err := json.Marshal(map[string]string{"id": values["id"], "holds": "data of " + values["id"]})
			if err != nil {
				return nil, err
			}
			return &mcp.ResourceContents{Text: string(data)}, nil
		}),
	}
}
