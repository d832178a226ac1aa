package tools

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// A tool made by DefineContent answers as one of the SDK's typed AddTool that has no
// output.
func TestContentAgreesWithSDK(t *testing.T) {
	type input struct {
		Kind  string `json:"kind"`
		Count int    `json:"count,omitempty"`
	}
	content := func(in input) ([]mcp.Content, error) {
		switch in.Kind {
		case "text":
			return []mcp.Content{&mcp.TextContent{Text: "a<\xff>\u2028"}}, nil
		case "image":
			return []mcp.Content{&mcp.ImageContent{Data: []byte{0, 255}, MIMEType: "image/png"}, &mcp.AudioContent{MIMEType: "audio/wav"}}, nil
		case "resource":
			return []mcp.Content{
				&mcp.ResourceLink{URI: "docs://tools", Name: "tools"},
				&mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: "docs://tools", Text: "x"}},
			}, nil
		case "none":
			return nil, nil
		}
		return nil, Errorf("no such kind")
	}
	ours := DefineContent("ours_show", plainOptions, func(_ context.Context, _ Caller, in input) ([]mcp.Content, error) { return content(in) })
	server := mcp.NewServer(&mcp.Implementation{Name: "differential", Version: "1"}, nil)
	addOurs(server, ours)
	mcp.AddTool(server, &mcp.Tool{Name: "theirs_show", Description: "D"}, func(_ context.Context, _ *mcp.CallToolRequest, in input) (*mcp.CallToolResult, any, error) {
		made, err := content(in)
		return &mcp.CallToolResult{Content: made}, nil, err
	})
	wantAgreement(t, server, "show", map[string]bool{
		`{"kind":"text"}`: false, `{"kind":"image"}`: false, `{"kind":"resource"}`: false, `{"kind":"none","count":3}`: false,
		`{"kind":"other"}`: true, ``: true, `{}`: true, `{"kind":1}`: true, `{"kind":"text","count":1.5}`: true,
		`{"kind":"text","count":1e30}`: true, `{"kind":"text","other":1}`: true, `{"Kind":"text"}`: true,
	})
}

// A tool made by DefineSchema judges as one of the SDK's typed AddTool with the same
// schemas.
func TestSchemaAgreesWithSDK(t *testing.T) {
	in := object(`"properties":{
		"name":{"type":"string"}, "address":{"$ref":"#/$defs/address"}, "by":{"enum":["phone","email"]},
		"phone":{"type":"string"}, "email":{"type":"string"}, "children":{"type":"array","items":{"$ref":"#person"}}},
		"$defs":{"address":{"type":"object","properties":{"street":{"type":"string"}},"required":["street"]},
		"person":{"$anchor":"person","type":"object","properties":{"name":{"type":"string"}},"additionalProperties":false}},
		"allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],
		"if":{"properties":{"by":{"const":"phone"}},"required":["by"]},"then":{"required":["phone"]},"else":{"required":["email"]},
		"additionalProperties":false`)
	out := object(`"properties":{"got":{"type":"object"}},"required":["got"]`)
	ours := DefineSchema("ours_keep", plainOptions, Schemas{Input: in, Output: out}, func(_ context.Context, _ Caller, a json.RawMessage) (Result, error) {
		return Result{Structured: append(append(raw(`{"got":`), a...), '}')}, nil
	})
	server := mcp.NewServer(&mcp.Implementation{Name: "differential", Version: "1"}, nil)
	addOurs(server, ours)
	mcp.AddTool(server, &mcp.Tool{Name: "theirs_keep", Description: "D", InputSchema: in, OutputSchema: out},
		func(_ context.Context, _ *mcp.CallToolRequest, a map[string]any) (*mcp.CallToolResult, map[string]any, error) {
			return nil, map[string]any{"got": a}, nil
		})
	wantAgreement(t, server, "keep", map[string]bool{
		`{"by":"phone","phone":"1"}`: false, `{"email":"a","children":[{"name":"x"},{}]}`: false,
		`{"email":"a","address":{"street":"x","zip":1}}`: false,
		``:                           true,
		`{"by":"phone","email":"a"}`: true, `{"by":"fax","email":"a"}`: true, `{"phone":"1"}`: true,
		`{"email":"a","address":{}}`: true, `{"email":"a","children":[{"age":1}]}`: true, `{"email":"a","x":1}`: true, `{"email":null}`: true,
	})
}

// Where it differs on purpose: a default is not an argument.
func TestSchemaFillsInNoDefaults(t *testing.T) {
	in := object(`"properties":{"n":{"type":"integer","default":7}}`)
	got := ""
	ours := DefineSchema("probe", plainOptions, Schemas{Input: in}, func(_ context.Context, _ Caller, a json.RawMessage) (Result, error) {
		got = string(a)
		return Result{}, nil
	})
	if result, err := ours.Call(t.Context(), Caller{}, nil); err != nil || result.IsError || got != "{}" {
		t.Errorf("the handler got %s; %+v, %v", got, result, err)
	}
}

func addOurs(server *mcp.Server, tool Tool) {
	server.AddTool(tool.Definition(), func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return tool.Call(ctx, Caller{}, req.Params.Arguments)
	})
}

// wantAgreement calls ours_<name> and theirs_<name> with each of the arguments, of which
// it is said whether the result is an error.
func wantAgreement(t *testing.T, server *mcp.Server, name string, calls map[string]bool) {
	t.Helper()
	session := connect(t, server)
	for arguments, isError := range calls {
		t.Run(arguments, func(t *testing.T) {
			ours, theirs := callBoth(t, session, name, arguments)
			if ours.IsError != isError || theirs.IsError != isError {
				t.Fatalf("IsError: ours %v, the SDK's %v, want %v", ours.IsError, theirs.IsError, isError)
			}
			if isError {
				return // each has words of its own
			}
			a, b := wire(t, ours), wire(t, theirs)
			if diff := cmp.Diff(b, a); diff != "" {
				t.Errorf("-theirs +ours:\n%s", diff)
			}
		})
	}
}

// wire is a result as plain values. The text of structured content is compared by what
// it says.
func wire(t *testing.T, result *mcp.CallToolResult) map[string]any {
	t.Helper()
	data, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	if v["structuredContent"] != nil {
		var text any
		if err := json.Unmarshal([]byte(onlyText(t, result)), &text); err != nil {
			t.Fatal(err)
		}
		v["content"] = text
	}
	return v
}
