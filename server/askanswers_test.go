package server

import (
	"context"
	"errors"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestBoundForms: an answer that does not hold to its form never reaches the SDK, which
// would judge it again, however large it is.
func TestBoundForms(t *testing.T) {
	form := &mcp.ElicitParams{Mode: "form", RequestedSchema: &jsonschema.Schema{
		Type: "object", Properties: map[string]*jsonschema.Schema{"n": {Type: "integer"}}, Required: []string{"n"},
	}}
	failure := errors.New("the client failed")
	for _, tt := range []struct {
		name   string
		answer *mcp.ElicitResult
		err    error
		want   error
	}{
		{"what fits", &mcp.ElicitResult{Action: "accept", Content: map[string]any{"n": 1.0}}, nil, nil},
		{"what does not", &mcp.ElicitResult{Action: "accept", Content: map[string]any{"n": "1"}}, nil, errNoAnswer},
		{"nothing of what is required", &mcp.ElicitResult{Action: "accept"}, nil, errNoAnswer},
		{"a refusal", &mcp.ElicitResult{Action: "decline"}, nil, nil},
		{"a failure", nil, failure, failure},
	} {
		t.Run(tt.name, func(t *testing.T) {
			handler := boundForms(func(context.Context, string, mcp.Request) (mcp.Result, error) { return tt.answer, tt.err })
			result, err := handler(t.Context(), "elicitation/create", &mcp.ServerRequest[*mcp.ElicitParams]{Params: form})
			if !errors.Is(err, tt.want) || (err == nil) != (result == mcp.Result(tt.answer) && tt.err == nil) {
				t.Errorf("%v, %v, want %v", result, err, tt.want)
			}
		})
	}
}
