package server

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

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
		Answers: mcp.InputResponseMap{
			"a": &mcp.ElicitResult{Action: "accept", Content: map[string]any{"x": "y", "n": 1.5}},
			"b": &mcp.CreateMessageWithToolsResult{Role: "assistant", Model: "m", Content: []mcp.Content{&mcp.TextContent{Text: "1"}, &mcp.TextContent{Text: "2"}}},
			"c": &mcp.ListRootsResult{Roots: []*mcp.Root{}},
			"d": &mcp.ElicitResult{Action: "cancel"},
		},
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
