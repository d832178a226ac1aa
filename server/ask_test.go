package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// script is what a tool, a prompt and a resource of these tests do.
type script func(ctx context.Context, caller tools.Caller) (string, error)

// aForm asks for one field.
func aForm(message, field string, s *jsonschema.Schema, required ...string) *mcp.ElicitParams {
	return &mcp.ElicitParams{Message: message, RequestedSchema: &jsonschema.Schema{
		Type: "object", Properties: map[string]*jsonschema.Schema{field: s}, Required: required,
	}}
}

var (
	okForm   = aForm("Really?", "ok", &jsonschema.Schema{Type: "boolean"}, "ok")
	sizeForm = aForm("How many?", "size", &jsonschema.Schema{Type: "integer", Default: []byte("3")})
	asample  = &mcp.CreateMessageParams{MaxTokens: 9, Messages: []*mcp.SamplingMessage{{Role: "user", Content: &mcp.TextContent{Text: "Hello?"}}}}
)

// asks are the scripts by name.
func asks(r *rig) map[string]script {
	elicit := func(q *mcp.ElicitParams) script {
		return func(ctx context.Context, caller tools.Caller) (string, error) {
			a, err := caller.Elicit(ctx, "q", q)
			if err != nil {
				return "", fmt.Errorf("asking: %w", err)
			}
			return fmt.Sprint(a.Action, " ", a.Content), nil
		}
	}
	return map[string]script{
		"confirm": elicit(okForm), "again": elicit(okForm), "size": elicit(sizeForm),
		"plain": func(context.Context, tools.Caller) (string, error) { return "plain", nil },
		"url":   elicit(&mcp.ElicitParams{Message: "Pay", URL: "https://pay.example/", ElicitationID: "e"}),
		"free":  elicit(&mcp.ElicitParams{Message: "Go on?"}),
		"nested": func(ctx context.Context, caller tools.Caller) (string, error) { // a question within what is done once
			said, err := tools.Once(ctx, caller, "k", func() (string, error) {
				*r.ran = append(*r.ran, "nested")
				return elicit(okForm)(ctx, caller)
			})
			if err != nil {
				return "", err
			}
			again, err := caller.Elicit(ctx, "more", sizeForm)
			if err != nil {
				return "", err
			}
			return fmt.Sprint(said, " ", again.Content["size"]), nil
		},
		"progress": func(ctx context.Context, caller tools.Caller) (string, error) {
			if err := caller.Progress(ctx, 1, 2, "half"); err != nil {
				return "", err
			}
			return elicit(okForm)(ctx, caller)
		},
		"three": func(ctx context.Context, caller tools.Caller) (string, error) {
			a, err := caller.Ask(ctx, mcp.InputRequestMap{"a": okForm, "b": asample, "c": &mcp.ListRootsParams{}})
			if err != nil {
				return "", err
			}
			return fmt.Sprint(a["a"].(*mcp.ElicitResult).Content, " ", a["b"].(*mcp.CreateMessageResult).Content.(*mcp.TextContent).Text, " ", len(a["c"].(*mcp.ListRootsResult).Roots)), nil
		},
		"tooled": func(ctx context.Context, caller tools.Caller) (string, error) {
			a, err := caller.Ask(ctx, mcp.InputRequestMap{"t": &mcp.CreateMessageWithToolsParams{
				MaxTokens: 9, Messages: []*mcp.SamplingMessageV2{{Role: "user", Content: []mcp.Content{&mcp.TextContent{Text: "Hello?"}}}},
			}})
			if err != nil {
				return "", err
			}
			return fmt.Sprint(len(a["t"].(*mcp.CreateMessageWithToolsResult).Content), " pieces"), nil
		},
		"rounds": func(ctx context.Context, caller tools.Caller) (string, error) {
			*r.ran = append(*r.ran, "rounds")
			made, err := tools.Once(ctx, caller, "made", func() (int, error) {
				*r.ran = append(*r.ran, "once")
				return len(*r.ran), nil
			})
			if err != nil {
				return "", err
			}
			first, err := caller.Elicit(ctx, "first", okForm)
			if err != nil {
				return "", err
			}
			second, err := caller.Elicit(ctx, "second", sizeForm)
			if err != nil {
				return "", err
			}
			return fmt.Sprint(made, " ", first.Action, " ", second.Content["size"]), nil
		},
	}
}

type cityInput struct {
	City string `json:"city,omitempty"`
}

type saidOutput struct {
	Said string `json:"said"`
}

// installAsks puts the scripts above in force.
func (r *rig) installAsks() { r.installScripts(asks(r)) }

// installScripts puts a tool, a prompt and a resource for each script in force.
func (r *rig) installScripts(scripts map[string]script) {
	var list []tools.Tool
	var prompts []tools.Prompt
	var resources []tools.Resource
	for _, name := range slices.Sorted(maps.Keys(scripts)) {
		run := scripts[name]
		list = append(list, tools.Define(name, tools.Options{Title: name, Description: "Asks."}, func(ctx context.Context, caller tools.Caller, _ cityInput) (saidOutput, error) {
			said, err := run(ctx, caller)
			return saidOutput{said}, err
		}))
		prompts = append(prompts, tools.NewPrompt(name, tools.PromptOptions{
			Title: name, Description: "Asks.", Arguments: []*mcp.PromptArgument{{Name: "city"}, {Name: "street"}},
		}, func(ctx context.Context, caller tools.Caller, _ map[string]string) (*mcp.GetPromptResult, error) {
			said, err := run(ctx, caller)
			return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{{Role: "user", Content: &mcp.TextContent{Text: said}}}}, err
		}))
		resources = append(resources, tools.NewResource("ask://"+name, tools.ResourceOptions{
			Name: name, Title: name, Description: "Asks.", MIMEType: "text/plain",
		}, func(ctx context.Context, caller tools.Caller) (*mcp.ResourceContents, error) {
			said, err := run(ctx, caller)
			return &mcp.ResourceContents{Text: said}, err
		}))
	}
	r.install(auth.DefaultAccessConfig(), r.generationOf(0, list...).Tools.With(prompts, resources))
}

// askScopes are all that the scripts need.
func askScopes(r *rig) (scopes []string) {
	for name := range asks(r) {
		scopes = append(scopes, "tool:"+name, "prompt:"+name)
	}
	return scopes
}

// bearer puts a token on requests, and the host that the server knows.
type bearer struct{ token string }

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host = "mcp.example.com"
	r.Header.Set("Authorization", "Bearer "+b.token)
	return http.DefaultTransport.RoundTrip(r)
}

// ways are how the SDK's client reaches the server.
var ways = []struct{ name, version, path string }{
	{"modern", "2026-07-28", "/mcp"},
	{"legacy", "2025-11-25", "/mcp"},
	{"legacy, forms alone", "2025-06-18", "/mcp"},
	{"SSE", "2024-11-05", "/sse"},
}

// connect is a client of r.
func (r *rig) connect(t *testing.T, version, path string, o *mcp.ClientOptions) *mcp.ClientSession {
	t.Helper()
	web := httptest.NewServer(r.server.Handler())
	t.Cleanup(web.Close)
	over := &http.Client{Transport: bearer{r.token(askScopes(r)...)}}
	var transport mcp.Transport = &mcp.StreamableClientTransport{Endpoint: web.URL + path, HTTPClient: over}
	if path == "/sse" {
		transport = &mcp.SSEClientTransport{Endpoint: web.URL + path, HTTPClient: over}
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "x", Version: "1"}, o)
	client.AddRoots(&mcp.Root{URI: "file:///a"}, &mcp.Root{URI: "file:///b"})
	session, err := client.Connect(t.Context(), transport, &mcp.ClientSessionOptions{ProtocolVersion: version})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

// kinds are the three that can ask, and how a client gets what they say.
var kinds = map[string]func(ctx context.Context, s *mcp.ClientSession, name string) (string, error){
	"tool": func(ctx context.Context, s *mcp.ClientSession, name string) (string, error) {
		r, err := s.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: map[string]any{"city": "Oslo"}})
		if err != nil {
			return "", err
		}
		if r.IsError {
			return "", errors.New(r.Content[0].(*mcp.TextContent).Text)
		}
		return r.StructuredContent.(map[string]any)["said"].(string), nil
	},
	"prompt": func(ctx context.Context, s *mcp.ClientSession, name string) (string, error) {
		r, err := s.GetPrompt(ctx, &mcp.GetPromptParams{Name: name, Arguments: map[string]string{"street": "a", "city": "Oslo"}})
		if err != nil {
			return "", err
		}
		return r.Messages[0].Content.(*mcp.TextContent).Text, nil
	},
	"resource": func(ctx context.Context, s *mcp.ClientSession, name string) (string, error) {
		r, err := s.ReadResource(ctx, &mcp.ReadResourceParams{URI: "ask://" + name})
		if err != nil {
			return "", err
		}
		return r.Contents[0].Text, nil
	},
}

// willing is a client that does all, and answers an elicitation with r.
func willing(r *mcp.ElicitResult) *mcp.ClientOptions {
	return &mcp.ClientOptions{
		Capabilities: &mcp.ClientCapabilities{RootsV2: &mcp.RootCapabilities{}, Elicitation: &mcp.ElicitationCapabilities{
			Form: &mcp.FormElicitationCapabilities{}, URL: &mcp.URLElicitationCapabilities{},
		}},
		ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			if r == nil {
				return nil, errors.New("secret of the client")
			}
			return r, nil
		},
		CreateMessageWithToolsHandler: func(context.Context, *mcp.CreateMessageWithToolsRequest) (*mcp.CreateMessageWithToolsResult, error) {
			return &mcp.CreateMessageWithToolsResult{Role: "assistant", Model: "m", Content: []mcp.Content{&mcp.TextContent{Text: "Hi"}}}, nil
		},
	}
}

func accepted(field string, value any) *mcp.ElicitResult {
	return &mcp.ElicitResult{Action: "accept", Content: map[string]any{field: value}}
}

// TestAsk: what a tool, a prompt and a resource hear from the SDK's client, in each era
// and over each transport.
func TestAsk(t *testing.T) {
	r := newRig(t, func(o *Options) { o.MCP.LegacySSE = true })
	r.installAsks()
	for _, tt := range []struct {
		name, script string
		answer       *mcp.ElicitResult
		want         string
	}{
		{"accepted", "confirm", accepted("ok", true), "accept map[ok:true]"},
		{"declined", "confirm", &mcp.ElicitResult{Action: "decline"}, "decline map[]"},
		{"cancelled", "confirm", &mcp.ElicitResult{Action: "cancel"}, "cancel map[]"},
		{"a default", "size", &mcp.ElicitResult{Action: "accept", Content: map[string]any{}}, "accept map[size:3]"},
		{"a default, without a content", "size", &mcp.ElicitResult{Action: "accept"}, "accept map[size:3]"},
		{"no fields", "free", &mcp.ElicitResult{Action: "accept"}, "accept map[]"},
		{"a page", "url", &mcp.ElicitResult{Action: "accept"}, "accept map[]"},
		{"all at once", "three", accepted("ok", true), "map[ok:true] Hi 2"},
		{"sampling with tools", "tooled", nil, "1 pieces"},
		{"nothing is asked", "plain", nil, "plain"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, way := range ways {
				session := r.connect(t, way.version, way.path, willing(tt.answer))
				for kind, get := range kinds {
					got, err := get(t.Context(), session, tt.script)
					if err != nil || got != tt.want {
						t.Errorf("%s, %s: %q, %v; want %q", way.name, kind, got, err, tt.want)
					}
				}
			}
		})
	}
	if strings.Contains(r.logs.String(), `failed"`) {
		t.Errorf("a failure in the log: %s", r.logs)
	}
}

// TestAskRounds: two rounds of questions. The handler runs once in a session, and from
// its beginning for each round without one; what must not be done again is not.
func TestAskRounds(t *testing.T) {
	for _, way := range ways[:2] {
		t.Run(way.name, func(t *testing.T) {
			r := newRig(t)
			r.installAsks()
			o := willing(nil)
			o.ElicitationHandler = func(_ context.Context, q *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
				if q.Params.Message == okForm.Message {
					return &mcp.ElicitResult{Action: "decline"}, nil
				}
				return accepted("size", 5), nil
			}
			session := r.connect(t, way.version, way.path, o)
			got, err := kinds["tool"](t.Context(), session, "rounds")
			want := []string{"rounds", "once"}
			if way.name == "modern" {
				want = append(want, "rounds", "rounds")
			}
			if err != nil || got != "2 decline 5" || !slices.Equal(*r.ran, want) {
				t.Errorf("%q, %v; ran %q, want %q", got, err, *r.ran, want)
			}
		})
	}
}

// TestAskConcurrently: the answers of calls that run at once are each its own.
func TestAskConcurrently(t *testing.T) {
	r := newRig(t, func(o *Options) { o.MCP.LegacySSE = true })
	r.installAsks()
	for _, way := range ways {
		session := r.connect(t, way.version, way.path, willing(accepted("ok", true)))
		var calls sync.WaitGroup
		for i := range 12 {
			name, want := "confirm", "accept map[ok:true]"
			if i%2 == 1 {
				name, want = "three", "map[ok:true] Hi 2"
			}
			calls.Go(func() {
				if got, err := kinds["tool"](t.Context(), session, name); err != nil || got != want {
					t.Errorf("%s: %q, %v", way.name, got, err)
				}
			})
		}
		allDone(t, "the calls", &calls)
	}
}

// TestAskInVain: what the caller is told where the client cannot or will not answer.
func TestAskInVain(t *testing.T) {
	const noForms, noModel, noTools, noPage = "the client does not take questions to its user (elicitation)", "the client does not lend its model (sampling)",
		"the client does not lend its model with tools (sampling, tools)", "the client does not take its user to a page (elicitation, mode url)"
	const unusable = "the client gave no answer that could be used"
	formsOnly := willing(accepted("ok", true))
	formsOnly.Capabilities.Elicitation.URL = nil
	pagesOnly := willing(accepted("ok", true))
	pagesOnly.Capabilities.Elicitation.Form = nil
	noSamplingTools := willing(nil)
	noSamplingTools.Capabilities.Sampling = &mcp.SamplingCapabilities{}
	bare := &mcp.ClientOptions{Capabilities: &mcp.ClientCapabilities{}}
	for _, tt := range []struct {
		name, script string
		client       *mcp.ClientOptions
		legacyOnly   bool // in the other era the client keeps its failures to itself
		want         string
	}{
		{"nothing declared", "confirm", bare, false, noForms},
		{"nothing declared, three needed", "three", bare, false, noForms + ", and " + noModel[len("the client "):] + ", and does not show its roots"},
		{"forms, asked for a page", "url", formsOnly, false, noPage},
		{"pages, asked for a form", "confirm", pagesOnly, false, noForms},
		{"sampling, asked with tools", "tooled", noSamplingTools, false, noTools},
		{"the client fails", "confirm", willing(nil), true, unusable},
		{"one of three fails", "three", willing(nil), true, unusable},
		{"an unknown action", "confirm", willing(&mcp.ElicitResult{Action: "maybe"}), true, unusable},
		{"accepted without what is required", "confirm", willing(&mcp.ElicitResult{Action: "accept"}), true, unusable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.installAsks()
			for _, way := range ways[:2] {
				if tt.legacyOnly && way.name == "modern" {
					continue
				}
				session := r.connect(t, way.version, way.path, tt.client)
				for kind, get := range kinds {
					got, err := get(t.Context(), session, tt.script)
					if text := strings.TrimSuffix(fmt.Sprint(err), ": rejected by transport: Bad Request"); !strings.HasSuffix(text, tt.want) || strings.Contains(text, "secret") {
						t.Errorf("%s, %s: %q, %v; want %q", way.name, kind, got, err, tt.want)
					}
				}
			}
			if strings.Contains(r.logs.String(), `failed"`) {
				t.Errorf("a failure of ours in the log: %s", r.logs)
			}
		})
	}
}

// TestNoSession: a request of no session, which the SDK does not make, is a fault of ours.
func TestNoSession(t *testing.T) {
	r := newRig(t)
	for _, modern := range []bool{true, false} {
		var c call
		c.operation.Modern = modern
		if made, err := r.server.clientOf(c, &mcp.CallToolRequest{}, "p", retry{}); made != nil || !reflect.DeepEqual(err, internalError()) {
			t.Errorf("%+v, %v", made, err)
		}
	}
}

// TestAskWithoutASession: a request of the older versions that stands alone leads to no
// client, whatever that can do; with a session it does.
func TestAskWithoutASession(t *testing.T) {
	const want = "the client cannot be asked: its request leads back to it in a session alone"
	for _, sessions := range []bool{false, true} {
		r := newRig(t, func(o *Options) { o.MCP.LegacySessions = sessions })
		r.installAsks()
		session := r.connect(t, "2025-11-25", "/mcp", willing(accepted("ok", true)))
		for kind, get := range kinds {
			got, err := get(t.Context(), session, "confirm")
			if sessions && (err != nil || got != "accept map[ok:true]") {
				t.Errorf("in a session, %s: %q, %v", kind, got, err)
			}
			if !sessions && (err == nil || !strings.HasSuffix(err.Error(), want)) {
				t.Errorf("%s: %q, %v", kind, got, err)
			}
			if got, err := get(t.Context(), session, "plain"); err != nil || got != "plain" {
				t.Errorf("%s that asks nothing: %q, %v", kind, got, err)
			}
		}
	}
}

// TestSessionOfALaterVersion: the SDK agrees to an older version with a client that
// proposes a later one by initialize, and then asks it nothing. The caller is told so.
func TestSessionOfALaterVersion(t *testing.T) {
	r := newRig(t)
	r.installAsks()
	token := r.token(askScopes(r)...)
	for version, want := range map[string]string{
		"2099-01-01": "the client cannot be asked: its request leads back to it in a session alone",
		"2025-11-25": "the client does not take questions to its user (elicitation)",
	} {
		opened := r.serve(with(token, strings.Replace(initialize, "2025-11-25", version, 1)))
		id := opened.Header().Get("Mcp-Session-Id")
		w := r.serve(r.inSession(http.MethodPost, token, id, body(false, "tools/call", `"name":"confirm","arguments":{}`)))
		if id == "" || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s; %d %s", version, opened.Code, opened.Body, w.Code, w.Body)
		}
	}
}
