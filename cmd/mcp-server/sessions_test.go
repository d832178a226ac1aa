package main

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/config"
)

// TestStolenSession: whoever has another's session id, and a good token of its own, can
// neither act as the victim nor disturb it.
func TestStolenSession(t *testing.T) {
	s := start(t)
	token := func(subject string) string { return s.mint(func(c map[string]any) { c["sub"] = subject }) }
	notified := make(chan struct{}, 10)
	victim, err := s.connect(legacyEra, bearer{get: func() string { return token("victim") }}, &mcp.ClientOptions{
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { notified <- struct{}{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer victim.Close()
	called := make(chan error, 1)
	go func() {
		result, err := victim.CallTool(t.Context(), &mcp.CallToolParams{Name: "probe", Arguments: map[string]any{"wait_ms": 500}})
		if err == nil && structured(t, result)["subject"] != "victim" {
			t.Errorf("the victim's call ran as %v", result.StructuredContent)
		}
		called <- err
	}()
	eventually(t, "the victim's call runs", func() bool { return s.probed.Load() == 1 })

	call, header := callBody(legacyEra, "probe", "{}")
	header = with(header, "Authorization", "Bearer "+token("thief"))
	stolen, own := with(header, "Mcp-Session-Id", victim.ID()), with(header, "Mcp-Session-Id", s.openSession(token("thief")))
	for name, attack := range map[string]struct {
		method, body string
		twin         int // what the thief gets in its own session, which has been initialized
	}{
		"a call":            {http.MethodPost, call, http.StatusOK},
		"a ping":            {http.MethodPost, `{"jsonrpc":"2.0","id":1,"method":"ping"}`, http.StatusOK},
		"a cancellation":    {http.MethodPost, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}`, http.StatusAccepted},
		"another of these":  {http.MethodPost, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":3}}`, http.StatusAccepted},
		"a response":        {http.MethodPost, `{"jsonrpc":"2.0","id":1,"result":{}}`, http.StatusAccepted},
		"the initialize":    {http.MethodPost, `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"` + legacyEra + `","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`, http.StatusBadRequest},
		"the stream":        {http.MethodGet, "", 0},
		"the session's end": {http.MethodDelete, "", 0},
	} {
		if got := s.send(attack.method, attack.body, stolen); got.status != http.StatusNotFound || got.header.Get("Www-Authenticate") != "" {
			t.Errorf("%s in the stolen session: %d %s", name, got.status, got.body)
		}
		if attack.twin == 0 {
			continue
		}
		if got := s.send(attack.method, attack.body, own); got.status != attack.twin {
			t.Errorf("%s in its own: %d %s, want %d", name, got.status, got.body, attack.twin)
		}
	}
	if n := s.probed.Load(); n != 2 {
		t.Errorf("the tool ran %d times, want the victim's call and the thief's own", n)
	}
	if err := within(t, "the victim's call has an end", called); err != nil {
		t.Errorf("the victim's call: %v", err)
	}
	// The victim's stream is still its own.
	for len(notified) > 0 {
		<-notified
	}
	s.install(2, "probe")
	select {
	case <-notified:
	case <-time.After(10 * time.Second):
		t.Error("the victim's stream is gone")
	}
	if got := s.send(http.MethodDelete, "", own); got.status != http.StatusNoContent {
		t.Errorf("the thief's own session: %d %s", got.status, got.body)
	}
}

// TestSessionCaps: real clients at the caps. At its own, a client's oldest idle session
// makes room, and the client that had it opens another; at the total one, it is
// told to come back.
func TestSessionCaps(t *testing.T) {
	s := start(t, func(c *config.Config) { c.MCP.MaxSessions, c.MCP.MaxSessionsPerPrincipal = 3, 2 })
	open := func() (*mcp.ClientSession, error) {
		return s.connect(legacyEra, bearer{get: func() string { return s.mint(nil) }}, nil)
	}
	var sessions []*mcp.ClientSession
	for range 3 {
		// A session is not closed while a request of it is under way, and that is over
		// only a moment after its client has the answer.
		var session *mcp.ClientSession
		eventually(t, "another session is open", func() (opened bool) {
			var err error
			session, err = open()
			return err == nil
		})
		defer session.Close()
		sessions = append(sessions, session)
	}
	call := func(session *mcp.ClientSession) error {
		_, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "probe"})
		return err
	}
	gone := 0
	for _, session := range sessions {
		if call(session) != nil {
			gone++
		}
	}
	if err := call(sessions[2]); err != nil || gone != 1 {
		t.Errorf("the new session: %v; %d of three are gone, want 1", err, gone)
	}
	others := s.token(url.Values{"client_id": {poorClient}})
	s.mustConnect(legacyEra, others)
	_, header := callBody(legacyEra, "", "")
	third := s.mint(func(c map[string]any) { c["sub"] = "third" })
	got := s.send(http.MethodPost, `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"`+legacyEra+
		`","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`, with(header, "Authorization", "Bearer "+third))
	if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" || got.header.Get("WWW-Authenticate") != "" {
		t.Errorf("at the total cap: %d %v %s", got.status, got.header, got.body)
	}
	if err := sessions[2].Close(); err != nil { // DELETE
		t.Error(err)
	}
	eventually(t, "there is room", func() bool {
		session, err := s.connect(legacyEra, bearer{get: func() string { return third }}, nil)
		if err == nil {
			_ = session.Close()
		}
		return err == nil
	})
}
