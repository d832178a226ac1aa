package tools

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// DocsTools returns the resource docs://tools: the reference of the tools, as far as
// its caller is shown them.
func DocsTools() Resource {
	return NewResource("docs://tools", ResourceOptions{
		Name:  "tools",
		Title: "Reference of the tools",
		Description: "What each tool does, which scopes it needs, and what goes in and comes out. " +
			"It holds the tools that the caller is shown, and no others.",
		MIMEType: "text/markdown",
		Icons:    ownIcon("docs_tools"),
	}, docsTools)
}

func docsTools(_ context.Context, caller Caller) (*mcp.ResourceContents, error) {
	var list []Documented
	if caller.Tools != nil {
		list = caller.Tools()
	}
	text := "# Tools\n\n" + Reference(list)
	if len(list) == 0 {
		text += "There is none that you are shown: the access token grants none.\n"
	}
	return &mcp.ResourceContents{Text: text}, nil
}
