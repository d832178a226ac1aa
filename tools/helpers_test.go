package tools

import (
	"encoding/json"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// wantResult calls tool as nobody and wants want, as structured content and as
// the text of the one content block.
func wantResult(t *testing.T, tool Tool, arguments, want string) {
	t.Helper()
	wantResultFor(t, tool, Caller{}, arguments, want)
}

func wantResultFor(t *testing.T, tool Tool, caller Caller, arguments, want string) {
	t.Helper()
	result, err := tool.Call(t.Context(), caller, raw(arguments))
	if err != nil {
		t.Fatalf("error: %v", err)
	}
	if result.IsError {
		t.Fatalf("an error for the caller: %s", onlyText(t, result))
	}
	structured, err := json.Marshal(result.StructuredContent)
	if err != nil {
		t.Fatal(err)
	}
	if !sameJSON(t, structured, []byte(want)) {
		t.Errorf("structured content = %s, want %s", structured, want)
	}
	if text := onlyText(t, result); !sameJSON(t, []byte(text), []byte(want)) {
		t.Errorf("text = %s, want %s", text, want)
	}
}

// wantShownError calls tool as nobody and wants a result that is an error with
// exactly this text, and nothing beside it.
func wantShownError(t *testing.T, tool Tool, arguments, want string) {
	t.Helper()
	result, err := tool.Call(t.Context(), Caller{}, raw(arguments))
	if err != nil {
		t.Fatalf("error: %v", err)
	}
	if !result.IsError || result.StructuredContent != nil {
		t.Errorf("IsError = %v, structured content = %v", result.IsError, result.StructuredContent)
	}
	if got := onlyText(t, result); got != want {
		t.Errorf("text = %q\nwant   %q", got, want)
	}
}

// raw returns arguments as the SDK hands them on: nil where there are none.
func raw(arguments string) json.RawMessage {
	if arguments == "" {
		return nil
	}
	return json.RawMessage(arguments)
}

func onlyText(t *testing.T, result *mcp.CallToolResult) string {
	t.Helper()
	if len(result.Content) != 1 {
		t.Fatalf("%d content blocks, want 1", len(result.Content))
	}
	text, ok := result.Content[0].(*mcp.TextContent)
	if !ok {
		t.Fatalf("the content is a %T, want text", result.Content[0])
	}
	return text.Text
}

// sameJSON compares two documents by what they say.
func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	canonical := func(data []byte) string {
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		out, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	return canonical(a) == canonical(b)
}
