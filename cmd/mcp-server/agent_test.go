package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/config"
	"mcp-resource-server/internal/oauthclient"
)

// TestAgentsDay is the main job: from nothing but the MCP URL to a tool's answer,
// by way of the challenge, the metadata and the issuer's own metadata.
func TestAgentsDay(t *testing.T) {
	for _, era := range bothEras {
		t.Run(era, func(t *testing.T) {
			s := start(t)

			body, header := callBody(era, "whoami", "{}")
			refused := s.send(http.MethodPost, body, header)
			if refused.status != http.StatusUnauthorized {
				t.Fatalf("without a token: %d", refused.status)
			}
			_, rest, _ := strings.Cut(refused.header.Get("WWW-Authenticate"), `resource_metadata="`)
			metadataURL, _, _ := strings.Cut(rest, `"`)
			var metadata struct {
				Resource             string   `json:"resource"`
				AuthorizationServers []string `json:"authorization_servers"`
				ScopesSupported      []string `json:"scopes_supported"`
			}
			getJSON(t, metadataURL, &metadata)
			if metadata.Resource != s.mcpURL || !slices.Equal(metadata.ScopesSupported, allScopes()) {
				t.Fatalf("metadata: %+v", metadata)
			}
			found, err := oauthclient.Discover(t.Context(), http.DefaultClient, metadata.AuthorizationServers[0])
			if err != nil {
				t.Fatal(err)
			}
			if found.TokenEndpoint != s.issuer.TokenURL() {
				t.Fatalf("token endpoint %q", found.TokenEndpoint)
			}

			session := s.mustConnect(era, s.token(nil))
			if got := session.InitializeResult().ProtocolVersion; got != era {
				t.Fatalf("negotiated %s, want %s", got, era)
			}
			list, err := session.ListTools(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, tool := range list.Tools {
				names = append(names, tool.Name)
			}
			if !slices.Equal(names, allTools()) {
				t.Errorf("tools: %q", names)
			}
			if era == modernEra && list.CacheScope != "private" {
				t.Errorf("cacheScope %q", list.CacheScope)
			}
			result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "calculate_bmi", Arguments: map[string]any{"weight_kg": 70, "height_m": 1.75}})
			if err != nil {
				t.Fatal(err)
			}
			if got := structured(t, result); got["bmi"] != 22.86 || got["category"] != "normal weight" {
				t.Errorf("calculate_bmi: %v", got)
			}
			if result, err = session.CallTool(t.Context(), &mcp.CallToolParams{Name: "whoami"}); err != nil {
				t.Fatal(err)
			}
			if got := structured(t, result); got["client_id"] != clientID || got["issuer"] != s.issuer.Issuer() {
				t.Errorf("whoami: %v", got)
			}
		})
	}
}

func getJSON(t *testing.T, from string, into any) {
	t.Helper()
	resp, err := http.Get(from)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %d, %v", from, resp.StatusCode, err)
	}
}

// TestToolErrorsReachTheModel: bad arguments are the tool's answer, in both eras,
// and not a protocol error.
func TestToolErrorsReachTheModel(t *testing.T) {
	s := start(t)
	token := s.token(nil)
	for _, era := range bothEras {
		session := s.mustConnect(era, token)
		for _, tt := range []struct {
			name      string
			arguments map[string]any
			want      string
		}{
			{"zero", map[string]any{"weight_kg": 0, "height_m": 1.75}, "weight_kg must be between 2 and 650 kilograms"},
			{"negative", map[string]any{"weight_kg": 70, "height_m": -1}, "height_m must be between 0.4 and 2.8 metres (not centimetres)"},
			{"900 kg", map[string]any{"weight_kg": 900, "height_m": 1.75}, "weight_kg must be between 2 and 650 kilograms"},
			{"a string", map[string]any{"weight_kg": "NaN", "height_m": 1.75}, "invalid arguments: "},
			{"missing", map[string]any{"weight_kg": 70}, "invalid arguments: "},
			{"unknown", map[string]any{"weight_kg": 70, "height_m": 1.75, "x": 1}, "invalid arguments: "},
		} {
			t.Run(era+"/"+tt.name, func(t *testing.T) {
				result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "calculate_bmi", Arguments: tt.arguments})
				if err != nil {
					t.Fatal(err)
				}
				text := result.Content[0].(*mcp.TextContent).Text
				if !result.IsError || !strings.HasPrefix(text, tt.want) {
					t.Errorf("IsError %v, text %q", result.IsError, text)
				}
			})
		}
	}
}

// TestLegacyStream: a legacy session has its GET stream, on which the server
// tells of a changed list.
func TestLegacyStream(t *testing.T) {
	s := start(t)
	changed := make(chan struct{}, 8)
	streams := make(chan int, 8)
	token := s.token(nil)
	session, err := s.connect(legacyEra, bearer{
		get: func() string { return token },
		seen: func(r *http.Request, resp *http.Response) {
			if r.Method == http.MethodGet {
				streams <- resp.StatusCode
			}
		},
	}, &mcp.ClientOptions{ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { changed <- struct{}{} }})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if status := within(t, "the client has a stream", streams); status != http.StatusOK {
		t.Fatalf("GET stream: %d", status)
	}
	s.install(2, "whoami")
	select {
	case <-changed:
	case <-time.After(10 * time.Second):
		t.Fatal("no notification on the GET stream")
	}
	list, err := session.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Tools) != 1 || list.Tools[0].Name != "whoami" {
		t.Errorf("the list after the change: %+v", list.Tools)
	}
}

// TestListShowsWhatTheCallerMayUse: two callers, two lists.
func TestListShowsWhatTheCallerMayUse(t *testing.T) {
	s := start(t)
	for _, era := range bothEras {
		t.Run(era, func(t *testing.T) {
			session := s.mustConnect(era, s.token(url.Values{"scope": {"tool:whoami"}}))
			list, err := session.ListTools(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(list.Tools) != 1 || list.Tools[0].Name != "whoami" {
				t.Errorf("tools: %+v", list.Tools)
			}
			if _, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "probe"}); err == nil {
				t.Error("a tool without its scope was called")
			}
		})
	}
	if s.probed.Load() != 0 {
		t.Error("the tool ran")
	}
}

// TestAccessDefaultAuthenticated: with access.default: authenticated any valid
// token may call any tool.
func TestAccessDefaultAuthenticated(t *testing.T) {
	s := start(t, func(c *config.Config) { c.Access.Default = "authenticated" })
	session := s.mustConnect(modernEra, s.token(url.Values{"client_id": {poorClient}}))
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "probe"})
	if err != nil {
		t.Fatal(err)
	}
	if got := structured(t, result); got["client_id"] != poorClient {
		t.Errorf("probe: %v", got)
	}
}

// TestParallelCallers: 200 callers at once never see each other's principal, in
// sessions and out of them.
func TestParallelCallers(t *testing.T) {
	s := start(t)
	for _, era := range bothEras {
		t.Run(era, func(t *testing.T) {
			var wg sync.WaitGroup
			for i := range 200 {
				subject := fmt.Sprintf("caller-%d", i)
				token := s.mint(func(c map[string]any) { c["sub"], c["azp"] = subject, subject+"-client" })
				wg.Go(func() {
					session, err := s.connect(era, bearer{get: func() string { return token }}, nil)
					if err != nil {
						t.Error(err)
						return
					}
					defer session.Close()
					for range 3 {
						result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "probe"})
						if err != nil {
							t.Error(err)
							return
						}
						if got, _ := result.StructuredContent.(map[string]any); got["subject"] != subject || got["client_id"] != subject+"-client" {
							t.Errorf("%s was seen as %v", subject, got)
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

// TestUselessTokenIsLoggedOnce: a client that was granted nothing is told of in
// the log, once, with what it lacks.
func TestUselessTokenIsLoggedOnce(t *testing.T) {
	s := start(t)
	const text = "unlocks no tool"
	s.mustConnect(modernEra, s.token(nil))
	if strings.Contains(s.logs.String(), text) {
		t.Fatal("logged for a client with scopes")
	}
	session := s.mustConnect(modernEra, s.token(url.Values{"client_id": {poorClient}}))
	for range 3 {
		if _, err := session.ListTools(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	logs := s.logs.String()
	if n := strings.Count(logs, text); n != 1 {
		t.Errorf("logged %d times", n)
	}
	if !strings.Contains(logs, `"client_id":"poor","missing":["`+strings.Join(allScopes(), `","`)+`"]`) {
		t.Error("the log does not name the client and what is missing")
	}
}

// TestProgress: a tool tells how far it is, on the stream of its own call, in both
// eras; a caller that did not ask is told nothing.
func TestProgress(t *testing.T) {
	s := start(t)
	token := s.token(nil)
	for _, era := range bothEras {
		t.Run(era, func(t *testing.T) {
			told := make(chan float64, 16)
			session, err := s.connect(era, bearer{get: func() string { return token }}, &mcp.ClientOptions{
				ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) { told <- r.Params.Progress },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer session.Close()
			params := &mcp.CallToolParams{Name: "probe", Arguments: map[string]any{"steps": 3}}
			if _, err := session.CallTool(t.Context(), params); err != nil {
				t.Fatal(err)
			}
			params.SetProgressToken("p")
			if _, err := session.CallTool(t.Context(), params); err != nil {
				t.Fatal(err)
			}
			for i := range 3 {
				select {
				case got := <-told:
					if got != float64(i+1) {
						t.Errorf("told %v, want %d", got, i+1)
					}
				case <-time.After(10 * time.Second):
					t.Fatal("not told")
				}
			}
			if len(told) > 0 {
				t.Error("told without having asked")
			}
		})
	}
}
