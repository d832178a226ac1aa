//go:build nginx

package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// metadataURL is that of the public URL, at the way's own port.
func metadataURL(mcpURL string) string {
	return strings.Replace(mcpURL, "/team/mcp", "/.well-known/oauth-protected-resource/team/mcp", 1)
}

// testPrefix: by every way the challenge and the metadata name the public URL, whatever
// the client says in forwarded headers, which nginx hands on.
func testPrefix(t *testing.T, s *nginxStack, out *nginxTranscript, _ string) {
	forged := map[string]string{
		"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/evil",
		"X-Original-Host": "evil.example", "Forwarded": "host=evil.example;proto=https",
	}
	for _, way := range []string{documented, byDefault, stripped} {
		by := s.by(t, way)
		_, header := callBody(modernEra, "", "")
		for k, v := range forged {
			header[k] = v
		}
		got := by.send(http.MethodPost, "{}", header)
		want := `Bearer resource_metadata="` + metadataURL(s.mcpURL) + `"`
		if got.status != http.StatusUnauthorized || got.header.Get("WWW-Authenticate") != want {
			t.Errorf("%s: %d %s", way, got.status, got.header.Get("WWW-Authenticate"))
		}
		by.mcpURL = metadataURL(by.mcpURL)
		got = by.send(http.MethodGet, "", forged)
		var document struct{ Resource string }
		if err := json.Unmarshal([]byte(got.body), &document); err != nil || document.Resource != s.mcpURL || strings.Contains(got.body, "evil") {
			t.Errorf("%s: %d %s", way, got.status, got.body)
		}
		out.add(fmt.Sprintf("prefix, %s: the challenge and the metadata name the public URL\n", way))
	}
}

// testUpstreamName: the name of an upstream block is sent as the Host, and refused, unless
// nginx is told to keep the client's. The documented file leads the bare metadata, too.
func testUpstreamName(t *testing.T, s *nginxStack, out *nginxTranscript, _ string) {
	got := s.by(t, grouped).send(http.MethodPost, "{}", nil)
	if got.status != http.StatusForbidden || !strings.Contains(got.body, "that Host") {
		t.Errorf("%d %s", got.status, got.body)
	}
	out.add(fmt.Sprintf("the name of an upstream block as the Host: %d\n", got.status))
	bare := s.by(t, documented)
	bare.mcpURL = strings.TrimSuffix(metadataURL(bare.mcpURL), "/team/mcp")
	if got = bare.send(http.MethodGet, "", nil); got.status != http.StatusOK || !strings.Contains(got.body, s.mcpURL) {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// testBodies: what http.max_body_bytes allows passes the documented nginx, which refuses
// more itself; by default it refuses more than 1 MiB. It once let through a little more,
// and gave 502 now and then: the server had answered, and closed, before all was sent.
func testBodies(t *testing.T, s *nginxStack, out *nginxTranscript, token string) {
	const limit = 4 << 20
	for _, tt := range []struct {
		way    string
		size   int
		want   int
		answer string // in the body
	}{
		{documented, limit, http.StatusOK, `"client_id":"` + clientID},
		{documented, limit + 1, http.StatusRequestEntityTooLarge, "<html>"},
		{byDefault, 1 << 20, http.StatusOK, `"client_id":"` + clientID},
		{byDefault, 1<<20 + 1, http.StatusRequestEntityTooLarge, "<html>"},
	} {
		body, header := callBody(modernEra, "whoami", "{}")
		body += strings.Repeat(" ", tt.size-len(body))
		got := s.by(t, tt.way).send(http.MethodPost, body, with(header, "Authorization", "Bearer "+token))
		if got.status != tt.want || !strings.Contains(got.body, tt.answer) {
			t.Errorf("%s, %d bytes: %d %.200s", tt.way, tt.size, got.status, got.body)
		}
		out.add(fmt.Sprintf("body of %d bytes, %s: %d\n", tt.size, tt.way, got.status))
	}
}

// testClientAddress: the log has the address that nginx says, and not what the client
// says of itself. nginx by default says nothing, and hands on what the client does: one
// that is set up so is not to be trusted.
func testClientAddress(t *testing.T, s *nginxStack, out *nginxTranscript, token string) {
	client := &http.Client{Transport: &http.Transport{
		DialContext:       (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).DialContext,
		DisableKeepAlives: true,
	}}
	for _, tt := range []struct {
		way, want string
		forged    map[string]string
	}{
		{documented, "127.0.0.2", nil},
		{documented, "127.0.0.2", map[string]string{"X-Forwarded-For": "192.0.2.66"}},
		{documented, "127.0.0.2", map[string]string{"Forwarded": "for=192.0.2.66"}},
		{byDefault, "127.0.0.1", nil},
		{byDefault, "192.0.2.66", map[string]string{"X-Forwarded-For": "192.0.2.66"}},
	} {
		body, header := callBody(modernEra, "whoami", "{}")
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.urls[tt.way], strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range []map[string]string{header, tt.forged, {"Authorization": "Bearer " + token}} {
			for k, v := range h {
				req.Header.Set(k, v)
			}
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		id := resp.Header.Get("X-Request-Id")
		for name, log := range map[string]*logBuffer{"log": s.logs, "audit": s.audit} {
			var line string
			eventually(t, "the line in the "+name, func() bool {
				for l := range strings.Lines(log.String()) {
					if strings.Contains(l, `"request_id":"`+id+`"`) && strings.Contains(l, `"client":`) {
						line = l
					}
				}
				return line != ""
			})
			if resp.StatusCode != http.StatusOK || !strings.Contains(line, `"client":"`+tt.want+`"`) {
				t.Errorf("%s, %v: %d, %s has %s", tt.way, tt.forged, resp.StatusCode, name, line)
			}
		}
		out.add(fmt.Sprintf("client 127.0.0.2, %s, sent %v: logged as %s\n", tt.way, tt.forged, tt.want))
	}
}

// testSDKClients: the SDK's own client works by every way, in both eras.
func testSDKClients(t *testing.T, s *nginxStack, out *nginxTranscript, token string) {
	for _, way := range []string{documented, byDefault, stripped} {
		for _, era := range bothEras {
			session := s.by(t, way).mustConnect(era, token)
			result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "whoami"})
			if err != nil || structured(t, result)["client_id"] != clientID {
				t.Errorf("%s, %s: %v", way, era, err)
			}
			out.add(fmt.Sprintf("the SDK's client, %s, %s: a call of whoami\n", way, era))
		}
	}
}
