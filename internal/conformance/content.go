package conformance

import (
	"context"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// none are the arguments of a tool that takes none.
type none struct{}

// fixed is a tool that always answers with the same.
func fixed(name, title string, content ...mcp.Content) tools.Tool {
	return tools.DefineContent(name, tools.Options{
		Title: title, Description: title + ", the same each time.",
		Annotations: tools.Annotations{ReadOnly: true, Closed: true},
	}, func(context.Context, tools.Caller, none) ([]mcp.Content, error) { return content, nil })
}

func text(words string) []mcp.Content { return []mcp.Content{&mcp.TextContent{Text: words}} }

func textf(format string, args ...any) []mcp.Content { return text(fmt.Sprintf(format, args...)) }

// document is one that stands in the answer itself.
func document(uri string) *mcp.EmbeddedResource {
	return &mcp.EmbeddedResource{Resource: &mcp.ResourceContents{
		URI: uri, MIMEType: "text/plain", Text: "A document that came with the answer.",
	}}
}

// contentTools answer with each kind of content, and with an error.
func contentTools() []tools.Tool {
	image := &mcp.ImageContent{Data: picture(), MIMEType: "image/png"}
	return []tools.Tool{
		fixed("test_simple_text", "A text", text("This text is the whole answer.")...),
		fixed("test_image_content", "A picture", image),
		fixed("test_audio_content", "A sound", &mcp.AudioContent{Data: sound(), MIMEType: "audio/wav"}),
		fixed("test_embedded_resource", "A document", document("test://embedded-resource")),
		fixed("test_multiple_content_types", "A text, a picture and a document",
			&mcp.TextContent{Text: "A picture and a document follow."}, image, document("test://mixed-content-resource")),
		tools.DefineContent("test_error_handling", tools.Options{Title: "An error", Description: "Fails, each time."},
			func(context.Context, tools.Caller, none) ([]mcp.Content, error) {
				return nil, tools.Errorf("this tool is there to fail")
			}),
	}
}
