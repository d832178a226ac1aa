package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAccepts(t *testing.T) {
	for _, tt := range []struct {
		name         string
		lines        []string
		json, stream bool
	}{
		{"both", []string{"application/json, text/event-stream"}, true, true},
		{"without spaces", []string{"application/json,text/event-stream"}, true, true},
		{"two lines", []string{"application/json", "text/event-stream"}, true, true},
		{"in another case", []string{"Application/JSON, TEXT/Event-Stream"}, true, true},
		{"with parameters", []string{"application/json;charset=utf-8, text/event-stream; charset=utf-8; q=0.5"}, true, true},
		{"anything", []string{"*/*"}, true, true},
		{"of a kind", []string{"application/*"}, true, false},
		{"of the other kind", []string{"text/*;q=0.001"}, false, true},
		{"a browser", []string{"text/html,application/xhtml+xml,*/*;q=0.8"}, true, true},
		{"empty elements", []string{",, application/json ,\ttext/event-stream\t,"}, true, true},
		{"the one is refused", []string{"application/json;q=0, */*"}, false, true},
		{"the kind is refused", []string{"*/*, text/*;q=0"}, true, false},
		{"the precise one counts", []string{"text/*;q=0, text/event-stream, application/json;q=0.1"}, true, true},
		{"in the other order", []string{"text/event-stream;q=0", "text/*, */*;q=1"}, true, false},
		{"all is refused", []string{"*/*;q=0"}, false, false},
		{"all but", []string{"*/*;q=0, application/json"}, true, false},
		{"0 in full", []string{"application/json;q=0.000, text/event-stream;Q=0."}, false, false},
		{"no weights", []string{"application/json;q=x, text/event-stream;q=-1"}, false, false},
		{"nor these", []string{"application/json;q=1e-3, text/event-stream;q=2"}, false, false},
		{"nor these", []string{"application/json;q=, text/event-stream;q=NaN"}, false, false},
		{"one type twice", []string{"application/json;v=1;q=0, application/json"}, true, false},
		{"others", []string{"application/jsonp, text/event-streams, */json, text, *"}, false, false},
		{"an empty line", []string{""}, false, false},
		{"none", nil, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if j, s := accepts(tt.lines, mediaJSON), accepts(tt.lines, mediaStream); j != tt.json || s != tt.stream {
				t.Errorf("JSON %v, streams %v; want %v, %v", j, s, tt.json, tt.stream)
			}
		})
	}
}

// FuzzAccepts: the SDK refuses no Accept that the gate takes.
func FuzzAccepts(f *testing.F) {
	for _, s := range []string{"*/*", "application/json, text/event-stream;q=0.1", "text/*;q=0,*/*", `a/b;x="application/json,";q=1, TEXT/*`, ";q=1", "application/*; q=0.5;q=0"} {
		f.Add(s, "text/event-stream")
	}
	sdk := sdkJudge()
	f.Fuzz(func(t *testing.T, one, two string) {
		lines := []string{one, two}
		if !accepts(lines, mediaJSON) || !accepts(lines, mediaStream) {
			return
		}
		req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(modernBody("tools/list", "", metaVersion, metaCaps)))
		req.Header = http.Header{"Content-Type": {mediaJSON}, "Accept": lines, "Mcp-Protocol-Version": {modernVersion}, "Mcp-Method": {"tools/list"}}
		w := httptest.NewRecorder()
		sdk.ServeHTTP(w, req)
		if w.Code != http.StatusOK {
			t.Errorf("%q: %d %s", lines, w.Code, w.Body)
		}
	})
}
