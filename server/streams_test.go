package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/auth/devauth"
	"mcp-resource-server/tools"
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

// TestStreamsThatNobodyReadsEnd: a client that does not read holds up neither a stop nor
// the end of its stream.
func TestStreamsThatNobodyReadsEnd(t *testing.T) {
	for _, name := range []string{"GET", "listen"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			// Each document is announced by its URI: few fill what is between the two.
			var uris []string
			var many []tools.Resource
			for i := range 8 {
				uri := fmt.Sprintf("x://%d/%s", i, strings.Repeat("a", 60_000))
				uris = append(uris, uri)
				many = append(many, tools.NewResource(uri, tools.ResourceOptions{
					Name: "n", Title: "t", Description: "d", MIMEType: "text/plain",
					Watch: func(ctx context.Context, changed func()) {
						for ctx.Err() == nil {
							changed()
							time.Sleep(10 * time.Millisecond)
						}
					},
				}, nil))
			}
			r.install(auth.DefaultAccessConfig(), r.named("alpha").With(nil, many))
			token := r.token("other")
			req := r.listenFor(token, `{"resourceSubscriptions":["`+strings.Join(uris, `","`)+`"]}`)
			if name == "GET" {
				session := r.legacySession(token)
				r.subscribed(token, session, uris...)
				req = r.sessionStream(token, session)
			}
			ended := make(chan struct{})
			var written atomic.Int64
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				defer close(ended)
				r.server.Handler().ServeHTTP(&countingWriter{w, &written}, q)
			}))
			defer s.Close()
			conn, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := req.Write(conn); err != nil {
				t.Fatal(err)
			}
			for last := int64(-1); last != written.Load() || last == 0; time.Sleep(time.Second) {
				last = written.Load() // until nothing goes any more
			}
			began := time.Now()
			r.server.endStreams()
			within(t, "the stream has ended", ended)
			if took := time.Since(began); took > writeTimeout/3 {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// countingWriter counts what has been written.
type countingWriter struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (w *countingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *countingWriter) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.n.Add(int64(n))
	return n, err
}

// listen is a subscriptions/listen.
func (r *rig) listen(token string) *http.Request {
	req := r.inSession(http.MethodPost, token, "", `{"jsonrpc":"2.0","id":"l","method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},`+
		`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`)
	req.Header.Set("MCP-Protocol-Version", "2026-07-28")
	req.Header.Set("Mcp-Method", "subscriptions/listen")
	return req
}
