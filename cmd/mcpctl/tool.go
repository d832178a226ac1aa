package main

import (
	"cmp"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/internal/strictjson"
)

const (
	// A list that is longer than this was not made for a client to read.
	maxPages = 1000
	maxTools = 10_000
	// maxDepth bounds the nesting of JSON that is read here.
	maxDepth = 100
)

// tool is one definition.
type tool struct {
	name, title, description string
	schema                   *jsonschema.Schema // of the input; nil where it cannot be read here
	definition               jsontext.Value     // as it was sent
}

// inputSchema is the schema as it was sent, nil without.
func (t *tool) inputSchema() jsontext.Value {
	members, err := strictjson.Object(t.definition, maxDepth)
	if err != nil {
		return nil
	}
	return members["inputSchema"]
}

type toolPage struct {
	tools []tool
	next  string // cursor, "" on the last page
}

// newToolPage takes the definitions from what was sent. The SDK's reading is for
// what it leaves out: a tool that it would refuse to call.
func newToolPage(result *mcp.ListToolsResult, raw jsontext.Value) (toolPage, error) {
	sent := map[string]jsontext.Value{}
	if members, err := strictjson.Object(raw, maxDepth); err == nil {
		list, _ := strictjson.Array(members["tools"])
		for _, definition := range list {
			if tool, err := strictjson.Object(definition, maxDepth); err == nil {
				name, _ := strictjson.String(tool["name"])
				sent[name] = definition
			}
		}
	}
	page := toolPage{next: result.NextCursor}
	for _, t := range result.Tools {
		definition := sent[t.Name]
		if definition == nil {
			again, err := json.Marshal(t)
			if err != nil {
				return toolPage{}, err
			}
			definition = again
		}
		page.tools = append(page.tools, newTool(t, definition))
	}
	return page, nil
}

func newTool(t *mcp.Tool, definition jsontext.Value) tool {
	made := tool{name: t.Name, title: t.Title, description: t.Description, definition: definition}
	if t.Annotations != nil {
		made.title = cmp.Or(t.Title, t.Annotations.Title)
	}
	made.schema = readSchema(made.inputSchema())
	return made
}

// find returns the tool of a name, or nil.
func find(tools []tool, name string) *tool {
	for i := range tools {
		if tools[i].name == name {
			return &tools[i]
		}
	}
	return nil
}
