package main

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/internal/strictjson"
)

// answer is the result of one call.
type answer struct {
	result     *mcp.CallToolResult
	raw        jsontext.Value // the whole, as it was sent
	structured jsontext.Value // structuredContent, nil without
}

// newAnswer takes from what was sent what the SDK would round, and from the SDK
// what was not sent in a way that has one meaning.
func newAnswer(result *mcp.CallToolResult, raw jsontext.Value) (answer, error) {
	if string(raw) == "null" {
		return answer{}, errNoResult()
	}
	members, err := strictjson.Object(raw, maxDepth)
	if err != nil {
		again, err := json.Marshal(result)
		if err != nil {
			return answer{}, err
		}
		raw = again
		if members, err = strictjson.Object(raw, maxDepth); err != nil {
			return answer{}, failf(exitNetwork, "the result of the call cannot be read: %v", err)
		}
	}
	if !isCallResult(members) {
		return answer{}, errNoResult()
	}
	a := answer{result: result, raw: raw, structured: members["structuredContent"]}
	if string(a.structured) == "null" {
		a.structured = nil
	}
	return a, nil
}

func errNoResult() error {
	return failf(exitNetwork, "the server's answer to the call is no result of a tool: it has no content")
}

// isCallResult reports whether there is anything of a tool in a result. The protocol wants
// content in each; what has structured content alone, or asks for input, is meant as one.
func isCallResult(members map[string]strictjson.Raw) bool {
	for _, name := range []string{"content", "structuredContent", "inputRequests", "requestState"} {
		if value := members[name]; value != nil && string(value) != "null" {
			return true
		}
	}
	return false
}

// text is what a person reads: the text of all blocks, and a name for each of those
// that are not text.
func (a answer) text(indent bool) string {
	blocks := a.result.Content
	if len(blocks) == 0 && a.structured != nil {
		return pretty(a.structured, indent)
	}
	var out []string
	for _, block := range blocks {
		text, isText := block.(*mcp.TextContent)
		switch {
		case !isText:
			out = append(out, nameBlock(block))
		case !a.repeats(text.Text):
			out = append(out, text.Text)
		case len(blocks) == 1:
			return pretty(jsontext.Value(text.Text), indent)
		}
	}
	return strings.Join(out, "\n")
}

// forModel is what a model reads: the structured content, too, which may well answer
// what the words before it leave out.
func (a answer) forModel() string {
	text := a.text(false)
	if a.structured == nil || a.repeats(text) {
		return text
	}
	return text + "\n" + string(a.structured)
}

// repeats reports whether a text is but the structured content once more: servers
// send it for clients that know no structured content.
func (a answer) repeats(text string) bool {
	return a.structured != nil && strictjson.Check([]byte(text), maxDepth) == nil && sameJSON(jsontext.Value(text), a.structured)
}

func pretty(v jsontext.Value, indent bool) string {
	if !indent {
		return string(v)
	}
	v = v.Clone()
	if err := v.Indent(jsontext.WithIndent("  ")); err != nil {
		return string(v)
	}
	return string(v)
}

// nameBlock says what a block is that is not shown.
func nameBlock(block mcp.Content) string {
	switch b := block.(type) {
	case *mcp.ImageContent:
		return fmt.Sprintf("[%s, %d bytes]", line(b.MIMEType), len(b.Data))
	case *mcp.AudioContent:
		return fmt.Sprintf("[%s, %d bytes]", line(b.MIMEType), len(b.Data))
	case *mcp.ResourceLink:
		return fmt.Sprintf("[link: %s]", line(strings.TrimSpace(b.Name+" "+b.URI)))
	case *mcp.EmbeddedResource:
		if r := b.Resource; r != nil {
			return fmt.Sprintf("[resource: %s, %d bytes]", line(strings.TrimSpace(r.MIMEType+" "+r.URI)), len(r.Text)+len(r.Blob))
		}
	}
	return "[content of another kind]"
}
