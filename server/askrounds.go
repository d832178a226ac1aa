package server

import (
	"encoding/json"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// refusedState is the one answer to a state that does not open.
type refusedState struct{}

func (refusedState) Error() string { return "invalid requestState" }

// Unwrap gives the answer its code; the SDK takes the text from Error.
func (refusedState) Unwrap() error { return &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams} }

// Reason stands in the audit line.
func (refusedState) Reason() auth.Reason { return reasonRequestState }

// retry is what a client sends with a request that it makes again.
type retry struct {
	responses mcp.InputResponseMap
	state     string
	arguments []byte // what the request is made with
}

// rounds is a request of MCP 2026-07-28, whose handler runs once for each round of
// questions. It may be used by several goroutines. Most handlers ask nothing, for which
// it does nothing.
type rounds struct {
	given mcp.InputResponseMap // with this very request
	seal  func(remembered) (string, error)

	mu   sync.Mutex
	told remembered
}

// rounds opens the state that came with a request.
func (s *Server) rounds(c call, r retry) (*rounds, error) {
	made := &rounds{given: r.responses, seal: func(told remembered) (string, error) {
		return s.state.seal(c.about(r.arguments), told)
	}}
	if r.state == "" {
		return made, nil
	}
	var err error
	if made.told, err = s.state.open(c.about(r.arguments), r.state); err != nil {
		return nil, refusedState{}
	}
	return made, nil
}

// ask returns the answers, or what the client has to be asked yet.
func (r *rounds) ask(questions mcp.InputRequestMap) (mcp.InputResponseMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	answers, open := mcp.InputResponseMap{}, mcp.InputRequestMap{}
	for name, q := range questions {
		if a, ok := r.answer(name, q); ok {
			answers[name] = a
		} else {
			open[name] = q
		}
	}
	if len(open) == 0 {
		return answers, nil
	}
	state, err := r.seal(r.told)
	if err != nil {
		return nil, err
	}
	return nil, &tools.InputNeeded{Requests: open, State: state}
}

// answer is that of an earlier round, where there is one: what a handler has acted on
// does not change under it. r is locked.
func (r *rounds) answer(name string, question mcp.InputRequest) (mcp.InputResponse, bool) {
	if a, ok := fitting(question, r.told.Answers[name]); ok {
		return a, true
	}
	a, ok := fitting(question, r.given[name])
	if !ok {
		return nil, false
	}
	if r.told.Answers == nil {
		r.told.Answers = mcp.InputResponseMap{}
	}
	r.told.Answers[name] = a
	return a, true
}

// once does what tools.Client says. make may ask questions of its own.
func (r *rounds) once(key string, make func() (json.RawMessage, error)) (json.RawMessage, error) {
	if value, ok := r.made(key); ok {
		return value, nil
	}
	value, err := make()
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.told.Once == nil {
		r.told.Once = map[string]json.RawMessage{}
	}
	r.told.Once[key] = value
	return value, nil
}

// made is the value of an earlier round.
func (r *rounds) made(key string) (json.RawMessage, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	value, ok := r.told.Once[key]
	return value, ok
}
