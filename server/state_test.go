package server

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func TestStateKeys(t *testing.T) {
	long, fault := strings.Repeat("k", 32), "must be a secret of at least 32 bytes, or several with space between"
	for _, tt := range []struct {
		name, text string
		want       int
		fault      string
	}{
		{"none", "", 0, ""},
		{"space alone", " \n", 0, ""},
		{"one", long, 1, ""},
		{"one of a file", long + "\n", 1, ""},
		{"two", long + " x" + long, 2, ""},
		{"a short one", long[1:], 0, fault},
		{"a short one behind a good one", long + "\n" + long[1:], 0, fault},
	} {
		t.Run(tt.name, func(t *testing.T) {
			keys, err := stateKeys(tt.text)
			if len(keys) != tt.want || (err == nil) != (tt.fault == "") || err != nil && err.Error() != tt.fault {
				t.Errorf("%d keys, %v", len(keys), err)
			}
		})
	}
}

func aSealer(t testing.TB, secrets ...string) *sealer {
	t.Helper()
	s, err := newSealer(strings.Join(secrets, " "))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSealer: each kind of answer comes out as it went in, for what it was sealed for.
func TestSealer(t *testing.T) {
	told := remembered{
		Answers: map[string]heldAnswer{
			"a": {"1", json.RawMessage(`{"action":"accept","content":{"n":1.5,"x":"y"}}`)},
			"b": {"2", json.RawMessage(`{"content":[{"type":"text","text":"1"}],"role":"assistant"}`)},
		},
		Open: map[string]string{"c": "3"},
		Once: map[string]json.RawMessage{"k": json.RawMessage(`{"v":[1,2]}`)},
	}
	s := aSealer(t, oldKey)
	state, err := s.seal([]byte("about"), told)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.open([]byte("about"), state); err != nil || !reflect.DeepEqual(got, told) {
		t.Errorf("%+v, %v", got, err)
	}
	for name, open := range map[string]func() (remembered, error){
		"about something else": func() (remembered, error) { return s.open([]byte("abouT"), state) },
		"another key":          func() (remembered, error) { return aSealer(t, newKey).open([]byte("about"), state) },
		"the process's key":    func() (remembered, error) { return aSealer(t).open([]byte("about"), state) },
	} {
		if got, err := open(); !errors.Is(err, errNotOpened) || !reflect.DeepEqual(got, remembered{}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := aSealer(t, newKey, oldKey).open([]byte("about"), state); err != nil {
		t.Errorf("a new key before the old one: %v", err)
	}
}

// TestStateInOneForm: a state is taken as it was given out, though base64 has other
// forms of the same bytes.
func TestStateInOneForm(t *testing.T) {
	s := aSealer(t)
	for pad := range 3 {
		state, err := s.seal(nil, remembered{Once: map[string]json.RawMessage{"k": json.RawMessage(`"` + strings.Repeat("x", pad) + `"`)}})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := base64.RawURLEncoding.DecodeString(state)
		if err != nil {
			t.Fatal(err)
		}
		for _, last := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
			other := state[:len(state)-1] + string(last)
			if same, err := base64.RawURLEncoding.DecodeString(other); err != nil || !bytes.Equal(same, raw) {
				continue
			}
			if _, err := s.open(nil, other); (err == nil) != (other == state) {
				t.Errorf("%q of %q: %v", other, state, err)
			}
		}
	}
}

// TestAbout: two requests that differ have two names.
func TestAbout(t *testing.T) {
	var c call
	c.operation.Method, c.operation.Target.Kind, c.operation.Target.Name = "tools/call", "tool", "a"
	base := c.about([]byte("x"))
	other := c
	other.operation.Target.Name = `a","`
	for name, got := range map[string][]byte{"arguments": c.about(nil), "name": other.about([]byte("x"))} {
		if bytes.Equal(got, base) {
			t.Errorf("another %s is the same", name)
		}
	}
	if !bytes.Equal(c.about([]byte("x")), base) {
		t.Error("the same is another")
	}
}

// TestCanonicalArguments: one form for what is the same to a tool, and no other.
func TestCanonicalArguments(t *testing.T) {
	of := func(text string) string { return string(canonicalArguments(json.RawMessage(text))) }
	for _, tt := range []struct {
		name, a, b string
		same       bool
	}{
		{"order, deep down", `{"a":[{"x":1,"y":2}],"b":3}`, `{"b":3,"a":[{"y":2,"x":1}]}`, true},
		{"order of a list", `{"a":[1,2]}`, `{"a":[2,1]}`, false},
		{"whole numbers beyond float64", `{"n":9007199254740993}`, `{"n":9007199254740992}`, false},
		{"fractions beyond float64", `{"n":0.1}`, `{"n":0.10000000000000000001}`, false},
		{"numbers beyond its range", `{"n":1e400}`, `{"n":1e401}`, false},
		{"a number and its text", `{"n":1}`, `{"n":"1"}`, false},
		{"null is a value", `{"n":null}`, `{}`, false},
		{"no arguments", `null`, `{ }`, true},
		{"a name twice", `{"n":1,"n":2}`, `{"n":2,"n":1}`, false},
		{"no JSON", `{"a":`, `{"b":`, false},
	} {
		if (of(tt.a) == of(tt.b)) != tt.same {
			t.Errorf("%s: %s and %s", tt.name, of(tt.a), of(tt.b))
		}
	}
	if got := canonicalArguments(map[string]string{"b": "<", "a": "2"}); string(got) != of(`{"a":"2","b":"\u003c"}`) {
		t.Errorf("of a prompt: %s", got)
	}
	if canonicalArguments(json.RawMessage(nil)) != nil || canonicalArguments(map[string]string{}) != nil {
		t.Error("none is something")
	}
}

// FuzzCanonicalArguments: what is one in its canonical form is one when it is read.
func FuzzCanonicalArguments(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":1.0,"b":[true,null]}`, `{"b":"\u0061","a":-0}`, `{"n":9007199254740993}`, `{"a":1,"a":2}`, `{"<":"\u2028"}`, `[`} {
		f.Add([]byte(seed))
	}
	read := func(data []byte) (value any, err error) {
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.UseNumber() // as it is written
		return value, dec.Decode(&value)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) || !utf8.Valid(data) {
			return
		}
		canonical := canonicalArguments(json.RawMessage(data))
		if canonical == nil {
			return
		}
		want, err := read(data)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := read(canonical); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s of %s: %v", canonical, data, err)
		}
		if again := canonicalArguments(json.RawMessage(canonical)); !bytes.Equal(again, canonical) {
			t.Errorf("%s of %s", again, canonical)
		}
	})
}

// FuzzState: whatever a client sends opens without a panic, and only what was sealed
// opens at all.
func FuzzState(f *testing.F) {
	s := aSealer(f) // each process of a fuzzing run has its own key, and its own state
	state, err := s.seal([]byte("about"), remembered{Once: map[string]json.RawMessage{"k": json.RawMessage(`1`)}})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", "A", "====", state, state[1:], state + "A", "\r\n" + state, strings.Repeat("A", 64), "\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		if _, err := s.open([]byte("about"), sent); (err == nil) != (sent == state) {
			t.Errorf("%q: %v", sent, err)
		}
		if _, err := s.open(nil, sent); err == nil {
			t.Errorf("%q opens for another request", sent)
		}
	})
}

// TestHeldAnswer: each kind of answer is read as it was given, and anew each time.
func TestHeldAnswer(t *testing.T) {
	form := aForm("?", "x", &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}})
	tooled := &mcp.CreateMessageWithToolsParams{}
	for name, tt := range map[string]struct {
		question mcp.InputRequest
		answer   mcp.InputResponse
	}{
		"a form":           {form, &mcp.ElicitResult{Action: "accept", Content: map[string]any{"x": []any{"y"}}}},
		"a form, declined": {form, &mcp.ElicitResult{Action: "decline"}},
		"a message":        {asample, &mcp.CreateMessageResult{Role: "assistant", Model: "m", Content: &mcp.TextContent{Text: "1"}}},
		"a message of two": {tooled, &mcp.CreateMessageWithToolsResult{Role: "assistant", Model: "m", Content: []mcp.Content{&mcp.TextContent{Text: "1"}, &mcp.TextContent{Text: "2"}}}},
		"roots":            {&mcp.ListRootsParams{}, &mcp.ListRootsResult{Roots: []*mcp.Root{{URI: "file:///a"}}}},
		"no roots":         {&mcp.ListRootsParams{}, &mcp.ListRootsResult{Roots: []*mcp.Root{}}},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := json.Marshal(tt.answer)
			if err != nil {
				t.Fatal(err)
			}
			held := heldAnswer{Answer: data}
			first, ok := held.read(tt.question)
			if !ok || !reflect.DeepEqual(first, tt.answer) {
				t.Fatalf("%+v, %v", first, ok)
			}
			if a, isForm := first.(*mcp.ElicitResult); isForm && a.Content != nil {
				a.Content["x"].([]any)[0] = "changed"
			}
			if again, ok := held.read(tt.question); !ok || !reflect.DeepEqual(again, tt.answer) {
				t.Errorf("the second time: %+v, %v", again, ok)
			}
		})
	}
}

// TestDigestOf: one digest for what is the same question however its schema is written,
// and another for every other.
func TestDigestOf(t *testing.T) {
	schema := func(text string) *mcp.ElicitParams {
		return &mcp.ElicitParams{Mode: "form", Message: "Really?", RequestedSchema: json.RawMessage(text)}
	}
	base := schema(`{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"]}`)
	other := *base
	other.Message = "Really, really?"
	for name, tt := range map[string]struct {
		a, b mcp.InputRequest
		same bool
	}{
		"itself":                {base, base, true},
		"in another order":      {base, schema(`{"required":["ok"], "properties":{"ok":{"type":"boolean"}},"type":"object"}`), true},
		"as a schema of Go":     {base, &mcp.ElicitParams{Mode: "form", Message: "Really?", RequestedSchema: okForm.RequestedSchema}, true},
		"another message":       {base, &other, false},
		"another schema":        {base, schema(`{"type":"object","properties":{"ok":{"type":"boolean"}}}`), false},
		"two pages":             {&mcp.ElicitParams{Mode: "url", URL: "https://a.example/"}, &mcp.ElicitParams{Mode: "url", URL: "https://b.example/"}, false},
		"of another kind":       {&mcp.ListRootsParams{}, &mcp.ElicitParams{}, false},
		"two texts for a model": {asample, &mcp.CreateMessageParams{MaxTokens: 8, Messages: asample.Messages}, false},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := digestOf(tt.a)
			if err != nil {
				t.Fatal(err)
			}
			b, err := digestOf(tt.b)
			if err != nil || (a == b) != tt.same {
				t.Errorf("%q and %q, %v", a, b, err)
			}
		})
	}
	if _, err := digestOf(&mcp.CreateMessageParams{Temperature: math.NaN()}); err == nil || !strings.Contains(err.Error(), "NaN") {
		t.Errorf("what cannot be sent: %v", err)
	}
}
