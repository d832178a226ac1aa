package ask

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	openai "github.com/sashabaranov/go-openai"

	"mcp-resource-server/internal/fakemodel"
)

const (
	testKey      = "sk-test-5f3c9a1b7d2e4f60"
	testQuestion = "What is the time in Bengaluru?"
)

// direct is a Doer that calls a handler without a network: under synctest time
// passes only where nothing waits for a socket.
type direct struct{ handler http.Handler }

func (d direct) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	rec := httptest.NewRecorder()
	d.handler.ServeHTTP(rec, r)
	return rec.Result(), nil
}

type doerFunc func(*http.Request) (*http.Response, error)

func (f doerFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// fakeTools are the tools of a server that gives the same results each time.
type fakeTools struct {
	tools   []Tool
	results map[string]Result
	err     error    // of each call
	listErr error    // of each list
	calls   []string // name and arguments
	lists   int
}

func (f *fakeTools) List(context.Context) ([]Tool, error) {
	f.lists++
	return f.tools, f.listErr
}

func (f *fakeTools) Call(_ context.Context, name string, arguments json.RawMessage) (Result, error) {
	f.calls = append(f.calls, name+" "+string(arguments))
	return f.results[name], f.err
}

func newFakeTools() *fakeTools {
	return &fakeTools{
		tools: []Tool{
			{Name: "get_time", Description: "Tells the time.", InputSchema: json.RawMessage(`{"type":"object","properties":{"city":{"type":"string"},"timezone":{"type":"string"}},"additionalProperties":false}`)},
			{Name: "get_weather", Description: "Tells the weather.", InputSchema: json.RawMessage(`{"type":"object","properties":{"location":{"type":"string"}},"required":["location"],"additionalProperties":false}`)},
			{Name: "server.status", Title: "Server status"},
		},
		results: map[string]Result{
			"get_time":      {Text: "17:30"},
			"get_weather":   {Text: "clear sky"},
			"server.status": {Text: "ready"},
		},
	}
}

// run is one question put to a script, and all that can be seen of it.
type run struct {
	answer string
	err    error
	script *fakemodel.Scripted
	tools  *fakeTools
	events []Event
}

// ask puts the test's question to a script. Options and tools may be changed
// first.
func ask(t *testing.T, script *fakemodel.Scripted, change ...func(*Options, *fakeTools)) *run {
	t.Helper()
	r := &run{script: script, tools: newFakeTools()}
	o := Options{
		Model: "test-model", APIKey: testKey, BaseURL: "https://models.example/v1", HTTP: direct{script},
		Observe: func(e Event) { r.events = append(r.events, e) },
	}
	for _, c := range change {
		c(&o, r.tools)
	}
	a, err := New(o, r.tools)
	if err != nil {
		t.Fatal(err)
	}
	r.answer, r.err = a.Ask(t.Context(), testQuestion)
	if r.err != nil && strings.Contains(r.err.Error(), testKey) {
		t.Errorf("the error shows the key: %v", r.err)
	}
	return r
}

func plain(o *Options, _ *fakeTools) { o.Plain = true }

// request decodes the n-th request that the script got, from 0.
func (r *run) request(t *testing.T, n int) openai.ChatCompletionRequest {
	t.Helper()
	requests := r.script.Requests()
	if n >= len(requests) {
		t.Fatalf("the model got %d requests, no number %d; the end was %q, %v", len(requests), n, r.answer, r.err)
	}
	var decoded openai.ChatCompletionRequest
	if err := json.Unmarshal(requests[n].Body, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

// last is the last message that the model got.
func (r *run) last(t *testing.T) openai.ChatCompletionMessage {
	t.Helper()
	messages := r.request(t, len(r.script.Requests())-1).Messages
	return messages[len(messages)-1]
}

// kinds lists the kinds of the events, as in "round call round".
func (r *run) kinds() string {
	var kinds []string
	for _, e := range r.events {
		kinds = append(kinds, string(e.Kind))
	}
	return strings.Join(kinds, " ")
}

// recorded is an answer as a server of one make has given it.
func recorded(t *testing.T, name string) fakemodel.Answer {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return fakemodel.Answer{Body: string(body)}
}

// says is an answer of text.
func says(text string) fakemodel.Answer {
	return completion(openai.ChatCompletionMessage{Role: "assistant", Content: text})
}

// wants is an answer of tool calls, each given as its name and arguments.
func wants(calls ...[2]string) fakemodel.Answer {
	m := openai.ChatCompletionMessage{Role: "assistant"}
	for i, c := range calls {
		m.ToolCalls = append(m.ToolCalls, openai.ToolCall{
			ID: "call_" + string(rune('a'+i)), Type: "function", Function: openai.FunctionCall{Name: c[0], Arguments: c[1]},
		})
	}
	return completion(m)
}

func completion(m openai.ChatCompletionMessage) fakemodel.Answer {
	body, err := json.Marshal(openai.ChatCompletionResponse{
		ID: "x", Object: "chat.completion", Choices: []openai.ChatCompletionChoice{{Message: m, FinishReason: "stop"}},
	})
	if err != nil {
		panic(err) // a test's own message
	}
	return fakemodel.Answer{Body: string(body)}
}

var goodCall = [2]string{"get_time", `{"city":"Bengaluru"}`}
