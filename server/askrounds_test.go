package server

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"mcp-resource-server/auth/devauth"
	"mcp-resource-server/internal/audit"
	"mcp-resource-server/tools"
)

// willingMeta is that of a request whose client can be asked all.
const willingMeta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{},"sampling":{},"roots":{}}}`

// targets are the three that can ask, as a request names one.
var targets = map[string]struct{ method, member, prefix string }{
	"tool": {"tools/call", "name", ""}, "prompt": {"prompts/get", "name", ""}, "resource": {"resources/read", "uri", "ask://"},
}

// round is a request of MCP 2026-07-28 from a client that can be asked. members are those
// of its params beside the name.
func (r *rig) round(token, kind, name string, members ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	t := targets[kind]
	params := append([]string{`"` + t.member + `":"` + t.prefix + name + `"`, willingMeta}, members...)
	data := `{"jsonrpc":"2.0","id":7,"method":"` + t.method + `","params":{` + strings.Join(params, ",") + `}}`
	return r.serve(r.request(true, token, data, t.method, t.prefix+name))
}

// response is the member with the answers to questions.
func response(answers string) string { return `"inputResponses":{` + answers + `}` }

// stated is the member with a state.
func stated(state string) string { return `"requestState":"` + state + `"` }

// asked wants a result that asks the questions, in their order, and returns its state.
func asked(t testing.TB, w *httptest.ResponseRecorder, names ...string) (state string) {
	t.Helper()
	a := answerOf(t, w)
	if w.Code != http.StatusOK || a.Result["resultType"] != "input_required" {
		t.Fatalf("%d %s: asks nothing", w.Code, w.Body)
	}
	requests, _ := a.Result["inputRequests"].(map[string]any)
	if got := slices.Sorted(maps.Keys(requests)); !slices.Equal(got, names) {
		t.Fatalf("asks %q, want %q", got, names)
	}
	state, _ = a.Result["requestState"].(string)
	if state == "" {
		t.Fatal("no state")
	}
	return state
}

const (
	acceptedOK = `"first":{"action":"accept","content":{"ok":true}}`
	acceptedQ  = `"q":{"action":"accept","content":{"ok":true}}`
	badState   = "invalid requestState"
)

// TestInputRequired: what a result that asks has on the wire, and what not, for each of
// the three that can ask.
func TestInputRequired(t *testing.T) {
	r := newRig(t)
	r.installAsks()
	token := r.token(askScopes(r)...)
	for kind := range targets {
		w := r.round(token, kind, "three")
		asked(t, w, "a", "b", "c")
		result := answerOf(t, w).Result
		if got := slices.Sorted(maps.Keys(result)); !slices.Equal(got, []string{"_meta", "inputRequests", "requestState", "resultType"}) {
			t.Errorf("%s: members %q", kind, got)
		}
		requests, err := json.Marshal(result["inputRequests"])
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`"elicitation/create"`, `"mode":"form"`, `"sampling/createMessage"`, `"roots/list"`} {
			if !strings.Contains(string(requests), want) {
				t.Errorf("%s: no %s in %s", kind, want, requests)
			}
		}
		// Its twin, to which nothing of that applies.
		if plain := answerOf(t, r.round(token, kind, "plain")); plain.Result["resultType"] != "complete" || plain.Result["requestState"] != nil {
			t.Errorf("%s that asks nothing: %v", kind, plain.Result)
		}
	}
}

// TestAskAfterProgress: a call that has told of its progress ends with its question.
func TestAskAfterProgress(t *testing.T) {
	r := newRig(t)
	r.installAsks()
	data := `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"progress",` + strings.Replace(willingMeta, `{`, `{"progressToken":"p",`, 1) + `}}`
	w := r.serve(r.request(true, r.token(askScopes(r)...), data, "tools/call", "progress"))
	progress, result, ok := strings.Cut(w.Body.String(), "\n\n")
	if !ok || !strings.Contains(progress, `"message":"half"`) || !strings.Contains(result, `"resultType":"input_required"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestOnceWithAQuestion: what is done once may ask, and is done when it has its answer.
func TestOnceWithAQuestion(t *testing.T) {
	r := newRig(t)
	r.installAsks()
	token := r.token(askScopes(r)...)
	first := asked(t, r.round(token, "tool", "nested"), "q")
	second := asked(t, r.round(token, "tool", "nested", stated(first), response(acceptedQ)), "more")
	w := r.round(token, "tool", "nested", stated(second), response(`"more":{"action":"accept","content":{"size":8}}`))
	if !strings.Contains(w.Body.String(), "accept map[ok:true] 8") || len(*r.ran) != 2 {
		t.Errorf("%s; ran %q", w.Body, *r.ran)
	}
}

// TestOpenQuestions: what is no answer is asked again, what is one is not, also where it
// came in an earlier round.
func TestOpenQuestions(t *testing.T) {
	r := newRig(t)
	r.installAsks()
	token := r.token(askScopes(r)...)
	const a, b, c = `"a":{"action":"accept","content":{"ok":false}}`, `"b":{"role":"assistant","model":"m","content":{"type":"text","text":"Hi"}}`, `"c":{"roots":[{"uri":"file:///a"}]}`
	for _, tt := range []struct {
		name, responses string
		open            []string // nil: complete
	}{
		{"all", a + "," + b + "," + c, nil},
		{"with some that nobody asked for", a + "," + b + "," + c + `,"x":{"action":"accept"},"y":{"roots":[]}`, nil},
		{"declined", `"a":{"action":"decline","content":{"ok":7}},` + b + "," + c, nil},
		{"no roots", a + "," + b + `,"c":{"roots":[]}`, nil},
		{"none", "", []string{"a", "b", "c"}},
		{"under another name", `"A":{"action":"decline"}`, []string{"a", "b", "c"}},
		{"one of three", b, []string{"a", "c"}},
		{"of another kind", `"a":{"roots":[]},"b":{"action":"cancel"},` + c, []string{"a", "b"}},
		{"no action", `"a":{"action":"maybe"},` + b + "," + c, []string{"a"}},
		{"an action of another type of letters", `"a":{"action":"Accept","content":{"ok":true}},` + b + "," + c, []string{"a"}},
		{"a content that does not fit", `"a":{"action":"accept","content":{"ok":"yes"}},` + b + "," + c, []string{"a"}},
		{"a content without what is required", `"a":{"action":"accept","content":{}},` + b + "," + c, []string{"a"}},
		{"no content", `"a":{"action":"accept"},` + b + "," + c, []string{"a"}},
		{"two pieces where there are no tools", a + "," + c + `,"b":{"role":"assistant","model":"m","content":[{"type":"text","text":"Hi"},{"type":"text","text":"Ho"}]}`, []string{"b"}},
		{"a use of a tool", a + "," + c + `,"b":{"role":"assistant","model":"m","content":{"type":"tool_use","id":"1","name":"x","input":{}}}`, []string{"b"}},
		{"nobody's words", a + "," + c + `,"b":{"role":"system","model":"m","content":{"type":"text","text":"Hi"}}`, []string{"b"}},
		{"roots that are null", a + "," + b + `,"c":{"roots":null}`, []string{"c"}},
		{"a root that is null", a + "," + b + `,"c":{"roots":[null]}`, []string{"c"}},
		{"a root without a URI", a + "," + b + `,"c":{"roots":[{"name":"x"}]}`, []string{"c"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for kind := range targets {
				w := r.round(token, kind, "three", response(tt.responses))
				if tt.open == nil {
					if got := answerOf(t, w).Result; got["resultType"] != "complete" {
						t.Errorf("%s: %s", kind, w.Body)
					}
					continue
				}
				state := asked(t, w, tt.open...)
				// What was answered need not be answered again, and cannot be changed.
				w = r.round(token, kind, "three", stated(state), response(strings.ReplaceAll(a, "false", "true")+","+b+","+c))
				want := "map[ok:" + map[bool]string{true: "true", false: "false"}[slices.Contains(tt.open, "a")] + "] Hi 1"
				if !strings.Contains(w.Body.String(), want) {
					t.Errorf("%s, round 2: %s, want %s", kind, w.Body, want)
				}
			}
		})
	}
	// No object of answers, or no object at all, in one of them: a fault in the request.
	for _, broken := range []string{`"inputResponses":{"a":12345}`, `"inputResponses":{"a":{}}`, `"inputResponses":[]`, `"requestState":7`} {
		if w := r.round(token, "tool", "three", broken); w.Code != http.StatusBadRequest || answerOf(t, w).Error.Code != -32602 {
			t.Errorf("%s: %d %s", broken, w.Code, w.Body)
		}
	}
	asked(t, r.round(token, "tool", "three", `"inputResponses":null`), "a", "b", "c")
}

// TestAnswerIsTheHandlersOwn: what a handler writes to an answer is in no state, and
// comes back in no other round.
func TestAnswerIsTheHandlersOwn(t *testing.T) {
	r := newRig(t)
	amount := aForm("How much?", "amount", &jsonschema.Schema{Type: "number"})
	r.installScripts(map[string]script{"pay": func(ctx context.Context, caller tools.Caller) (string, error) {
		a, err := caller.Elicit(ctx, "amount", amount)
		if err != nil {
			return "", err
		}
		a.Content["amount"] = a.Content["amount"].(float64) * 100 // in cents
		again, err := caller.Elicit(ctx, "amount", amount)
		if err != nil {
			return "", err
		}
		for _, name := range []string{"sure", "really"} {
			if _, err := caller.Elicit(ctx, name, okForm); err != nil {
				return "", err
			}
		}
		return fmt.Sprintf("%v cents of %v", a.Content["amount"], again.Content["amount"]), nil
	}})
	token := r.token("tool:pay", "prompt:pay")
	for kind := range targets {
		state := asked(t, r.round(token, kind, "pay"), "amount")
		state = asked(t, r.round(token, kind, "pay", stated(state), response(`"amount":{"action":"accept","content":{"amount":5}}`)), "sure")
		state = asked(t, r.round(token, kind, "pay", stated(state), response(`"sure":{"action":"accept","content":{"ok":true}}`)), "really")
		w := r.round(token, kind, "pay", stated(state), response(`"really":{"action":"accept","content":{"ok":true}}`))
		if !strings.Contains(w.Body.String(), "500 cents of 5") {
			t.Errorf("%s: %s", kind, w.Body)
		}
	}
}

// TestTwoQuestionsOfOneName: an answer that came without a state is that to one question.
func TestTwoQuestionsOfOneName(t *testing.T) {
	r := newRig(t)
	r.installScripts(map[string]script{"twice": func(ctx context.Context, caller tools.Caller) (string, error) {
		for _, message := range []string{"Delete 3 files?", "Delete 5000 files?"} {
			if _, err := caller.Elicit(ctx, "first", aForm(message, "ok", &jsonschema.Schema{Type: "boolean"}, "ok")); err != nil {
				return message, err
			}
		}
		return "deleted", nil
	}})
	w := r.round(r.token("tool:twice"), "tool", "twice", response(acceptedOK))
	asked(t, w, "first")
	if !strings.Contains(w.Body.String(), "Delete 5000 files?") {
		t.Errorf("%s", w.Body)
	}
}

// TestAskFromGoroutines: a handler may ask from several goroutines, and write to what it
// gets meanwhile.
func TestAskFromGoroutines(t *testing.T) {
	r := newRig(t)
	r.installScripts(map[string]script{"busy": func(ctx context.Context, caller tools.Caller) (string, error) {
		var asking sync.WaitGroup
		var open error
		asking.Go(func() {
			for i := range 100 {
				a, err := caller.Elicit(ctx, "first", okForm)
				if err != nil {
					t.Errorf("first: %v", err)
					return
				}
				a.Content[fmt.Sprint(i)] = i
			}
		})
		asking.Go(func() {
			for range 100 {
				_, open = caller.Elicit(ctx, "second", sizeForm)
			}
		})
		asking.Wait()
		return "", open
	}})
	token := r.token("tool:busy", "prompt:busy")
	asked(t, r.round(token, "tool", "busy", response(acceptedOK)), "second")
}

// TestAnswerToAnotherQuestion: what was said to one question is no answer to another
// that is asked under its name later.
func TestAnswerToAnotherQuestion(t *testing.T) {
	r := newRig(t)
	files := 0
	r.installScripts(map[string]script{"delete": func(ctx context.Context, caller tools.Caller) (string, error) {
		a, err := caller.Elicit(ctx, "sure", aForm(fmt.Sprintf("Delete %d files?", files), "ok", &jsonschema.Schema{Type: "boolean"}, "ok"))
		if err != nil {
			return "", err
		}
		if _, err := caller.Elicit(ctx, "first", okForm); err != nil {
			return "", err
		}
		return fmt.Sprint("deleted ", files, " ", a.Content["ok"]), nil
	}})
	token := r.token("tool:delete", "prompt:delete")
	const sure = `"sure":{"action":"accept","content":{"ok":true}}`
	for kind := range targets {
		ask := func(n int, members ...string) *httptest.ResponseRecorder {
			files = n
			return r.round(token, kind, "delete", members...)
		}
		deleted := func(w *httptest.ResponseRecorder, n int) {
			t.Helper()
			if want := fmt.Sprint("deleted ", n, " true"); !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: %s, want %q", kind, w.Body, want)
			}
		}
		first := asked(t, ask(3), "sure")
		// The question has changed before it was answered, and is asked as it is now.
		again := asked(t, ask(5000, stated(first), response(sure)), "sure")
		last := asked(t, ask(5000, stated(again), response(sure)), "first")
		deleted(ask(5000, stated(last), response(acceptedOK)), 5000)
		// It has changed after.
		second := asked(t, ask(3, stated(first), response(sure)), "first")
		asked(t, ask(5000, stated(second), response(acceptedOK)), "sure")
		// The twin.
		deleted(ask(3, stated(second), response(acceptedOK)), 3)
		// An answer to what was not asked yet is none, beside a state.
		asked(t, ask(3, stated(first), response(sure+","+acceptedOK)), "first")
		// Without a state there is no question that it could be held to.
		deleted(ask(7, response(sure+","+acceptedOK)), 7)
	}
}

// TestLegacyIgnoresRounds: the members of the one era mean nothing in the other.
func TestLegacyIgnoresRounds(t *testing.T) {
	r := newRig(t)
	r.installAsks()
	token := r.token(askScopes(r)...)
	params := `"name":"plain","arguments":{},"requestState":"nonsense","inputResponses":{"q":{"action":"accept"}}`
	if got := answerOf(t, r.ask(false, token, "tools/call", "", params)); got.Error != nil || got.Result["isError"] != nil {
		t.Errorf("legacy: %+v", got)
	}
	wantError(t, r.ask(true, token, "tools/call", "plain", params), 400, -32602, badState)
}

// otherRig is a replica of r with these keys.
func (r *rig) otherRig(t *testing.T, keys string) *rig {
	t.Helper()
	other := newRig(t, func(o *Options) { o.MCP.StateKey = keys })
	other.installAsks()
	return other
}

var (
	oldKey = strings.Repeat("old-secret", 4)
	newKey = strings.Repeat("new-secret", 4)
)

// TestStateRefused: a state opens for its own caller and request, and for nothing else.
// All refusals are one, and the reason stands in the audit line.
func TestStateRefused(t *testing.T) {
	r := newAuditedRig(t, audit.Config{Subject: audit.SubjectNone}, func(o *Options) { o.MCP.StateKey = oldKey })
	r.installAsks()
	token := r.token(askScopes(r.rig)...)
	otherClient := r.issuer.Claims("agent", []string{publicURL}, askScopes(r.rig))
	otherClient["client_id"], otherClient["azp"] = "other", "other"
	foreign, err := r.issuer.Mint(devauth.MintSpec{Claims: otherClient})
	if err != nil {
		t.Fatal(err)
	}
	const oslo, paris = `"arguments":{"city":"Oslo"}`, `"arguments":{"city":"Paris"}`
	arguments := map[string][2]string{"tool": {oslo, paris}, "prompt": {oslo, paris}, "resource": {`"x":1`, `"x":1`}}
	flip := func(s string, at int) string {
		b := []byte(s)
		if b[at] == 'A' {
			b[at] = 'B'
		} else {
			b[at] = 'A'
		}
		return string(b)
	}
	for kind, a := range arguments {
		t.Run(kind, func(t *testing.T) {
			state := asked(t, r.round(token, kind, "confirm", a[0]), "q")
			good := func(token, kind, name, arguments, state string) *httptest.ResponseRecorder {
				return r.round(token, kind, name, arguments, stated(state), response(acceptedQ))
			}
			otherKind := map[string]string{"tool": "prompt", "prompt": "tool", "resource": "prompt"}[kind]
			for name, w := range map[string]*httptest.ResponseRecorder{
				"the first character":            good(token, kind, "confirm", a[0], flip(state, 0)),
				"one in the middle":              good(token, kind, "confirm", a[0], flip(state, len(state)/2)),
				"the last but one":               good(token, kind, "confirm", a[0], flip(state, len(state)-2)),
				"one less":                       good(token, kind, "confirm", a[0], state[:len(state)-1]),
				"half of it":                     good(token, kind, "confirm", a[0], state[:len(state)/2]),
				"something behind":               good(token, kind, "confirm", a[0], state+"-TAMPERED"),
				"padding":                        good(token, kind, "confirm", a[0], state+"="),
				"a line break":                   good(token, kind, "confirm", a[0], state[:9]+`\n`+state[9:]),
				"no base64":                      good(token, kind, "confirm", a[0], "%%%"),
				"a character":                    good(token, kind, "confirm", a[0], "A"),
				"base64 of nothing sealed":       good(token, kind, "confirm", a[0], base64.RawURLEncoding.EncodeToString([]byte(`{"expires":9999999999}`))),
				"too long":                       good(token, kind, "confirm", a[0], strings.Repeat("A", maxStateBytes+1)),
				"another user":                   good(r.tokenOf("mallory", askScopes(r.rig)...), kind, "confirm", a[0], state),
				"another client":                 good(foreign, kind, "confirm", a[0], state),
				"another one with the questions": good(token, kind, "again", a[0], state),
				"one that asks nothing":          good(token, kind, "plain", a[0], state),
				"another kind of that name":      good(token, otherKind, "confirm", a[0], state),
			} {
				t.Run(name, func(t *testing.T) {
					wantError(t, w, http.StatusBadRequest, -32602, badState)
					if lines := r.of(w); len(lines) != 1 || lines[0].Result != resultRefused || lines[0].Reason != string(reasonRequestState) {
						t.Errorf("audit: %+v", lines)
					}
				})
			}
			if kind != "resource" {
				wantError(t, good(token, kind, "confirm", a[1], state), http.StatusBadRequest, -32602, badState)
				wantError(t, good(token, kind, "confirm", `"x":1`, state), http.StatusBadRequest, -32602, badState)
			}
			// The twin, twice: a state is no ticket.
			for range 2 {
				w := good(token, kind, "confirm", a[0], state)
				if !strings.Contains(w.Body.String(), "accept map[ok:true]") {
					t.Errorf("the state itself: %d %s", w.Code, w.Body)
				}
				if lines := r.of(w); len(lines) != 1 || lines[0].Result != resultOK || lines[0].Reason != "" {
					t.Errorf("audit: %+v", lines)
				}
			}
		})
	}
}

// TestArgumentsInAnotherForm: a state opens for the same arguments however they are
// written, and for no others.
func TestArgumentsInAnotherForm(t *testing.T) {
	r := newRig(t)
	r.installAsks()
	token := r.token(askScopes(r)...)
	both := []string{"tool", "prompt"}
	for _, tt := range []struct {
		name, first, second string
		kinds               []string
		same                bool
	}{
		{"space", `{"city":"a"}`, `{ "city" : "a" }`, both, true},
		{"escapes", `{"city":"a/ü"}`, `{"\u0063ity":"\u0061\/\u00fc"}`, both, true},
		{"another value", `{"city":"a"}`, `{"city":"A"}`, both, false},
		{"another order", `{"city":"a","street":"b"}`, `{"street":"b","city":"a"}`, []string{"prompt"}, true},
		{"values changed about", `{"city":"a","street":"b"}`, `{"city":"b","street":"a"}`, []string{"prompt"}, false},
		{"none", `{}`, `null`, both, true},
		{"none, then one", `{}`, `{"city":"a"}`, both, false},
		{"one that is empty", `{}`, `{"city":""}`, both, false},
	} {
		for _, kind := range tt.kinds {
			t.Run(tt.name+", "+kind, func(t *testing.T) {
				state := asked(t, r.round(token, kind, "confirm", `"arguments":`+tt.first), "q")
				w := r.round(token, kind, "confirm", `"arguments":`+tt.second, stated(state), response(acceptedQ))
				if !tt.same {
					wantError(t, w, http.StatusBadRequest, -32602, badState)
				} else if !strings.Contains(w.Body.String(), "accept map[ok:true]") {
					t.Errorf("%d %s", w.Code, w.Body)
				}
			})
		}
	}
}

// TestAskedLine: a request that was answered by a question says so in its line.
func TestAskedLine(t *testing.T) {
	r := newAuditedRig(t, audit.DefaultConfig())
	r.installAsks()
	token := r.token(askScopes(r.rig)...)
	for kind := range targets {
		for _, tt := range []struct {
			name string
			w    *httptest.ResponseRecorder
			want string
		}{
			{"it asks", r.round(token, kind, "confirm"), resultAsked},
			{"it has its answer", r.round(token, kind, "confirm", response(acceptedQ)), resultOK},
			{"it asks nothing", r.round(token, kind, "plain"), resultOK},
		} {
			if got := r.of(tt.w); len(got) != 1 || got[0].Result != tt.want || got[0].Decision != audit.Allowed {
				t.Errorf("%s, %s: %+v, want %s", kind, tt.name, got, tt.want)
			}
		}
	}
}

// TestStateExpires: a state opens for an hour.
func TestStateExpires(t *testing.T) {
	r := newRig(t)
	claims := r.issuer.Claims("agent", []string{publicURL}, askScopes(r))
	claims["exp"] = time.Now().Add(24 * time.Hour).Unix()
	token, err := r.issuer.Mint(devauth.MintSpec{Claims: claims})
	if err != nil {
		t.Fatal(err)
	}
	r.bubble(func(t *testing.T) {
		g := r.server.generation.Load()
		r.installAsks()
		asking := *r.server.generation.Load()
		asking.Verifier = g.Verifier // whose time is the bubble's
		r.server.Install(&asking)
		state := asked(t, r.round(token, "tool", "confirm"), "q")
		time.Sleep(stateLifetime - time.Second)
		if w := r.round(token, "tool", "confirm", stated(state), response(acceptedQ)); w.Code != http.StatusOK {
			t.Errorf("in time: %d %s", w.Code, w.Body)
		}
		time.Sleep(time.Second)
		wantError(t, r.round(token, "tool", "confirm", stated(state), response(acceptedQ)), 400, -32602, badState)
		// A new one lasts as long again.
		asked(t, r.round(token, "tool", "confirm"), "q")
	})
}

// TestStateAtAReplica: the second round may reach another replica, if it has the key.
func TestStateAtAReplica(t *testing.T) {
	r := newRig(t, func(o *Options) { o.MCP.StateKey = oldKey })
	r.installAsks()
	token := r.token(askScopes(r)...)
	first := asked(t, r.round(token, "tool", "rounds"), "first")
	for _, tt := range []struct {
		name, keys string
		ok         bool
	}{
		{"the same key", oldKey, true},
		{"the same beside a new one", newKey + " " + oldKey, true},
		{"one on each line", newKey + "\n" + oldKey + "\n", true},
		{"another key", newKey, false},
		{"no key", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			other := r.otherRig(t, tt.keys)
			w := other.round(token, "tool", "rounds", stated(first), response(acceptedOK))
			if !tt.ok {
				wantError(t, w, http.StatusBadRequest, -32602, badState)
				return
			}
			second := asked(t, w, "second")
			// The new key seals: only who has it opens what comes now.
			w = r.round(token, "tool", "rounds", stated(second), response(`"second":{"action":"accept","content":{}}`))
			if tt.keys != oldKey {
				wantError(t, w, http.StatusBadRequest, -32602, badState)
				w = other.round(token, "tool", "rounds", stated(second), response(`"second":{"action":"accept","content":{}}`))
			}
			if !strings.Contains(w.Body.String(), "2 accept 3") {
				t.Errorf("round 3: %d %s", w.Code, w.Body)
			}
		})
	}
}

// TestStateIsSealed: nothing of what a client was told can be read off a state, and what
// is more than a state holds is refused in words.
func TestStateIsSealed(t *testing.T) {
	r := newRig(t)
	r.installAsks()
	token := r.token(askScopes(r)...)
	const secret = "correct horse battery"
	answer := func(text string) string {
		return response(`"b":{"role":"assistant","model":"m","content":{"type":"text","text":"` + text + `"}}`)
	}
	state := asked(t, r.round(token, "tool", "three", answer(secret)), "a", "c")
	raw, err := base64.RawURLEncoding.DecodeString(state)
	if err != nil || strings.Contains(state, secret) || strings.Contains(string(raw), "horse") {
		t.Errorf("%v: %q", err, raw)
	}
	if again := asked(t, r.round(token, "tool", "three", answer(secret)), "a", "c"); again == state {
		t.Error("two seals are one")
	}
	asked(t, r.round(token, "tool", "three", answer(strings.Repeat("x", maxStateBytes*3/4-500))), "a", "c")
	large := answer(strings.Repeat("x", maxStateBytes*3/4))
	const want = "the answers so far are more than a client can carry"
	if got := answerOf(t, r.round(token, "tool", "three", large)); got.Result["isError"] != true || !strings.Contains(r.round(token, "tool", "three", large).Body.String(), want) {
		t.Errorf("a large state: %+v", got)
	}
	for _, kind := range []string{"prompt", "resource"} {
		wantError(t, r.round(token, kind, "three", large), http.StatusOK, -32603, want)
	}
}

// TestCapabilityMissing: the error of MCP 2026-07-28 names what the client would have to
// declare, and no more.
func TestCapabilityMissing(t *testing.T) {
	r := newRig(t)
	r.installAsks()
	token := r.token(askScopes(r)...)
	for _, tt := range []struct{ script, has, want string }{
		{"confirm", `{}`, `{"elicitation":{"form":{}}}`},
		{"confirm", `{"elicitation":{"url":{}}}`, `{"elicitation":{"form":{}}}`},
		{"url", `{"elicitation":{}}`, `{"elicitation":{"url":{}}}`},
		{"tooled", `{"sampling":{}}`, `{"sampling":{"tools":{}}}`},
		{"three", `{"sampling":{}}`, `{"elicitation":{"form":{}},"roots":{}}`},
		{"three", `{"elicitation":{},"roots":{}}`, `{"sampling":{}}`},
		{"three", `{"elicitation":{},"roots":{"listChanged":true},"sampling":{"tools":{}}}`, ``},
		{"confirm", `{"elicitation":{"form":{},"url":{}}}`, ``},
		{"url", `{"elicitation":{"url":{}}}`, ``},
		{"tooled", `{"sampling":{"tools":{}}}`, ``},
	} {
		for kind, target := range targets {
			name := target.prefix + tt.script
			params := `"` + target.member + `":"` + name + `",` + strings.Replace(modernMeta, `"io.modelcontextprotocol/clientCapabilities":{}`, `"io.modelcontextprotocol/clientCapabilities":`+tt.has, 1)
			w := r.serve(r.request(true, token, `{"jsonrpc":"2.0","id":7,"method":"`+target.method+`","params":{`+params+`}}`, target.method, name))
			a := answerOf(t, w)
			if tt.want == "" {
				if a.Error != nil || a.Result["resultType"] != "input_required" {
					t.Errorf("%s %s with %s: %s", kind, tt.script, tt.has, w.Body)
				}
				continue
			}
			if w.Code != http.StatusBadRequest || a.Error == nil || a.Error.Code != -32021 {
				t.Errorf("%s %s with %s: %d %s", kind, tt.script, tt.has, w.Code, w.Body)
				continue
			}
			if got, err := json.Marshal(a.Error.Data); err != nil || string(got) != `{"requiredCapabilities":`+tt.want+`}` {
				t.Errorf("%s %s with %s: %s, %v, want %s", kind, tt.script, tt.has, got, err, tt.want)
			}
		}
	}
}
