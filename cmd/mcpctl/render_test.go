package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/cmd/mcpctl/ask"
)

func TestAnswerText(t *testing.T) {
	tests := []struct {
		name, result string
		plain        string
		indented     string
	}{
		{"text", `{"content":[{"type":"text","text":"a\n"}]}`, "a\n", "a\n"},
		{"nothing", `{"content":[]}`, "", ""},
		{"structured content alone", `{"content":[],"structuredContent":{"a":1.50}}`, `{"a":1.50}`, "{\n  \"a\": 1.50\n}"},
		{"structured content and its text", `{"content":[{"type":"text","text":"{\"a\": 1.5}"}],"structuredContent":{"a":1.50}}`, `{"a": 1.5}`, "{\n  \"a\": 1.5\n}"},
		{"its text beside words", `{"content":[{"type":"text","text":"{\"a\":1}"},{"type":"text","text":"one"}],"structuredContent":{"a":1}}`, "one", "one"},
		{"other JSON beside words", `{"content":[{"type":"text","text":"{\"a\":2}"},{"type":"text","text":"one"}],"structuredContent":{"a":1}}`, "{\"a\":2}\none", "{\"a\":2}\none"},
		{"JSON without structured content", `{"content":[{"type":"text","text":"{\"a\":1}"}]}`, `{"a":1}`, `{"a":1}`},
		{"an array", `{"content":[{"type":"text","text":"[1]"}],"structuredContent":[1]}`, "[1]", "[\n  1\n]"},
		{"null is none", `{"content":[{"type":"text","text":"null"}],"structuredContent":null}`, "null", "null"},
		{"sound", `{"content":[{"type":"audio","mimeType":"audio/wav","data":"AAAA"}]}`, "[audio/wav, 3 bytes]", "[audio/wav, 3 bytes]"},
		{"a link", `{"content":[{"type":"resource_link","name":"a\u001b[2J","uri":"file:///a"}]}`, "[link: a file:///a]", "[link: a file:///a]"},
		{
			"a resource", `{"content":[{"type":"resource","resource":{"uri":"file:///a","mimeType":"text/plain","text":"abc"}}]}`,
			"[resource: text/plain file:///a, 3 bytes]", "[resource: text/plain file:///a, 3 bytes]",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var result mcp.CallToolResult
			if err := json.Unmarshal([]byte(tt.result), &result); err != nil {
				t.Fatal(err)
			}
			a, err := newAnswer(&result, jsontext.Value(tt.result))
			if err != nil {
				t.Fatal(err)
			}
			if got := a.text(false); got != tt.plain {
				t.Errorf("text = %q, want %q", got, tt.plain)
			}
			if got := a.text(true); got != tt.indented {
				t.Errorf("on a terminal = %q, want %q", got, tt.indented)
			}
			// Where it was not heard as it was sent, the SDK's reading has to do.
			if a, err = newAnswer(&result, nil); err != nil {
				t.Fatal(err)
			}
			if got := a.text(false); got != tt.plain && !strings.Contains(tt.result, "1.50") {
				t.Errorf("by the SDK = %q, want %q", got, tt.plain)
			}
		})
	}
}

// A result without anything in it is none: it is not an answer of nothing.
func TestNoResult(t *testing.T) {
	tests := []struct {
		name, result string
		ok           bool
	}{
		{"null", `null`, false},
		{"an empty object", `{}`, false},
		{"something else", `{"resultType":"complete","isError":false}`, false},
		{"null for content", `{"content":null}`, false},
		{"content", `{"content":[]}`, true},
		{"structured content alone", `{"structuredContent":{}}`, true},
		{"a wish for input", `{"resultType":"input_required","requestState":"x"}`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newAnswer(&mcp.CallToolResult{}, jsontext.Value(tt.result))
			if (err == nil) != tt.ok || err != nil && exitCode(err) != exitNetwork {
				t.Errorf("newAnswer: %v", err)
			}
		})
	}
}

// A model gets the words and the whole of the data, each once.
func TestAnswerForModel(t *testing.T) {
	tests := []struct{ name, result, want string }{
		{"words and data", `{"content":[{"type":"text","text":"one"},{"type":"text","text":"{\"a\":1}"}],"structuredContent":{"a":1}}`, "one\n{\"a\":1}"},
		{"data that no text has", `{"content":[{"type":"text","text":"one"}],"structuredContent":{"a":1}}`, "one\n{\"a\":1}"},
		{"data alone", `{"content":[{"type":"text","text":"{\"a\": 1}"}],"structuredContent":{"a":1}}`, `{"a": 1}`},
		{"data without a text", `{"content":[],"structuredContent":{"a":1}}`, `{"a":1}`},
		{"words alone", `{"content":[{"type":"text","text":"one"}]}`, "one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var result mcp.CallToolResult
			if err := json.Unmarshal([]byte(tt.result), &result); err != nil {
				t.Fatal(err)
			}
			a, err := newAnswer(&result, jsontext.Value(tt.result))
			if err != nil {
				t.Fatal(err)
			}
			if got := a.forModel(); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// JSON for a terminal holds what ask.Printable would take out as escapes, and means
// the same.
func TestJSONText(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{"plain", `{"a": "ä"}`, `{"a":"ä"}`},
		{"C1", "{\"a\": \"\u009b2J\"}", `{"a":"\u009b2J"}`},
		{"bidirectional", "[\"\u202ex\"]", `["\u202ex"]`},
		{"a line separator", "[\"\u2028\"]", `["\u2028"]`},
		{"tags", "[\"\U000e0041\"]", `["\udb40\udc41"]`},
		{"delete", "[\"\x7f\"]", `["\u007f"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := jsonText(jsontext.Value(tt.value), false); got != tt.want {
				t.Errorf("jsonText = %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzJSONText(f *testing.F) {
	f.Add(`{"a":"\u009b` + "\u009b" + `"}`)
	f.Add("[\"\U000e0041\", 1e400, null]")
	f.Fuzz(func(t *testing.T, text string) {
		if !isJSON(text, jsontext.Value(text).Kind()) {
			return
		}
		for _, indent := range []bool{false, true} {
			got := jsonText(jsontext.Value(text), indent)
			if ask.Printable(got) != got {
				t.Errorf("not printable: %q", got)
			}
			if !sameJSON(jsontext.Value(got), jsontext.Value(text)) && sameJSON(jsontext.Value(text), jsontext.Value(text)) {
				t.Errorf("%q became %q", text, got)
			}
		}
	})
}

func TestTable(t *testing.T) {
	rows := [][]string{{"NAME", "TITLE", "DESCRIPTION"}, {"a", "", "does something or other"}, {"längeres", "天気", "e\u0301"}}
	tests := []struct {
		name    string
		columns int
		want    []string
	}{
		{"as wide as it is", 0, []string{"NAME      TITLE  DESCRIPTION", "a                does something or other", "längeres  天気   e\u0301"}},
		{"a terminal", 38, []string{"NAME      TITLE  DESCRIPTION", "a                does something or ot…", "längeres  天気   e\u0301"}},
		{"too narrow", 5, []string{"NAME      TITLE  DESCRIPTION", "a                does something or o…", "längeres  天気   e\u0301"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := table(rows, tt.columns); !slices.Equal(got, tt.want) {
				t.Errorf("table = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFirstSentence(t *testing.T) {
	for text, want := range map[string]string{
		"":                     "",
		"One":                  "One",
		"One. Two.":            "One.",
		"Version 1.2 of\n it.": "Version 1.2 of it.",
	} {
		if got := firstSentence(text); got != want {
			t.Errorf("firstSentence(%q) = %q, want %q", text, got, want)
		}
	}
}
