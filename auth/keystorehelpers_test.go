package auth

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mcp-resource-server/internal/oauthclient"
)

const (
	fakeJWKSPath     = "/keys"
	fakeMetadataPath = "/.well-known/openid-configuration"
)

// fakeIssuer is an authorization server without a network, so that it can live
// in a bubble of testing/synctest. Its faults are switched while it runs.
type fakeIssuer struct {
	mu      sync.Mutex
	fault   func(context.Context) fakeAnswer // answers for the keys, where set
	keys    []object
	jwksURI string
	header  http.Header   // of the answer with the keys
	latency time.Duration // of the keys
	down    bool          // everything, metadata included

	noMetadata     bool        // the metadata is 404
	metadataHangs  bool        // the metadata never comes
	metadataFails  bool        // the metadata is 503, and at the other address somebody else's
	metadataIssuer string      // what the metadata calls itself, where not testIssuer
	fetches        []time.Time // of the keys
	reads          []time.Time // of the metadata
}

func newFakeIssuer() *fakeIssuer {
	return &fakeIssuer{keys: []object{good("one")}, jwksURI: testIssuer + fakeJWKSPath[1:], header: http.Header{}}
}

// set changes the issuer under its lock.
func (f *fakeIssuer) set(change func(*fakeIssuer)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

// publish makes the key set that of the ids given.
func (f *fakeIssuer) publish(kids ...string) {
	f.set(func(f *fakeIssuer) {
		f.keys = nil
		for _, kid := range kids {
			f.keys = append(f.keys, good(kid))
		}
	})
}

// counts returns how often the keys and the metadata were asked for.
func (f *fakeIssuer) counts() (keys, metadata int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.fetches), len(f.reads)
}

// Do implements oauthclient.Doer. The set that is answered is the one that was
// there when the request came, however long the answer takes.
func (f *fakeIssuer) Do(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	down, fault, latency := f.down, f.fault, f.latency
	doc, header := set(f.keys...), f.header.Clone()
	isKeys := strings.HasSuffix(r.URL.Path, fakeJWKSPath)
	switch {
	case isKeys:
		f.fetches = append(f.fetches, time.Now())
	case r.URL.Path == fakeMetadataPath:
		f.reads = append(f.reads, time.Now())
	}
	name := testIssuer
	if f.metadataIssuer != "" {
		name = f.metadataIssuer
	}
	metadata := `{"issuer":"` + name + `","jwks_uri":"` + f.jwksURI + `"}`
	hangs := !isKeys && f.metadataHangs
	hasMetadata := r.URL.Path == fakeMetadataPath && !f.noMetadata
	metadataFails := f.metadataFails && !isKeys
	f.mu.Unlock()

	if err := r.Context().Err(); err != nil {
		return nil, err // as a client does, whatever it could have had
	}
	switch {
	case hangs:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case down:
		return nil, errors.New("connection refused")
	case metadataFails && hasMetadata:
		return fakeAnswer{status: http.StatusServiceUnavailable}.response(), nil
	case metadataFails:
		return text200(`{"issuer":"` + otherIssuer + `","jwks_uri":"` + otherIssuer + `/keys"}`).response(), nil
	case !isKeys && hasMetadata:
		return text200(metadata).response(), nil
	case !isKeys:
		return fakeAnswer{status: http.StatusNotFound}.response(), nil
	}
	if err := pause(r.Context(), latency); err != nil {
		return nil, err
	}
	if fault != nil {
		a := fault(r.Context())
		if a.err != nil {
			return nil, a.err
		}
		return a.response(), nil
	}
	resp := text200(doc).response()
	resp.Header = header
	return resp, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fakeAnswer is an answer to a request for the keys: a body of known length, one
// that comes as a stream, or none at all.
type fakeAnswer struct {
	status int
	body   string
	stream io.Reader
	err    error
}

func text200(body string) fakeAnswer { return fakeAnswer{status: http.StatusOK, body: body} }

func (a fakeAnswer) response() *http.Response {
	resp := &http.Response{
		StatusCode: a.status, Header: http.Header{}, ContentLength: int64(len(a.body)),
		Body: io.NopCloser(strings.NewReader(a.body)),
	}
	if a.stream != nil {
		resp.ContentLength, resp.Body = -1, io.NopCloser(a.stream)
	}
	return resp
}

// slowBody gives one byte a second until the request is given up.
type slowBody struct{ ctx context.Context }

func (b slowBody) Read(p []byte) (int, error) {
	if err := pause(b.ctx, time.Second); err != nil {
		return 0, err
	}
	p[0] = ' '
	return 1, nil
}

// brokenBody breaks off.
type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// keyFault is an answer that holds no keys, and the class of error that it is.
type keyFault struct {
	class string
	give  func(context.Context) fakeAnswer
}

func keyFaults() map[string]keyFault {
	always := func(class string, a fakeAnswer) keyFault {
		return keyFault{class, func(context.Context) fakeAnswer { return a }}
	}
	status := func(code int) fakeAnswer { return fakeAnswer{status: code, body: "{}"} }
	spaces := strings.Repeat(" ", MaxKeySetBytes)
	return map[string]keyFault{
		"500":                always("http_status", status(500)),
		"503":                always("http_status", status(503)),
		"404":                always("http_status", status(404)),
		"429":                always("rate_limited", status(429)),
		"204":                always("http_status", fakeAnswer{status: 204}),
		"302":                always("http_status", fakeAnswer{status: 302}),
		"a good set but 201": always("http_status", fakeAnswer{status: 201, body: set(good("one"))}),
		"HTML":               always("bad_key_set", text200("<!DOCTYPE html><h1>maintenance</h1>")),
		"empty body":         always("bad_key_set", text200("")),
		"cut off":            always("bad_key_set", text200(set(good("two"))[:200])),
		"empty set":          always("bad_key_set", text200(`{"keys":[]}`)),
		"all unusable":       always("bad_key_set", text200(set(good("two").with("use", `"enc"`)))),
		"all ambiguous":      always("bad_key_set", text200(set(good("x"), good2("x")))),
		"null":               always("bad_key_set", text200(`{"keys":null}`)),
		"10000 keys":         always("bad_key_set", text200(`{"keys":[`+strings.Repeat(`{},`, 9999)+`{}]}`)),
		"too large":          always("too_large", text200(set(good("two"))+spaces)),
		"too large, unannounced": {"too_large", func(context.Context) fakeAnswer {
			return fakeAnswer{status: 200, stream: strings.NewReader(spaces + " ")}
		}},
		"connection reset": always("unreachable", fakeAnswer{err: errors.New("connection reset")}),
		"broken off":       always("unreachable", fakeAnswer{status: 200, stream: io.MultiReader(strings.NewReader(`{"keys":[`), brokenBody{})}),
		"hangs": {"timeout", func(ctx context.Context) fakeAnswer {
			<-ctx.Done()
			return fakeAnswer{err: ctx.Err()}
		}},
		"one byte a second": {"timeout", func(ctx context.Context) fakeAnswer { return fakeAnswer{status: 200, stream: slowBody{ctx}} }},
	}
}

// syncBuffer is a log that may be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// running is a key store that runs in a bubble.
type running struct {
	*keyStore
	t      *testing.T
	issuer *fakeIssuer
	log    *syncBuffer
	stop   context.CancelFunc
}

// inBubble runs f with a key store of the default settings, changed by conf,
// that has made its first fetch. The bubble ends only when every goroutine in it
// has, so that each of these tests is one for leaks, too.
func inBubble(t *testing.T, conf func(*IssuerConfig, *JWKSConfig, *fakeIssuer), f func(*testing.T, running)) {
	t.Helper()
	rsaKey() // outside, where making it does not count
	synctest.Test(t, func(t *testing.T) {
		issuer, c := newFakeIssuer(), testConfig()
		c.Issuers = c.Issuers[:1]
		if conf != nil {
			conf(&c.Issuers[0], &c.JWKS, issuer)
		}
		if err := c.Validate().Err(); err != nil {
			t.Fatal(err)
		}
		log := &syncBuffer{}
		logger := slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		var doer oauthclient.Doer = issuer
		store := newKeyStore(c.IssuerList()[0], c.JWKS, doer, logger)
		ctx, stop := context.WithCancel(t.Context())
		go store.Run(ctx)
		synctest.Wait()
		f(t, running{store, t, issuer, log, stop})
		stop()
		synctest.Wait()
	})
}

// ready asks as /readyz does.
func (r running) ready() (bool, []KeyStatus) {
	return (&Trust{keys: map[string]keySource{testIssuer: r.keyStore}}).Ready()
}

// wants asks for a key and says what is to come of it.
func (r running) wants(kid string, want error) {
	r.t.Helper()
	if _, err := r.key(r.t.Context(), kid); !errors.Is(err, want) {
		r.t.Errorf("key %q: err = %v, want %v", kid, err, want)
	}
}

// refuses reports whether a token with this key id is not accepted now.
func (r running) refuses(kid string) bool {
	_, err := r.key(r.t.Context(), kid)
	return err != nil
}

// eventually asks for a key each second until it comes, for at most d.
func (r running) eventually(kid string, d time.Duration) {
	r.t.Helper()
	for end := time.Now().Add(d); ; time.Sleep(time.Second) {
		if _, err := r.lookup(kid); err == nil {
			return
		}
		if time.Now().After(end) {
			r.t.Fatalf("key %q did not come within %v", kid, d)
		}
	}
}
