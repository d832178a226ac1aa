package tools_test

import (
	"context"
	"encoding/json"
	"fmt"

	"mcp-resource-server/tools"
)

// docs:begin

// findBookInput says what no Go type does: an ISBN, or a title and an author. A client
// repeats the branch in the header Mcp-Param-Branch.
const findBookInput = `{
  "type": "object",
  "properties": {
    "isbn":   {"type": "string", "description": "the book's ISBN", "pattern": "^[0-9]{13}$"},
    "title":  {"type": "string", "description": "the book's title"},
    "author": {"type": "string", "description": "who wrote it"},
    "branch": {"type": "string", "description": "where to look", "x-mcp-header": "Branch"}
  },
  "required": ["branch"],
  "oneOf": [{"required": ["isbn"]}, {"required": ["title", "author"]}],
  "additionalProperties": false
}`

const findBookOutput = `{
  "type": "object",
  "properties": {"copies": {"type": "integer", "description": "how many are on the shelf"}},
  "required": ["copies"]
}`

// FindBook returns the tool find_book. count counts the copies of what is asked for.
func FindBook(count func(ctx context.Context, query json.RawMessage) (int, error)) tools.Tool {
	return tools.DefineSchema("find_book", tools.Options{
		Title:       "Find a book",
		Description: "Tells how many copies of a book a branch of the library has.",
		Annotations: tools.Annotations{ReadOnly: true},
	}, tools.Schemas{
		Input:  json.RawMessage(findBookInput),
		Output: json.RawMessage(findBookOutput),
	}, func(ctx context.Context, _ tools.Caller, arguments json.RawMessage) (tools.Result, error) {
		copies, err := count(ctx, arguments)
		if err != nil {
			return tools.Result{}, tools.ErrorBecause(err, "the library does not answer; try again later")
		}
		return tools.Result{Structured: json.RawMessage(fmt.Sprintf(`{"copies":%d}`, copies))}, nil
	})
}

// docs:end

func ExampleDefineSchema() {
	tool := FindBook(func(context.Context, json.RawMessage) (int, error) { return 2, nil })
	for _, arguments := range []string{
		`{"branch": "north", "isbn": "9780262033848"}`,
		`{"branch": "north", "title": "Emma"}`,
	} {
		result, err := tool.Call(context.Background(), tools.Caller{}, json.RawMessage(arguments))
		fmt.Println(result.IsError, text(result), err)
	}
	// Output:
	// false {"copies":2} <nil>
	// true invalid arguments: validating root: oneOf: did not validate against any of [<anonymous schema> <anonymous schema>] <nil>
}
