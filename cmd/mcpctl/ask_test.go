package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// model is a stand-in for a model's API: it answers one request after the other.
type model struct {
	server  *httptest.Server
	answers []string
	asked   []string
	keys    []string
	tools   []string
}

func newModel(t *testing.T, answers ...string) *model {
	t.Helper()
	m := &model{answers: answers}
	m.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var request struct {
			Model    string
			Messages []json.RawMessage
			Tools    []json.RawMessage
		}
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			t.Error(err)
		}
		m.keys = append(m.keys, r.Header.Get("Authorization"))
		for _, tool := range request.Tools {
			m.tools = append(m.tools, string(tool))
		}
		m.asked = append(m.asked, request.Model+" "+string(request.Messages[len(request.Messages)-1]))
		rw.Header().Set("Content-Type", "application/json")
		if len(m.answers) == 0 {
			rw.WriteHeader(http.StatusBadRequest)
			_, _ = rw.Write([]byte(`{"error":{"message":"out of\u001b[31m answers","code":"no_more"}}`))
			return
		}
		_, _ = rw.Write([]byte(`{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":` + m.answers[0] + `,"finish_reason":"stop"}]}`))
		m.answers = m.answers[1:]
	}))
	t.Cleanup(m.server.Close)
	return m
}

func says(text string) string {
	quoted, _ := json.Marshal(text)
	return `{"role":"assistant","content":` + string(quoted) + `}`
}

func calls(tool, arguments string) string {
	quoted, _ := json.Marshal(arguments)
	return `{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"` + tool + `","arguments":` + string(quoted) + `}}]}`
}

// asker is a user who has a key for the model too.
func (w *world) asker(m *model) cli {
	return w.user().with("OPENAI_BASE_URL="+m.server.URL+"/v1", "OPENAI_API_KEY=hidden-key")
}

func TestAsk(t *testing.T) {
	for _, kind := range []carrierKind{statelessServer, sessionServer, sseServer} {
		w := newWorld(t, kind)
		m := newModel(t, calls("echo", `{"text":"a"}`), says("It echoes a."), says("Two\x1b[2J is two."))
		got := w.mustRun(t, w.asker(m), "ask", "What does it echo?", "What is two?", "-v", "--model=small")
		if got.out != "It echoes a.\n\nTwo is two.\n" {
			t.Errorf("stdout %q", got.out)
		}
		if !strings.Contains(got.err, `call: echo {"text":"a"} (`) || !strings.Contains(got.err, ", 12 bytes)\n") || strings.Contains(got.err, "hidden-key") {
			t.Errorf("stderr %q", got.err)
		}
		if strings.Count(got.err, "Connected to ") != 1 || w.issued() != 1 {
			t.Errorf("%d tokens, stderr %q", w.issued(), got.err)
		}
		if len(m.asked) != 3 || !strings.HasPrefix(m.asked[0], "small ") || !strings.Contains(m.asked[1], `{\"text\":\"a\"}`) || m.keys[0] != "Bearer hidden-key" {
			t.Errorf("the model was asked %q", m.asked)
		}
	}
}

func TestAskJSON(t *testing.T) {
	w := newWorld(t, statelessServer)
	m := newModel(t, calls("fail", `{}`), calls("echo", `{"text":"b"}`), says("Done."), says("No."))
	got := w.mustRun(t, w.asker(m).with("OPENAI_MODEL=big"), "ask", "One?", "Two?", "-o=json")
	var all []answered
	if err := json.Unmarshal([]byte(got.out), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].Answer != "Done." || len(all[0].Calls) != 2 || all[1].Question != "Two?" || len(all[1].Calls) != 0 {
		t.Fatalf("%+v", all)
	}
	if c := all[0].Calls; !c[0].IsError || c[0].Tool != "fail" || c[1].IsError || c[1].Bytes != 12 || string(c[1].Arguments) != `{"text":"b"}` {
		t.Errorf("calls %+v", c)
	}
	if !strings.HasPrefix(m.asked[0], "big ") {
		t.Errorf("the model was asked %q", m.asked[0])
	}
}

// What goes wrong on the way has the status of whose fault it is. TestAsk is the twin.
func TestAskTrouble(t *testing.T) {
	w := newWorld(t, statelessServer)
	const good = `{"text":"a"}`
	tests := []struct {
		name    string
		answers []string
		environ []string
		args    []string
		code    int
		want    string
		out     string
	}{
		{"the model's API refuses", nil, nil, nil, exitModel, "the model API did not accept the request (status 400) (no_more): out of answers", ""},
		{"after an answer", []string{says("Yes.")}, nil, []string{"And?"}, exitModel, "status 400", "Yes.\n"},
		{"after an answer, as JSON", []string{says("Yes.")}, nil, []string{"And?", "-o=json"}, exitModel, "status 400", `[{"question":"Why?","answer":"Yes.","calls":[]}]` + "\n"},
		{"rounds", []string{calls("echo", good), calls("echo", good)}, nil, []string{"--max-rounds=2"}, exitModel, "--max-rounds", ""},
		{"nonsense", []string{calls("echo", `{`), calls("ecko", good)}, nil, nil, exitModel, "nonsense again", ""},
		{"a tool that is forbidden", []string{calls("doomed", `{}`)}, nil, nil, exitAuth, "not granted to this client", ""},
		{"a tool that is not there", nil, nil, []string{"--tool=ecko"}, exitUsage, "--tool: there is no tool ecko; the server lists admin, ", ""},
		{"no key", nil, []string{"OPENAI_API_KEY="}, nil, exitUsage, "set OPENAI_API_KEY", ""},
		{"a key twice", nil, []string{"OPENAI_API_KEY_FILE=/x"}, nil, exitUsage, "OPENAI_API_KEY and OPENAI_API_KEY_FILE are both set", ""},
		{"a key to the network", nil, []string{"OPENAI_BASE_URL=http://models.internal/v1"}, nil, exitUsage, "plain http to another machine", ""},
		{"many rounds", nil, nil, []string{"--max-rounds=1000"}, exitUsage, "the rounds must be 1 to", ""},
		{"no question", nil, nil, []string{" "}, exitUsage, "it is empty", ""},
		{"no question after one", nil, nil, []string{""}, exitUsage, "it is empty", ""},
		{"no text", nil, nil, []string{"\xff"}, exitUsage, "it is not UTF-8", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newModel(t, tt.answers...)
			before := len(w.asked())
			args := []string{"ask", "Why?"}
			if slices.Contains(tt.args, " ") {
				args = []string{"ask"}
			}
			got := w.run(t, w.asker(m).with(tt.environ...), append(args, tt.args...)...)
			text := oneLine(t, got)
			if got.code != tt.code || !strings.Contains(text, tt.want) || got.out != tt.out {
				t.Errorf("status %d, stdout %q, stderr %q, want %q", got.code, got.out, text, tt.want)
			}
			if tt.code == exitUsage && !strings.HasPrefix(tt.want, "--tool") && len(w.asked()) != before {
				t.Error("the server was asked")
			}
			if strings.Contains(got.err, "hidden-key") {
				t.Errorf("the key shows: %q", got.err)
			}
		})
	}
	t.Run("a key from a file", func(t *testing.T) {
		m := newModel(t, says("Yes."))
		user := w.user().with("OPENAI_BASE_URL="+m.server.URL+"/v1", "OPENAI_API_KEY_FILE="+writeFile(t, "filed\n"))
		if got := w.mustRun(t, user, "ask", "Why?"); got.out != "Yes.\n" || m.keys[0] != "Bearer filed" {
			t.Errorf("stdout %q, keys %q", got.out, m.keys)
		}
	})
	t.Run("the default model", func(t *testing.T) {
		m := newModel(t, says("Yes."))
		w.mustRun(t, w.asker(m), "ask", "Why?")
		if !strings.HasPrefix(m.asked[0], defaultModel+" ") {
			t.Errorf("the model was asked %q", m.asked[0])
		}
	})
	t.Run("plain", func(t *testing.T) {
		m := newModel(t, says(`{"tool":"echo","arguments":{"text":"a"}}`), says(`{"answer":"a"}`))
		got := w.mustRun(t, w.asker(m), "ask", "Why?", "--plain", "-v")
		if !strings.Contains(got.out, "a") || !strings.Contains(got.err, "call: echo ") {
			t.Errorf("stdout %q, stderr %q", got.out, got.err)
		}
	})
}

// Tools that cannot be offered to a model are the server's fault. The twin is a list of one.
func TestAskToolList(t *testing.T) {
	const one = `{"name":"a","inputSchema":{"type":"object"}}`
	for _, tt := range []struct {
		name, list string
		code       int
		want       string
	}{
		{"none", "", exitTool, "it shows none"},
		{"two of a name", one + "," + one, exitTool, "there twice"},
		{"one", one, exitOK, ""},
	} {
		url := listServer(t, func(string) string { return `{"tools":[` + tt.list + `]}` })
		user := cli{environ: []string{"OPENAI_BASE_URL=" + newModel(t, says("Yes.")).server.URL, "OPENAI_API_KEY=k"}}
		if got := user.run(t.Context(), "ask", "Why?", "--url", url); got.code != tt.code || !strings.Contains(got.err, tt.want) {
			t.Errorf("%s: status %d, stderr %q", tt.name, got.code, got.err)
		}
	}
}
