//go:build interop

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
)

// rpcRefusal is the JSON-RPC error of a refusal.
type rpcRefusal struct {
	Code    int            `json:"code"`
	Message string         `json:"message"`
	Data    map[string]any `json:"data"`
}

// wantAnswered expects that a call of whoami was answered.
func (s *interopStack) wantAnswered(step toldStep) {
	s.t.Helper()
	if step.Step != "whoami" || step.Error != nil || step.Gone || step.Content["issuer"] != s.issuer.Issuer() {
		s.t.Errorf("whoami: %+v, %+v", step, step.Error)
	}
}

// wantRefused expects that the first of the steps left failed, with an error that
// tells what the server says; and that the other, a call of whoami, is answered
// nevertheless, as far as the client can still call.
func (s *interopStack) wantRefused(c interopClient, left []toldStep, want rpcRefusal) {
	s.t.Helper()
	if len(left) == 0 {
		s.t.Fatal("the client ended before the call")
	}
	e := left[0].Error
	if left[0].Step != "probe" || e == nil {
		s.t.Fatalf("not refused: %+v", left[0])
	}
	if c.refused == gone {
		if e.Status != http.StatusForbidden || !left[0].Gone || len(left) != 1 {
			s.t.Errorf("refused with %+v, and then %+v", e, left[1:])
		}
		return
	}
	if !c.tells(e, want) {
		s.t.Errorf("refused with %+v, want %+v", e, want)
	}
	if len(left) != 2 || left[0].Gone {
		s.t.Fatalf("afterwards: %+v", left[1:])
	}
	if c.refused == unharmed {
		s.wantAnswered(left[1])
	} else if left[1].Error == nil {
		s.t.Errorf("a client that was known to fail after a refusal does not: %+v", left[1])
	}
}

// tells reports whether the client's error is what the server said, or what the client is
// known to say instead.
func (c interopClient) tells(e *toldError, want rpcRefusal) bool {
	if c.told != "" && want.Data["final"] == nil {
		return strings.Contains(e.Message, c.told)
	}
	if got, ok := refusalIn(e); ok {
		return reflect.DeepEqual(got, want)
	}
	return tellsOfScopes(e, want)
}

// refusalIn returns the JSON-RPC error that a client's error hands on: as the text of
// the answer, with a code of its own, or itself.
func refusalIn(e *toldError) (rpcRefusal, bool) {
	data, _ := e.Data.(map[string]any)
	text, ok := data["text"].(string)
	if !ok {
		text = e.Message[max(0, strings.Index(e.Message, "{")):]
	}
	var body struct{ Error rpcRefusal }
	if json.Unmarshal([]byte(text), &body) == nil {
		return body.Error, true
	}
	code, ok := e.Code.(float64)
	return rpcRefusal{int(code), e.Message, data}, ok
}

// tellsOfScopes: a client that knows the challenge tells of it in words of its own.
func tellsOfScopes(e *toldError, want rpcRefusal) bool {
	scopes, _ := want.Data["required_scopes"].([]any)
	return len(scopes) == 1 && e.Name == "InsufficientScopeError" && strings.Contains(e.Message, fmt.Sprint(scopes[0]))
}
