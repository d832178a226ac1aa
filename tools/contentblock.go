package tools

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// checkContent says what keeps a block from being sent. The SDK writes blocks on a
// goroutine of its own, on which a nil one would end the process, and one that cannot be
// written would leave the caller without an answer.
func checkContent(c mcp.Content) error {
	switch c := c.(type) {
	case *mcp.TextContent:
		if c == nil {
			return errNilContent
		}
		return writable(c.Meta, c.Annotations)
	case *mcp.ImageContent:
		if c == nil {
			return errNilContent
		}
		return cmp.Or(needs("type", c.MIMEType), writable(c.Meta, c.Annotations))
	case *mcp.AudioContent:
		if c == nil {
			return errNilContent
		}
		return cmp.Or(needs("type", c.MIMEType), writable(c.Meta, c.Annotations))
	case *mcp.ResourceLink:
		if c == nil {
			return errNilContent
		}
		return cmp.Or(needs("URI", c.URI), needs("name", c.Name), writable(c.Meta, c.Annotations))
	case *mcp.EmbeddedResource:
		if c == nil || c.Resource == nil {
			return errNilContent
		}
		return cmp.Or(needs("URI", c.Resource.URI), writable(c.Meta, c.Annotations), writable(c.Resource.Meta, nil))
	case nil:
		return errNilContent
	default:
		// The rest of the SDK's kinds are for sampling.
		return fmt.Errorf("a %T is for sampling alone", c)
	}
}

// checkSaid is checkContent for what is said to a model, and by one (MCP 2025-11-25,
// client/sampling).
func checkSaid(c mcp.Content) error {
	switch c := c.(type) {
	case *mcp.ToolUseContent:
		if c == nil {
			return errNilContent
		}
		return nil
	case *mcp.ToolResultContent:
		if c == nil {
			return errNilContent
		}
		for i, inner := range c.Content {
			if err := checkContent(inner); err != nil {
				return fmt.Errorf("block %d of a tool's result: %w", i, err)
			}
		}
		return nil
	case *mcp.TextContent, *mcp.ImageContent, *mcp.AudioContent, nil:
		return checkContent(c)
	default:
		return fmt.Errorf("a %T is none of a message", c)
	}
}

var errNilContent = errors.New("it is nil")

func needs(what, value string) error {
	if value == "" {
		return fmt.Errorf("it has no %s", what)
	}
	return nil
}

// writable says whether what a handler has put beside the content itself can be JSON.
func writable(meta mcp.Meta, annotations *mcp.Annotations) error {
	if meta == nil && annotations == nil {
		return nil
	}
	if _, err := json.Marshal([]any{meta, annotations}); err != nil {
		return fmt.Errorf("marshalling it: %w", err)
	}
	return nil
}
