package fakemodel

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Model is the one model that a stand-in lists. It answers to any name.
const Model = "standin"

// aside says with each answer of its own who is speaking.
const aside = " (A stand-in that goes by words is answering, not a model.)"

// Standin makes an API with POST /v1/chat/completions and GET /v1/models. It asks
// for no key.
func Standin() http.Handler {
	s := &standin{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", s.complete)
	mux.HandleFunc("GET /v1/models", listModels)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeError(w, http.StatusNotFound, "there is POST /v1/chat/completions and GET /v1/models here, and nothing else")
	})
	return mux
}

type standin struct{ count atomic.Int64 }

func listModels(w http.ResponseWriter, _ *http.Request) {
	type model struct {
		ID      string `json:"id"`
		Object  string `json:"object"`
		Created int64  `json:"created"`
		OwnedBy string `json:"owned_by"`
	}
	writeJSON(w, http.StatusOK, struct {
		Object string  `json:"object"`
		Data   []model `json:"data"`
	}{"list", []model{{ID: Model, Object: "model", OwnedBy: "fakemodel"}}})
}

func (s *standin) complete(w http.ResponseWriter, r *http.Request) {
	var asked request
	err := json.UnmarshalRead(http.MaxBytesReader(w, r.Body, maxRequest), &asked)
	switch {
	case err != nil:
		writeError(w, http.StatusBadRequest, "the body is not a chat completion request")
		return
	case asked.Stream:
		writeError(w, http.StatusBadRequest, "the stand-in does not stream")
		return
	case len(asked.Messages) == 0:
		writeError(w, http.StatusBadRequest, "messages must not be empty")
		return
	}
	id := s.count.Add(1)
	message := asked.answer(fmt.Sprintf("call_standin_%d", id))
	finish := "stop"
	if len(message.ToolCalls) > 0 {
		finish = "tool_calls"
	}
	writeJSON(w, http.StatusOK, response{
		ID: fmt.Sprintf("chatcmpl-standin-%d", id), Object: "chat.completion", Created: time.Now().Unix(), Model: asked.Model,
		Choices: []choice{{Message: message, FinishReason: finish}},
	})
}

// answer speaks the protocol that the request speaks.
func (r request) answer(callID string) resMessage {
	if tools, ok := r.plainTools(); ok {
		return said(r.answerPlain(tools))
	}
	if outputs := r.toolOutputs(); outputs != "" {
		return said(outputs)
	}
	var offered []tool
	for _, t := range r.Tools {
		offered = append(offered, t.Function)
	}
	c := choose(offered, r.question())
	if c.tool == "" {
		return said(c.words)
	}
	call := toolCall{ID: callID, Type: "function"}
	call.Function.Name, call.Function.Arguments = c.tool, string(c.arguments)
	return resMessage{Role: "assistant", ToolCalls: []toolCall{call}}
}

func said(text string) resMessage { return resMessage{Role: "assistant", Content: &text} }

// question is the last message of the user.
func (r request) question() string {
	for i := len(r.Messages) - 1; i >= 0; i-- {
		if r.Messages[i].Role == "user" {
			return string(r.Messages[i].Content)
		}
	}
	return ""
}

// toolOutputs repeats what the tools said, if that is what the request ends with.
func (r request) toolOutputs() string {
	names := map[string]string{}
	for _, m := range r.Messages {
		for _, c := range m.ToolCalls {
			names[c.ID] = c.Function.Name
		}
	}
	var sentences []string
	for i := len(r.Messages) - 1; i >= 0 && r.Messages[i].Role == "tool"; i-- {
		m := r.Messages[i]
		sentences = append([]string{sentence(names[m.ToolCallID], string(m.Content))}, sentences...)
	}
	return strings.Join(sentences, "\n")
}

func sentence(tool, output string) string {
	if problem, ok := strings.CutPrefix(output, "error: "); ok {
		return fmt.Sprintf("The tool %s could not say: %s", tool, problem)
	}
	return fmt.Sprintf("The tool %s says: %s", tool, withoutData(output))
}

// withoutData leaves away the JSON that comes after a result's words, as a model would
// that has nothing more to tell from it.
func withoutData(output string) string {
	i := strings.LastIndex(output, "\n")
	if data := output[i+1:]; i < 0 || !strings.HasPrefix(data, "{") || !jsontext.Value(data).IsValid() {
		return output
	}
	return strings.TrimSpace(output[:i])
}
