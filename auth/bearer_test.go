package auth

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// noBody fails the test when it is read: a token is judged before the body.
type noBody struct{ t *testing.T }

func (b noBody) Read([]byte) (int, error) { b.t.Error("the body was read"); return 0, io.EOF }
func (noBody) Close() error               { return nil }

type callerKey struct{}

// door is a handler behind Bearer, as the server wires it.
type door struct {
	handler  http.Handler
	refusals []*Refusal
	callers  []Principal
	asked    int      // how often a token was judged
	shown    []string // the addresses that were shown to whatever stands behind
}

func newDoor(verify VerifyFunc, c Challenger, change ...func(*BearerOptions)) *door {
	d := &door{}
	o := BearerOptions{
		Verify: func(ctx context.Context, raw string) (Principal, error) {
			d.asked++
			return verify(ctx, raw)
		},
		Challenger: c,
		OnRefusal: func(r *http.Request, refusal *Refusal) {
			d.refusals = append(d.refusals, refusal)
			d.shown = append(d.shown, r.URL.String()+" "+r.RequestURI)
		},
		WithPrincipal: func(ctx context.Context, p Principal) context.Context {
			return context.WithValue(ctx, callerKey{}, p)
		},
	}
	for _, f := range change {
		f(&o)
	}
	d.handler = Bearer(o)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.shown = append(d.shown, r.URL.String()+" "+r.RequestURI)
		p, _ := r.Context().Value(callerKey{}).(Principal)
		d.callers = append(d.callers, p)
		w.WriteHeader(http.StatusAccepted)
	}))
	return d
}

func (d *door) send(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w
}

func testChallenger() Challenger {
	return Challenger{MetadataURL: testMetadata, Baseline: []string{"mcp:use", "mcp:read"}, RetryAfter: 30 * time.Second}
}

// answer is everything of an answer that a caller can see.
type answer struct {
	status           int
	challenge, retry string // "" where the header is absent
	body             string
}

const (
	bearerRest = `scope="mcp:use mcp:read", resource_metadata="` + testMetadata + `"`
	textBad    = "the access token is not valid here: it is malformed, expired, or not issued for this resource"
)

var (
	accepted     = answer{status: 202}
	answerNone   = answer{401, "Bearer " + bearerRest, "", `{"error":"unauthorized","error_description":"an access token is required"}` + "\n"}
	answerTwo    = answer{400, `Bearer error="invalid_request", error_description="more than one credential was sent", ` + bearerRest, "", `{"error":"invalid_request","error_description":"more than one credential was sent"}` + "\n"}
	answerBad    = answer{401, `Bearer error="invalid_token", error_description="` + textBad + `", ` + bearerRest, "", `{"error":"invalid_token","error_description":"` + textBad + `"}` + "\n"}
	answerNoKeys = answer{503, "", "30", `{"error":"temporarily_unavailable","error_description":"the access token cannot be checked at the moment"}` + "\n"}
)

// wants holds an answer against the one that is wanted, byte for byte.
func (want answer) wants(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	header := w.Header()
	if lines := header.Values("WWW-Authenticate"); len(lines) > 1 {
		t.Errorf("%d challenges", len(lines))
	}
	got := answer{w.Code, header.Get("WWW-Authenticate"), header.Get("Retry-After"), w.Body.String()}
	if got != want {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	if want == accepted {
		return
	}
	for name, value := range map[string]string{"Cache-Control": "no-store", "Content-Type": "application/json", "X-Content-Type-Options": "nosniff"} {
		if got := header.Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
}

func TestBearer(t *testing.T) {
	good := goodDraft().token()
	bad := goodDraft()
	bad.key = rsaKey2()
	down := goodDraft()
	member("kid", `"not-to-be-looked-up"`)(&down)

	for _, tt := range []struct {
		name   string
		target string
		header http.Header
		want   answer
		reason Reason
		asked  int
	}{
		{"a good token", "/mcp", http.Header{"Authorization": {"Bearer " + good}}, accepted, "", 1},
		{"a good token, and a query", "/mcp?x=1&token=2", http.Header{"Authorization": {"Bearer " + good}}, accepted, "", 1},
		{"a good token, and a cookie", "/mcp", http.Header{"Authorization": {"Bearer " + good}, "Cookie": {"access_token=x"}}, accepted, "", 1},
		{"the scheme in lower case", "/mcp", http.Header{"Authorization": {"bearer " + good}}, accepted, "", 1},
		{"the scheme in upper case", "/mcp", http.Header{"Authorization": {"BEARER " + good}}, accepted, "", 1},

		{"two spaces behind the scheme", "/mcp", http.Header{"Authorization": {"Bearer  " + good}}, accepted, "", 1},
		{"a good token, and a query that is none", "/mcp?x=%zz;y", http.Header{"Authorization": {"Bearer " + good}}, accepted, "", 1},

		{"nothing", "/mcp", nil, answerNone, ReasonMissing, 0},
		{"an empty header", "/mcp", http.Header{"Authorization": {""}}, answerNone, ReasonMissing, 0},
		{"Basic", "/mcp", http.Header{"Authorization": {"Basic dXNlcjpwYXNz"}}, answerNone, ReasonMissing, 0},
		{"DPoP", "/mcp", http.Header{"Authorization": {"DPoP " + good}}, answerNone, ReasonMissing, 0},
		{"the token without a scheme", "/mcp", http.Header{"Authorization": {good}}, answerNone, ReasonMissing, 0},
		{"a longer scheme", "/mcp", http.Header{"Authorization": {"Bearers " + good}}, answerNone, ReasonMissing, 0},
		{"a tab behind the scheme", "/mcp", http.Header{"Authorization": {"Bearer\t" + good}}, answerNone, ReasonMissing, 0},
		{"a colon behind the scheme", "/mcp", http.Header{"Authorization": {"Bearer: " + good}}, answerNone, ReasonMissing, 0},
		{"Basic and Bearer in one line", "/mcp", http.Header{"Authorization": {"Basic x, Bearer " + good}}, answerNone, ReasonMissing, 0},
		{"the token in the query", "/mcp?access_token=" + good, nil, answerNone, ReasonMissing, 0},
		{"the token in a cookie", "/mcp", http.Header{"Cookie": {"access_token=" + good}}, answerNone, ReasonMissing, 0},
		{"the token in a header of another name", "/mcp", http.Header{"X-Authorization": {"Bearer " + good}, "Proxy-Authorization": {"Bearer " + good}}, answerNone, ReasonMissing, 0},

		{"two headers", "/mcp", http.Header{"Authorization": {"Bearer " + good, "Bearer x"}}, answerTwo, ReasonAmbiguous, 0},
		{"two identical headers", "/mcp", http.Header{"Authorization": {"Bearer " + good, "Bearer " + good}}, answerTwo, ReasonAmbiguous, 0},
		{"two headers, the first of another scheme", "/mcp", http.Header{"Authorization": {"Basic x", "Bearer " + good}}, answerTwo, ReasonAmbiguous, 0},
		{"header and query", "/mcp?access_token=" + good, http.Header{"Authorization": {"Bearer " + good}}, answerTwo, ReasonAmbiguous, 0},
		{"header and an empty query token", "/mcp?access_token=", http.Header{"Authorization": {"Bearer " + good}}, answerTwo, ReasonAmbiguous, 0},
		{"header and an escaped query token", "/mcp?%61ccess_token=x", http.Header{"Authorization": {"Bearer " + good}}, answerTwo, ReasonAmbiguous, 0},

		{"header and a query token that cannot be unescaped", "/mcp?access_token=%zz", http.Header{"Authorization": {"Bearer " + good}}, answerTwo, ReasonAmbiguous, 0},
		{"header and a query token behind a semicolon", "/mcp?x=1;access_token=y", http.Header{"Authorization": {"Bearer " + good}}, answerTwo, ReasonAmbiguous, 0},

		{"a forged token", "/mcp", http.Header{"Authorization": {"Bearer " + bad.token()}}, answerBad, ReasonSignature, 1},
		{"Bearer alone", "/mcp", http.Header{"Authorization": {"Bearer"}}, answerBad, ReasonMalformed, 1},
		{"Bearer and a space", "/mcp", http.Header{"Authorization": {"Bearer "}}, answerBad, ReasonMalformed, 1},
		{"two words", "/mcp", http.Header{"Authorization": {"Bearer a b"}}, answerBad, ReasonMalformed, 1},
		{"something behind a good token", "/mcp", http.Header{"Authorization": {"Bearer " + good + " x"}}, answerBad, ReasonMalformed, 1},
		{"two good tokens in one line", "/mcp", http.Header{"Authorization": {"Bearer " + good + ", Bearer " + good}}, answerBad, ReasonMalformed, 1},
		{"a good token in quotes", "/mcp", http.Header{"Authorization": {`Bearer "` + good + `"`}}, answerBad, ReasonMalformed, 1},
		{"17 KiB", "/mcp", http.Header{"Authorization": {"Bearer " + strings.Repeat("A", 17<<10)}}, answerBad, ReasonMalformed, 1},

		{"a key that cannot be looked up", "/mcp", http.Header{"Authorization": {"Bearer " + down.token()}}, answerNoKeys, ReasonKeysUnavailable, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, method := range []string{"GET", "POST", "DELETE", "PUT"} {
				v, _ := testVerifier(testNow, nil)
				d := newDoor(v.Verify, testChallenger())
				r := httptest.NewRequest(method, tt.target, noBody{t})
				r.Header = tt.header.Clone()
				if r.Header == nil {
					r.Header = http.Header{}
				}
				tt.want.wants(t, d.send(r))
				if d.asked != tt.asked {
					t.Errorf("%s: a token was judged %d times, want %d", method, d.asked, tt.asked)
				}
				if (len(d.callers) == 1) != (tt.reason == "") {
					t.Errorf("%s: %d requests came through", method, len(d.callers))
				}
				if tt.reason == "" {
					if len(d.refusals) > 0 || d.callers[0].Subject == "" {
						t.Errorf("%s: refusals %v, caller %+v", method, d.refusals, d.callers[0])
					}
					continue
				}
				if len(d.refusals) != 1 || d.refusals[0].Reason != tt.reason {
					t.Errorf("%s: refusals %v, want one for %q", method, d.refusals, tt.reason)
				}
				// The next good request is answered.
				r = httptest.NewRequest(method, "/mcp", noBody{t})
				r.Header.Set("Authorization", "Bearer "+good)
				accepted.wants(t, d.send(r))
			}
		})
	}
}

// An error that is no refusal is a fault of ours: the client keeps its token, and
// nothing of the error gets out.
func TestBearerForeignError(t *testing.T) {
	d := newDoor(func(context.Context, string) (Principal, error) {
		return Principal{}, errors.New("dial tcp 10.0.0.1:443: secret-host")
	}, testChallenger())
	r := httptest.NewRequest(http.MethodPost, "/mcp", noBody{t})
	r.Header.Set("Authorization", "Bearer x")
	answerNoKeys.wants(t, d.send(r))
	if len(d.refusals) != 1 || d.refusals[0].Reason != ReasonKeysUnavailable {
		t.Errorf("refusals %v", d.refusals)
	}
}

// TestBearerQueryToken: where it is allowed, a GET may bring its token in the query, and
// nothing behind is shown it.
func TestBearerQueryToken(t *testing.T) {
	good := goodDraft().token()
	bad := goodDraft()
	bad.key = rsaKey2()
	header := http.Header{"Authorization": {"Bearer " + good}}
	for _, tt := range []struct {
		name   string
		method string
		query  string
		header http.Header
		want   answer
		reason Reason
		asked  int
	}{
		{"a good token", "GET", "access_token=" + good, nil, accepted, "", 1},
		{"among others", "GET", "x=%zz;y&access_token=" + good + "&z", nil, accepted, "", 1},
		{"escaped", "GET", "%61ccess_token=" + strings.ReplaceAll(good, ".", "%2E"), nil, accepted, "", 1},
		{"in the header", "GET", "x=1", header, accepted, "", 1},

		{"none", "GET", "", nil, answerNone, ReasonMissing, 0},
		{"another name", "GET", "token=" + good, nil, answerNone, ReasonMissing, 0},
		{"a POST", "POST", "access_token=" + good, nil, answerNone, ReasonMissing, 0},
		{"a HEAD", "HEAD", "access_token=" + good, nil, answerNone, ReasonMissing, 0},
		{"two", "GET", "access_token=" + good + "&access_token=" + good, nil, answerTwo, ReasonAmbiguous, 0},
		{"two, one of them empty", "GET", "access_token&access_token=" + good, nil, answerTwo, ReasonAmbiguous, 0},
		{"two, behind a semicolon", "GET", "access_token=" + good + ";access_token=x", nil, answerTwo, ReasonAmbiguous, 0},
		{"header and query", "GET", "access_token=" + good, header, answerTwo, ReasonAmbiguous, 0},
		{"another scheme and query", "GET", "access_token=" + good, http.Header{"Authorization": {"Basic x"}}, answerTwo, ReasonAmbiguous, 0},
		{"an empty header and query", "GET", "access_token=" + good, http.Header{"Authorization": {""}}, answerTwo, ReasonAmbiguous, 0},
		{"a forged one", "GET", "access_token=" + bad.token(), nil, answerBad, ReasonSignature, 1},
		{"an empty one", "GET", "access_token=", nil, answerBad, ReasonMalformed, 1},
		{"with its scheme", "GET", "access_token=Bearer+" + good, nil, answerBad, ReasonMalformed, 1},
		{"that cannot be unescaped", "GET", "access_token=" + good + "%zz", nil, answerBad, ReasonMalformed, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, _ := testVerifier(testNow, nil)
			d := newDoor(v.Verify, testChallenger(), func(o *BearerOptions) { o.QueryToken = true })
			r := httptest.NewRequest(tt.method, "/sse?"+tt.query, noBody{t})
			if tt.header != nil {
				r.Header = tt.header.Clone()
			}
			w := d.send(r)
			tt.want.wants(t, w)
			if d.asked != tt.asked || (len(d.callers) == 1) != (tt.reason == "") {
				t.Errorf("a token was judged %d times, %d requests came through", d.asked, len(d.callers))
			}
			if tt.reason != "" && (len(d.refusals) != 1 || d.refusals[0].Reason != tt.reason) {
				t.Errorf("refusals %v, want one for %q", d.refusals, tt.reason)
			}
			if len(d.shown) != 1 || d.shown[0] != "/sse /sse" {
				t.Errorf("shown %q", d.shown)
			}
			if h := w.Header(); h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("header %v", h)
			}
			if r.URL.RawQuery != tt.query {
				t.Errorf("the caller's own request was changed: %q", r.URL.RawQuery)
			}
		})
	}
}

// FuzzQueryToken: a query brings a token, none, or is refused; and what brings none
// where net/url sees none is not read otherwise.
func FuzzQueryToken(f *testing.F) {
	for _, seed := range []string{
		"", "access_token=x", "access_token=x&access_token=y", "access_token", "a=b;access_token=%zz", "%61ccess_token=%2E", "&&;;=", "access_token=a+b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := &http.Request{Method: http.MethodGet, Header: http.Header{}, URL: &url.URL{Path: "/sse", RawQuery: query}, RequestURI: "/sse?" + query}
		token, err := credential(r, true)
		values, parseErr := url.ParseQuery(query)
		switch found := values["access_token"]; {
		case errors.Is(err, &Refusal{Reason: ReasonAmbiguous}), errors.Is(err, &Refusal{Reason: ReasonMalformed}):
			if parseErr == nil && len(found) == 1 {
				t.Errorf("%q: refused, and net/url reads %q", query, found)
			}
		case errors.Is(err, &Refusal{Reason: ReasonMissing}):
			if len(found) > 0 {
				t.Errorf("%q: missed %q", query, found)
			}
		case err != nil:
			t.Errorf("%q: %v", query, err)
		case parseErr == nil && (len(found) != 1 || found[0] != token):
			t.Errorf("%q: read %q, and net/url %q", query, token, found)
		}
		if bare := withoutQuery(r); bare.URL.RawQuery != "" || bare.RequestURI != "/sse" {
			t.Errorf("%q: %v %q", query, bare.URL, bare.RequestURI)
		}
		if _, err := credential(r, false); !errors.Is(err, &Refusal{Reason: ReasonMissing}) {
			t.Errorf("%q, where it is no credential: %v", query, err)
		}
	})
}
