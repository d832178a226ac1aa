package server

import (
	"encoding/json"
	"fmt"
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
	arguments any // what the request is made with, as the SDK decoded it
}

// rounds is a request of MCP 2026-07-28, whose handler runs once for each round of
// questions. It may be used by several goroutines. Most handlers ask nothing, for which
// it does nothing.
type rounds struct {
	given    mcp.InputResponseMap // with this very request
	stateful bool                 // it came with a state
	seal     func(remembered) (string, error)

	mu   sync.Mutex
	told remembered
}

// rounds opens the state that came with a request.
func (s *Server) rounds(c call, r retry) (*rounds, error) {
	made := &rounds{given: r.responses, stateful: r.state != "", seal: func(told remembered) (string, error) {
		return s.state.seal(c.about(canonicalArguments(r.arguments)), told)
	}}
	if r.state == "" {
		return made, nil
	}
	var err error
	if made.told, err = s.state.open(c.about(canonicalArguments(r.arguments)), r.state); err != nil {
		return nil, refusedState{}
	}
	return made, nil
}

// ask returns the answers, or what the client has to be asked yet.
func (r *rounds) ask(questions mcp.InputRequestMap) (mcp.InputResponseMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	answers, open := mcp.InputResponseMap{}, mcp.InputRequestMap{}
	now := remembered{Open: map[string]string{}}
	for name, q := range questions {
		asked, err := digestOf(q)
		if err != nil {
			return nil, fmt.Errorf("question %q: %w", name, err)
		}
		if a, ok := r.answer(name, asked, q); ok {
			answers[name] = a
		} else {
			open[name], now.Open[name] = q, asked
		}
	}
	if len(open) == 0 {
		return answers, nil
	}
	now.Answers, now.Once = r.told.Answers, r.told.Once
	state, err := r.seal(now)
	if err != nil {
		return nil, err
	}
	return nil, &tools.InputNeeded{Requests: open, State: state}
}

// answer is that of an earlier round, where there is one: what a handler has acted on
// does not change under it. asked is the digest of the question: what was said to
// another one of that name is no answer. r is locked.
func (r *rounds) answer(name, asked string, question mcp.InputRequest) (mcp.InputResponse, bool) {
	held, before := r.told.Answers[name]
	if before && held.Asked == asked {
		return held.read(question)
	}
	// Beside a state, what is given answers the questions that stand in it.
	if r.stateful && r.told.Open[name] != asked || !r.stateful && before {
		return nil, false
	}
	fit, ok := fitting(question, r.given[name])
	if !ok {
		return nil, false
	}
	data, err := json.Marshal(fit)
	if err != nil {
		return nil, false
	}
	held = heldAnswer{Asked: asked, Answer: data}
	a, ok := held.read(question)
	if !ok {
		return nil, false
	}
	if r.told.Answers == nil {
		r.told.Answers = map[string]heldAnswer{}
	}
	r.told.Answers[name] = held
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
