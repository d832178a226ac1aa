package main

import (
	"cmp"
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/internal/strictjson"
)

const (
	// A list that is longer than this was not made for a client to read.
	maxPages = 1000
	maxTools = 10_000
	// maxToolBytes bounds all pages together, with what is no definition in them.
	maxToolBytes = 32 << 20
	// maxDepth bounds the nesting of JSON that is read here.
	maxDepth = 100
)

// tool is one definition.
type tool struct {
	name, title, description string
	definition               jsontext.Value // as it was sent
}

// inputSchema is the schema as it was sent, nil without. It is read when it is needed: of
// a schema in memory there is many times as much.
func (t *tool) inputSchema() jsontext.Value {
	members, err := strictjson.Object(t.definition, maxDepth)
	if err != nil || string(members["inputSchema"]) == "null" {
		return nil
	}
	return members["inputSchema"]
}

type toolPage struct {
	tools []tool
	next  string // cursor, "" on the last page
	size  int    // in bytes, as it was sent
}

var errEndless = errors.New("a list without end")

// allPages puts a list together. It is errEndless where no server means it to be read.
func allPages(get func(cursor string) (toolPage, error)) ([]tool, error) {
	var all []tool
	size, cursor := 0, ""
	for range maxPages {
		page, err := get(cursor)
		if err != nil {
			return nil, err
		}
		all = append(all, page.tools...)
		size += page.size
		if page.next == "" {
			return all, nil
		}
		if page.next == cursor || len(all) > maxTools || size > maxToolBytes {
			break
		}
		cursor = page.next
	}
	return nil, errEndless
}

// newToolPage takes the definitions from what was sent. The SDK's reading is for
// what it leaves out: a tool that it would refuse to call.
func newToolPage(result *mcp.ListToolsResult, raw jsontext.Value) (toolPage, error) {
	sent := map[string][]jsontext.Value{} // by name; in their order where a name stands twice
	if members, err := strictjson.Object(raw, maxDepth); err == nil {
		list, _ := strictjson.Array(members["tools"])
		for _, definition := range list {
			if tool, err := strictjson.Object(definition, maxDepth); err == nil {
				name, _ := strictjson.String(tool["name"])
				sent[name] = append(sent[name], definition)
			}
		}
	}
	page := toolPage{next: result.NextCursor, size: len(raw)}
	for _, t := range result.Tools {
		if t == nil {
			continue // a null in the list is no tool
		}
		var definition jsontext.Value
		if same := sent[t.Name]; len(same) > 0 {
			definition, sent[t.Name] = same[0], same[1:]
		} else {
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
