package tools

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/jsonschema-go/jsonschema"
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
		sent, err := complete(q)
		if err != nil {
			return nil, fmt.Errorf("question %q: %w", name, err)
		}
		asked[name] = sent
	}
	return asked, nil
}

var errNoQuestion = errors.New("is none")

// complete returns a question with what the protocol requires. The handler's own is not
// written to: it may be shared by calls.
func complete(question mcp.InputRequest) (mcp.InputRequest, error) {
	switch q := question.(type) {
	case *mcp.ElicitParams:
		if q == nil {
			return nil, errNoQuestion
		}
		return completeElicit(*q)
	case *mcp.CreateMessageParams:
		if q == nil || len(q.Messages) == 0 {
			return nil, errNoQuestion
		}
		return q, nil
	case *mcp.CreateMessageWithToolsParams:
		if q == nil || len(q.Messages) == 0 {
			return nil, errNoQuestion
		}
		return q, nil
	case *mcp.ListRootsParams:
		if q == nil {
			return nil, errNoQuestion
		}
		return q, nil
	default:
		return nil, errNoQuestion
	}
}

func completeElicit(q mcp.ElicitParams) (mcp.InputRequest, error) {
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

// checkForm holds a schema to what an elicitation may ask for: a flat object (MCP
// 2025-11-25, client/elicitation, "Requested Schema"). A client would refuse another
// one, and no answer could be checked against it.
func checkForm(requested any) error {
	data, err := json.Marshal(requested)
	if err != nil {
		return fmt.Errorf("marshalling the schema: %w", err)
	}
	var s *jsonschema.Schema
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("reading the schema: %w", err)
	}
	if s == nil || s.Type != "object" {
		return errors.New("its schema is not that of an object")
	}
	for name, p := range s.Properties {
		switch {
		case p == nil:
			return fmt.Errorf("its field %q has no type", name)
		case p.Type == "string", p.Type == "number", p.Type == "integer", p.Type == "boolean", p.Type == "array":
		default:
			return fmt.Errorf("its field %q is no text, number, boolean or list", name)
		}
	}
	if _, err := s.Resolve(&jsonschema.ResolveOptions{ValidateDefaults: true}); err != nil {
		return fmt.Errorf("resolving the schema: %w", err)
	}
	return nil
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
