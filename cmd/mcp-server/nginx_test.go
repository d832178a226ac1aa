//go:build nginx

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mcp-resource-server/tools"
)

const (
	stepInterval = 500 * time.Millisecond
	stepCount    = 8
	// nginxPatience is how long nginx waits for the next byte of an answer.
	nginxPatience = time.Minute
	silence       = nginxPatience + 10*time.Second
)

// TestNginx runs everything through a real nginx, at once: it lasts as long as the
// longest silence. What was seen goes into the file $NGINX_TRANSCRIPT.
func TestNginx(t *testing.T) {
	s := startNginx(t)
	token := s.mint(nil)
	out := &nginxTranscript{}
	t.Cleanup(func() { out.save(t) })
	for _, way := range []string{documented, byDefault, stripped, deaf} {
		for _, era := range bothEras {
			t.Run("progress, "+way+", "+era, func(t *testing.T) {
				t.Parallel()
				testProgress(t, s.by(t, way), out, token, era, way)
			})
		}
	}
	for _, way := range []string{documented, byDefault, stripped} {
		for _, era := range bothEras {
			t.Run("silent call, "+way+", "+era, func(t *testing.T) {
				t.Parallel()
				testSilentCall(t, s.by(t, way), out, token, era, way)
			})
		}
	}
	t.Run("nobody answers", func(t *testing.T) {
		t.Parallel()
		testNobody(t, s, out)
	})
	for name, test := range map[string]func(*testing.T, *nginxStack, *nginxTranscript, string){
		"prefix": testPrefix, "upstream": testUpstreamName, "bodies": testBodies, "client": testClientAddress, "clients": testSDKClients,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, s, out, token)
		})
	}
	t.Run("idle streams", func(t *testing.T) {
		t.Parallel()
		testIdleStreams(t, s, out, token)
	})
}

type stepsOutput struct {
	Sent []int64 `json:"sent"` // microseconds since 1970, just before each notification
}

// stepsTool tells of its progress now and then.
func stepsTool() tools.Tool {
	return tools.Define("steps", tools.Options{Title: "Steps", Description: "Takes its time, and tells.", Scopes: []string{"tool:probe"}},
		func(ctx context.Context, c tools.Caller, _ struct{}) (out stepsOutput, err error) {
			for i := range stepCount {
				time.Sleep(stepInterval)
				out.Sent = append(out.Sent, time.Now().UnixMicro())
				if err := c.Progress(ctx, float64(i+1), stepCount, "step"); err != nil {
					return out, err
				}
			}
			time.Sleep(stepInterval)
			return out, nil
		})
}

// event is one event of a stream, and when its last line came.
type event struct {
	at   time.Time
	data string
}

// ask sends a request, and returns the answer's status, and its events one by one.
func (s *stack) ask(method, path, body string, header map[string]string) (status int, _ <-chan event) {
	s.t.Helper()
	address := s.mcpURL
	if path != "" {
		address = strings.TrimSuffix(address, "/team/mcp") + path
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = resp.Body.Close() })
	events := make(chan event, 100)
	go func() {
		defer close(events)
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				events <- event{time.Now(), data}
			}
		}
	}()
	return resp.StatusCode, events
}

// call sends a tools/call that asks for progress.
func (s *stack) call(era, token, tool, arguments string) (status int, _ <-chan event) {
	s.t.Helper()
	body, header := callBody(era, tool, arguments)
	header = with(header, "Authorization", "Bearer "+token)
	if era == modernEra {
		body = strings.Replace(body, `"_meta":{`, `"_meta":{"progressToken":"p",`, 1)
	} else {
		body = strings.TrimSuffix(body, "}}") + `,"_meta":{"progressToken":"p"}}}`
		header = with(header, "Mcp-Session-Id", s.openSession(token))
	}
	return s.ask(http.MethodPost, "", body, header)
}

// testProgress: each notification arrives when it was sent. Where nginx is told not to
// listen to us, they all come in one lump: the test can fail.
func testProgress(t *testing.T, s *stack, out *nginxTranscript, token, era, way string) {
	status, events := s.call(era, token, "steps", "{}")
	var got []event
	for e := range events {
		got = append(got, e)
	}
	if status != http.StatusOK || len(got) != stepCount+1 {
		t.Fatalf("%d, %d events: %v", status, len(got), got)
	}
	var last struct {
		Result struct{ StructuredContent stepsOutput }
	}
	if err := json.Unmarshal([]byte(got[stepCount].data), &last); err != nil || len(last.Result.StructuredContent.Sent) != stepCount {
		t.Fatalf("%v: %s", err, got[stepCount].data)
	}
	begin := time.UnixMicro(last.Result.StructuredContent.Sent[0])
	var b strings.Builder
	fmt.Fprintf(&b, "progress, %s, %s: sent and received (ms since the first was sent), and the difference\n", way, era)
	var delays []time.Duration
	for i, us := range last.Result.StructuredContent.Sent {
		sent := time.UnixMicro(us)
		delay := got[i].at.Sub(sent)
		delays = append(delays, delay)
		fmt.Fprintf(&b, "  %d  %8.1f  %8.1f  %7.1f\n", i+1, ms(sent.Sub(begin)), ms(got[i].at.Sub(begin)), ms(delay))
	}
	out.add(b.String())
	switch most := slices.Max(delays); {
	case way == deaf && slices.Min(delays) < stepInterval/2:
		t.Errorf("an event came after %v: nginx was to hold them back", slices.Min(delays))
	case way != deaf && most > stepInterval/2:
		t.Errorf("an event came %v late", most)
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// testSilentCall: a tool that says nothing for longer than nginx waits.
func testSilentCall(t *testing.T, s *stack, out *nginxTranscript, token, era, way string) {
	begin := time.Now()
	status, events := s.call(era, token, "probe", fmt.Sprintf(`{"wait_ms":%d}`, silence.Milliseconds()))
	headers := time.Since(begin)
	e, ok := <-events
	if status != http.StatusOK || !ok || !strings.Contains(e.data, `"client_id":"`+clientID+`"`) {
		t.Fatalf("%d after %v: %q", status, time.Since(begin), e.data)
	}
	out.add(fmt.Sprintf("silent call of %v, %s, %s: status after %.1f s, result after %.1f s\n", silence, way, era, headers.Seconds(), e.at.Sub(begin).Seconds()))
	if headers >= nginxPatience || e.at.Sub(begin) < silence {
		t.Errorf("status after %v, result after %v", headers, e.at.Sub(begin))
	}
}

// testNobody is the control run of testSilentCall and testIdleStreams.
func testNobody(t *testing.T, s *nginxStack, out *nginxTranscript) {
	begin := time.Now()
	got := s.by(t, nobody).send(http.MethodPost, "{}", nil)
	took := time.Since(begin)
	out.add(fmt.Sprintf("a server that says nothing at all: %d by nginx after %.1f s\n", got.status, took.Seconds()))
	if got.status != http.StatusGatewayTimeout || took > silence {
		t.Errorf("%d after %v: nginx waits longer than this test does", got.status, took)
	}
}

// testIdleStreams: each kind of stream outlives the silence, and still delivers.
func testIdleStreams(t *testing.T, s *nginxStack, out *nginxTranscript, token string) {
	type idle struct {
		name   string
		events <-chan event
	}
	var streams []idle
	for _, way := range []string{documented, byDefault, stripped} {
		by := s.by(t, way)
		accept := map[string]string{"Authorization": "Bearer " + token, "Accept": "application/json, text/event-stream"}
		listen := with(with(with(accept, "Mcp-Method", "subscriptions/listen"), "MCP-Protocol-Version", modernEra), "Content-Type", "application/json")
		legacy := with(with(accept, "Mcp-Session-Id", by.openSession(token)), "MCP-Protocol-Version", legacyEra)
		for _, o := range []struct {
			name, method, path, body string
			header                   map[string]string
		}{
			{"GET", http.MethodGet, "", "", legacy},
			{"listen", http.MethodPost, "", listenBody, listen},
			{"sse", http.MethodGet, "/team/sse", "", accept},
		} {
			status, events := by.ask(o.method, o.path, o.body, o.header)
			if status != http.StatusOK {
				t.Fatalf("%s, %s: %d", o.name, way, status)
			}
			if o.name == "sse" {
				initializeSSE(t, by, token, events)
			}
			streams = append(streams, idle{o.name + " stream, " + way, events})
		}
	}
	time.Sleep(silence)
	for _, stream := range streams {
		for len(stream.events) > 0 { // the acknowledgement of listen
			<-stream.events
		}
	}
	changed := time.Now()
	s.install(2, "probe", "whoami")
	for _, stream := range streams {
		select {
		case e, ok := <-stream.events:
			if !ok || !strings.Contains(e.data, "notifications/tools/list_changed") {
				t.Errorf("%s: open %v, %q", stream.name, ok, e.data)
				continue
			}
			out.add(fmt.Sprintf("idle %s: list_changed after %v of silence, %.1f ms after the change\n", stream.name, silence, ms(e.at.Sub(changed))))
		case <-time.After(10 * time.Second):
			t.Errorf("%s: nothing 10 s after the change", stream.name)
		}
	}
}

// initializeSSE opens the session of the older transport, to the address that its first
// event names: one behind the prefix.
func initializeSSE(t *testing.T, s *stack, token string, events <-chan event) {
	t.Helper()
	endpoint := within(t, "the first event", events).data
	if !strings.HasPrefix(endpoint, "/team/messages/?session_id=") {
		t.Fatalf("endpoint %q", endpoint)
	}
	header := map[string]string{"Authorization": "Bearer " + token, "Content-Type": "application/json"}
	for _, body := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2024-11-05","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`,
		`{"jsonrpc":"2.0","method":"notifications/initialized"}`,
	} {
		if status, _ := s.ask(http.MethodPost, endpoint, body, header); status != http.StatusAccepted {
			t.Fatalf("POST %s: %d", endpoint, status)
		}
	}
	if e := within(t, "the answer to initialize", events); !strings.Contains(e.data, `"serverInfo"`) {
		t.Fatalf("answer %q", e.data)
	}
}

// nginxTranscript collects what was seen.
type nginxTranscript struct {
	mu    sync.Mutex
	parts []string
}

func (o *nginxTranscript) add(part string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.parts = append(o.parts, part)
}

func (o *nginxTranscript) save(t *testing.T) {
	o.mu.Lock()
	defer o.mu.Unlock()
	slices.Sort(o.parts)
	path := os.Getenv("NGINX_TRANSCRIPT")
	if path == "" {
		path = os.DevNull
	}
	if err := os.WriteFile(path, []byte(strings.Join(o.parts, "")), 0o600); err != nil {
		t.Error(err)
	}
}
