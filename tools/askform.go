package tools

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// maxQuestions bounds what one Ask asks.
const maxQuestions = 16

// The modes of an elicitation (MCP 2025-11-25, client/elicitation).
const (
	modeForm = "form"
	modeURL  = "url"
)

// wellFormed returns the questions as they are sent, with what the protocol requires and
// a handler may leave out. Its errors are faults of the handler.
func wellFormed(questions mcp.InputRequestMap) (mcp.InputRequestMap, error) {
	if len(questions) > maxQuestions {
		return nil, fmt.Errorf("%d questions at once, at most %d", len(questions), maxQuestions)
	}
	asked := mcp.InputRequestMap{}
	for name, q := range questions {
		if name == "" {
			return nil, errors.New("a question without a name")
		}
		sent, err := fillIn(q)
		if err != nil {
			return nil, fmt.Errorf("question %q: %w", name, err)
		}
		asked[name] = sent
	}
	return asked, nil
}

var errNoQuestion = errors.New("is none")

// isNone reports a question that asks nothing: nil, or a nil of its type.
func isNone(question mcp.InputRequest) bool {
	switch q := question.(type) {
	case *mcp.ElicitParams:
		return q == nil
	case *mcp.CreateMessageParams:
		return q == nil
	case *mcp.CreateMessageWithToolsParams:
		return q == nil
	case *mcp.ListRootsParams:
		return q == nil
	default:
		return true
	}
}

// fillIn returns a question with what the protocol requires. The handler's own is not
// written to: it may be shared by calls.
func fillIn(question mcp.InputRequest) (mcp.InputRequest, error) {
	if isNone(question) {
		return nil, errNoQuestion
	}
	var err error
	switch q := question.(type) {
	case *mcp.ElicitParams:
		question, err = fillInElicitation(*q)
	case *mcp.CreateMessageParams:
		err = checkMessages(q.Messages, func(m *mcp.SamplingMessage) []mcp.Content { return []mcp.Content{m.Content} })
	case *mcp.CreateMessageWithToolsParams:
		err = checkMessages(q.Messages, func(m *mcp.SamplingMessageV2) []mcp.Content { return m.Content })
		if err == nil && slices.Contains(q.Tools, nil) {
			err = errors.New("one of its tools is nil")
		}
	}
	if err != nil {
		return nil, err
	}
	return question, sendable(question)
}

// checkMessages says what keeps messages from being sent to a model (see [checkContent]).
func checkMessages[M any](messages []*M, content func(*M) []mcp.Content) error {
	if len(messages) == 0 {
		return errNoQuestion
	}
	for i, m := range messages {
		if m == nil || len(content(m)) == 0 {
			return fmt.Errorf("message %d: %w", i, errNilContent)
		}
		for _, c := range content(m) {
			if err := checkSaid(c); err != nil {
				return fmt.Errorf("message %d: %w", i, err)
			}
		}
	}
	return nil
}

// sendable says what else keeps a question from being sent: the SDK writes it on a
// goroutine of its own.
func sendable(question mcp.InputRequest) (err error) {
	defer recovered(&err)
	if _, err := json.Marshal(question); err != nil {
		return fmt.Errorf("marshalling it: %w", err)
	}
	return nil
}

func fillInElicitation(q mcp.ElicitParams) (mcp.InputRequest, error) {
	q.Mode = modeOf(&q)
	switch {
	case q.Mode == modeURL && q.URL != "" && q.RequestedSchema == nil:
		return &q, nil
	case q.Mode != modeForm || q.URL != "" || q.ElicitationID != "":
		return nil, errors.New("mixes the modes of an elicitation, form and url")
	case q.RequestedSchema == nil:
		q.RequestedSchema = json.RawMessage(`{"type":"object","properties":{}}`)
		return &q, nil
	default:
		return &q, checkForm(q.RequestedSchema)
	}
}

// modeOf is the mode of an elicitation, which a handler need not name.
func modeOf(q *mcp.ElicitParams) string {
	switch {
	case q == nil:
		return ""
	case q.Mode != "":
		return q.Mode
	case q.URL != "" || q.ElicitationID != "":
		return modeURL
	default:
		return modeForm
	}
}
