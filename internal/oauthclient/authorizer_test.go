package oauthclient

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestFirstCall(t *testing.T) {
	w := newWorld()
	var told events
	a := w.authorizer(t, func(o *Options) { o.Observe = told.observe })
	good(t, call(t, a))

	if want := []string{"", "token-1"}; !slices.Equal(w.calls, want) {
		t.Errorf("calls with %q, want %q", w.calls, want)
	}
	if want := []string{"question"}; !slices.Equal(w.bodies, want) {
		t.Errorf("the server got %q, want %q", w.bodies, want)
	}
	r := w.requests[0]
	for name, want := range map[string]string{
		"grant_type": "client_credentials", "audience": testResource, "resource": testResource, "scope": "",
		"client_id": testClient.ID, "client_secret": testSecret, // the metadata lists client_secret_post alone
	} {
		if got := r.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if want := []EventKind{Discovered, TokenRequested}; !slices.Equal(told.kinds(), want) {
		t.Errorf("told %q, want %q", told.kinds(), want)
	}
	if told.list[1].Issuer != testIssuer {
		t.Errorf("the event names issuer %q", told.list[1].Issuer)
	}
}

// Issuers meter tokens.
func TestOneTokenForAll(t *testing.T) {
	t.Run("a hundred calls", func(t *testing.T) {
		w := newWorld()
		a := w.authorizer(t)
		for range 100 {
			good(t, call(t, a))
		}
		if len(w.requests) != 1 || w.metadataReads != 1 || w.discovery != 1 || len(w.calls) != 101 {
			t.Errorf("%d token requests, %d and %d reads of metadata, %d calls; want 1, 1, 1, 101",
				len(w.requests), w.metadataReads, w.discovery, len(w.calls))
		}
	})
	t.Run("fifty goroutines at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			w.latency = time.Second
			a := w.authorizer(t)
			inParallel(50, func(int) { good(t, call(t, a)) })
			if len(w.requests) != 1 || w.metadataReads != 1 {
				t.Errorf("%d token requests and %d reads of metadata, want 1 and 1", len(w.requests), w.metadataReads)
			}
		})
	})
	t.Run("one by one with Token", func(t *testing.T) {
		w := newWorld()
		a := w.authorizer(t)
		good(t, call(t, a))
		token, err := a.Token(t.Context())
		if err != nil || token.Value != "token-1" || w.tokens() != 1 {
			t.Errorf("Token = %q, %v after %d token requests", token.Value, err, w.tokens())
		}
	})
}

func inParallel(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

func TestServerThatWantsNoToken(t *testing.T) {
	w := newWorld()
	w.open = true
	good(t, call(t, w.authorizer(t)))
	good(t, call(t, w.authorizer(t, func(o *Options) { o.Client = Client{} })))
	if len(w.requests) != 0 || w.metadataReads != 0 {
		t.Errorf("%d token requests and %d reads of metadata", len(w.requests), w.metadataReads)
	}
}

func TestNoCredentials(t *testing.T) {
	w := newWorld()
	a := w.authorizer(t, func(o *Options) { o.Client = Client{} })
	if r := call(t, a); !errors.Is(r.err, ErrNoCredentials) {
		t.Errorf("call: %+v, want ErrNoCredentials", r)
	}
	if _, err := a.Token(t.Context()); !errors.Is(err, ErrNoCredentials) {
		t.Errorf("Token: %v, want ErrNoCredentials", err)
	}
	if w.metadataReads != 0 {
		t.Errorf("the server's metadata was read %d times, for nothing", w.metadataReads)
	}
	good(t, call(t, w.authorizer(t)))
}

func TestStaticToken(t *testing.T) {
	w := newWorld()
	a := w.authorizer(t, func(o *Options) { o.StaticToken = "mine" })
	if r := call(t, a); r.status != http.StatusUnauthorized || r.body != "the server's own words" {
		t.Errorf("a refused static token: %+v, want the server's 401", r)
	}
	w.issued["mine"] = &issuedToken{expiry: time.Now().Add(time.Hour)}
	good(t, call(t, a))
	if r := call(t, a, "more"); r.status != http.StatusForbidden {
		t.Errorf("a static token with too few scopes: %+v, want the server's 403", r)
	}
	if token, err := a.Token(t.Context()); err != nil || token.Value != "mine" {
		t.Errorf("Token = %q, %v", token.Value, err)
	}
	if len(w.requests) != 0 || w.metadataReads != 0 || slices.Contains(w.calls, "") {
		t.Errorf("%d token requests, %d reads of metadata, calls with %q", len(w.requests), w.metadataReads, w.calls)
	}
}

// A server can name any address, and a token must not go there.
func TestRefusesOtherOrigins(t *testing.T) {
	w := newWorld()
	a := w.authorizer(t)
	good(t, call(t, a))
	for _, address := range []string{
		"https://evil.example/mcp", "http://mcp.example/mcp", "https://mcp.example:8443/mcp", "https://mcp.example.evil.example/mcp",
		"https://issuer.example/mcp", "https:///mcp",
	} {
		before := len(w.calls)
		body := &countingBody{}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, body)
		if err != nil {
			t.Fatal(err)
		}
		if r := roundTrip(a, req); !errors.Is(r.err, ErrForeignOrigin) || len(w.calls) != before {
			t.Errorf("%s: %+v, want ErrForeignOrigin", address, r)
		}
		if !body.closed {
			t.Errorf("%s: the body was not closed", address)
		}
	}
	for _, address := range []string{testEndpoint, "https://MCP.example:443/mcp"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		good(t, roundTrip(a, req))
	}
}

func TestCallersRequestIsLeftAlone(t *testing.T) {
	for name, header := range map[string]http.Header{
		"no header":         nil,
		"another's header":  {"Authorization": {"Basic eA=="}, "X-Mine": {"1"}},
		"two of the header": {"Authorization": {"Bearer a", "Bearer b"}},
	} {
		w := newWorld()
		a := w.authorizer(t)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, testEndpoint, strings.NewReader("question"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = header
		before := header.Clone()
		resp, err := a.RoundTrip(req)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %v, %v", name, resp, err)
		}
		resp.Body.Close()
		if !equalHeaders(req.Header, before) {
			t.Errorf("%s: the request's header is now %v", name, req.Header)
		}
		if resp.Request != req {
			t.Errorf("%s: the answer carries another request than the caller's, and so the token", name)
		}
		if want := []string{"", "token-1"}; !slices.Equal(w.calls, want) {
			t.Errorf("%s: calls with %q, want %q", name, w.calls, want)
		}
	}
}

func equalHeaders(a, b http.Header) bool {
	var x, y bytes.Buffer
	_, _ = a.Write(&x), b.Write(&y)
	return x.String() == y.String() && (a == nil) == (b == nil)
}

func TestBodyThatCannotBeSentAgain(t *testing.T) {
	w := newWorld()
	a := w.authorizer(t)
	once := func() *http.Request {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, testEndpoint, io.NopCloser(strings.NewReader("question")))
		if err != nil {
			t.Fatal(err)
		}
		return req
	}
	if r := roundTrip(a, once()); r.status != http.StatusUnauthorized || r.body != "the server's own words" || len(w.requests) != 0 {
		t.Errorf("%+v after %d token requests, want the 401 after none", r, len(w.requests))
	}
	good(t, call(t, a))
	good(t, roundTrip(a, once())) // the twin: with a token in memory it goes through
	req := once()
	req.Header.Set(needsHeader, "more")
	if r := roundTrip(a, req); r.status != http.StatusForbidden || w.tokens() != 1 {
		t.Errorf("%+v after %d tokens, want the 403 after one", r, w.tokens())
	}
}

func TestBodyThatFailsToComeAgain(t *testing.T) {
	w := newWorld()
	a := w.authorizer(t)
	lost := errors.New("the file is gone")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, testEndpoint, strings.NewReader("question"))
	if err != nil {
		t.Fatal(err)
	}
	req.GetBody = func() (io.ReadCloser, error) { return nil, lost }
	if r := roundTrip(a, req); !errors.Is(r.err, lost) {
		t.Errorf("%+v, want the body's error", r)
	}
}

func TestHTTPClientFollowsNoRedirects(t *testing.T) {
	followed := false
	base := roundTripFunc(func(r *http.Request) (*http.Response, error) {
		followed = followed || r.URL.Path != "/mcp"
		return &http.Response{
			StatusCode: http.StatusTemporaryRedirect, Body: http.NoBody, Request: r,
			Header: http.Header{"Location": {"/elsewhere"}},
		}, nil
	})
	a, err := NewAuthorizer(Options{Endpoint: testEndpoint, StaticToken: "mine", Base: base})
	if err != nil {
		t.Fatal(err)
	}
	client := a.HTTPClient()
	if client.Timeout != 0 {
		t.Errorf("the client ends streams after %v", client.Timeout)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, testEndpoint, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusTemporaryRedirect || followed {
		t.Errorf("status %d, followed: %v", resp.StatusCode, followed)
	}
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestToken(t *testing.T) {
	tests := []struct {
		name  string
		world func(*world)
		asked string
	}{
		{"by the challenge of a GET", func(w *world) { w.baseline = []string{"base"} }, "base"},
		{"by a challenge without scopes", func(w *world) { w.supported = []string{"a", "b"} }, "a b"},
		{"by the well-known address, without a challenge", func(w *world) { w.noChallenge = true }, ""},
		{"by the well-known address, of a server that answers", func(w *world) { w.open = true }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			tt.world(w)
			a := w.authorizer(t)
			for range 3 {
				token, err := a.Token(t.Context())
				if err != nil || token.Value != "token-1" {
					t.Fatalf("Token = %q, %v", token.Value, err)
				}
			}
			if got := w.asked(); len(got) != 1 || got[0] != tt.asked {
				t.Errorf("asked for %q, want %q", got, tt.asked)
			}
			if want := []string{""}; !slices.Equal(w.calls, want) {
				t.Errorf("calls with %q, want %q", w.calls, want)
			}
		})
	}
}

func TestTokenWhereTheServerIsDown(t *testing.T) {
	w := newWorld()
	down := errors.New("connection refused")
	a := w.authorizer(t, func(o *Options) {
		o.Base = roundTripFunc(func(*http.Request) (*http.Response, error) { return nil, down })
	})
	if _, err := a.Token(t.Context()); !errors.Is(err, down) {
		t.Errorf("err = %v", err)
	}
}

func TestScopesOfTheFirstToken(t *testing.T) {
	tests := []struct {
		name    string
		options []string
		world   func(*world)
		asked   []string // by each token request
		refused bool
	}{
		{"the options' before all", []string{"mine"}, func(w *world) {
			w.baseline, w.supported = []string{"base"}, []string{"a", "b"}
		}, []string{"mine"}, false},
		{"the challenge's", nil, func(w *world) {
			w.baseline, w.supported = []string{"base"}, []string{"a", "b"}
		}, []string{"base"}, false},
		{"all that are supported", nil, func(w *world) { w.supported = []string{"a", "b"} }, []string{"a b"}, false},
		{"those of a login are not", nil, func(w *world) {
			w.supported = []string{"openid", "a", "offline_access"}
		}, []string{"a"}, false},
		{"none", nil, func(*world) {}, []string{""}, false},
		{"supported but not granted: none", nil, func(w *world) {
			w.supported, w.granted = []string{"a", "b"}, []string{"a"}
		}, []string{"a b", ""}, false},
		{"challenged but not granted: refused", nil, func(w *world) {
			w.baseline, w.granted = []string{"base"}, []string{"a"}
		}, []string{"base"}, true},
		{"the options' but not granted: refused", []string{"mine"}, func(w *world) {
			w.supported, w.granted = []string{"a"}, []string{"a"}
		}, []string{"mine"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			tt.world(w)
			a := w.authorizer(t, func(o *Options) { o.Scopes = tt.options })
			r := call(t, a)
			if got := w.asked(); !slices.Equal(got, tt.asked) {
				t.Errorf("asked for %q, want %q", got, tt.asked)
			}
			if !tt.refused {
				good(t, r)
				return
			}
			refused, ok := errors.AsType[*TokenError](r.err)
			if !ok || !errors.Is(r.err, ErrTokenRefused) || refused.Description != "Client has not been granted scopes" {
				t.Errorf("%+v, want the issuer's refusal", r)
			}
		})
	}
}

// What supported scopes are refused for is not asked again, not even by a renewal.
func TestSupportedScopesAreRefusedOnce(t *testing.T) {
	w := newWorld()
	w.supported, w.granted = []string{"a", "b"}, []string{"a"}
	a := w.authorizer(t)
	good(t, call(t, a))
	w.revoke()
	good(t, call(t, a))
	if want := []string{"a b", "", ""}; !slices.Equal(w.asked(), want) {
		t.Errorf("asked for %q, want %q", w.asked(), want)
	}
}

// Only a no that may be about scopes leads to the question without them.
func TestOtherRefusalsAreFinal(t *testing.T) {
	for name, fault := range map[string]func(http.ResponseWriter) bool{
		"invalid_client":            refusal400(http.StatusBadRequest, `{"error":"invalid_client"}`),
		"401 with Auth0's own code": refusal400(http.StatusUnauthorized, `{"error":"access_denied"}`),
		"429":                       refusal400(http.StatusTooManyRequests, `{"error":"too_many_requests"}`),
		"502":                       refusal400(http.StatusBadGateway, ``),
	} {
		w := newWorld()
		w.supported, w.fault = []string{"a"}, fault
		if r := call(t, w.authorizer(t)); r.err == nil || len(w.requests) != 1 {
			t.Errorf("%s: %+v after %d requests, want an error after one", name, r, len(w.requests))
		}
	}
	// The twin.
	w := newWorld()
	w.supported, w.fault = []string{"a"}, refusal400(http.StatusBadRequest, `{"error":"invalid_scope"}`)
	if r := call(t, w.authorizer(t)); !errors.Is(r.err, ErrTokenRefused) || len(w.requests) != 2 {
		t.Errorf("invalid_scope: %+v after %d requests, want a refusal after two", r, len(w.requests))
	}
}

func refusal400(status int, body string) func(http.ResponseWriter) bool {
	return func(rw http.ResponseWriter) bool {
		rw.WriteHeader(status)
		_, _ = io.WriteString(rw, body)
		return true
	}
}

func TestWrongSecret(t *testing.T) {
	w := newWorld()
	a := w.authorizer(t, func(o *Options) { o.Client.Secret = "wrong-s3cret" })
	r := call(t, a)
	refused, ok := errors.AsType[*TokenError](r.err)
	if !ok || refused.Code != "invalid_client" || strings.Contains(r.err.Error(), "s3cret") {
		t.Errorf("%+v", r)
	}
	want := `requesting a token of issuer "https://issuer.example/": the issuer refused the token request: status 401, invalid_client`
	if r.err.Error() != want {
		t.Errorf("text\n%v\nwant\n%s", r.err, want)
	}
}

// A caller that gives up leaves the token to the others.
func TestCallerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.latency = 5 * time.Second
		a := w.authorizer(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		gone := make(chan error)
		go func() {
			_, err := a.Token(ctx)
			gone <- err
		}()
		time.Sleep(100 * time.Millisecond)
		token, err := a.Token(t.Context())
		if err != nil || token.Value != "token-1" {
			t.Errorf("who stayed: %q, %v", token.Value, err)
		}
		if err := <-gone; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who left: %v", err)
		}
		if len(w.requests) != 1 {
			t.Errorf("%d token requests, want 1", len(w.requests))
		}
	})
}

func TestIssuerThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.latency = time.Hour
		a := w.authorizer(t)
		began := time.Now()
		r := call(t, a)
		if !errors.Is(r.err, context.DeadlineExceeded) || time.Since(began) != flightTimeout {
			t.Errorf("%+v after %v, want DeadlineExceeded after %v", r, time.Since(began), flightTimeout)
		}
		w.set(func(w *world) { w.latency = 0 })
		good(t, call(t, a))
	})
}

func TestIssuerThatWantsToBeLeftAlone(t *testing.T) {
	tests := []struct {
		name, header string
		wait         time.Duration
	}{
		{"seconds", "30", 30 * time.Second},
		{"nothing said", "", defaultRetryAfter},
		{"nonsense", "soon", defaultRetryAfter},
		{"a day", "86400", maxRetryAfter},
		{"no time at all", "0", minRetryAfter},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.fault = func(rw http.ResponseWriter) bool {
					if tt.header != "" {
						rw.Header().Set("Retry-After", tt.header)
					}
					return refusal400(http.StatusTooManyRequests, `{"error":"too_many_requests"}`)(rw)
				}
				a := w.authorizer(t)
				for range 10 {
					r := call(t, a)
					refused, ok := errors.AsType[*TokenError](r.err)
					if !ok || refused.Status != http.StatusTooManyRequests || refused.RetryAfter != tt.wait {
						t.Fatalf("%+v, want a refusal with RetryAfter %v", r, tt.wait)
					}
				}
				if len(w.requests) != 1 {
					t.Errorf("%d token requests, want 1", len(w.requests))
				}
				w.set(func(w *world) { w.fault = nil })
				time.Sleep(tt.wait - time.Millisecond)
				if r := call(t, a); !errors.Is(r.err, ErrTokenRefused) {
					t.Errorf("a moment too early: %+v", r)
				}
				time.Sleep(time.Millisecond)
				good(t, call(t, a))
			})
		})
	}
}
