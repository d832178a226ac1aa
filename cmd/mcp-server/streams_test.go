package main

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mcp-resource-server/auth/devauth"
	"mcp-resource-server/config"
	"mcp-resource-server/internal/jwstest"
)

// realTime lets the stack's clock run.
func (s *stack) realTime() {
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			s.clock.offset.Store(int64(time.Since(s.clock.start)))
			select {
			case <-ticker.C:
			case <-stop:
				return
			}
		}
	})
	s.t.Cleanup(func() {
		close(stop)
		wg.Wait()
	})
}

// openStream is an event stream that is being read.
type openStream struct {
	name   string
	header http.Header
	ended  <-chan streamEnd
}

// streamEnd is how a stream ended. A clean end is one without an error: the last chunk
// has come, or END_STREAM.
type streamEnd struct {
	at   time.Time
	err  error
	body string
}

// openStreams opens the two kinds of stream that there are, with one token: the one of
// a legacy session, whose id it returns, and subscriptions/listen.
func (s *stack) openStreams(token string) (id string, streams []openStream) {
	s.t.Helper()
	id = s.openSession(token)
	header := map[string]string{"Authorization": "Bearer " + token, "Accept": "application/json, text/event-stream"}
	return id, []openStream{
		s.openStream("GET", http.MethodGet, "", with(with(header, "Mcp-Session-Id", id), "MCP-Protocol-Version", legacyEra)),
		s.openStream("listen", http.MethodPost, listenBody, with(with(with(header, "Mcp-Method", "subscriptions/listen"),
			"MCP-Protocol-Version", modernEra), "Content-Type", "application/json")),
	}
}

const listenBody = `{"jsonrpc":"2.0","id":9,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},` +
	`"_meta":{"io.modelcontextprotocol/protocolVersion":"` + modernEra + `","io.modelcontextprotocol/clientCapabilities":{}}}}`

// openStream sends a request and waits for the first bytes of its event stream.
func (s *stack) openStream(name, method, body string, header map[string]string) openStream {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.mcpURL, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req) //nolint:bodyclose // by who reads it
	if err != nil {
		s.t.Fatal(err)
	}
	first := make([]byte, 1)
	_, err = io.ReadFull(resp.Body, first)
	if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		s.t.Fatalf("%s: %d %v, %v", name, resp.StatusCode, resp.Header, err)
	}
	ended := make(chan streamEnd, 1)
	go func() {
		defer resp.Body.Close()
		rest, err := io.ReadAll(resp.Body)
		ended <- streamEnd{at: time.Now(), err: err, body: string(first) + string(rest)}
	}()
	return openStream{name: name, header: resp.Header, ended: ended}
}

// wantEnd waits for the stream's clean end.
func (o openStream) wantEnd(t *testing.T, within time.Duration) streamEnd {
	t.Helper()
	select {
	case end := <-o.ended:
		if end.err != nil {
			t.Errorf("%s did not end cleanly: %v", o.name, end.err)
		}
		return end
	case <-time.After(within):
		t.Errorf("%s is open after %v", o.name, within)
		return streamEnd{at: time.Now()}
	}
}

func (o openStream) open() bool {
	select {
	case <-o.ended:
		return false
	default:
		return true
	}
}

// TestStreamsEndWithTheirToken: both kinds of stream end when the token does, skew
// included, on a clock that runs. The session behind the one lives on.
func TestStreamsEndWithTheirToken(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *config.Config) { c.Auth.ClockSkew = time.Second })
	s.realTime()
	begin := time.Now()
	exp := time.Unix(begin.Unix()+5, 0)
	short := s.mint(func(c map[string]any) { c["exp"] = exp.Unix() })
	id, streams := s.openStreams(short)
	_, lasting := s.openStreams(s.mint(nil)) // the twins
	for _, stream := range streams {
		if got := stream.header.Values("X-Accel-Buffering"); len(got) != 1 || got[0] != "no" {
			t.Errorf("%s: X-Accel-Buffering %q", stream.name, got)
		}
		at := stream.wantEnd(t, 7*time.Second-time.Since(begin)).at
		t.Logf("%s ended %v after the token's end, skew included", stream.name, at.Sub(exp.Add(time.Second)).Round(time.Millisecond))
		if early := exp.Add(time.Second).Sub(at); early > 50*time.Millisecond {
			t.Errorf("%s ended %v too early", stream.name, early)
		}
	}
	for _, stream := range lasting {
		if !stream.open() {
			t.Errorf("%s of another token ended, too", stream.name)
		}
	}
	if got := strings.Count(s.logs.String(), `"msg":"a stream was ended: its token is no longer accepted"`); got != 2 {
		t.Errorf("%d lines in the log", got)
	}
	// The same caller goes on in its session, with a fresh token.
	body, header := callBody(legacyEra, "probe", "{}")
	if got := s.send(http.MethodPost, body, with(with(header, "Mcp-Session-Id", id), "Authorization", "Bearer "+s.mint(nil))); got.status != http.StatusOK {
		t.Errorf("the session with a fresh token: %d %s", got.status, got.body)
	}
}

// replaceFile puts content in the file's place, as a careful administrator does.
func replaceFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// TestStreamsEndWithTheirTrust: what is taken back while a stream is open ends it
// within two seconds and a half, and ends no other.
func TestStreamsEndWithTheirTrust(t *testing.T) {
	t.Parallel()
	withdrawn, kept := jwstest.RSA(2048), jwstest.RSA(2048)
	static := func(name, token string) string {
		sum := sha256.Sum256([]byte(token))
		return fmt.Sprintf("- {name: %s, sha256: %s, expires: %s}\n", name, hex.EncodeToString(sum[:]), time.Now().AddDate(0, 0, 30).Format(time.RFC3339))
	}
	for _, tt := range []struct {
		name      string
		file      string // what stands in it at first
		configure func(c *config.Config, path string)
		victim    func(s *stack) string
		bystander func(s *stack) string // nil: nobody else has a good token then
		takeBack  func(s *stack, path string)
		reason    string
	}{
		{
			"an entry in the denylist", "jti: []\n",
			func(c *config.Config, path string) { c.Auth.DenylistFile = path },
			func(s *stack) string { return s.mint(func(c map[string]any) { c["jti"] = "leaked" }) },
			func(s *stack) string { return s.mint(func(c map[string]any) { c["jti"] = "another" }) },
			func(s *stack, path string) { replaceFile(s.t, path, "jti: [leaked]\n") },
			"revoked",
		},
		{
			"a key that is taken out of the file", publicPEM(&withdrawn.PublicKey) + publicPEM(&kept.PublicKey),
			func(c *config.Config, path string) { c.Auth.PublicKeyFile = path },
			func(s *stack) string { return s.mintWith(withdrawn) },
			func(s *stack) string { return s.mintWith(kept) },
			func(s *stack, path string) { replaceFile(s.t, path, publicPEM(&kept.PublicKey)) },
			"unknown_kid",
		},
		{
			"a key that the issuer withdraws", "", func(*config.Config, string) {},
			func(s *stack) string { return s.mint(nil) },
			nil,
			func(s *stack, _ string) {
				old := s.issuer.KeyID()
				for _, step := range []func() error{s.issuer.Rotate, func() error { return s.issuer.Revoke(old) }} {
					if err := step(); err != nil {
						s.t.Fatal(err)
					}
				}
				_, header := callBody(modernEra, "", "")
				s.send(http.MethodPost, "", with(header, "Authorization", "Bearer "+s.junk())) // has the keys fetched
			},
			"unknown_kid",
		},
		{
			"a static token that is taken out", static("victim", staticGood) + static("bystander", staticPoor),
			func(c *config.Config, path string) { c.Auth.StaticTokensFile = path },
			func(*stack) string { return staticGood },
			func(*stack) string { return staticPoor },
			func(s *stack, path string) { replaceFile(s.t, path, static("bystander", staticPoor)) },
			"unknown_token",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "file")
			replaceFile(t, path, tt.file)
			s := start(t, func(c *config.Config) { tt.configure(c, path) })
			s.realTime()
			_, streams := s.openStreams(tt.victim(s))
			var others []openStream
			if tt.bystander != nil {
				_, others = s.openStreams(tt.bystander(s))
			}
			time.Sleep(1100 * time.Millisecond) // the twin: a second passes, and they are judged good
			for _, stream := range streams {
				if !stream.open() {
					t.Fatalf("%s ended before", stream.name)
				}
			}
			begin := time.Now()
			tt.takeBack(s, path)
			for _, stream := range streams {
				at := stream.wantEnd(t, 2500*time.Millisecond-time.Since(begin)).at
				t.Logf("%s ended after %v", stream.name, at.Sub(begin).Round(time.Millisecond))
			}
			for _, stream := range others {
				if !stream.open() {
					t.Errorf("%s of somebody else ended, too", stream.name)
				}
			}
			for line := range strings.Lines(s.logs.String()) {
				if strings.Contains(line, "a stream was ended") && !strings.Contains(line, `"reason":"`+tt.reason+`"`) {
					t.Errorf("logged: %s", line)
				}
			}
		})
	}
}

// mintWith is a good token with a key of one's own.
func (s *stack) mintWith(key *rsa.PrivateKey) string {
	s.t.Helper()
	raw, err := s.issuer.Mint(devauth.MintSpec{Claims: s.issuer.Claims(clientID, []string{s.mcpURL}, allScopes()), Key: key})
	if err != nil {
		s.t.Fatal(err)
	}
	return raw
}

// TestStreamsEndWithTheServer: a stop ends the streams, cleanly and before the grace is
// over.
func TestStreamsEndWithTheServer(t *testing.T) {
	s := start(t)
	_, streams := s.openStreams(s.mint(nil))
	http.DefaultClient.CloseIdleConnections()
	begin := time.Now()
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	for _, stream := range streams {
		stream.wantEnd(t, 5*time.Second-time.Since(begin))
	}
	if log := s.logs.String(); strings.Contains(log, "a stream was ended") {
		t.Error("a stop was logged as the end of a token")
	}
}

// TestAnswersOfCallsAreNotHeldBack: the answer of a POST is an event stream, too; one
// that is none has no such header.
func TestAnswersOfCallsAreNotHeldBack(t *testing.T) {
	s := start(t)
	token := s.mint(nil)
	for _, era := range bothEras {
		body, header := callBody(era, "probe", "{}")
		header = with(header, "Authorization", "Bearer "+token)
		if era == legacyEra {
			header = with(header, "Mcp-Session-Id", s.openSession(token))
		}
		got := s.send(http.MethodPost, body, header)
		if got.status != http.StatusOK || got.header.Get("Content-Type") != "text/event-stream" || got.header.Get("X-Accel-Buffering") != "no" {
			t.Errorf("%s: %d %v", era, got.status, got.header)
		}
		got = s.send(http.MethodPost, "{", header)
		if got.status != http.StatusBadRequest || len(got.header.Values("X-Accel-Buffering")) != 0 {
			t.Errorf("%s, a refusal: %d %v", era, got.status, got.header)
		}
	}
}
