package fakemodel

import (
	stdjson "encoding/json"
	"errors"
	"net/http"

	"github.com/go-json-experiment/json"
)

// maxRequest bounds a request: a conversation with all its tools.
const maxRequest = 8 << 20

// The parts of the API that a stand-in reads and writes, as OpenAI documents
// them under "Create chat completion".
type (
	request struct {
		Model    string       `json:"model"`
		Messages []reqMessage `json:"messages"`
		Tools    []struct {
			Type     string `json:"type"`
			Function tool   `json:"function"`
		} `json:"tools"`
		Stream bool `json:"stream"`
	}
	reqMessage struct {
		Role       string     `json:"role"`
		Content    content    `json:"content"`
		ToolCalls  []toolCall `json:"tool_calls"`
		ToolCallID string     `json:"tool_call_id"`
	}
	// tool is a function as it is offered, in either way.
	tool struct {
		Name        string             `json:"name"`
		Description string             `json:"description"`
		Parameters  stdjson.RawMessage `json:"parameters"`
	}
	toolCall struct {
		ID       string `json:"id"`
		Type     string `json:"type"`
		Function struct {
			Name      string `json:"name"`
			Arguments string `json:"arguments"`
		} `json:"function"`
	}

	response struct {
		ID      string   `json:"id"`
		Object  string   `json:"object"`
		Created int64    `json:"created"`
		Model   string   `json:"model"`
		Choices []choice `json:"choices"`
		Usage   usage    `json:"usage"`
	}
	choice struct {
		Index        int        `json:"index"`
		Message      resMessage `json:"message"`
		FinishReason string     `json:"finish_reason"`
	}
	resMessage struct {
		Role      string     `json:"role"`
		Content   *string    `json:"content"` // null beside tool calls
		ToolCalls []toolCall `json:"tool_calls,omitempty"`
	}
	// usage is all zero: a stand-in has no tokens.
	usage struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
		TotalTokens      int `json:"total_tokens"`
	}
)

// content is a message's text, which may come in parts. Null is none.
type content string

// UnmarshalJSON reads both forms.
func (c *content) UnmarshalJSON(data []byte) error {
	var text *string
	if err := json.Unmarshal(data, &text); err == nil {
		if text != nil {
			*c = content(*text)
		}
		return nil
	}
	var parts []struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(data, &parts); err != nil {
		return errors.New("content is neither text nor parts with text")
	}
	for _, part := range parts {
		*c += content(part.Text)
	}
	return nil
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // nobody is left to tell
}

// writeError answers in the form of OpenAI's errors.
func writeError(w http.ResponseWriter, status int, message string) {
	type apiError struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	}
	writeJSON(w, status, map[string]apiError{"error": {Message: message, Type: "invalid_request_error"}})
}
