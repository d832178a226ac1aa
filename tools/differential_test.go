package tools

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// The server registers tools through the SDK's low-level AddTool, which validates
// nothing. What a Tool does in its place must be what the typed AddTool would
// have done: here both run the same handlers behind one real server.
func TestCallAgreesWithSDK(t *testing.T) {
	server := mcp.NewServer(&mcp.Implementation{Name: "differential", Version: "1"}, nil)
	addBoth(server, "bmi", calculateBMI)
	addBoth(server, "order", takeOrder)
	session := connect(t, server)

	tests := []struct {
		name      string
		tool      string
		arguments string
		isError   bool
	}{
		{"good", "bmi", `{"weight_kg":70,"height_m":1.75}`, false},
		{"an error of the handler", "bmi", `{"weight_kg":70,"height_m":175}`, true},
		{"a string for a number", "bmi", `{"weight_kg":"70","height_m":1.75}`, true},
		{"null for a number", "bmi", `{"weight_kg":null,"height_m":1.75}`, true},
		{"a member missing", "bmi", `{"weight_kg":70}`, true},
		{"an unknown member", "bmi", `{"weight_kg":70,"height_m":1.75,"age":40}`, true},
		{"a member in another case", "bmi", `{"Weight_kg":70,"height_m":1.75}`, true},
		{"a number beyond all numbers", "bmi", `{"weight_kg":1e400,"height_m":1.75}`, true},
		{"an empty object", "bmi", `{}`, true},
		{"null", "bmi", `null`, true},
		{"none", "bmi", ``, true},
		{"all members", "order", `{"item":"tea","count":3,"tags":["a","b"],"at":"2026-07-28T12:00:00Z","to":{"street":"x"},"note":"quick","more":{"a":1.5}}`, false},
		{"required members alone", "order", `{"item":"","count":0,"tags":[],"at":"2026-07-28T12:00:00.5+02:00","to":{"street":""}}`, false},
		{"null for an optional member", "order", `{"item":"tea","count":3,"tags":["a"],"at":"2026-07-28T12:00:00Z","to":{"street":"x"},"note":null}`, false},
		{"characters that HTML escapes", "order", `{"item":"<é&\u2028>","count":1,"tags":[],"at":"2026-07-28T12:00:00Z","to":{"street":"x"}}`, false},
		{"a fraction for an integer", "order", `{"item":"tea","count":1.5,"tags":[],"at":"2026-07-28T12:00:00Z","to":{"street":"x"}}`, true},
		{"an integer beyond 64 bits", "order", `{"item":"tea","count":1e30,"tags":[],"at":"2026-07-28T12:00:00Z","to":{"street":"x"}}`, true},
		{"a number among strings", "order", `{"item":"tea","count":1,"tags":["a",1],"at":"2026-07-28T12:00:00Z","to":{"street":"x"}}`, true},
		{"a time that is none", "order", `{"item":"tea","count":1,"tags":[],"at":"noon","to":{"street":"x"}}`, true},
		{"a nested member missing", "order", `{"item":"tea","count":1,"tags":[],"at":"2026-07-28T12:00:00Z","to":{}}`, true},
		{"a nested unknown member", "order", `{"item":"tea","count":1,"tags":[],"at":"2026-07-28T12:00:00Z","to":{"street":"x","zip":"1"}}`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ours, theirs := callBoth(t, session, tt.tool, tt.arguments)
			if ours.IsError != tt.isError || theirs.IsError != tt.isError {
				t.Fatalf("IsError: ours %v (%s), the SDK's %v (%s), want %v",
					ours.IsError, onlyText(t, ours), theirs.IsError, onlyText(t, theirs), tt.isError)
			}
			if a, b := structured(t, ours), structured(t, theirs); !sameJSON(t, a, b) {
				t.Errorf("structured content: ours %s, the SDK's %s", a, b)
			}
		})
	}
}

// Where a Tool is stricter on purpose: a document with two meanings has none, and
// a list is a list.
func TestCallIsStricterThanSDK(t *testing.T) {
	server := mcp.NewServer(&mcp.Implementation{Name: "differential", Version: "1"}, nil)
	addBoth(server, "bmi", calculateBMI)
	addBoth(server, "order", takeOrder)
	session := connect(t, server)
	tests := []struct{ name, tool, arguments, want string }{
		{
			"a duplicate member", "bmi", `{"weight_kg":900,"height_m":1.75,"weight_kg":70}`,
			"invalid arguments: not one valid JSON value",
		},
		{
			"a duplicate member, escaped", "bmi", `{"\u0077eight_kg":900,"height_m":1.75,"weight_kg":70}`,
			"invalid arguments: not one valid JSON value",
		},
		{
			"null for a list", "order", `{"item":"tea","count":1,"tags":null,"at":"2026-07-28T12:00:00Z","to":{"street":"x"}}`,
			`invalid arguments: validating root: validating /properties/tags: type: null has type "null", want "array"`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ours, theirs := callBoth(t, session, tt.tool, tt.arguments)
			if theirs.IsError {
				t.Errorf("the SDK refuses it, too, now: %s", onlyText(t, theirs))
			}
			if got := onlyText(t, ours); !ours.IsError || got != tt.want {
				t.Errorf("IsError = %v, text %q, want %q", ours.IsError, got, tt.want)
			}
		})
	}
}

// A list that a handler leaves nil is an empty one: clients need not expect null
// where they were promised a list.
func TestCallWritesNilListsAsEmpty(t *testing.T) {
	type lists struct {
		Tags []string `json:"tags"`
	}
	server := mcp.NewServer(&mcp.Implementation{Name: "differential", Version: "1"}, nil)
	addBoth(server, "lists", func(context.Context, Caller, nothing) (lists, error) { return lists{}, nil })
	ours, theirs := callBoth(t, connect(t, server), "lists", "")
	if got, want := structured(t, ours), `{"tags":[]}`; !sameJSON(t, got, []byte(want)) {
		t.Errorf("ours = %s, want %s", got, want)
	}
	if got, want := structured(t, theirs), `{"tags":null}`; !sameJSON(t, got, []byte(want)) {
		t.Errorf("the SDK's = %s: it was %s when this was written", got, want)
	}
}

// order is what most shapes of a tool's input come together in.
type order struct {
	Item  string             `json:"item"`
	Count int                `json:"count"`
	Tags  []string           `json:"tags"`
	At    time.Time          `json:"at"`
	To    address            `json:"to"`
	Note  *string            `json:"note,omitempty"`
	More  map[string]float64 `json:"more,omitempty"`
}

type address struct {
	Street string `json:"street"`
}

func takeOrder(_ context.Context, _ Caller, in order) (order, error) { return in, nil }

// addBoth registers handler as ours_<name>, the way the server does it, and as
// theirs_<name> through the SDK's typed AddTool.
func addBoth[In, Out any](server *mcp.Server, name string, handler func(context.Context, Caller, In) (Out, error)) {
	ours := Define("ours_"+name, Options{Title: "T", Description: "D"}, handler)
	server.AddTool(ours.Definition(), func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return ours.Call(ctx, Caller{}, req.Params.Arguments)
	})
	mcp.AddTool(server, &mcp.Tool{Name: "theirs_" + name, Description: "D"},
		func(ctx context.Context, _ *mcp.CallToolRequest, in In) (*mcp.CallToolResult, Out, error) {
			out, err := handler(ctx, Caller{}, in)
			return nil, out, err
		})
}

func connect(t *testing.T, server *mcp.Server) *mcp.ClientSession {
	t.Helper()
	serverSide, clientSide := mcp.NewInMemoryTransports()
	if _, err := server.Connect(t.Context(), serverSide, nil); err != nil {
		t.Fatal(err)
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), clientSide, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

func callBoth(t *testing.T, session *mcp.ClientSession, name, arguments string) (ours, theirs *mcp.CallToolResult) {
	t.Helper()
	call := func(tool string) *mcp.CallToolResult {
		params := &mcp.CallToolParams{Name: tool}
		if arguments != "" {
			params.Arguments = json.RawMessage(arguments)
		}
		result, err := session.CallTool(t.Context(), params)
		if err != nil {
			t.Fatalf("%s: %v", tool, err)
		}
		return result
	}
	return call("ours_" + name), call("theirs_" + name)
}

func structured(t *testing.T, result *mcp.CallToolResult) []byte {
	t.Helper()
	data, err := json.Marshal(result.StructuredContent)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
