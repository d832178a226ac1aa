package main

import (
	"context"
	"net/http"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// observation is what the HTTP exchanges of one operation showed. The SDK's errors
// lose the status, the challenge and often the cause; and it decodes numbers in a
// result to float64.
type observation struct {
	mu   sync.Mutex
	last exchange
	// posted is the status that each method's last POST was answered with.
	posted map[string]int
	// unsent is why the last request could not be exchanged with the server at all.
	unsent error
	// waiting is a request that the authorizer has and the network has not: what is
	// waited for is a token.
	waiting bool
	// closed refuses further requests: see recorder.RoundTrip.
	closed bool
	// result or rpc is what the last response holds, as it was sent.
	result jsontext.Value
	rpc    *rpcError
}

// rpcError is the error of a JSON-RPC response.
type rpcError struct {
	Code    int64  `json:"code"`
	Message string `json:"message"`
}

// exchange is one request and its answer, without an answer's body if it is a good one.
type exchange struct {
	err    error // of the round trip: no answer
	status int
	header http.Header
	body   []byte // of an answer that is not 2xx, its beginning
}

type observationKey struct{}

// observed returns a context whose requests are noted in the observation.
func observed(ctx context.Context) (context.Context, *observation) {
	o := &observation{posted: map[string]int{}}
	return context.WithValue(ctx, observationKey{}, o), o
}

// observationOf is the one that a request's context holds, or nil.
func observationOf(ctx context.Context) *observation {
	o, _ := ctx.Value(observationKey{}).(*observation)
	return o
}

// begins forgets what an earlier response said. It reports whether there is a point in
// another request.
func (o *observation) begins() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.result, o.rpc = nil, nil
	if o.closed {
		return false // why it is stays known
	}
	o.unsent = nil
	return true
}

// waits notes whether it is a token that is waited for.
func (o *observation) waits(forToken bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting = forToken
}

// authorizing reports whether a token was waited for when the wait ended.
func (o *observation) authorizing() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.waiting
}

func (o *observation) exchanged(method string, e exchange) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = e
	if method != "" {
		o.posted[method] = e.status
	}
	// What the first request could not get past, the next will not: the SDK tries
	// initialize where server/discover failed, and that would ask the issuer again.
	if e.err != nil || e.status == http.StatusUnauthorized || e.status == http.StatusForbidden {
		o.closed = true
	}
}

func (o *observation) failed(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.unsent = err
}

func (o *observation) answered(m message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.result, o.rpc = m.Result, m.Error
}

// lastExchange returns the last exchange, and why it could not be, if it was the network.
func (o *observation) lastExchange() (e exchange, network error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.last.err == nil {
		return o.last, nil
	}
	return o.last, o.unsent
}

// responseError is the last response's error, nil if it has none.
func (o *observation) responseError() *rpcError {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.rpc
}

func (o *observation) rawResult() jsontext.Value {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.result
}

// tellsOfOlderTransport reports whether initialize was answered in the way by which
// a client knows a server of the older HTTP+SSE transport (MCP 2025-11-25,
// basic/transports, "Backwards Compatibility").
func (o *observation) tellsOfOlderTransport() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch o.posted["initialize"] {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed:
		return true
	default:
		return false
	}
}
