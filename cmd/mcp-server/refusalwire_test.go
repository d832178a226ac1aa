package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestHeaderThatIsNone: what net/http itself takes for no header, or for one that is
// too large, never reaches us; what it takes for another is refused like any. Each
// row's twin is the good token, written by hand, too.
func TestHeaderThatIsNone(t *testing.T) {
	g := refusalGroup{places: map[string]place{plain: {}}}
	rig := g.start(t)
	raw := goodDraft(issuerOf(plain)).token()
	within := func(s string) string { return "Authorization: Bearer " + raw[:100] + s + raw[100:] }
	for _, tt := range []struct {
		name, line string
		status     int
		reason     string // "" where net/http itself answers
	}{
		{"a NUL within the token", within("\x00"), http.StatusBadRequest, ""},
		{"a carriage return within the token", within("\r"), http.StatusBadRequest, ""},
		{"a line feed within the token", within("\n"), http.StatusBadRequest, ""},
		{"an escape within the token", within("\x1b"), http.StatusBadRequest, ""},
		{"a DEL within the token", within("\x7f"), http.StatusBadRequest, ""},
		{"a space in front of the colon", "Authorization : Bearer " + raw, http.StatusBadRequest, ""},
		{"a header of 40 KiB", "Authorization: Bearer " + strings.Repeat("A", 40<<10), http.StatusRequestHeaderFieldsTooLarge, ""},
		{"a header beside the token that makes 40 KiB of both", "Authorization: Bearer " + raw + "\r\nX: " + strings.Repeat("A", 40<<10), http.StatusRequestHeaderFieldsTooLarge, ""},
		{"a token on two lines", within("\r\n "), http.StatusUnauthorized, "malformed"},
		{"a token that a second header cuts off", within("\r\nX: "), http.StatusUnauthorized, "malformed"},
		{"a line feed for the end of the line, in front of a second token", "Authorization: Bearer " + raw + "\nAuthorization: Bearer junk", http.StatusBadRequest, "ambiguous"},
		{"a second token under another spelling of the name", "Authorization: Bearer " + raw + "\r\naUTHORIZATION: Bearer " + raw, http.StatusBadRequest, "ambiguous"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			logged, probed := rig.logs.len(), rig.probed.Load()
			got := rig.written(t, tt.line)
			if got.status != tt.status {
				t.Errorf("got %d %s", got.status, got.body)
			}
			if tt.reason == "" {
				if got.header.Get("X-Request-Id") != "" {
					t.Error("it has reached us")
				}
			} else {
				var line accessLine
				rig.awaitLine(logged, got.header.Get("X-Request-Id"), &line)
				if line.Reason != tt.reason {
					t.Errorf("reason %q, want %q", line.Reason, tt.reason)
				}
			}
			if rig.probed.Load() != probed {
				t.Error("the tool ran")
			}
			rig.findLeaks(t, goodDraft(issuerOf(plain)), raw, surface(got), rig.logs.since(logged))
			if twin := rig.written(t, "Authorization: Bearer "+raw); twin.status != http.StatusOK || rig.probed.Load() != probed+1 {
				t.Errorf("the twin got %d %s", twin.status, twin.body)
			}
		})
	}
}

// written sends a call with a header line as it is written.
func (r *refusalRig) written(t *testing.T, line string) answer {
	t.Helper()
	conn, err := net.Dial("tcp", r.app.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	body, header := callBody(modernEra, "probe", "{}")
	var b strings.Builder
	fmt.Fprintf(&b, "POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n", len(body))
	for name, value := range header {
		fmt.Fprintf(&b, "%s: %s\r\n", name, value)
	}
	b.WriteString(line + "\r\n\r\n" + body)
	// A server that has seen enough may close before all is sent.
	_, _ = io.WriteString(conn, b.String())
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return answer{resp.StatusCode, resp.Header, readAll(t, resp)}
}
