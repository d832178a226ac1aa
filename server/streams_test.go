package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/auth/devauth"
)

// judged is a stream of a token that ends an hour after the test began.
type judged struct {
	server *Server
	trust  *auth.Trust
	ctx    context.Context //nolint:containedctx // what is looked at
	end    context.CancelFunc
	logs   *syncBuffer
	skew   time.Duration
}

// inJudgement opens a stream in a bubble whose clock begins now.
func inJudgement(t *testing.T, f func(t *testing.T, j *judged)) {
	t.Helper()
	r := newRig(t)
	claims := r.issuer.Claims("agent", []string{publicURL}, nil)
	outside := time.Now().Truncate(time.Second)
	claims["exp"] = outside.Add(time.Hour).Unix()
	raw, err := r.issuer.Mint(devauth.MintSpec{Claims: claims})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		inside := time.Now()
		verifier := auth.NewVerifier(r.opts.Auth, r.trust, func() time.Time { return outside.Add(time.Since(inside)) })
		principal, err := verifier.Verify(t.Context(), raw)
		if err != nil {
			t.Fatal(err)
		}
		j := &judged{trust: r.trust, logs: &syncBuffer{}, skew: r.opts.Auth.ClockSkew}
		j.server = &Server{log: slog.New(slog.NewTextHandler(j.logs, nil))}
		j.server.generation.Store(&Generation{Verifier: verifier})
		j.server.streams, j.server.endStreams = context.WithCancel(t.Context())
		req := context.WithValue(t.Context(), exchangeKey{}, &exchange{id: "REQUEST"})
		j.ctx, j.end = j.server.whileStanding(req, principal)
		f(t, j)
		j.end()
		time.Sleep(time.Minute)
	})
}

func TestWhileStanding(t *testing.T) {
	t.Run("until the token ends", func(t *testing.T) {
		inJudgement(t, func(t *testing.T, j *judged) {
			time.Sleep(time.Hour + j.skew - time.Millisecond)
			synctest.Wait()
			if j.ctx.Err() != nil || j.logs.String() != "" {
				t.Fatalf("it ended before: %s", j.logs.String())
			}
			time.Sleep(time.Second + time.Millisecond)
			synctest.Wait()
			if !errors.Is(j.ctx.Err(), context.Canceled) {
				t.Error("it goes on")
			}
			if log := j.logs.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, "request_id=REQUEST") || !strings.Contains(log, "reason=expired") {
				t.Errorf("logged: %s", log)
			}
		})
	})
	t.Run("until another generation refuses it", func(t *testing.T) {
		inJudgement(t, func(t *testing.T, j *judged) {
			time.Sleep(time.Minute)
			synctest.Wait()
			if j.ctx.Err() != nil {
				t.Fatalf("it ended before: %s", j.logs.String())
			}
			j.server.generation.Store(&Generation{Verifier: auth.NewVerifier(auth.DefaultConfig(), j.trust, time.Now)})
			time.Sleep(time.Second)
			synctest.Wait()
			if j.ctx.Err() == nil || !strings.Contains(j.logs.String(), "reason="+string(auth.ReasonIssuer)) {
				t.Errorf("a second later: %v, logged: %s", j.ctx.Err(), j.logs.String())
			}
		})
	})
	t.Run("until the server ends its streams", func(t *testing.T) {
		inJudgement(t, func(t *testing.T, j *judged) {
			j.server.endStreams()
			synctest.Wait()
			if j.ctx.Err() == nil || j.logs.String() != "" {
				t.Errorf("%v, logged: %s", j.ctx.Err(), j.logs.String())
			}
		})
	})
	t.Run("until it ends by itself", func(t *testing.T) {
		inJudgement(t, func(t *testing.T, j *judged) {
			j.end()
			time.Sleep(2 * time.Hour)
			synctest.Wait()
			if j.ctx.Err() == nil || j.logs.String() != "" {
				t.Errorf("%v, logged: %s", j.ctx.Err(), j.logs.String())
			}
		})
	})
}

// TestStreamsEndCleanly: a stream that the server ends has an end, over HTTP/1 (the last
// chunk) and HTTP/2 (END_STREAM). It is not cut off.
func TestStreamsEndCleanly(t *testing.T) {
	for _, proto := range []string{"HTTP/1.1", "HTTP/2.0"} {
		for _, name := range []string{"GET", "listen"} {
			t.Run(name+" over "+proto, func(t *testing.T) {
				r := newRig(t)
				s := httptest.NewUnstartedServer(r.server.Handler())
				s.EnableHTTP2 = proto == "HTTP/2.0"
				s.StartTLS()
				defer s.Close()
				s.Client().Timeout = 30 * time.Second
				token := r.token("tool:alpha")
				req := r.listen(token)
				if name == "GET" {
					req = r.inSession(http.MethodGet, token, r.initialize(token), "")
				}
				var err error
				if req.URL, err = url.Parse(s.URL + "/mcp"); err != nil {
					t.Fatal(err)
				}
				req.RequestURI = "" // that of a client
				resp, err := s.Client().Do(req)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				if resp.StatusCode != http.StatusOK || resp.Proto != proto || resp.Header.Get("X-Accel-Buffering") != "no" {
					t.Fatalf("%s %s %v", resp.Proto, resp.Status, resp.Header)
				}
				r.server.endStreams()
				if body, err := io.ReadAll(resp.Body); err != nil || !strings.HasSuffix(string(body), "\n\n") {
					t.Errorf("%q, %v", body, err)
				}
			})
		}
	}
}

// listen is a subscriptions/listen.
func (r *rig) listen(token string) *http.Request {
	req := r.inSession(http.MethodPost, token, "", `{"jsonrpc":"2.0","id":"l","method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},`+
		`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`)
	req.Header.Set("MCP-Protocol-Version", "2026-07-28")
	req.Header.Set("Mcp-Method", "subscriptions/listen")
	return req
}
