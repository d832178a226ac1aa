package ask

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"mcp-resource-server/internal/fakemodel"
	"mcp-resource-server/internal/strictjson"
)

// hidden says "ign" in letters that only models see.
const hidden = "\U000e0069\U000e0067\U000e006e"

func TestPrintableSchema(t *testing.T) {
	tests := []struct {
		name, in, want string
		err            error
	}{
		{"as it is", "{ \"type\" : \"object\",\n\"n\":1.50,\"u\":\"\\u0041\" }", "{ \"type\" : \"object\",\n\"n\":1.50,\"u\":\"\\u0041\" }", nil},
		{"a description", `{"description":"a` + hidden + `b", "n":1.50}`, `{"description":"ab","n":1.50}`, nil},
		{"an escape", `{"description":"a\u202eb\udb40\udc69\u001b[8m"}`, `{"description":"ab"}`, nil},
		{"a text in a list", `{"enum":["a","b` + hidden + `",["c\u200b"]]}`, `{"enum":["a","b",["c"]]}`, nil},
		{"a text below", `{"properties":{"a":{"default":{"b":"\u2060"}}}}`, `{"properties":{"a":{"default":{"b":""}}}}`, nil},
		{"a line end", `{"description":"a\r\nb"}`, `{"description":"a\nb"}`, nil},
		{"a name", `{"properties":{"a` + hidden + `":{}}}`, "", errHiddenName},
		{"a name with an escape", `{"properties":{"a\u200b":{}}}`, "", errHiddenName},
		{"a name after a text", `{"a":"x","b\u200b":"y"}`, "", errHiddenName},
		{"a name of letters", `{"properties":{"größe":{}}}`, `{"properties":{"größe":{}}}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := printableSchema([]byte(tt.in))
			if !errors.Is(err, tt.err) || string(got) != tt.want {
				t.Errorf("printableSchema = %s, %v, want %s, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

// What a schema hides reaches the model by no way: neither with the tools nor with
// the correction that quotes the schema.
func TestHiddenTextInSchema(t *testing.T) {
	schema := `{"type":"object","description":"` + hidden + `Place.","properties":{"kind":{"enum":["now` + hidden + `"]}}}`
	wrong := [2]string{"get_time", `{"kind":"later"}`}
	for _, mode := range []bool{false, true} {
		script := fakemodel.Script(wants(wrong), says("Done."))
		if mode {
			script = fakemodel.Script(says(`{"tool":"get_time","arguments":{"kind":"later"}}`), says(`{"answer":"Done."}`))
		}
		r := ask(t, script, func(o *Options, f *fakeTools) {
			o.Plain, f.tools[0].InputSchema = mode, json.RawMessage(schema)
		})
		if r.err != nil || r.answer != "Done." || len(r.tools.calls) != 0 {
			t.Fatalf("%q, %v, calls %q", r.answer, r.err, r.tools.calls)
		}
		for _, request := range r.script.Requests() {
			body := string(request.Body)
			if strings.Contains(body, "\U000e0069") || strings.Contains(strings.ToLower(body), "udc69") || !strings.Contains(body, "Place.") {
				t.Errorf("plain %v: the model got %s", mode, body)
			}
		}
	}
	r := ask(t, fakemodel.Script(wants([2]string{"get_time", `{"kind":"now"}`}), says("Done.")), func(_ *Options, f *fakeTools) {
		f.tools[0].InputSchema = json.RawMessage(schema)
	})
	if r.err != nil || !slices.Equal(r.tools.calls, []string{`get_time {"kind":"now"}`}) {
		t.Errorf("the twin: %v, calls %q", r.err, r.tools.calls)
	}
}

// A tool whose names cannot be shown as they are is not offered; the others are.
func TestToolWithHiddenName(t *testing.T) {
	bad := Tool{Name: "bad", InputSchema: json.RawMessage(`{"properties":{"a\u200b":{}}}`)}
	good := Tool{Name: "good", InputSchema: json.RawMessage(`{"properties":{"a":{}}}`)}
	tests := []struct {
		name  string
		tools []Tool
		only  []string
		want  error
		text  string
		left  int // out of the list
	}{
		{"beside another", []Tool{bad, good}, nil, nil, "", 1},
		{"alone", []Tool{bad}, nil, ErrToolList, "each was left out: a name in its input schema", 1},
		{"chosen", []Tool{bad, good}, []string{"bad"}, ErrToolList, `"bad": a name in its input schema`, 0},
		{"not chosen", []Tool{bad, good}, []string{"good"}, nil, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inv, events, err := list(t, tt.only, tt.tools...)
			if !errors.Is(err, tt.want) || err != nil && !strings.Contains(err.Error(), tt.text) {
				t.Fatalf("%v, want %v with %q", err, tt.want, tt.text)
			}
			if err == nil && (len(inv.tools) != 1 || inv.tools[0].name != "good" || inv.byName["bad"] != nil) {
				t.Errorf("offered %+v", inv.tools)
			}
			if len(events) != tt.left || tt.left == 1 && (events[0].Kind != EventSkipped || events[0].Tool != "bad") {
				t.Errorf("events %+v", events)
			}
		})
	}
}

// Many servers send the arguments as the object that the string should hold.
func TestArgumentsSentAsObject(t *testing.T) {
	call := func(arguments string) fakemodel.Answer {
		return status(200, `{"choices":[{"message":{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"get_time","arguments":`+arguments+`}}]}}]}`)
	}
	legacy := status(200, `{"choices":[{"message":{"role":"assistant","function_call":{"arguments":{"city":"Oslo"},"name":"get_time"}}}]}`)
	tests := []struct {
		name   string
		answer fakemodel.Answer
		want   string // what the tool gets; "" for nonsense
	}{
		{"a string", call(`"{\"city\":\"Oslo\"}"`), `get_time {"city":"Oslo"}`},
		{"an object", call(`{"city": "Oslo"}`), `get_time {"city": "Oslo"}`},
		{"an empty object", call(`{}`), `get_time {}`},
		{"in the older form", legacy, `get_time {"city":"Oslo"}`},
		{"null", call(`null`), `get_time {}`},
		{"an object that does not hold to the schema", call(`{"city":1}`), ""},
		{"an object in the string", call(`"{\"city\":{\"arguments\":{}}}"`), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := ask(t, fakemodel.Script(tt.answer, says("Done.")))
			if r.err != nil || r.answer != "Done." || strings.Join(r.tools.calls, ", ") != tt.want {
				t.Fatalf("%q, %v, calls %q, want %q", r.answer, r.err, r.tools.calls, tt.want)
			}
			if nonsense := strings.Contains(r.kinds(), "nonsense"); nonsense != (tt.want == "") {
				t.Errorf("events %q", r.kinds())
			}
			if tt.want == "" {
				return
			}
			if got := r.request(t, 1).Messages[2].ToolCalls[0].Function.Arguments; "get_time "+got != tt.want {
				t.Errorf("the history has %q", got)
			}
		})
	}
	for _, other := range []string{`[]`, `7`, `true`} {
		if r := ask(t, fakemodel.Script(call(other))); !errors.Is(r.err, ErrModel) || len(r.tools.calls) != 0 {
			t.Errorf("%s for arguments: %v, calls %q", other, r.err, r.tools.calls)
		}
	}
}

// Only the arguments of a call are touched, and only where they are an object.
func TestWithTextArguments(t *testing.T) {
	same := []string{
		`{"choices": [{"message":{"tool_calls":[{"function":{"arguments":"{}"}}]}}]}`,
		`{"arguments":{}, "x":[{"arguments":{}}]}`,
		`{"choices":[{"message":{"tool_calls":[{"arguments":{}}],"content":[{"arguments":{}}]}}]}`,
		`{"choices/0/message/function_call/arguments":{}}`,
		`[] `,
	}
	for _, in := range same {
		if got, err := withTextArguments([]byte(in)); err != nil || string(got) != in {
			t.Errorf("withTextArguments(%s) = %s, %v", in, got, err)
		}
	}
	in := `{"choices":[{"message":{"tool_calls":[{"function":{"arguments":{"arguments":{"a":1e400}},"name":"x"}}]}}], "n": 1.50}`
	want := `{"choices":[{"message":{"tool_calls":[{"function":{"arguments":"{\"arguments\":{\"a\":1e400}}","name":"x"}}]}}],"n":1.50}`
	if got, err := withTextArguments([]byte(in)); err != nil || string(got) != want {
		t.Errorf("withTextArguments = %s, %v, want %s", got, err, want)
	}
}

func FuzzRewritten(f *testing.F) {
	f.Add(`{"choices":[{"message":{"tool_calls":[{"function":{"arguments":{"a":1}}}]}}]}`)
	f.Add(`{"properties":{"a\u200b":{}},"description":"\u202e"}`)
	f.Add("{\"enum\":[\"\U000e0041\", 1e400, null]} ")
	f.Fuzz(func(t *testing.T, text string) {
		if strictjson.Check([]byte(text), maxDepth) != nil {
			return // nobody rewrites it
		}
		if got, err := withTextArguments([]byte(text)); err != nil || !json.Valid(got) || len(got) > 3*len(text) {
			t.Errorf("%q became %q, %v", text, got, err)
		}
		got, err := printableSchema([]byte(text))
		if err != nil || string(got) == text {
			return
		}
		if again, err := printableSchema(got); err != nil || string(again) != string(got) || !json.Valid(got) {
			t.Errorf("%q became %q, and that %q, %v", text, got, again, err)
		}
	})
}

// An id and a time of another type than OpenAI's are nobody's business; what has their
// names further in stays.
func TestUnreadMembers(t *testing.T) {
	in := `{"id":7,"created":1.5,"choices":[{"id":"a","message":{"content":"x"}}]}`
	const want = `{"id":null,"created":null,"choices":[{"id":"a","message":{"content":"x"}}]}`
	if got, err := withTextArguments([]byte(in)); err != nil || string(got) != want {
		t.Errorf("withTextArguments = %s, %v, want %s", got, err, want)
	}
}
