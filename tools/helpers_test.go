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

// wantSaid is wantResult for a tool whose output is Worded: words are the first
// text, the JSON is the second.
func wantSaid(t *testing.T, tool Tool, caller Caller, arguments, words, want string) {
	t.Helper()
	result, err := tool.Call(t.Context(), caller, raw(arguments))
	if err != nil {
		t.Fatalf("error: %v", err)
	}
	got := texts(t, result)
	if result.IsError || len(got) != 2 {
		t.Fatalf("IsError = %v, texts %q: want the words and the JSON", result.IsError, got)
	}
	if got[0] != words {
		t.Errorf("words = %q\nwant    %q", got[0], words)
	}
	structured, err := json.Marshal(result.StructuredContent)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{string(structured), got[1]} {
		if !sameJSON(t, []byte(got), []byte(want)) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func texts(t *testing.T, result *mcp.CallToolResult) []string {
	t.Helper()
	var list []string
	for _, c := range result.Content {
		text, ok := c.(*mcp.TextContent)
		if !ok {
			t.Fatalf("the content is a %T, want text", c)
		}
		list = append(list, text.Text)
	}
	return list
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

// everything is what this server has, that of a team among it, as far as nothing is run.
func everything() Inventory { return Everything(DefaultConfig(), Deps{}) }

// shipped is what came with the repository. Where a test wants a fixed text, it is of
// these: whoever adds a tool has no test to mend.
func shipped() Inventory {
	return Inventory{
		Tools: []Tool{
			CalculateBMI(), Extension(), GetTime(Deps{}), GetWeather(DefaultConfig().Weather, Deps{}), Greet(), WhoAmI(),
		},
		Prompts:   []Prompt{PlanMeeting()},
		Resources: []Resource{DocsTools()},
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
