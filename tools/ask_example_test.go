package tools_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// DeleteFolderInput is what delete_folder takes.
type DeleteFolderInput struct {
	Folder string `json:"folder" jsonschema:"the folder's name"`
}

// DeleteFolderOutput is what delete_folder gives.
type DeleteFolderOutput struct {
	Deleted bool `json:"deleted" jsonschema:"whether the folder is gone"`
}

// DeleteFolder returns the tool delete_folder, which asks before it acts.
func DeleteFolder() tools.Tool {
	return tools.Define("delete_folder", tools.Options{
		Title:       "Delete a folder",
		Description: "Deletes a folder, after the person at the client has confirmed it.",
	}, deleteFolder)
}

func deleteFolder(ctx context.Context, caller tools.Caller, in DeleteFolderInput) (DeleteFolderOutput, error) {
	// What stands here may run twice: once to ask, and once more with the answer.
	answer, err := caller.Elicit(ctx, "sure", &mcp.ElicitParams{
		Message: "Delete the folder " + in.Folder + " and all that is in it?",
		RequestedSchema: json.RawMessage(`{
			"type": "object",
			"properties": {"sure": {"type": "boolean", "title": "Yes, delete it"}},
			"required": ["sure"]
		}`),
	})
	if err != nil {
		return DeleteFolderOutput{}, err // as it is: it may be the question on its way
	}
	if answer.Action != "accept" || answer.Content["sure"] != true {
		return DeleteFolderOutput{Deleted: false}, nil
	}
	// Here the folder is deleted.
	return DeleteFolderOutput{Deleted: true}, nil
}

// consenting is a client whose user says yes to all. A server makes the real one.
type consenting struct{ tools.Client }

func (consenting) Reachable() bool { return true }

func (consenting) Capabilities() *mcp.ClientCapabilities {
	return &mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapabilities{}}
}

func (consenting) Ask(_ context.Context, questions mcp.InputRequestMap) (mcp.InputResponseMap, error) {
	fmt.Println("asked:", questions["sure"].(*mcp.ElicitParams).Message)
	return mcp.InputResponseMap{"sure": &mcp.ElicitResult{Action: "accept", Content: map[string]any{"sure": true}}}, nil
}

func ExampleCaller_Elicit() {
	for _, caller := range []tools.Caller{{Client: consenting{}}, {}} {
		result, err := DeleteFolder().Call(context.Background(), caller, json.RawMessage(`{"folder":"drafts"}`))
		if err != nil {
			fmt.Println("error:", err)
			continue
		}
		fmt.Println(result.Content[0].(*mcp.TextContent).Text)
	}
	// Output:
	// asked: Delete the folder drafts and all that is in it?
	// {"deleted":true}
	// error: there is no client that could be asked
}
