package ask

import (
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"testing"

	"mcp-resource-server/internal/fakemodel"
)

func TestNew(t *testing.T) {
	good := Options{Model: "m", APIKey: testKey}
	tests := []struct {
		name   string
		change func(*Options)
		want   error
		text   string
	}{
		{"the least", func(*Options) {}, nil, ""},
		{"no key", func(o *Options) { o.APIKey = "" }, ErrNoKey, "set OPENAI_API_KEY"},
		{"no key says how without", func(o *Options) { o.APIKey = "" }, ErrNoKey, "any value will do"},
		{"a key of any value", func(o *Options) { o.APIKey = "x" }, nil, ""},
		{"a key with a line end", func(o *Options) { o.APIKey += "\n" }, ErrOptions, "the API key holds"},
		{"a key with a space", func(o *Options) { o.APIKey = "a b" }, ErrOptions, "the API key holds"},
		{"a key that is not ASCII", func(o *Options) { o.APIKey = "schlüssel" }, ErrOptions, "the API key holds"},
		{"no model", func(o *Options) { o.Model = "" }, ErrOptions, "the model needs a name"},
		{"a model for terminals", func(o *Options) { o.Model = "\x1b[31m" }, ErrOptions, "the model needs a name"},
		{"a model with a slash and a colon", func(o *Options) { o.Model = "meta-llama/Llama-3.1:8b" }, nil, ""},
		{"negative rounds", func(o *Options) { o.MaxRounds = -1 }, ErrOptions, "the rounds must be 1 to 32"},
		{"too many rounds", func(o *Options) { o.MaxRounds = mostRounds + 1 }, ErrOptions, "the rounds must be 1 to 32"},
		{"the most rounds", func(o *Options) { o.MaxRounds = mostRounds }, nil, ""},
		{"https", func(o *Options) { o.BaseURL = "https://models.example/v1/" }, nil, ""},
		{"http to this machine by name", func(o *Options) { o.BaseURL = "http://localhost:11434/v1" }, nil, ""},
		{"http to a name below, which Go asks the DNS for", func(o *Options) { o.BaseURL = "http://ollama.localhost/v1" }, ErrInsecureURL, "plain http"},
		{"https to a name below", func(o *Options) { o.BaseURL = "https://ollama.localhost/v1" }, nil, ""},
		{"http to this machine by address", func(o *Options) { o.BaseURL = "http://127.0.0.2:8000/v1" }, nil, ""},
		{"http to this machine by IPv6", func(o *Options) { o.BaseURL = "http://[::1]:8000/v1" }, nil, ""},
		{"http to this machine by mapped IPv4", func(o *Options) { o.BaseURL = "http://[::ffff:127.0.0.1]:8000/v1" }, nil, ""},
		{"http to another machine", func(o *Options) { o.BaseURL = "http://gpu.example/v1" }, ErrInsecureURL, "plain http"},
		{"http to a name that only looks like this machine", func(o *Options) { o.BaseURL = "http://localhost.example/v1" }, ErrInsecureURL, "plain http"},
		{"http to an address next door", func(o *Options) { o.BaseURL = "http://192.168.0.7:8000/v1" }, ErrInsecureURL, "plain http"},
		{"http where it is allowed", func(o *Options) { o.BaseURL, o.InsecureHTTP = "http://gpu.example/v1", true }, nil, ""},
		{"another scheme where http is allowed", func(o *Options) { o.BaseURL, o.InsecureHTTP = "ftp://gpu.example/v1", true }, ErrOptions, "must begin with https://"},
		{"no scheme", func(o *Options) { o.BaseURL = "models.example/v1" }, ErrOptions, "must be one like"},
		{"no host", func(o *Options) { o.BaseURL = "https:///v1" }, ErrOptions, "must be one like"},
		{"a password", func(o *Options) { o.BaseURL = "https://u:hunter2@models.example/v1" }, ErrOptions, "with no user"},
		{"a query", func(o *Options) { o.BaseURL = "https://models.example/v1?key=hunter2" }, ErrOptions, "with no user"},
		{"an empty query", func(o *Options) { o.BaseURL = "https://models.example/v1?" }, ErrOptions, "with no user"},
		{"a fragment", func(o *Options) { o.BaseURL = "https://models.example/v1#hunter2" }, ErrOptions, "with no user"},
		{"not a URL", func(o *Options) { o.BaseURL = "https://u:hunter2@[::1" }, ErrOptions, "must be one like"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := good
			tt.change(&o)
			a, err := New(o, newFakeTools())
			if !errors.Is(err, tt.want) || (err == nil) != (a != nil) {
				t.Fatalf("New = %v, %v, want %v", a, err, tt.want)
			}
			if err == nil {
				return
			}
			if !strings.Contains(err.Error(), tt.text) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), testKey) {
				t.Errorf("text %q, want one with %q and no secret", err, tt.text)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	o, err := Options{Model: "m", APIKey: "k"}.checked()
	if err != nil || o.BaseURL != DefaultBaseURL || o.MaxRounds != 8 {
		t.Errorf("%+v, %v", o, err)
	}
	client, ok := o.HTTP.(*http.Client)
	if !ok || client.Timeout != modelTimeout || client.CheckRedirect == nil {
		t.Fatalf("client %+v", o.HTTP)
	}
	transport, ok := client.Transport.(*http.Transport)
	if !ok || transport.TLSClientConfig.MinVersion != tls.VersionTLS12 || transport.Proxy == nil {
		t.Errorf("transport %+v", client.Transport)
	}
}

// The library knows models that take no functions here while they reason, and
// refuses them before anything is sent.
func TestReasoningEffort(t *testing.T) {
	tests := []struct {
		model  string
		plain  bool
		effort string
		want   error
	}{
		{"gpt-4o-mini", false, "", nil},
		{"gpt-5-mini", false, "", nil},
		{"llama3.2", false, "", nil},
		{"gpt-6-sol", false, "none", nil},
		{"gpt-6-sol", true, "", nil},
		{"gpt-6-astra", false, "", ErrNoToolCalling},
		{"gpt-6-astra", true, "", nil},
	}
	for _, tt := range tests {
		script := fakemodel.Script(says(`{"answer":"x"}`))
		a, err := New(Options{Model: tt.model, APIKey: testKey, Plain: tt.plain, HTTP: direct{script}}, newFakeTools())
		if !errors.Is(err, tt.want) {
			t.Fatalf("%s, plain %v: %v, want %v", tt.model, tt.plain, err, tt.want)
		}
		if err != nil {
			if !strings.Contains(err.Error(), "--plain") {
				t.Errorf("%s: %v", tt.model, err)
			}
			continue
		}
		if _, err := a.Ask(t.Context(), testQuestion); err != nil {
			t.Errorf("%s, plain %v: %v", tt.model, tt.plain, err)
			continue
		}
		body := string(script.Requests()[0].Body)
		if got := strings.Contains(body, `"reasoning_effort":"none"`); got != (tt.effort == "none") {
			t.Errorf("%s, plain %v: %s", tt.model, tt.plain, body)
		}
	}
}

func TestQuestions(t *testing.T) {
	for name, question := range map[string]string{"empty": " \n", "too long": strings.Repeat("x", maxQuestion+1), "not text": "\xff"} {
		script := fakemodel.Script(says("Done."))
		tools := newFakeTools()
		a, err := New(Options{Model: "m", APIKey: testKey, HTTP: direct{script}}, tools)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Ask(t.Context(), question); !errors.Is(err, ErrQuestion) || tools.lists != 0 || len(script.Requests()) != 0 {
			t.Errorf("%s: %v after %d lists and %d requests", name, err, tools.lists, len(script.Requests()))
		}
		if _, err := a.Ask(t.Context(), strings.Repeat("x", maxQuestion)); err != nil {
			t.Errorf("the twin of %s: %v", name, err)
		}
	}
}

// Each question is a conversation of its own; the tools are asked for once.
func TestManyQuestions(t *testing.T) {
	script := fakemodel.Script(wants(goodCall), says("One."), says("Two."))
	tools := newFakeTools()
	a, err := New(Options{Model: "m", APIKey: testKey, HTTP: direct{script}}, tools)
	if err != nil {
		t.Fatal(err)
	}
	tools.listErr = errors.New("connection lost")
	if _, err := a.Ask(t.Context(), "zero?"); !errors.Is(err, tools.listErr) || err.Error() != "listing the tools: connection lost" {
		t.Errorf("%v", err)
	}
	tools.listErr = nil
	if answer, err := a.Ask(t.Context(), "first?"); err != nil || answer != "One." {
		t.Errorf("%q, %v", answer, err)
	}
	if answer, err := a.Ask(t.Context(), "second?"); err != nil || answer != "Two." {
		t.Errorf("%q, %v", answer, err)
	}
	if tools.lists != 2 {
		t.Errorf("listed %d times, want once in vain and once", tools.lists)
	}
	r := run{script: script}
	if m := r.request(t, 2).Messages; len(m) != 2 || m[1].Content != "second?" {
		t.Errorf("the second question came with %+v", m)
	}
}
