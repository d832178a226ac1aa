package server

import (
	"context"
	"net/http"
	"strings"

	sdkauth "github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// The SDK keeps the last request of each session until the next one comes: its queue is
// a slice from which the front is cut off, and the array behind it stays. A caller
// could fill the memory with a few hundred sessions, each left behind after one
// large request. So a small message of our own follows every large one, and takes its
// place. The older transport has no need of it: there the SDK keeps a message of ours,
// which is emptied (see posted.letGo).

// maxInitialize bounds the request that opens a session, in bytes: what it says of the
// client is kept for as long as the session lives, and has to be.
const maxInitialize = 64 << 10

// largeRequest is the size of a body from which on it is not left lying.
const largeRequest = 8 << 10

const (
	// largeKey stands in TokenInfo.Extra of a large request,
	largeKey = "mcp-resource-server/large"
	// and fillerKey in that of the message that follows it. Nothing from outside has it.
	fillerKey = "mcp-resource-server/filler"
)

// fillerBody is a notification that any session may get, with nothing in it. It never
// reaches a handler.
const fillerBody = `{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}`

// carried returns what stands under key in what travels with req, nil for nothing.
func carried(req mcp.Request, key string) any {
	extra := req.GetExtra()
	if extra == nil || extra.TokenInfo == nil {
		return nil
	}
	return extra.TokenInfo.Extra[key]
}

// carries reports whether key stands there.
func carries(req mcp.Request, key string) bool { return carried(req, key) != nil }

// displaceLast puts a small message in the place of the session's last one. It must be
// called after that one has left the queue.
func (s *Server) displaceLast(id, owner string) {
	info := &sdkauth.TokenInfo{UserID: owner, Extra: map[string]any{fillerKey: true}}
	ctx := context.WithValue(context.Background(), tokenInfoKey{}, info)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, pathMCP, strings.NewReader(fillerBody))
	if err != nil {
		return // constants make a request
	}
	r.Header.Set("Authorization", tokenPlaceholder)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	r.Header.Set(headerSession, id)
	s.legacy.ServeHTTP(nobody{}, r)
}

// nobody reads an answer.
type nobody struct{}

func (nobody) Header() http.Header         { return http.Header{} }
func (nobody) Write(b []byte) (int, error) { return len(b), nil }
func (nobody) WriteHeader(int)             {}
