package ask

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mcp-resource-server/internal/fakemodel"
)

const (
	rateLimited = `{"error":{"message":"Rate limit reached for gpt-4o-mini in organization org-x on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s.","type":"requests","param":null,"code":"rate_limit_exceeded"}}`
	noQuota     = `{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`
	badKey      = `{"error":{"message":"Incorrect API key provided: sk-test-********4f60. You can find your API key at https://platform.openai.com/account/api-keys.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}`
	noModel     = `{"error":{"message":"The model ` + "`test-model`" + ` does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}}`
	ollamaTools = `{"error":{"message":"registry.ollama.ai/library/gemma3:4b does not support tools","type":"api_error","param":null,"code":null}}`
	vllmTools   = `{"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","type":"BadRequestError","param":null,"code":400}`
	llamaTools  = `{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}`
)

func status(code int, body string) fakemodel.Answer {
	return fakemodel.Answer{Status: code, Body: body}
}

func retryIn(value, date string) fakemodel.Answer {
	a := status(http.StatusTooManyRequests, rateLimited)
	a.Header = http.Header{"Retry-After": {value}, "Date": {date}}
	return a
}

// Each row is an answer that ends the question at once. The twin is
// TestAskServersOfManyMakes.
func TestModelErrors(t *testing.T) {
	const at = "https://models.example/v1"
	tests := []struct {
		name   string
		answer fakemodel.Answer
		text   string
		status int
		code   string
		said   string
	}{
		{"the key", status(401, badKey), "the model API at " + at + " refused the key (is OPENAI_API_KEY the right one?)", 401, "", ""},
		{"not this model", status(403, `{"error":{"message":"Project does not have access","code":"model_not_found"}}`), "the model API at " + at + " does not let this key use test-model", 403, "", ""},
		{"no such model", status(404, noModel), "no such model or path: test-model at " + at + " (model_not_found)", 404, "model_not_found", "The model `test-model` does not exist or you do not have access to it."},
		{"no such path", status(404, "404 page not found"), "no such model or path: test-model at " + at, 404, "", ""},
		{"no quota", status(429, noQuota), "the account has no quota left (insufficient_quota)", 429, "insufficient_quota", "You exceeded your current quota, please check your plan and billing details."},
		{"too much", status(400, `{"error":{"message":"This model's maximum context length is 8192 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`), "the model API did not accept the request (status 400) (context_length_exceeded)", 400, "context_length_exceeded", "This model's maximum context length is 8192 tokens."},
		{"FastAPI", status(422, `{"detail":"Unprocessable"}`), "the model API did not accept the request (status 422)", 422, "", "Unprocessable"},
		{"an error of text", status(400, `{"error":"model is required"}`), "the model API did not accept the request (status 400)", 400, "", "model is required"},
		{"Ollama without tools", status(400, ollamaTools), "test-model cannot call tools there: try --plain, or another model", 400, "", "registry.ollama.ai/library/gemma3:4b does not support tools"},
		{"vLLM without tools", status(400, vllmTools), "test-model cannot call tools there: try --plain, or another model", 400, "", `"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set`},
		{"llama.cpp without tools", status(500, llamaTools), "test-model cannot call tools there: try --plain, or another model", 500, "", "tools param requires --jinja flag"},
		{"OpenRouter without tools", status(404, `{"error":{"message":"No endpoints found that support tool use.","code":404}}`), "test-model cannot call tools there: try --plain, or another model", 404, "", "No endpoints found that support tool use."},
		{"a redirect", fakemodel.Answer{Status: 307, Header: http.Header{"Location": {"https://evil.example/"}}}, at + " redirects elsewhere (status 307), which is not followed: set its new address", 307, "", ""},
		{"a success that is none", status(204, ""), "the model API did not accept the request (status 204)", 204, "", ""},
		{"a web page", status(200, "\n<!DOCTYPE html><html>Sign in</html>"), at + " answers with a web page: is the base URL right?", 200, "", ""},
		{"half an answer", status(200, `{"choices":[{"message":`), at + " does not answer as a chat completions API does: is the base URL right?", 200, "", ""},
		{"a name twice", status(200, `{"choices":[],"choices":[]}`), at + " does not answer as a chat completions API does: is the base URL right?", 200, "", ""},
		{"nothing", status(200, ""), at + " does not answer as a chat completions API does: is the base URL right?", 200, "", ""},
		{"another form", status(200, `{"choices":"none"}`), at + " does not answer as a chat completions API does: is the base URL right?", 200, "", ""},
		{"no choices", status(200, `{"id":"x","choices":[]}`), at + " does not answer as a chat completions API does: is the base URL right?", 200, "", ""},
		{"a list", status(200, `[]`), at + " does not answer as a chat completions API does: is the base URL right?", 200, "", ""},
		{"a huge answer", status(200, `{"x":"`+strings.Repeat("x", maxResponse)+`"}`), "an answer of more than 4194304 bytes from " + at, 200, "", ""},
		{"a huge error", status(400, strings.Repeat("x", maxResponse+1)), "an answer of more than 4194304 bytes from " + at, 400, "", ""},
		{"long words", status(400, `{"error":"`+strings.Repeat("x", 10_000)+`"}`), "the model API did not accept the request (status 400)", 400, "", strings.Repeat("x", maxSaid) + "…"},
		{"words for a terminal", status(400, `{"error":"\u001b[31mred","code":"A\u001b"}`), "the model API did not accept the request (status 400)", 400, "", "red"},
		{"the key where the words are cut", status(400, `{"error":"`+strings.Repeat("x", maxSaid-10)+testKey+`"}`), "the model API did not accept the request (status 400)", 400, "", strings.Repeat("x", maxSaid-10) + "***"},
		{"the key with something between", status(400, `{"error":"I got `+testKey[:5]+`\u202e`+testKey[5:]+` from you"}`), "the model API did not accept the request (status 400)", 400, "", "I got *** from you"},
		{"the key in the words", status(400, `{"error":"I got `+testKey+` from you, `+testKey+`"}`), "the model API did not accept the request (status 400)", 400, "", "I got *** from you, ***"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := ask(t, fakemodel.Script(tt.answer, recorded(t, "openai_answer")))
			e, ok := errors.AsType[*ModelError](r.err)
			if !ok || !errors.Is(r.err, ErrModel) {
				t.Fatalf("%q, %v, want a ModelError", r.answer, r.err)
			}
			if want := "asking the model: " + tt.text; e.Error() != want {
				t.Errorf("text %q\nwant %q", e.Error(), want)
			}
			if e.Status != tt.status || e.Code != tt.code || e.Said != tt.said {
				t.Errorf("status %d, code %q, said %q; want %d, %q, %q", e.Status, e.Code, e.Said, tt.status, tt.code, tt.said)
			}
			if got := errors.Is(r.err, ErrNoToolCalling); got != strings.Contains(tt.name, "without tools") {
				t.Errorf("errors.Is(err, ErrNoToolCalling) = %v", got)
			}
			if n := len(r.script.Requests()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

// A code may be anything of the right form, also the key.
func TestCodeIsNotTheKey(t *testing.T) {
	const key = "abcdef0123456789"
	for code, want := range map[string]string{key: "", "x_" + key: "", "other_code": "other_code"} {
		r := ask(t, fakemodel.Script(status(400, `{"error":{"message":"m","code":"`+code+`"}}`)), func(o *Options, _ *fakeTools) { o.APIKey = key })
		e, ok := errors.AsType[*ModelError](r.err)
		if !ok || e.Code != want || strings.Contains(r.err.Error(), key) {
			t.Errorf("code %q: %v", code, r.err)
		}
	}
}

// A dummy is no secret, and its letters stand in many words.
func TestKeyInTheAPIsWords(t *testing.T) {
	const message = "next: run ollama pull, or use 0123456789a or 0123456789ab"
	tests := []struct{ key, said, code string }{
		{"x", message, "x_ollama_0123456789ab"},
		{"none", message, "x_ollama_0123456789ab"},
		{"ollama", message, "x_ollama_0123456789ab"},
		{"0123456789a", message, "x_ollama_0123456789ab"},
		{"0123456789ab", "next: run ollama pull, or use 0123456789a or ***", ""},
	}
	for _, tt := range tests {
		t.Run(tt.key, func(t *testing.T) {
			body := `{"error":{"message":"` + message + `","code":"x_ollama_0123456789ab"}}`
			r := ask(t, fakemodel.Script(status(400, body)), func(o *Options, _ *fakeTools) { o.APIKey = tt.key })
			e, ok := errors.AsType[*ModelError](r.err)
			if !ok || e.Said != tt.said || e.Code != tt.code {
				t.Errorf("%v, said %q, code %q; want %q, %q", r.err, e.Said, e.Code, tt.said, tt.code)
			}
		})
	}
}

func TestRetries(t *testing.T) {
	const now = "Fri, 21 Nov 2025 14:00:00 GMT"
	limited, failed := status(429, rateLimited), status(503, "<html>Bad gateway")
	good := says("Done.")
	tests := []struct {
		name    string
		answers []fakemodel.Answer
		waited  time.Duration
		asked   int
		err     string // or "", and then the answer is there
	}{
		{"429 and good", []fakemodel.Answer{limited, good}, 2 * time.Second, 2, ""},
		{"429 twice and good", []fakemodel.Answer{limited, limited, good}, 8 * time.Second, 3, ""},
		{"429 for ever", []fakemodel.Answer{limited, limited, limited, limited}, 8 * time.Second, 3, "the model API wants fewer requests (status 429) (rate_limit_exceeded), also when asked 3 times"},
		{"5xx and good", []fakemodel.Answer{failed, status(500, "{}"), good}, 8 * time.Second, 3, ""},
		{"5xx for ever", []fakemodel.Answer{failed, failed, failed, failed}, 8 * time.Second, 3, "the model API failed (status 503), also when asked 3 times"},
		{"as long as it asks for", []fakemodel.Answer{retryIn("7", now), good}, 7 * time.Second, 2, ""},
		{"at once", []fakemodel.Answer{retryIn("0", now), good}, 0, 2, ""},
		{"until a date, by its own clock", []fakemodel.Answer{retryIn("Fri, 21 Nov 2025 14:00:05 GMT", now), good}, 5 * time.Second, 2, ""},
		{"until a date that has passed", []fakemodel.Answer{retryIn("Fri, 21 Nov 2025 13:00:00 GMT", now), good}, 0, 2, ""},
		{"a date without a clock", []fakemodel.Answer{retryIn("Fri, 21 Nov 2025 14:00:05 GMT", ""), good}, 2 * time.Second, 2, ""},
		{"what is no time", []fakemodel.Answer{retryIn("-5", now), good}, 2 * time.Second, 2, ""},
		{"the whole patience", []fakemodel.Answer{retryIn("20", now), good}, 20 * time.Second, 2, ""},
		{"more than that", []fakemodel.Answer{retryIn("21", now), good}, 0, 1, "the model API wants fewer requests (status 429) (rate_limit_exceeded), and wants 21s of patience: ask again later"},
		{"far more", []fakemodel.Answer{retryIn("99999999999999999999", now), good}, 0, 1, "and wants 596523h14m7s of patience: ask again later"},
		{"more than what is left", []fakemodel.Answer{retryIn("15", now), retryIn("6", now), good}, 15 * time.Second, 2, "and wants 6s of patience"},
		// The patience is the question's, not the round's.
		{"in several rounds", []fakemodel.Answer{retryIn("12", now), wants(goodCall), retryIn("9", now), good}, 12 * time.Second, 3, "and wants 9s of patience"},
		{"in several rounds, less", []fakemodel.Answer{retryIn("12", now), wants(goodCall), retryIn("8", now), good}, 20 * time.Second, 4, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				r := ask(t, fakemodel.Script(tt.answers...))
				if waited := time.Since(start); waited != tt.waited {
					t.Errorf("waited %v, want %v", waited, tt.waited)
				}
				if n := len(r.script.Requests()); n != tt.asked {
					t.Errorf("%d requests, want %d", n, tt.asked)
				}
				if tt.err == "" && (r.err != nil || r.answer != "Done.") || tt.err != "" && (!errors.Is(r.err, ErrModel) || !strings.Contains(r.err.Error(), tt.err)) {
					t.Errorf("%q, %v, want %q", r.answer, r.err, tt.err)
				}
				var told time.Duration
				for _, e := range r.events {
					if e.Kind == EventRetry {
						told += e.Wait
						if !errors.Is(e.Err, ErrModel) {
							t.Errorf("event %+v", e)
						}
					}
				}
				if told != tt.waited {
					t.Errorf("events tell of %v, want %v", told, tt.waited)
				}
			})
		})
	}
}

func TestEachRequestOfARetryIsWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := ask(t, fakemodel.Script(status(500, ""), says("Done.")))
		requests := r.script.Requests()
		if len(requests) != 2 || len(requests[0].Body) == 0 || string(requests[0].Body) != string(requests[1].Body) {
			t.Errorf("requests %q", requests)
		}
	})
}

func TestContextEndsAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		script := fakemodel.Script(retryIn("10", ""), says("Done."))
		a, err := New(Options{Model: "m", APIKey: testKey, HTTP: direct{script}}, newFakeTools())
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = a.Ask(ctx, testQuestion)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrModel) || time.Since(start) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestContextEndsARequest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	hang := doerFunc(func(r *http.Request) (*http.Response, error) {
		cancel()
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	a, err := New(Options{Model: "m", APIKey: testKey, HTTP: hang}, newFakeTools())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Ask(ctx, testQuestion); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want Canceled", err)
	}
}

// askServer asks over a socket, with the package's own HTTP client or another.
func askServer(t *testing.T, base string, client Doer) (string, error) {
	t.Helper()
	a, err := New(Options{Model: "m", APIKey: testKey, BaseURL: base, HTTP: client}, newFakeTools())
	if err != nil {
		t.Fatal(err)
	}
	return a.Ask(t.Context(), testQuestion)
}

func TestNobodyThere(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + listener.Addr().String() + "/v1"
	listener.Close()
	_, err = askServer(t, base, nil)
	if !errors.Is(err, ErrModel) || !strings.Contains(err.Error(), "no answer from "+base+": ") || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("%v", err)
	}
	if strings.Count(err.Error(), base) != 1 {
		t.Errorf("%v names the address more than once", err)
	}
}

func TestAnswerThatEndsEarly(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"choices"`)
	}))
	t.Cleanup(srv.Close)
	if _, err := askServer(t, srv.URL, nil); !strings.HasSuffix(err.Error(), "in the middle of the answer") || !errors.Is(err, ErrModel) {
		t.Errorf("%v, want that it ended early", err)
	}
}

// A redirect would take the key along, to whatever host it names.
func TestRedirectsAreNotFollowed(t *testing.T) {
	script := fakemodel.Script(says("Done."), says("Done."), says("Done."))
	target := httptest.NewServer(script)
	t.Cleanup(target.Close)
	mover := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, target.URL+r.URL.Path, http.StatusPermanentRedirect)
	}))
	t.Cleanup(mover.Close)

	clients := map[string]Doer{
		"this package's":     nil,
		"the library's kind": &http.Client{},
		"one with a policy":  &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }},
	}
	for name, client := range clients {
		t.Run(name, func(t *testing.T) {
			before := len(script.Requests())
			_, err := askServer(t, mover.URL, client)
			if e, ok := errors.AsType[*ModelError](err); !ok || e.Status != http.StatusPermanentRedirect {
				t.Errorf("%v, want status 308", err)
			}
			if len(script.Requests()) != before {
				t.Error("the redirect was followed")
			}
			if answer, err := askServer(t, target.URL, client); err != nil || answer != "Done." {
				t.Errorf("the twin, asked directly: %q, %v", answer, err)
			}
		})
	}
}

func TestPathHint(t *testing.T) {
	for base, want := range map[string]bool{"http://localhost:11434": true, "http://localhost:11434/v1": false} {
		_, err := askServer(t, base, direct{fakemodel.Script(status(404, "404 page not found"))})
		if err == nil || strings.Contains(err.Error(), "most servers have their API at /v1") != want {
			t.Errorf("%s: %v", base, err)
		}
	}
}

func TestModelThatIsNoneForChats(t *testing.T) {
	script := fakemodel.Script(says("Done."))
	a, err := New(Options{Model: "text-davinci-003", APIKey: testKey, HTTP: direct{script}}, newFakeTools())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Ask(t.Context(), testQuestion); !errors.Is(err, ErrModel) || err.Error() != "asking the model: text-davinci-003 is not a model for chats" {
		t.Errorf("%v", err)
	}
}

func TestWithoutThinking(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"thoughts in front", "<think>\nHm. {\"a\":1}\n</think>\n\nDone.", "\n\nDone."},
		{"empty thoughts", "<think></think>Done.", "Done."},
		{"none", "Done.", "Done."},
		{"without an end", "<think>Hm.", "<think>Hm."},
		{"not in front", "Done. <think>Hm.</think>", "Done. <think>Hm.</think>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := withoutThinking(tt.in); got != tt.want {
				t.Errorf("withoutThinking(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzReadError(f *testing.F) {
	for _, s := range []string{rateLimited, badKey, vllmTools, llamaTools, `{"detail":[{}]}`, `{"error":{"error":"x","code":"y"}}`, `[]`, ``} {
		f.Add([]byte(s))
	}
	d := &door{key: testKey}
	f.Fuzz(func(t *testing.T, body []byte) {
		e := d.statusError(http.StatusBadRequest, http.Header{}, body)
		for _, text := range []string{e.Error(), e.Said, e.Code} {
			if strings.Contains(text, testKey) || Printable(text) != text {
				t.Errorf("%q of %q", text, body)
			}
		}
		if len(e.Said) > maxSaid+len("…") || len(e.Code) > 64 {
			t.Errorf("%d bytes said, code %q", len(e.Said), e.Code)
		}
		if !slices.Contains(e.Unwrap(), ErrModel) {
			t.Error("not an ErrModel")
		}
	})
}
