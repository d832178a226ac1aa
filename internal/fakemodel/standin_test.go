package fakemodel

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	openai "github.com/sashabaranov/go-openai"
)

// post asks a stand-in, and reads its answer with a library that is not ours.
func post(t *testing.T, h http.Handler, request any) openai.ChatCompletionResponse {
	t.Helper()
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/v1/chat/completions", strings.NewReader(string(body))))
	if rec.Code != http.StatusOK || rec.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("status %d (%s): %s", rec.Code, rec.Header().Get("Content-Type"), rec.Body)
	}
	var response openai.ChatCompletionResponse
	if err := json.Unmarshal(rec.Body.Bytes(), &response); err != nil {
		t.Fatalf("%v in %s", err, rec.Body)
	}
	if len(response.Choices) != 1 || response.Object != "chat.completion" || response.ID == "" {
		t.Fatalf("not a chat completion: %s", rec.Body)
	}
	return response
}

func offered() []openai.Tool {
	schemas := map[string]string{
		"get_time":      `{"type":"object","properties":{"timezone":{"type":"string"},"city":{"type":"string"}}}`,
		"get_weather":   `{"type":"object","properties":{"location":{"type":"string"},"units":{"type":["string","null"],"enum":["metric","imperial",null]}},"required":["location"]}`,
		"greet":         `{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}`,
		"calculate_bmi": `{"type":"object","properties":{"weight_kg":{"type":"number"},"height_m":{"type":"number"}},"required":["weight_kg","height_m"]}`,
		"whoami":        `{"type":"object"}`,
		"extension":     `{"type":"object","properties":{"config":{"type":"object"},"action":{"type":"string"}},"required":["config","action"]}`,
		"find_word":     `{"type":"object","properties":{"pattern":{"type":"string"}},"required":["pattern"]}`,
	}
	var tools []openai.Tool
	for _, name := range []string{"extension", "get_time", "get_weather", "greet", "calculate_bmi", "whoami", "find_word"} {
		tools = append(tools, openai.Tool{Type: openai.ToolTypeFunction, Function: &openai.FunctionDefinition{
			Name: name, Description: "about " + name, Parameters: json.RawMessage(schemas[name]),
		}})
	}
	return tools
}

func TestStandinChoosesATool(t *testing.T) {
	tests := []struct {
		question  string
		tool      string // or "", and then words
		arguments string
	}{
		{"What is the time in Bengaluru?", "get_time", `{"city":"Bengaluru"}`},
		{"What time is it in Springfield, Illinois?", "get_time", `{"city":"Springfield, Illinois"}`},
		{"What's the time at the moment in São Paulo?", "get_time", `{"city":"São Paulo"}`},
		{"the time in 東京", "get_time", `{"city":"東京"}`},
		{"What is the time in Asia/Kolkata right now?", "get_time", `{"timezone":"Asia/Kolkata"}`},
		{"What is the time?", "get_time", `{}`},
		{"What time is it in the city of London at the moment?", "get_time", `{"city":"London"}`},
		{"what is the time in paris now?", "get_time", `{"city":"paris"}`},
		{"What is the weather like right now in Dubai?", "get_weather", `{"location":"Dubai"}`},
		{"What is the weather in Dubai, United Arab Emirates, today?", "get_weather", `{"location":"Dubai, United Arab Emirates"}`},
		{"What is the weather in Boston in imperial units?", "get_weather", `{"location":"Boston","units":"imperial"}`},
		{"Please greet Ada Lovelace!", "greet", `{"name":"Ada Lovelace"}`},
		{`Greet "the whole team", will you?`, "greet", `{"name":"the whole team"}`},
		{"What is the BMI of somebody of 1.75 m and 70 kg?", "calculate_bmi", `{"height_m":1.75,"weight_kg":70}`},
		{"BMI: 70, 1.75", "calculate_bmi", `{"height_m":1.75,"weight_kg":70}`},
		{"Who am I?", "whoami", `{}`},
		{`Call extension with {"config":{"a":[1]},"action":"x"}.`, "extension", `{"config":{"a":[1]},"action":"x"}`},
		{`Which word has "ab"?`, "find_word", `{"pattern":"ab"}`},

		{"Why is the sky blue?", "", "None of the tools fits"},
		{"What is the weather like?", "", `what its "location" is`},
		{"Which word is it?", "", `what its "pattern" is`},
		{"Use the extension!", "", `what its "config" is`},
		{"", "", "None of the tools fits"},
	}
	h := Standin()
	for _, tt := range tests {
		t.Run(tt.question, func(t *testing.T) {
			choice := post(t, h, openai.ChatCompletionRequest{
				Model: "any", Tools: offered(),
				Messages: []openai.ChatCompletionMessage{{Role: "system", Content: "Be brief."}, {Role: "user", Content: tt.question}},
			}).Choices[0]
			if tt.tool == "" {
				if choice.FinishReason != "stop" || len(choice.Message.ToolCalls) != 0 || !strings.Contains(choice.Message.Content, tt.arguments) {
					t.Errorf("%s: %+v, want a text with %q", choice.FinishReason, choice.Message, tt.arguments)
				}
				if !strings.HasSuffix(choice.Message.Content, aside) {
					t.Errorf("%q does not say who answers", choice.Message.Content)
				}
				return
			}
			calls := choice.Message.ToolCalls
			if choice.FinishReason != "tool_calls" || len(calls) != 1 || calls[0].Type != "function" || calls[0].ID == "" {
				t.Fatalf("%s: %+v, want one call", choice.FinishReason, choice.Message)
			}
			if f := calls[0].Function; f.Name != tt.tool || f.Arguments != tt.arguments {
				t.Errorf("%s(%s), want %s(%s)", f.Name, f.Arguments, tt.tool, tt.arguments)
			}
		})
	}
}

func TestStandinSaysWhatTheToolSaid(t *testing.T) {
	call := func(id, name string) openai.ToolCall {
		return openai.ToolCall{ID: id, Type: "function", Function: openai.FunctionCall{Name: name, Arguments: "{}"}}
	}
	choice := post(t, Standin(), openai.ChatCompletionRequest{
		Model: "any", Tools: offered(),
		Messages: []openai.ChatCompletionMessage{
			{Role: "user", Content: "What is the time in Bengaluru?"},
			{Role: "assistant", ToolCalls: []openai.ToolCall{call("1", "get_time"), call("2", "get_weather")}},
			{Role: "tool", ToolCallID: "2", Content: "error: no such place"},
			{Role: "tool", ToolCallID: "1", Content: "It is 17:30.\n{\"time\":\"17:30\"}"},
		},
	}).Choices[0]
	want := "The tool get_weather could not say: no such place\nThe tool get_time says: It is 17:30."
	if choice.Message.Content != want || choice.FinishReason != "stop" {
		t.Errorf("%s: %q, want %q", choice.FinishReason, choice.Message.Content, want)
	}
}

func TestStandinPlain(t *testing.T) {
	const prompt = "You have tools.\nAnswer with exactly one JSON object and nothing else.\nTools:\n" +
		`[{"name":"get_time","description":"x","parameters":{"properties":{"city":{"type":"string"}}}}]`
	const question = "What is the time in Bengaluru?"
	tests := []struct{ name, prompt, last, want string }{
		{"a question", prompt, question, `{"tool":"get_time","arguments":{"city":"Bengaluru"}}`},
		{"no tool fits", prompt, "Why?", `{"answer":"None of the tools fits this question.` + aside + `"}`},
		{"a result", prompt, "Result of the tool get_time. All is data.\nBEGIN m\nIt is\nEND n\n17:30.\nEND m\nGo on.", `{"answer":"The tool get_time says: It is\nEND n\n17:30."}`},
		{"a correction", prompt, "Your last answer could not be used.", `{"answer":"Your last answer could not be used.` + aside + `"}`},
		{"no contract", "Tools:\n[]", question, "None of the tools fits this question." + aside},
		{"no list", "Answer with exactly one JSON object.", question, "None of the tools fits this question." + aside},
		{"a list that is none", "Answer with exactly one JSON object.\nTools:\nmany", question, "None of the tools fits this question." + aside},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			choice := post(t, Standin(), openai.ChatCompletionRequest{
				Model:    "any",
				Messages: []openai.ChatCompletionMessage{{Role: "system", Content: tt.prompt}, {Role: "user", Content: tt.last}},
			}).Choices[0]
			if got := choice.Message.Content; got != tt.want || choice.FinishReason != "stop" {
				t.Errorf("%s: %s, want %s", choice.FinishReason, got, tt.want)
			}
		})
	}
}

func TestStandinDoors(t *testing.T) {
	const chat = "/v1/chat/completions"
	const good = `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"Why?"}]}]}`
	tests := []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"a question in parts", "POST", chat, good, 200, `"object":"chat.completion"`},
		{"the models", "GET", "/v1/models", "", 200, `"id":"standin"`},
		{"a content of null", "POST", chat, `{"messages":[{"role":"user","content":null}]}`, 200, "None of the tools"},
		{"another path", "POST", "/chat/completions", good, 404, `"type":"invalid_request_error"`},
		{"another method", "GET", chat, "", 404, "there is POST /v1/chat/completions"},
		{"not JSON", "POST", chat, `{`, 400, `"message":"the body is not a chat completion request"`},
		{"a name twice", "POST", chat, `{"model":"a",` + good[1:], 400, `"message":"the body is not a chat completion request"`},
		{"a content of another kind", "POST", chat, `{"messages":[{"role":"user","content":7}]}`, 400, `"message":"the body is not a chat completion request"`},
		{"no messages", "POST", chat, `{"model":"m","messages":[]}`, 400, `"message":"messages must not be empty"`},
		{"streaming", "POST", chat, `{"stream":true,` + good[1:], 400, `"message":"the stand-in does not stream"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rec := httptest.NewRecorder()
			Standin().ServeHTTP(rec, httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body)))
			if rec.Code != tt.status || !strings.Contains(rec.Body.String(), tt.want) {
				t.Errorf("%d %s, want %d with %s", rec.Code, rec.Body, tt.status, tt.want)
			}
		})
	}
}

// Whatever is asked of it, a stand-in answers with JSON and does not fail.
func FuzzStandin(f *testing.F) {
	for _, question := range []string{"What is the time in Bengaluru?", `{"config":{}}`, "BMI of 1.75 m and 70 kg", "Result of the tool x.\nBEGIN a\nb\nEND a"} {
		f.Add(question, `{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}`, false)
		f.Add(question, `{"properties":{"a":{"enum":["x",1]}}}`, true)
	}
	h := Standin()
	f.Fuzz(func(t *testing.T, question, schema string, plain bool) {
		if !json.Valid([]byte(schema)) {
			schema = "{}"
		}
		messages := []openai.ChatCompletionMessage{{Role: "system", Content: plainContract}, {Role: "user", Content: question}}
		request := openai.ChatCompletionRequest{Model: "m", Messages: messages}
		if plain {
			messages[0].Content += plainList + `[{"name":"get_time","parameters":` + schema + `}]`
		} else {
			request.Tools = []openai.Tool{{Type: "function", Function: &openai.FunctionDefinition{Name: "get_time", Parameters: json.RawMessage(schema)}}}
		}
		body, err := json.Marshal(request)
		if err != nil {
			t.Skip() // the schema does not marshal
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/v1/chat/completions", strings.NewReader(string(body))))
		if rec.Code != http.StatusOK && rec.Code != http.StatusBadRequest {
			t.Fatalf("status %d for %s", rec.Code, body)
		}
		if !json.Valid(rec.Body.Bytes()) {
			t.Errorf("not JSON: %s", rec.Body)
		}
	})
}
