package ask

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	openai "github.com/sashabaranov/go-openai"

	"mcp-resource-server/internal/fakemodel"
)

// Each row is how a server of some make asks for the same tool, and answers.
func TestAskServersOfManyMakes(t *testing.T) {
	tests := []struct {
		call, answer string
		id           string // of the call in the second request
	}{
		{"openai_call", "openai_answer", "call_7Qm2XvT0bR5sKc1pZ9yLhWdE"},
		{"ollama_call", "openai_answer", "call_x9c2vq1e"},
		{"vllm_call", "vllm_answer", "chatcmpl-tool-e8cdb13de9204716960f82368dbc191d"},
		{"deepseek_call", "openai_answer", "call_00_Zk3tRw8QeYp1"},
		{"legacy_call", "parts_answer", "call00000"},
	}
	for _, tt := range tests {
		t.Run(tt.call, func(t *testing.T) {
			r := ask(t, fakemodel.Script(recorded(t, tt.call), recorded(t, tt.answer)))
			if r.err != nil || r.answer != "It is 17:30 in Bengaluru." {
				t.Fatalf("answer %q, %v", r.answer, r.err)
			}
			if len(r.tools.calls) != 1 || !strings.HasPrefix(r.tools.calls[0], `get_time {"city":`) {
				t.Errorf("calls %q", r.tools.calls)
			}
			messages := r.request(t, 1).Messages
			if len(messages) != 4 {
				t.Fatalf("%d messages in the second request: %+v", len(messages), messages)
			}
			calls := messages[2].ToolCalls
			if messages[2].Role != "assistant" || len(calls) != 1 || calls[0].ID != tt.id || calls[0].Type != "function" {
				t.Errorf("the call came back as %+v", messages[2])
			}
			want := openai.ChatCompletionMessage{Role: "tool", ToolCallID: tt.id, Content: "17:30"}
			if diff := cmp.Diff(want, messages[3]); diff != "" {
				t.Errorf("the output (-want +got):\n%s", diff)
			}
		})
	}
}

// DeepSeek answers 400 to a conversation whose calls lack the reasoning_content
// that it sent with them.
func TestReasoningGoesBackWithItsCalls(t *testing.T) {
	r := ask(t, fakemodel.Script(recorded(t, "deepseek_call"), recorded(t, "openai_answer")))
	if got := r.request(t, 1).Messages[2].ReasoningContent; got != "The user wants a time. There is a tool for it." {
		t.Errorf("reasoning %q", got)
	}
}

func TestFirstRequest(t *testing.T) {
	r := ask(t, fakemodel.Script(recorded(t, "openai_answer")))
	sent := r.script.Requests()[0]
	if sent.Method != http.MethodPost || sent.Path != "/v1/chat/completions" || sent.Header.Get("Authorization") != "Bearer "+testKey {
		t.Errorf("%s %s with %q", sent.Method, sent.Path, sent.Header.Get("Authorization"))
	}
	request := r.request(t, 0)
	want := []openai.ChatCompletionMessage{{Role: "system", Content: toolPrompt}, {Role: "user", Content: testQuestion}}
	if diff := cmp.Diff(want, request.Messages); diff != "" || request.Model != "test-model" {
		t.Errorf("model %q, messages (-want +got):\n%s", request.Model, diff)
	}
	var body struct {
		Tools []struct {
			Type     string
			Function struct {
				Name, Description string
				Parameters        json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(sent.Body, &body); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tool := range body.Tools {
		f := tool.Function
		got = append(got, tool.Type+" "+f.Name+": "+f.Description+" "+string(f.Parameters))
	}
	wantTools := []string{
		`function get_time: Tells the time. {"type":"object","properties":{"city":{"type":"string"},"timezone":{"type":"string"}},"additionalProperties":false}`,
		`function get_weather: Tells the weather. {"type":"object","properties":{"location":{"type":"string"}},"required":["location"],"additionalProperties":false}`,
		`function server_status: Server status {"type":"object","properties":{}}`,
	}
	if diff := cmp.Diff(wantTools, got); diff != "" {
		t.Errorf("tools (-want +got):\n%s", diff)
	}
}

func TestParallelCalls(t *testing.T) {
	r := ask(t, fakemodel.Script(recorded(t, "openai_parallel"), recorded(t, "openai_answer")))
	if r.err != nil {
		t.Fatal(r.err)
	}
	wantCalls := []string{`get_time {"city": "Bengaluru"}`, `get_weather {"location": "Dubai"}`, `get_time {"city": "Dubai"}`}
	if diff := cmp.Diff(wantCalls, r.tools.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	want := []openai.ChatCompletionMessage{
		{Role: "tool", ToolCallID: "call_aaaaaaaaaaaaaaaaaaaaaaaa", Content: "17:30"},
		{Role: "tool", ToolCallID: "call_bbbbbbbbbbbbbbbbbbbbbbbb", Content: "clear sky"},
		{Role: "tool", ToolCallID: "call_cccccccccccccccccccccccc", Content: "17:30"},
	}
	if diff := cmp.Diff(want, r.request(t, 1).Messages[3:]); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	if got := r.kinds(); got != "round call call call round" {
		t.Errorf("events %q", got)
	}
	if r.events[0].Calls != 3 || r.events[4].Round != 2 || r.events[2].Tool != "get_weather" || r.events[2].Bytes != len("clear sky") {
		t.Errorf("events %+v", r.events)
	}
}

func TestCallIDs(t *testing.T) {
	r := ask(t, fakemodel.Script(recorded(t, "emptyids_call"), recorded(t, "emptyids_call"), recorded(t, "openai_answer")))
	if r.err != nil {
		t.Fatal(r.err)
	}
	var asked, answered []string
	for _, m := range r.request(t, 2).Messages {
		for _, c := range m.ToolCalls {
			asked = append(asked, c.ID)
		}
		if m.Role == "tool" {
			answered = append(answered, m.ToolCallID)
		}
	}
	want := []string{"call00000", "call00001", "call00002", "call00003"}
	if !slices.Equal(asked, want) || !slices.Equal(answered, want) {
		t.Errorf("asked %q, answered %q, want %q", asked, answered, want)
	}
	if got := r.request(t, 1).Messages[2].Content; got != "I will look both up." {
		t.Errorf("the text beside the calls came back as %q", got)
	}
}

func TestIDKeepsOnlyWhatIsOne(t *testing.T) {
	tests := []struct{ name, given, want string }{
		{"OpenAI's", "call_7Qm2XvT0bR5sKc1pZ9yLhWdE", "call_7Qm2XvT0bR5sKc1pZ9yLhWdE"},
		{"Mistral's", "D681PevKs", "D681PevKs"},
		{"empty", "", "call00001"},
		{"seen before", "taken", "call00001"},
		{"with a line end", "a\nb", "call00001"},
		{"too long", strings.Repeat("x", 129), "call00001"},
		{"of the greatest length", strings.Repeat("x", 128), strings.Repeat("x", 128)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := toolCalls{ids: map[string]bool{"taken": true}}
			if got := p.id(tt.given); got != tt.want {
				t.Errorf("id(%q) = %q, want %q", tt.given, got, tt.want)
			}
		})
	}
}

// Each row is one answer that cannot be used. The model is told, and may answer
// again; the second time ends the question. The twin of all rows is goodCall.
func TestNonsense(t *testing.T) {
	many := slices.Repeat([][2]string{goodCall}, maxCalls+1)
	tests := []struct {
		name  string
		bad   fakemodel.Answer
		role  string // how the model is told
		told  string
		error string
	}{
		{"malformed JSON", wants([2]string{"get_time", `{"city":"Beng`}), "tool", "arguments for get_time that are not one JSON object: not one valid JSON value", "arguments for get_time that are not one JSON object"},
		{"a name twice", wants([2]string{"get_time", `{"city":"a","city":"b"}`}), "tool", "not one JSON object", "not one JSON object"},
		{"a list", wants([2]string{"get_time", `["a"]`}), "tool", "not a JSON object", "not one JSON object"},
		{"text after the object", wants([2]string{"get_time", `{} {}`}), "tool", "not one JSON object", "not one JSON object"},
		{"deep", wants([2]string{"get_time", `{"city":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`}), "tool", "nested too deeply", "not one JSON object"},
		{"long", wants([2]string{"get_time", `{"city":"` + strings.Repeat("x", maxArguments) + `"}`}), "tool", "at most 65536 are allowed", "are too long"},
		{"a huge number", wants([2]string{"get_time", `{"city":1e999}`}), "tool", "a number that is too large", "a number that is too large"},
		{"of the wrong type", wants([2]string{"get_time", `{"city":7}`}), "tool", `has type "integer", want "string"`, "arguments for get_time that do not hold to its schema"},
		{"not in the schema", wants([2]string{"get_time", `{"town":"x"}`}), "tool", "town", "do not hold to its schema"},
		{"missing", wants([2]string{"get_weather", ``}), "tool", "location", "arguments for get_weather that do not hold to its schema"},
		{"an unknown tool", wants([2]string{"rm_rf", `{}`}), "tool", `a call of a tool that does not exist: "rm_rf"`, "a tool that does not exist"},
		{"no name", wants([2]string{"", `{}`}), "tool", `does not exist: ""`, "a tool that does not exist"},
		{"too many calls", wants(many...), "user", "17 tool calls at once, where at most 16 are allowed", "17 tool calls at once"},
		{"nothing", says(""), "user", "neither text nor a tool call", "neither text nor a tool call"},
		{"nothing to be seen", says("\x1b[2J\u202e"), "user", "neither text nor a tool call", "neither text nor a tool call"},
		{"a call as text", says(`{"name": "get_time", "parameters": {"city": "Bengaluru"}}`), "user", "a tool call written as text", "a tool call written as text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := ask(t, fakemodel.Script(tt.bad, wants(goodCall), recorded(t, "openai_answer")))
			if r.err != nil || r.answer != "It is 17:30 in Bengaluru." {
				t.Fatalf("after one nonsense: %q, %v", r.answer, r.err)
			}
			if want := []string{`get_time {"city":"Bengaluru"}`}; !slices.Equal(r.tools.calls, want) {
				t.Errorf("calls %q, want %q", r.tools.calls, want)
			}
			messages := r.request(t, 1).Messages
			if m := messages[len(messages)-1]; m.Role != tt.role || !strings.Contains(m.Content, tt.told) {
				t.Errorf("told as %s: %q, want as %s with %q", m.Role, m.Content, tt.role, tt.told)
			}
			if got := r.kinds(); got != "round nonsense round call round" {
				t.Errorf("events %q", got)
			}

			r = ask(t, fakemodel.Script(tt.bad, tt.bad, recorded(t, "openai_answer")))
			if !errors.Is(r.err, ErrNonsense) || !strings.Contains(r.err.Error(), tt.error) || !strings.Contains(r.err.Error(), "--plain") {
				t.Errorf("after two: %q, %v, want ErrNonsense with %q", r.answer, r.err, tt.error)
			}
			if len(r.tools.calls) != 0 || len(r.script.Requests()) != 2 {
				t.Errorf("%d calls, %d requests", len(r.tools.calls), len(r.script.Requests()))
			}
		})
	}
}

// vLLM and Ollama parse the arguments in a conversation's history, and OpenAI
// looks at the names: what was malformed must not be sent again.
func TestHistoryIsWellFormed(t *testing.T) {
	r := ask(t, fakemodel.Script(
		wants([2]string{"get_time", `{"city":"Beng`}, [2]string{"läuft.so\n", `[`}, [2]string{strings.Repeat("x", 500), `{}`}, [2]string{"", ``}),
		recorded(t, "openai_answer"),
	))
	if r.err != nil {
		t.Fatal(r.err)
	}
	var got []string
	for _, c := range r.request(t, 1).Messages[2].ToolCalls {
		if !validAlias(c.Function.Name) {
			t.Errorf("the name %q", c.Function.Name)
		}
		got = append(got, c.Function.Name[:min(len(c.Function.Name), 9)]+c.Function.Arguments)
	}
	if want := []string{"get_time{}", "l_uft_so_{}", "xxxxxxxxx{}", "unknown{}"}; !slices.Equal(got, want) {
		t.Errorf("history %q, want %q", got, want)
	}
}

// One answer may hold good calls and bad ones: each call gets its own output.
func TestNonsenseBesideGoodCalls(t *testing.T) {
	r := ask(t, fakemodel.Script(wants(goodCall, [2]string{"get_time", `{"city":1}`}, [2]string{"get_weather", `{"location":"Dubai"}`}), recorded(t, "openai_answer")))
	if r.err != nil || len(r.tools.calls) != 2 {
		t.Fatalf("calls %q, %v", r.tools.calls, r.err)
	}
	outputs := r.request(t, 1).Messages[3:]
	if len(outputs) != 3 || outputs[0].Content != "17:30" || !strings.HasPrefix(outputs[1].Content, "error: the call was not made") || outputs[2].Content != "clear sky" {
		t.Errorf("outputs %+v", outputs)
	}
	for i, id := range []string{"call_a", "call_b", "call_c"} {
		if outputs[i].ToolCallID != id {
			t.Errorf("output %d is for %s, want %s", i, outputs[i].ToolCallID, id)
		}
	}
}

// What a tool itself complains of is an output like any other, as often as it
// likes.
func TestToolErrorsAreNoNonsense(t *testing.T) {
	r := ask(t, fakemodel.Script(wants(goodCall), wants(goodCall), wants(goodCall), recorded(t, "openai_answer")), func(_ *Options, f *fakeTools) {
		f.results["get_time"] = Result{Text: "no such city", IsError: true}
	})
	if r.err != nil || len(r.tools.calls) != 3 {
		t.Fatalf("calls %q, %v", r.tools.calls, r.err)
	}
	if m := r.last(t); m.Role != "tool" || m.Content != "error: no such city" {
		t.Errorf("the model got %+v", m)
	}
	if e := r.events[1]; e.Kind != EventCall || !e.ToolError || e.Err != nil {
		t.Errorf("event %+v", e)
	}
}

func TestTroubleOnTheWayToAToolEndsTheQuestion(t *testing.T) {
	broken := errors.New("connection lost")
	r := ask(t, fakemodel.Script(wants(goodCall, goodCall), recorded(t, "openai_answer")), func(_ *Options, f *fakeTools) { f.err = broken })
	if !errors.Is(r.err, broken) || errors.Is(r.err, ErrModel) || r.err.Error() != "calling get_time: connection lost" {
		t.Errorf("%v", r.err)
	}
	if len(r.tools.calls) != 1 || len(r.script.Requests()) != 1 || !errors.Is(r.events[1].Err, broken) {
		t.Errorf("%d calls, %d requests, events %+v", len(r.tools.calls), len(r.script.Requests()), r.events)
	}
}

func TestRounds(t *testing.T) {
	for _, plainMode := range []bool{false, true} {
		call := wants(goodCall)
		answer := says("Done.")
		if plainMode {
			call, answer = says(`{"tool":"get_time","arguments":{}}`), says(`{"answer":"Done."}`)
		}
		limit := func(n int) func(*Options, *fakeTools) {
			return func(o *Options, _ *fakeTools) { o.MaxRounds, o.Plain = n, plainMode }
		}
		t.Run(fmt.Sprintf("plain %v", plainMode), func(t *testing.T) {
			endless := slices.Repeat([]fakemodel.Answer{call}, mostRounds)

			r := ask(t, fakemodel.Script(endless...), limit(3))
			if !errors.Is(r.err, ErrTooManyRounds) || len(r.script.Requests()) != 3 {
				t.Errorf("%v after %d requests, want ErrTooManyRounds after 3", r.err, len(r.script.Requests()))
			}
			// The third answer's call is not made: nobody would read its output.
			if len(r.tools.calls) != 2 {
				t.Errorf("%d calls", len(r.tools.calls))
			}
			r = ask(t, fakemodel.Script(call, call, answer), limit(3))
			if r.err != nil || r.answer != "Done." {
				t.Errorf("the twin: %q, %v", r.answer, r.err)
			}
			r = ask(t, fakemodel.Script(endless...), limit(0))
			if !errors.Is(r.err, ErrTooManyRounds) || len(r.script.Requests()) != defaultRounds {
				t.Errorf("by default %v after %d requests", r.err, len(r.script.Requests()))
			}
		})
	}
}

func TestRefusalAndCutOff(t *testing.T) {
	tests := []struct {
		answer string
		want   error
		text   string
	}{
		{"openai_refusal", ErrRefused, "the model refused to answer"},
		{"openai_length", ErrCutOff, "the model's answer was cut off at the model's limit of tokens"},
		{"openai_filtered", ErrCutOff, "the model's answer was cut off by a content filter"},
	}
	for _, tt := range tests {
		t.Run(tt.answer, func(t *testing.T) {
			r := ask(t, fakemodel.Script(recorded(t, tt.answer), recorded(t, "openai_answer")))
			if !errors.Is(r.err, tt.want) || r.err.Error() != tt.text {
				t.Errorf("%v, want %q", r.err, tt.text)
			}
			if len(r.tools.calls) != 0 || len(r.script.Requests()) != 1 {
				t.Errorf("%d calls, %d requests", len(r.tools.calls), len(r.script.Requests()))
			}
		})
	}
	r := ask(t, fakemodel.Script(recorded(t, "openai_refusal")))
	if refusal, ok := errors.AsType[*RefusalError](r.err); !ok || refusal.Text != "I'm sorry, I can't assist with that request." {
		t.Errorf("%#v", r.err)
	}
}
