package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestRightResult(t *testing.T) {
	const n = 13 // 70 kg
	result := resultOf(n, 22.86)
	for _, tt := range []struct {
		name, contentType, body string
		want                    bool
	}{
		{"JSON", "application/json", result, true},
		{"JSON with a parameter", "application/json; charset=utf-8", result, true},
		{"a stream of one event", "text/event-stream", "event: message\ndata: " + result + "\n\n", true},
		{"a stream with line ends of another kind", "text/event-stream", "data:" + result + "\r\n\r\n", true},
		{"a stream with a comment and another event before", "text/event-stream", ": hello\n\ndata: {}\n\ndata: " + result + "\n\n", true},
		{"an event in two lines", "text/event-stream", "data: " + strings.Replace(result, ",", ",\ndata: ", 1) + "\n\n", true},
		{"a stream that was cut before the event's end", "text/event-stream", "data: " + result + "\n", false},
		{"a stream without an event", "text/event-stream", ": hello\n\n", false},
		{"another type", "text/html", result, false},
		{"no type", "", result, false},
		{"the JSON of a stream", "text/event-stream", result, false},
		{"nothing", "application/json", "", false},
		{"cut", "application/json", result[:len(result)-1], false},
		{"another call's id", "application/json", strings.Replace(result, `"id":13`, `"id":14`, 1), false},
		{"no id", "application/json", strings.Replace(result, `"id":13,`, ``, 1), false},
		{"another call's result", "application/json", resultOf(n, 23.18), false},
		{"another category", "application/json", strings.Replace(result, "normal", "under", 1), false},
		{"an error of the tool", "application/json", strings.Replace(result, `"result":{`, `"result":{"isError":true,`, 1), false},
		{"an error of the protocol", "application/json", `{"jsonrpc":"2.0","id":13,"error":{"code":-32603,"message":"no"}}`, false},
		{"no structured result", "application/json", `{"jsonrpc":"2.0","id":13,"result":{"content":[]}}`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := rightResult([]byte(tt.body), tt.contentType, n); got != tt.want {
				t.Errorf("%v, want %v: %s", got, tt.want, tt.body)
			}
		})
	}
}

// The results of calls that follow on each other differ.
func TestResultsDiffer(t *testing.T) {
	for n := range 100 {
		if b := bmi(n); b < 18.5 || b >= 25 {
			t.Errorf("call %d: %v is not a normal weight", n, b)
		}
		if bmi(n) == bmi(n+1) || bmi(n) == bmi(n+2) {
			t.Errorf("call %d has the result of one that is near to it", n)
		}
	}
}

// Whatever comes, a result is right only if it holds the right number.
func FuzzRightResult(f *testing.F) {
	for _, s := range []string{resultOf(13, 22.86), "data: " + resultOf(13, 22.86) + "\n\n", "data:\ndata:\n\n", "{}", `{"id":13,"result":{}}`} {
		f.Add([]byte(s), "text/event-stream")
		f.Add([]byte(s), "application/json")
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		if !rightResult(body, contentType, 13) {
			return
		}
		if rightResult(body, contentType, 14) {
			t.Error("right for another call, too")
		}
		if contentType == "application/json" && !rightResult([]byte("data: "+strings.Join(strings.Fields(string(body)), " ")+"\n\n"), "text/event-stream", 13) {
			t.Error("right as JSON, and not as an event")
		}
	})
}

// transport answers without a network.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func respond(status int, contentType string, body io.Reader) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(body)}
}

type lateBody struct{}

func (lateBody) Read([]byte) (int, error) { return 0, context.DeadlineExceeded }

type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, syscall.ECONNRESET }

func TestCall(t *testing.T) {
	answer := func(status int, body io.Reader) transport {
		return func(*http.Request) (*http.Response, error) { return respond(status, "application/json", body), nil }
	}
	fail := func(err error) transport {
		return func(*http.Request) (*http.Response, error) { return nil, err }
	}
	result := func() io.Reader { return strings.NewReader(resultOf(13, 22.86)) }
	for _, tt := range []struct {
		name string
		from transport
		want string
	}{
		{"the right result", answer(200, result()), good},
		{"the right result with another status", answer(202, result()), "202"},
		{"refused", answer(401, strings.NewReader("{}")), "401"},
		{"sent elsewhere", func(r *http.Request) (*http.Response, error) {
			resp := respond(307, "application/json", strings.NewReader(""))
			resp.Header.Set("Location", r.URL.String())
			return resp, nil
		}, "307"},
		{"a wrong result", answer(200, strings.NewReader("{}")), wrongResult},
		{"cut short", answer(200, io.MultiReader(result(), brokenBody{})), cutShort},
		{"not at its end in time", answer(200, io.MultiReader(result(), lateBody{})), "no answer in time"},
		{"too long", answer(200, io.MultiReader(strings.NewReader(strings.Repeat(" ", maxAnswer)), result())), wrongResult},
		{"refused by the system", fail(fmt.Errorf("dial: %w", syscall.ECONNREFUSED)), "connection refused"},
		{"closed by reset", fail(fmt.Errorf("read: %w", syscall.ECONNRESET)), "connection closed"},
		{"closed", fail(io.EOF), "connection closed"},
		{"broken otherwise", fail(errors.New("broken")), "connection failed"},
		{"never answered", func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, "no answer in time"},
		{"answered late", func(*http.Request) (*http.Response, error) {
			time.Sleep(callTimeout - time.Millisecond) // of the bubble
			return respond(200, "application/json", result()), nil
		}, good},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				if got := newServer("http://server/mcp", tt.from).call(t.Context(), 13, "token"); got != tt.want {
					t.Errorf("%q, want %q", got, tt.want)
				}
				if took := time.Since(start); took > callTimeout {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// A call is the one that the README shows, with the token where it belongs.
func TestRequest(t *testing.T) {
	req, err := newServer("http://server/mcp", nil).request(context.Background(), 13, "secret")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"jsonrpc":"2.0","id":13,"method":"tools/call","params":{"name":"calculate_bmi",` +
		`"arguments":{"weight_kg":70,"height_m":1.75},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",` +
		`"io.modelcontextprotocol/clientCapabilities":{}}}}`
	if string(body) != want {
		t.Errorf("body %s", body)
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer secret", "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call",
		"Mcp-Name": "calculate_bmi", "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
	} {
		if got := req.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
