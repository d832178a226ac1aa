package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// sent is an answer and what the log says of the request.
type sent struct {
	answer
	line accessLine
}

// accessLine is the line of the access log, as far as it matters here.
type accessLine struct {
	Status         int    `json:"status"`
	Reason         string `json:"reason"`
	Issuer         string `json:"issuer"`
	KeyFingerprint string `json:"kid_fingerprint"`
}

// on sends a draft on a route and waits for the line in the log: it is written
// after the answer.
func (r *refusalRig) on(route refusalRoute, d *draft, raw string) sent {
	r.t.Helper()
	r.clock.offset.Store(int64(d.after))
	from := r.logs.len()
	ctx, cancel := context.WithCancel(r.t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, route.method, r.mcpURL, strings.NewReader(route.body))
	if err != nil {
		r.t.Fatal(err)
	}
	for k, v := range route.header {
		req.Header.Set(k, v)
	}
	d.put(req, raw)
	resp, err := r.client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	got := sent{answer: answer{status: resp.StatusCode, header: resp.Header}}
	if route.stream && resp.StatusCode == http.StatusOK {
		cancel() // it has no end of its own
	} else {
		got.body = readAll(r.t, resp)
	}
	id := resp.Header.Get("X-Request-Id")
	if id == "" {
		r.t.Fatalf("%s: an answer without an id: %d %s", route.name, got.status, got.body)
	}
	r.awaitLine(from, id, &got.line)
	return got
}

// awaitLine waits for the line of a request in the log behind from.
func (r *refusalRig) awaitLine(from int, id string, into *accessLine) {
	r.t.Helper()
	var line string
	deadline := time.Now().Add(10 * time.Second)
	for line == "" {
		if time.Now().After(deadline) {
			r.t.Fatal("a request is not in the log after 10 s")
		}
		for l := range strings.Lines(r.logs.since(from)) {
			if strings.Contains(l, `"msg":"request"`) && strings.Contains(l, id) {
				line = l
			}
		}
		if line == "" {
			time.Sleep(100 * time.Microsecond)
		}
	}
	if err := json.Unmarshal([]byte(line), into); err != nil {
		r.t.Fatal(err)
	}
}

// session opens a legacy session with the draft.
func (r *refusalRig) session(t *testing.T, d *draft) string {
	t.Helper()
	raw := d.token()
	for _, route := range refusalRoutes("") {
		if route.name != routeInitialize {
			continue
		}
		got := r.on(route, d, raw)
		id := got.header.Get("Mcp-Session-Id")
		if got.status != http.StatusOK || id == "" {
			t.Fatalf("the twin opened no session: %d %s, reason %q", got.status, got.body, got.line.Reason)
		}
		route.body, route.header = `{"jsonrpc":"2.0","method":"notifications/initialized"}`, with(route.header, "Mcp-Session-Id", id)
		if got := r.on(route, d, raw); got.status != http.StatusAccepted {
			t.Fatalf("the twin's session did not begin: %d %s", got.status, got.body)
		}
		return id
	}
	panic("no route opens a session")
}

// accepts sends the draft on every route that a good token may use, and ends the
// session.
func (r *refusalRig) accepts(t *testing.T, d *draft, session string) {
	t.Helper()
	raw, probed := d.token(), r.probed.Load()
	for _, route := range refusalRoutes(session) {
		if route.good == 0 {
			continue
		}
		if got := r.on(route, d, raw); got.status != route.good || got.line.Reason != "" {
			t.Errorf("%s: the twin got %d %s, reason %q", route.name, got.status, got.body, got.line.Reason)
		}
	}
	if n := r.probed.Load() - probed; n != 2 {
		t.Errorf("the twin's calls ran the tool %d times, want once in each era", n)
	}
}
