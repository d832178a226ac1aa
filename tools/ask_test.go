package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// fakeClient is a client that has what it says, and notes what it is asked.
type fakeClient struct {
	has     mcp.ClientCapabilities
	lost    bool // it cannot be reached
	answers mcp.InputResponseMap
	asked   mcp.InputRequestMap
	kept    map[string]json.RawMessage
}

func (c *fakeClient) Capabilities() *mcp.ClientCapabilities                    { return &c.has }
func (c *fakeClient) Reachable() bool                                          { return !c.lost }
func (c *fakeClient) Progress(context.Context, float64, float64, string) error { return nil }
func (c *fakeClient) Log(context.Context, mcp.LoggingLevel, any) error         { return nil }

func (c *fakeClient) Ask(_ context.Context, q mcp.InputRequestMap) (mcp.InputResponseMap, error) {
	c.asked = q
	return c.answers, nil
}

func (c *fakeClient) Once(_ context.Context, key string, make func() (json.RawMessage, error)) (json.RawMessage, error) {
	if raw, ok := c.kept[key]; ok {
		return raw, nil
	}
	raw, err := make()
	if err == nil {
		c.kept[key] = raw
	}
	return raw, err
}

var (
	aForm   = &mcp.ElicitParams{Message: "?"}
	aPage   = &mcp.ElicitParams{Message: "?", URL: "https://a.example/"}
	aSample = &mcp.CreateMessageParams{Messages: []*mcp.SamplingMessage{{Role: "user", Content: &mcp.TextContent{Text: "?"}}}}
	aTooled = &mcp.CreateMessageWithToolsParams{Messages: []*mcp.SamplingMessageV2{{Role: "user", Content: []mcp.Content{&mcp.TextContent{Text: "?"}}}}}
	aRoots  = &mcp.ListRootsParams{}
)

// TestAskNeeds: which questions a client can be asked that has declared this, and what
// it lacks for the others.
func TestAskNeeds(t *testing.T) {
	form, page := &mcp.FormElicitationCapabilities{}, &mcp.URLElicitationCapabilities{}
	withTools := &mcp.SamplingCapabilities{Tools: &mcp.SamplingToolsCapabilities{}}
	const noForm, noPage = "does not take questions to its user (elicitation)", "does not take its user to a page (elicitation, mode url)"
	const noModel, noTools, noRoots = "does not lend its model (sampling)", "does not lend its model with tools (sampling, tools)", "does not show its roots"
	all := mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapabilities{Form: form, URL: page}, Sampling: withTools, RootsV2: &mcp.RootCapabilities{}}
	one := func(q mcp.InputRequest) mcp.InputRequestMap { return mcp.InputRequestMap{"q": q} }
	every := mcp.InputRequestMap{"a": aForm, "b": aPage, "c": aSample, "d": aTooled, "e": aRoots}
	for _, tt := range []struct {
		name    string
		has     mcp.ClientCapabilities
		asks    mcp.InputRequestMap
		text    string // "": it is asked
		missing mcp.ClientCapabilities
	}{
		{"all of all", all, every, "", mcp.ClientCapabilities{}},
		{"nothing of nothing", mcp.ClientCapabilities{}, nil, "", mcp.ClientCapabilities{}},
		{"all of nothing", mcp.ClientCapabilities{}, every, strings.Join([]string{noForm, noPage, noModel, noRoots}, ", and "), all},
		{"a form of no mode", mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapabilities{}}, one(aForm), "", mcp.ClientCapabilities{}},
		{"a form of forms", mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapabilities{Form: form}}, one(aForm), "", mcp.ClientCapabilities{}},
		{"a form of pages", mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapabilities{URL: page}}, one(aForm), noForm, mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapabilities{Form: form}}},
		{"a page of pages", mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapabilities{URL: page}}, one(aPage), "", mcp.ClientCapabilities{}},
		{"a page of no mode", mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapabilities{}}, one(aPage), noPage, mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapabilities{URL: page}}},
		{"a page of forms", mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapabilities{Form: form}}, one(aPage), noPage, mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapabilities{URL: page}}},
		{"sampling", mcp.ClientCapabilities{Sampling: &mcp.SamplingCapabilities{}}, one(aSample), "", mcp.ClientCapabilities{}},
		{"sampling of roots", mcp.ClientCapabilities{RootsV2: &mcp.RootCapabilities{}}, one(aSample), noModel, mcp.ClientCapabilities{Sampling: &mcp.SamplingCapabilities{}}},
		{"tools of sampling", mcp.ClientCapabilities{Sampling: &mcp.SamplingCapabilities{}}, one(aTooled), noTools, mcp.ClientCapabilities{Sampling: withTools}},
		{"tools of tools", mcp.ClientCapabilities{Sampling: withTools}, one(aTooled), "", mcp.ClientCapabilities{}},
		{"roots", mcp.ClientCapabilities{RootsV2: &mcp.RootCapabilities{}}, one(aRoots), "", mcp.ClientCapabilities{}},
		{"only what is missing", mcp.ClientCapabilities{Sampling: withTools}, mcp.InputRequestMap{"a": aTooled, "b": aRoots}, noRoots, mcp.ClientCapabilities{RootsV2: &mcp.RootCapabilities{}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client := &fakeClient{has: tt.has}
			_, err := Caller{Client: client}.Ask(t.Context(), tt.asks)
			if len(tt.asks) == 1 {
				if got := (Caller{Client: client}).Supports(tt.asks["q"]); got != (tt.text == "") {
					t.Errorf("Supports says %v", got)
				}
				for _, none := range []mcp.InputRequest{nil, (*mcp.ElicitParams)(nil), (*mcp.CreateMessageParams)(nil), (*mcp.CreateMessageWithToolsParams)(nil), (*mcp.ListRootsParams)(nil)} {
					if (Caller{Client: client}).Supports(none) {
						t.Errorf("Supports takes a %T that is nil", none)
					}
				}
			}
			if tt.text == "" {
				if err != nil || len(client.asked) != len(tt.asks) {
					t.Errorf("asked %v, %v", client.asked, err)
				}
				return
			}
			var needed *CapabilityNeeded
			if !errors.As(err, &needed) || needed.Error() != "the client "+tt.text || !reflect.DeepEqual(*needed.Required, tt.missing) {
				t.Errorf("%v, want %q", err, tt.text)
			}
			if client.asked != nil {
				t.Errorf("asked all the same: %v", client.asked)
			}
		})
	}
}

// TestAskNobody: without a client, and without a way to it, all is missing, and a
// handler that asks nothing has no fault.
func TestAskNobody(t *testing.T) {
	for text, caller := range map[string]Caller{
		"there is no client that could be asked":                                      {},
		"the client cannot be asked: its request leads back to it in a session alone": {Client: &fakeClient{lost: true, has: mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapabilities{}}}},
	} {
		_, err := caller.Elicit(t.Context(), "q", aForm)
		var needed *CapabilityNeeded
		if !errors.As(err, &needed) || needed.Error() != text || needed.Required.Elicitation == nil || caller.Supports(aForm) {
			t.Errorf("%v, want %q", err, text)
		}
		if answers, err := caller.Ask(t.Context(), nil); err != nil || len(answers) != 0 {
			t.Errorf("no question: %v, %v", answers, err)
		}
	}
}

// TestAskWellFormed: the faults of a handler are found before a client is asked; what it
// may leave out is there on the wire.
func TestAskWellFormed(t *testing.T) {
	schema := func(s string) *mcp.ElicitParams { return &mcp.ElicitParams{RequestedSchema: json.RawMessage(s)} }
	many := mcp.InputRequestMap{}
	for i := range maxQuestions {
		many[fmt.Sprint(i)] = aForm
	}
	more := mcp.InputRequestMap{"one more": aForm}
	for name, q := range many {
		more[name] = q
	}
	one := func(q mcp.InputRequest) mcp.InputRequestMap { return mcp.InputRequestMap{"q": q} }
	for _, tt := range []struct {
		name string
		asks mcp.InputRequestMap
		want string // the error, "" for none
	}{
		{"sixteen", many, ""},
		{"seventeen", more, "17 questions at once, at most 16"},
		{"no name", mcp.InputRequestMap{"": aForm}, "a question without a name"},
		{"none", one(nil), `question "q": is none`},
		{"none of its type", one((*mcp.ElicitParams)(nil)), `question "q": is none`},
		{"no roots", one((*mcp.ListRootsParams)(nil)), `question "q": is none`},
		{"no messages", one(&mcp.CreateMessageParams{}), `question "q": is none`},
		{"no messages with tools", one(&mcp.CreateMessageWithToolsParams{}), `question "q": is none`},
		{"a page with a form", one(&mcp.ElicitParams{URL: "https://a.example/", RequestedSchema: json.RawMessage(`{"type":"object"}`)}), `question "q": mixes the modes of an elicitation, form and url`},
		{"a form with a page", one(&mcp.ElicitParams{Mode: "form", URL: "https://a.example/"}), `question "q": mixes the modes of an elicitation, form and url`},
		{"a page without a URL", one(&mcp.ElicitParams{Mode: "url"}), `question "q": mixes the modes of an elicitation, form and url`},
		{"another mode", one(&mcp.ElicitParams{Mode: "voice"}), `question "q": mixes the modes of an elicitation, form and url`},
		{"a list", one(schema(`{"type":"array"}`)), `question "q": its schema: the type must be "object"`},
		{"no type", one(schema(`{"properties":{}}`)), `question "q": its schema: the type must be "object"`},
		{"null", one(schema(`null`)), `question "q": its schema: not a JSON object`},
		{"nested", one(schema(`{"type":"object","properties":{"a":{"type":"object"}}}`)), `question "q": its field "a" is no text, number, boolean or list`},
		{"flat", one(schema(`{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"number"},"c":{"type":"integer"},"d":{"type":"boolean"},"e":{"type":"array","items":{"type":"string","enum":["x"]}}}}`)), ""},
		{"a Go schema", one(&mcp.ElicitParams{RequestedSchema: &jsonschema.Schema{Type: "object"}}), ""},
		{"a good default", one(schema(`{"type":"object","properties":{"a":{"type":"integer","default":1}}}`)), ""},
		{"a page", one(aPage), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client := &fakeClient{has: mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapabilities{Form: &mcp.FormElicitationCapabilities{}, URL: &mcp.URLElicitationCapabilities{}}, Sampling: &mcp.SamplingCapabilities{Tools: &mcp.SamplingToolsCapabilities{}}, RootsV2: &mcp.RootCapabilities{}}}
			_, err := Caller{Client: client}.Ask(t.Context(), tt.asks)
			if tt.want == "" {
				if err != nil || client.asked == nil {
					t.Errorf("asked %v, %v", client.asked, err)
				}
				return
			}
			if err == nil || err.Error() != tt.want || client.asked != nil {
				t.Errorf("asked %v, %v; want %q", client.asked, err, tt.want)
			}
		})
	}
	bad := schema(`{"type":"object","properties":{"a":{"type":"integer","default":"x"}}}`)
	if _, err := wellFormed(one(bad)); err == nil || !strings.HasPrefix(err.Error(), `question "q": resolving the schema: `) {
		t.Errorf("a default of another type: %v", err)
	}
	asked, err := wellFormed(one(aForm))
	if err != nil {
		t.Fatal(err)
	}
	if q := asked["q"].(*mcp.ElicitParams); q.Mode != "form" || string(q.RequestedSchema.(json.RawMessage)) != `{"type":"object","properties":{}}` || aForm.Mode != "" || aForm.RequestedSchema != nil {
		t.Errorf("sent %+v; the handler's own is %+v", q, aForm)
	}
}

// TestAskOne: an answer of another kind than the question's is a fault, and no panic.
func TestAskOne(t *testing.T) {
	has := mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapabilities{}, Sampling: &mcp.SamplingCapabilities{}, RootsV2: &mcp.RootCapabilities{}}
	caller := Caller{Client: &fakeClient{has: has, answers: mcp.InputResponseMap{
		"e": &mcp.ElicitResult{Action: "accept"}, "s": &mcp.CreateMessageResult{Model: "m"}, "r": &mcp.ListRootsResult{},
	}}}
	if a, err := caller.Elicit(t.Context(), "e", aForm); err != nil || a.Action != "accept" {
		t.Errorf("Elicit: %v, %v", a, err)
	}
	if a, err := caller.Sample(t.Context(), "s", aSample); err != nil || a.Model != "m" {
		t.Errorf("Sample: %v, %v", a, err)
	}
	if a, err := caller.Roots(t.Context(), "r"); err != nil || a == nil {
		t.Errorf("Roots: %v, %v", a, err)
	}
	if _, err := caller.Roots(t.Context(), "e"); err == nil || err.Error() != "the answer is a *mcp.ElicitResult" {
		t.Errorf("another kind: %v", err)
	}
}

// TestOnce: make runs once for a key, also where there are more runs, and its error is
// kept for none of them.
func TestOnce(t *testing.T) {
	client := &fakeClient{kept: map[string]json.RawMessage{}}
	runs := 0
	make := func() (map[string]int, error) { runs++; return map[string]int{"n": runs}, nil }
	fault := errors.New("fault")
	if _, err := Once(t.Context(), Caller{Client: client}, "k", func() (map[string]int, error) { return nil, fault }); !errors.Is(err, fault) {
		t.Errorf("%v, want the fault", err)
	}
	for range 2 {
		if v, err := Once(t.Context(), Caller{Client: client}, "k", make); err != nil || v["n"] != 1 {
			t.Errorf("%v, %v", v, err)
		}
	}
	if v, err := Once(t.Context(), Caller{}, "k", make); err != nil || v["n"] != 2 {
		t.Errorf("without a client: %v, %v", v, err)
	}
	if _, err := Once(t.Context(), Caller{Client: client}, "k", func() (string, error) { return "", nil }); err == nil || !strings.HasPrefix(err.Error(), `reading "k" again: `) {
		t.Errorf("another type: %v", err)
	}
	var unsupported *json.UnsupportedTypeError
	if _, err := Once(t.Context(), Caller{Client: client}, "c", func() (chan int, error) { return nil, nil }); !errors.As(err, &unsupported) {
		t.Errorf("a channel: %v", err)
	}
}
