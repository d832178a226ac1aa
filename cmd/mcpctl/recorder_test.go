package main

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"mcp-resource-server/cmd/mcpctl/ask"
)

// heard reads a stream through a tap, in pieces of one byte and as a whole.
func heard(t *testing.T, listen func(func([]byte)) listener, body string) [2][]string {
	t.Helper()
	var all [2][]string
	for i, r := range []io.Reader{iotest.OneByteReader(strings.NewReader(body)), strings.NewReader(body)} {
		l := listen(func(data []byte) { all[i] = append(all[i], string(data)) })
		got, err := io.ReadAll(&tap{ReadCloser: io.NopCloser(r), heard: l})
		if err != nil || string(got) != body {
			t.Errorf("read %q, %v", got, err)
		}
	}
	return all
}

func events(told func([]byte)) listener { return &eventListener{told: told} }

func TestEventListener(t *testing.T) {
	tests := []struct {
		name, stream string
		want         []string
	}{
		{"one", "event: message\ndata: {\"a\":1}\n\n", []string{`{"a":1}`}},
		{"CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", []string{"a", "b"}},
		{"no space", "data:a\n\n", []string{"a"}},
		{"several lines", "data: a\ndata: b\n\n", []string{"a\nb"}},
		{"comments and other fields", ": ping\nid: 1\nretry: 5\ndata: a\n\n: bye\n\n", []string{"a"}},
		{"no data", "event: ping\n\n", nil},
		{"no end", "data: a", []string{"a"}},
		{"no empty line", "data: a\n", []string{"a"}},
		{"nothing", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, got := range heard(t, events, tt.stream) {
				if !slices.Equal(got, tt.want) {
					t.Errorf("heard %q, want %q", got, tt.want)
				}
			}
		})
	}
}

// What is too large is cut off while it comes in.
func TestTooLarge(t *testing.T) {
	endless := func(beginning string, l listener) error {
		r := io.MultiReader(strings.NewReader(beginning), iotest.DataErrReader(zeros{}))
		_, err := io.Copy(io.Discard, &tap{ReadCloser: io.NopCloser(r), heard: l})
		return err
	}
	never := func([]byte) { t.Error("told") }
	if err := endless("", &bodyListener{told: never}); !errors.Is(err, errAnswerTooLarge) {
		t.Errorf("a body: %v", err)
	}
	if err := endless("data: ", &eventListener{told: never}); !errors.Is(err, errAnswerTooLarge) {
		t.Errorf("a line: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func FuzzEventListener(f *testing.F) {
	f.Add("event: message\ndata: {}\r\n\r\n")
	f.Add("data:\ndata: x\n\n\n: c\ndata: y")
	f.Fuzz(func(t *testing.T, stream string) {
		all := heard(t, events, stream)
		if !slices.Equal(all[0], all[1]) {
			t.Errorf("in pieces %q, as a whole %q", all[0], all[1])
		}
	})
}

// What stands in the body of a 403 is whatever a server writes there.
func TestReadRefusal(t *testing.T) {
	tests := []struct {
		name, body string
		want       refusal
	}{
		{"scopes", `{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no","data":{"required_scopes":["a","b"]}}}`, refusal{message: "no", missing: []string{"a", "b"}}},
		{"final", `{"error":{"message":"no","data":{"final":true,"missing":["r"],"required_scopes":["a"]}}}`, refusal{message: "no", missing: []string{"r"}, final: true}},
		{"no data", `{"error":{"message":"no"}}`, refusal{message: "no"}},
		{"wrong types", `{"error":{"message":7,"data":{"final":"true","missing":"r"}}}`, refusal{}},
		{"another shape", `{"error":"forbidden"}`, refusal{}},
		{"not JSON", `<html>`, refusal{}},
		{"a name twice", `{"error":{"message":"a","message":"b"}}`, refusal{}},
		{"nothing", ``, refusal{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := readRefusal([]byte(tt.body))
			if got.message != tt.want.message || got.final != tt.want.final || !slices.Equal(got.missing, tt.want.missing) {
				t.Errorf("readRefusal = %+v, want %+v", got, tt.want)
			}
		})
	}
}

// The status is told although the body does not come.
func TestRefusalWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body, server := io.Pipe()
		go func() { _, _ = server.Write([]byte("beginning")) }()
		start := time.Now()
		if got := readRefused(body); string(got) != "beginning" || time.Since(start) != refusalPatience {
			t.Errorf("%q after %s", got, time.Since(start))
		}
		if _, err := server.Write([]byte("more")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("it was not closed: %v", err)
		}
	})
	if got := readRefused(io.NopCloser(strings.NewReader("all"))); string(got) != "all" {
		t.Errorf("a whole one: %q", got)
	}
}

func FuzzReadRefusal(f *testing.F) {
	f.Add([]byte(`{"error":{"message":"no","data":{"final":true,"missing":["r"]}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := readRefusal(body)
		shown := line(r.message + strings.Join(r.missing, " "))
		if ask.Printable(shown) != shown || len(shown) > maxLine+len(" …") || strings.Contains(shown, "\n") {
			t.Errorf("readRefusal(%q) is shown as %q", body, shown)
		}
	})
}
