package oauthclient

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

var testTime = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func testNow() time.Time { return testTime }

// tokenEndpoint answers token requests, and notes them.
type tokenEndpoint struct {
	*httptest.Server
	requests []*http.Request // their bodies are in bodies
	bodies   []string
}

func newTokenEndpoint(t *testing.T, h http.HandlerFunc) *tokenEndpoint {
	t.Helper()
	e := &tokenEndpoint{}
	e.Server = serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e.requests, e.bodies = append(e.requests, r), append(e.bodies, string(body))
		h(w, r)
	})
	return e
}

// request asks the endpoint with credentials that are easy to find.
func (e *tokenEndpoint) request(t *testing.T, client Client, g Grant, methods ...string) (Token, error) {
	t.Helper()
	m := Metadata{Issuer: e.URL, TokenEndpoint: e.URL + "/token", TokenEndpointAuthMethods: methods}
	return RequestToken(t.Context(), NewHTTPClient(time.Minute), m, client, g, testNow)
}

func TestRequestTokenSends(t *testing.T) {
	const secret = "s3cret+/=: &" // of the characters that form-encoding changes
	grant := Grant{Audience: "https://api.example/", Resource: "https://mcp.example/mcp", Scopes: []string{"a", "b:c"}}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("an%3Aid:"+url.QueryEscape(secret)))
	tests := []struct {
		name    string
		client  Client
		grant   Grant
		methods []string
		header  string // Authorization
		body    url.Values
	}{
		{"basic, where nothing is listed", Client{}, grant, nil, basic, nil},
		{"basic, where both are listed", Client{}, grant, []string{"client_secret_post", "client_secret_basic"}, basic, nil},
		{"post, where basic is not listed", Client{}, grant, []string{"private_key_jwt", "client_secret_post"}, "", url.Values{
			"client_id": {"an:id"}, "client_secret": {secret},
		}},
		{"post, as told", Client{AuthMethod: ClientSecretPost}, grant, []string{"client_secret_basic"}, "", url.Values{
			"client_id": {"an:id"}, "client_secret": {secret},
		}},
		{"basic, as told", Client{AuthMethod: ClientSecretBasic}, grant, []string{"client_secret_post"}, basic, nil},
		{"what is empty is not sent", Client{}, Grant{}, nil, basic, nil},
		{"JSON", Client{JSON: true}, grant, []string{"client_secret_basic"}, "", url.Values{
			"client_id": {"an:id"}, "client_secret": {secret},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newTokenEndpoint(t, answer(http.StatusOK, `{"access_token":"t","token_type":"Bearer"}`))
			tt.client.ID, tt.client.Secret = "an:id", secret
			if _, err := e.request(t, tt.client, tt.grant, tt.methods...); err != nil {
				t.Fatal(err)
			}
			want := url.Values{"grant_type": {"client_credentials"}}
			if tt.grant.Audience != "" {
				want["audience"], want["resource"], want["scope"] = []string{grant.Audience}, []string{grant.Resource}, []string{"a b:c"}
			}
			for name, values := range tt.body {
				want[name] = values
			}
			r := e.requests[0]
			if r.Method != http.MethodPost || r.RequestURI != "/token" || r.Header.Get("Accept") != "application/json" {
				t.Errorf("%s %s, Accept %q", r.Method, r.RequestURI, r.Header.Get("Accept"))
			}
			if got := r.Header.Get("Authorization"); got != tt.header {
				t.Errorf("Authorization = %q, want %q", got, tt.header)
			}
			if got := decoded(t, r.Header.Get("Content-Type"), e.bodies[0], tt.client.JSON); got.Encode() != want.Encode() {
				t.Errorf("body %v, want %v", got, want)
			}
		})
	}
}

// An issuer lists what any of its clients may use, and holds each to one: Auth0's
// dashboard makes applications for post, beside a metadata document that lists both.
func TestRequestTokenTriesTheOtherMethod(t *testing.T) {
	both := []string{"client_secret_basic", "client_secret_post"}
	refusals := map[string]func(http.ResponseWriter){
		"RFC 6749": func(w http.ResponseWriter) { answer(http.StatusBadRequest, `{"error":"invalid_client"}`)(w, nil) },
		"Auth0": func(w http.ResponseWriter) {
			answer(http.StatusUnauthorized, `{"error":"access_denied","error_description":"Unauthorized"}`)(w, nil)
		},
		"another reason": func(w http.ResponseWriter) { answer(http.StatusBadRequest, `{"error":"invalid_scope"}`)(w, nil) },
		"too often":      func(w http.ResponseWriter) { answer(http.StatusTooManyRequests, ``)(w, nil) },
	}
	tests := []struct {
		name    string
		refusal string
		client  Client
		methods []string
		want    int // requests
		granted bool
	}{
		{"as the RFC has it", "RFC 6749", Client{}, both, 2, true},
		{"as Auth0 has it", "Auth0", Client{}, both, 2, true},
		{"not where post is not listed", "RFC 6749", Client{}, both[:1], 1, false},
		{"not where nothing is listed", "RFC 6749", Client{}, nil, 1, false},
		{"not where basic was told", "RFC 6749", Client{AuthMethod: ClientSecretBasic}, both, 1, false},
		{"not for another reason", "another reason", Client{}, both, 1, false},
		{"not where it was too often already", "too often", Client{}, both, 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newTokenEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "" {
					refusals[tt.refusal](w)
					return
				}
				answer(http.StatusOK, `{"access_token":"t","token_type":"Bearer"}`)(w, r)
			})
			tt.client.ID, tt.client.Secret = "id", "secret"
			_, err := e.request(t, tt.client, Grant{}, tt.methods...)
			if (err == nil) != tt.granted || len(e.requests) != tt.want {
				t.Errorf("%d requests, want %d; %v", len(e.requests), tt.want, err)
			}
		})
	}
	t.Run("and no third time", func(t *testing.T) {
		e := newTokenEndpoint(t, answer(http.StatusUnauthorized, `{"error":"invalid_client"}`))
		_, err := e.request(t, Client{ID: "id", Secret: "secret"}, Grant{}, both...)
		if !errors.Is(err, ErrTokenRefused) || len(e.requests) != 2 {
			t.Errorf("%d requests, %v", len(e.requests), err)
		}
	})
}

func decoded(t *testing.T, contentType, body string, asJSON bool) url.Values {
	t.Helper()
	if !asJSON {
		if contentType != "application/x-www-form-urlencoded" {
			t.Errorf("Content-Type = %q", contentType)
		}
		form, err := url.ParseQuery(body)
		if err != nil {
			t.Fatal(err)
		}
		return form
	}
	if contentType != "application/json" {
		t.Errorf("Content-Type = %q", contentType)
	}
	var members map[string]string
	if err := json.Unmarshal([]byte(body), &members); err != nil {
		t.Fatal(err)
	}
	form := url.Values{}
	for name, value := range members {
		form.Set(name, value)
	}
	return form
}

func TestRequestTokenSendsNothing(t *testing.T) {
	good := Metadata{Issuer: "https://is.example/", TokenEndpoint: "https://is.example/token"}
	client := Client{ID: "id", Secret: "s3cret"}
	with := func(edit func(*Metadata, *Client, *Grant)) (Metadata, Client, Grant) {
		m, c, g := good, client, Grant{}
		edit(&m, &c, &g)
		return m, c, g
	}
	tests := []struct {
		name string
		edit func(*Metadata, *Client, *Grant)
		want error // or text
		text string
	}{
		{"no token endpoint", func(m *Metadata, _ *Client, _ *Grant) { m.TokenEndpoint = "" }, ErrNoTokenEndpoint, ""},
		{"http", func(m *Metadata, _ *Client, _ *Grant) { m.TokenEndpoint = "http://is.example/token" }, ErrMalformed, ""},
		{"http on loopback below https", func(m *Metadata, _ *Client, _ *Grant) { m.TokenEndpoint = "http://127.0.0.1/token" }, ErrMalformed, ""},
		{"a user", func(m *Metadata, _ *Client, _ *Grant) { m.TokenEndpoint = "https://u:p@is.example/token" }, ErrMalformed, ""},
		{"a fragment", func(m *Metadata, _ *Client, _ *Grant) { m.TokenEndpoint += "#x" }, ErrMalformed, ""},
		{"no URL", func(m *Metadata, _ *Client, _ *Grant) { m.TokenEndpoint = "https://[::1" }, ErrMalformed, ""},
		{"relative", func(m *Metadata, _ *Client, _ *Grant) { m.TokenEndpoint = "/token" }, ErrMalformed, ""},
		{"an issuer that is no URL", func(m *Metadata, _ *Client, _ *Grant) { m.Issuer = "https://[::1" }, ErrMalformed, ""},
		{"no method for a secret", func(m *Metadata, _ *Client, _ *Grant) { m.TokenEndpointAuthMethods = []string{"private_key_jwt"} }, ErrNoAuthMethod, ""},
		{"no id", func(_ *Metadata, c *Client, _ *Grant) { c.ID = "" }, ErrNoCredentials, ""},
		{"no secret", func(_ *Metadata, c *Client, _ *Grant) { c.Secret = "" }, ErrNoCredentials, ""},
		{"a line break after the secret", func(_ *Metadata, c *Client, _ *Grant) { c.Secret += "\n" }, nil, "such as a line break"},
		{"an id beyond ASCII", func(_ *Metadata, c *Client, _ *Grant) { c.ID = "é" }, nil, "not printable ASCII"},
		{"an unknown method", func(_ *Metadata, c *Client, _ *Grant) { c.AuthMethod = "private_key_jwt" }, nil, "unknown authentication method"},
		{"JSON with basic", func(_ *Metadata, c *Client, _ *Grant) { c.JSON, c.AuthMethod = true, ClientSecretBasic }, nil, "excludes client_secret_basic"},
		{"a scope that is none", func(_ *Metadata, _ *Client, g *Grant) { g.Scopes = []string{"a b"} }, nil, "not a list of scopes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			c := doerFunc(func(*http.Request) (*http.Response, error) {
				asked++
				return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"access_token":"t","token_type":"Bearer"}`))}, nil
			})
			m, client, g := with(tt.edit)
			_, err := RequestToken(t.Context(), c, m, client, g, testNow)
			if err == nil || !errors.Is(err, tt.want) && tt.want != nil || !strings.Contains(err.Error(), tt.text) || asked != 0 {
				t.Errorf("err = %v after %d requests, want %v %s after none", err, asked, tt.want, tt.text)
			}
			if strings.Contains(fmt.Sprint(err), "s3cret") {
				t.Errorf("the secret shows: %v", err)
			}
			m, client, g = with(func(*Metadata, *Client, *Grant) {})
			if _, err := RequestToken(t.Context(), c, m, client, g, testNow); err != nil {
				t.Errorf("the twin: %v", err)
			}
		})
	}
}

func TestRequestTokenFollowsNoRedirects(t *testing.T) {
	e := newTokenEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect) // which would send the body again
	})
	m := Metadata{Issuer: e.URL, TokenEndpoint: e.URL + "/token"}
	_, err := RequestToken(t.Context(), http.DefaultClient, m, testClient, Grant{}, testNow)
	if status, ok := errors.AsType[*StatusError](err); !ok || status.Code != http.StatusTemporaryRedirect || len(e.requests) != 1 {
		t.Errorf("err = %v after %d requests", err, len(e.requests))
	}
}

func TestTokenResponse(t *testing.T) {
	long := strings.Repeat("x", maxTokenBytes)
	in := func(d time.Duration) time.Time { return testTime.Add(d) }
	tests := []struct {
		name, body string
		want       Token
	}{
		{"all members", `{"access_token":"t","token_type":"Bearer","expires_in":3600,"scope":"b a"}`, Token{"t", []string{"b", "a"}, in(time.Hour)}},
		{"only what must be", `{"access_token":"t","token_type":"Bearer"}`, Token{"t", []string{"a", "x"}, time.Time{}}},
		{"any case of the type", `{"access_token":"t","token_type":"bEARER"}`, Token{"t", []string{"a", "x"}, time.Time{}}},
		{"no scopes granted", `{"access_token":"t","token_type":"Bearer","scope":""}`, Token{"t", nil, time.Time{}}},
		{"null for left out", `{"access_token":"t","token_type":"Bearer","expires_in":null,"scope":null}`, Token{"t", []string{"a", "x"}, time.Time{}}},
		{"spaces around scopes", `{"access_token":"t","token_type":"Bearer","scope":" b  a "}`, Token{"t", []string{"b", "a"}, time.Time{}}},
		{"a scope that is a list counts as not said", `{"access_token":"t","token_type":"Bearer","scope":["b"]}`, Token{"t", []string{"a", "x"}, time.Time{}}},
		{"a scope with a quote, too", `{"access_token":"t","token_type":"Bearer","scope":"a\""}`, Token{"t", []string{"a", "x"}, time.Time{}}},
		{"digits in a string", `{"access_token":"t","token_type":"Bearer","expires_in":"3600"}`, Token{"t", []string{"a", "x"}, in(time.Hour)}},
		{"a fraction", `{"access_token":"t","token_type":"Bearer","expires_in":1.9}`, Token{"t", []string{"a", "x"}, in(time.Second)}},
		{"an exponent", `{"access_token":"t","token_type":"Bearer","expires_in":3.6e3}`, Token{"t", []string{"a", "x"}, in(time.Hour)}},
		{"members that are not used", `{"access_token":"t","token_type":"Bearer","Expires_In":{},"refresh_token":1}`, Token{"t", []string{"a", "x"}, time.Time{}}},
		{"every character", `{"access_token":"azAZ09-._~+/==","token_type":"Bearer"}`, Token{"azAZ09-._~+/==", []string{"a", "x"}, time.Time{}}},
		{"a token of 16 KiB", `{"access_token":"` + long + `","token_type":"Bearer"}`, Token{long, []string{"a", "x"}, time.Time{}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newTokenEndpoint(t, answer(http.StatusOK, tt.body))
			got, err := e.request(t, testClient, Grant{Scopes: []string{"a", "x"}})
			if err != nil || got.Value != tt.want.Value || !slices.Equal(got.Scopes, tt.want.Scopes) || !got.Expiry.Equal(tt.want.Expiry) {
				t.Errorf("got %q %v, %v; want %q %v", got.Value, got, err, tt.want.Value, tt.want)
			}
		})
	}
}

func TestTokenResponseRefused(t *testing.T) {
	member := func(name, value string) string {
		members := map[string]string{"access_token": `"t"`, "token_type": `"Bearer"`, "expires_in": `60`}
		members[name] = value
		var all []string
		for name, value := range members {
			all = append(all, `"`+name+`":`+value)
		}
		return "{" + strings.Join(all, ",") + "}"
	}
	for name, body := range map[string]string{
		"empty":                        ``,
		"HTML":                         `<html>hidden</html>`,
		"null":                         `null`,
		"an array":                     `[` + member("scope", `""`) + `]`,
		"two objects":                  member("scope", `""`) + `{}`,
		"a member twice":               `{"access_token":"t","token_type":"Bearer","access_token":"hidden"}`,
		"a member twice, escaped":      `{"access_token":"t","token_type":"Bearer","\u0061ccess_token":"hidden"}`,
		"an unused member twice":       `{"access_token":"t","token_type":"Bearer","x":1,"x":2}`,
		"a form":                       `access_token=t&token_type=Bearer`,
		"no token":                     `{"token_type":"Bearer"}`,
		"a token in another case":      `{"Access_Token":"t","token_type":"Bearer"}`,
		"an empty token":               member("access_token", `""`),
		"a token of padding":           member("access_token", `"=="`),
		"padding in a token":           member("access_token", `"a=b"`),
		"a line break in a token":      member("access_token", `"hidden\r\nX-Evil: 1"`),
		"a space in a token":           member("access_token", `"hidden hidden"`),
		"a token beyond ASCII":         member("access_token", `"é"`),
		"a token that is a number":     member("access_token", `1`),
		"a token of more than 16 KiB":  member("access_token", `"`+strings.Repeat("x", maxTokenBytes+1)+`"`),
		"more than 64 KiB":             member("x", `"`+strings.Repeat("x", maxTokenResponseBytes)+`"`),
		"no type":                      `{"access_token":"t"}`,
		"another type":                 member("token_type", `"DPoP"`),
		"a type that begins alike":     member("token_type", `"Bearer2"`),
		"no lifetime":                  member("expires_in", `0`),
		"half a second":                member("expires_in", `0.5`),
		"a negative lifetime":          member("expires_in", `-1`),
		"a point in time":              member("expires_in", `1767323045`),
		"a lifetime beyond numbers":    member("expires_in", `1e999`),
		"a lifetime that is a word":    member("expires_in", `"soon"`),
		"an empty lifetime":            member("expires_in", `""`),
		"a sign in a string":           member("expires_in", `"+60"`),
		"a fraction in a string":       member("expires_in", `"60.5"`),
		"an escape in a string":        member("expires_in", `"\u0036"`),
		"a lifetime that is true":      member("expires_in", `true`),
		"a lifetime that is an object": member("expires_in", `{}`),
		"invalid UTF-8":                member("x", "\"\xff\""),
	} {
		t.Run(name, func(t *testing.T) {
			e := newTokenEndpoint(t, answer(http.StatusOK, body))
			got, err := e.request(t, testClient, Grant{})
			if !errors.Is(err, ErrBadTokenResponse) || got.Value != "" {
				t.Errorf("got %q, %v", got.Value, err)
			}
			if strings.Contains(err.Error(), "hidden") {
				t.Errorf("the text quotes the answer: %v", err)
			}
		})
	}
	e := newTokenEndpoint(t, answer(http.StatusOK, member("scope", `"a b"`)))
	if _, err := e.request(t, testClient, Grant{}); err != nil {
		t.Errorf("the twin: %v", err)
	}
}

func TestTokenErrors(t *testing.T) {
	const client = "client-s3cret"
	basic := Client{ID: "agent", Secret: client}.basic()[len("Basic "):]
	tests := []struct {
		name   string
		status int
		body   string
		want   TokenError
	}{
		{"RFC 6749", 400, `{"error":"invalid_scope","error_description":"no such scope"}`, TokenError{400, "invalid_scope", "no such scope", 0}},
		{"Auth0", 403, `{"error":"access_denied","error_description":"Client has not been granted scopes: x"}`, TokenError{
			403, "access_denied", "Client has not been granted scopes: x", 0,
		}},
		{"no body", 401, ``, TokenError{401, "", "", 0}},
		{"HTML", 404, `<html>`, TokenError{404, "", "", 0}},
		{"a code that is a sentence", 403, `{"error":"Too Many Requests"}`, TokenError{403, "", "", 0}},
		{"a code of 65 characters", 400, `{"error":"` + strings.Repeat("x", 65) + `"}`, TokenError{400, "", "", 0}},
		{"a code that is a number", 400, `{"error":1}`, TokenError{400, "", "", 0}},
		{"a member twice", 400, `{"error":"a","error":"b"}`, TokenError{400, "", "", 0}},
		{"the secret as the code", 400, `{"error":"client-s3cret"}`, TokenError{400, "", "", 0}},
		{"the secret in the description", 400, `{"error":"a","error_description":"not client-s3cret!"}`, TokenError{400, "a", "not ***!", 0}},
		{"the secret, put together by a filter", 400, `{"error":"a","error_description":"client-s\u0000client-s3cret3cret"}`, TokenError{
			400, "a", "client-s ***3cret", 0,
		}},
		{"the header in the description", 400, `{"error":"a","error_description":"bad ` + basic + `"}`, TokenError{400, "a", "bad ***", 0}},
		{"a description for a terminal", 400, `{"error":"a","error_description":"\u001b[31mred\r\n\"é\\"}`, TokenError{400, "a", " [31mred     ", 0}},
		{"a long description", 400, `{"error":"a","error_description":"` + strings.Repeat("x", 290) + `client-s3cret"}`, TokenError{
			400, "a", strings.Repeat("x", 290) + "***", 0,
		}},
		{"a longer one", 400, `{"error":"a","error_description":"` + strings.Repeat("x", 1000) + `"}`, TokenError{400, "a", strings.Repeat("x", 300), 0}},
		{"too long a body", 400, `{"error":"a","x":"` + strings.Repeat("x", maxTokenResponseBytes) + `"}`, TokenError{400, "", "", 0}},
		{"429", 429, `{"error":"too_many_requests"}`, TokenError{429, "too_many_requests", "", defaultRetryAfter}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newTokenEndpoint(t, answer(tt.status, tt.body))
			_, err := e.request(t, Client{ID: "agent", Secret: client}, Grant{})
			got, ok := errors.AsType[*TokenError](err)
			if !ok || !errors.Is(err, ErrTokenRefused) || *got != tt.want {
				t.Fatalf("err = %#v, want %#v", got, tt.want)
			}
			text := fmt.Sprintf("requesting a token of issuer %q: the issuer refused the token request: status %d", e.URL, tt.status)
			if tt.want.Code != "" {
				text += ", " + tt.want.Code
			}
			if err.Error() != text {
				t.Errorf("text\n%v\nwant\n%s", err, text)
			}
		})
	}
}

func TestOtherStatusOfTheTokenEndpoint(t *testing.T) {
	for _, status := range []int{http.StatusCreated, http.StatusNoContent, http.StatusFound, http.StatusBadGateway, http.StatusServiceUnavailable} {
		e := newTokenEndpoint(t, answer(status, ""))
		_, err := e.request(t, testClient, Grant{})
		if got, ok := errors.AsType[*StatusError](err); !ok || got.Code != status || errors.Is(err, ErrTokenRefused) {
			t.Errorf("status %d: %v", status, err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"":                                defaultRetryAfter,
		"-1":                              defaultRetryAfter,
		"soon":                            defaultRetryAfter,
		"0":                               minRetryAfter,
		"10":                              10 * time.Second,
		"99999999999999999999":            maxRetryAfter,
		"Fri, 02 Jan 2026 03:04:35 GMT":   30 * time.Second,
		"Fri, 02 Jan 2026 03:00:00 GMT":   minRetryAfter,
		"Sat, 03 Jan 2026 03:00:00 GMT":   maxRetryAfter,
		"Friday, 02-Jan-26 03:04:35 GMT":  30 * time.Second,
		"Fri, 02 Jan 2026 03:04:35 +0000": defaultRetryAfter,
	} {
		if got := retryAfter(value, testTime); got != want {
			t.Errorf("retryAfter(%q) = %v, want %v", value, got, want)
		}
	}
}

func TestRequestTokenStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	e := newTokenEndpoint(t, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	m := Metadata{Issuer: e.URL, TokenEndpoint: e.URL + "/token"}
	if _, err := RequestToken(ctx, NewHTTPClient(time.Minute), m, testClient, Grant{}, testNow); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

// However a value that holds a secret is printed, the secret does not show.
func TestSecretsDoNotShow(t *testing.T) {
	const secret = "hunter2-s3cret"
	hex := fmt.Sprintf("%x", secret)
	client := Client{ID: "agent", Secret: secret}
	token := Token{Value: secret, Scopes: []string{"a"}, Expiry: testTime}
	o := Options{Endpoint: "https://mcp.example/mcp?key=" + secret, Client: client, StaticToken: secret}
	a, err := NewAuthorizer(o)
	if err != nil {
		t.Fatal(err)
	}
	a.current = newHeld(token, wish{}, nil, testTime)
	for name, v := range map[string]any{
		"client": client, "pointer to client": &client, "token": token, "pointer to token": &token,
		"options": o, "pointer to options": &o, "authorizer": a, "HTTP client": a.HTTPClient(), "nested": struct{ T []Token }{[]Token{token}},
	} {
		var shown []string
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
			shown = append(shown, fmt.Sprintf(verb, v))
		}
		if s, ok := v.(interface {
			fmt.Stringer
			fmt.GoStringer
		}); ok {
			shown = append(shown, s.String(), s.GoString())
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		shown = append(shown, log.String())
		if _, hasFuncs := v.(*http.Client); !hasFuncs {
			text, err := json.Marshal(v)
			if err == nil {
				shown = append(shown, string(text))
			}
		}
		for _, text := range shown {
			if strings.Contains(text, secret) || strings.Contains(strings.ToLower(text), hex) {
				t.Errorf("%s: %s", name, text)
			}
		}
	}
	// The twin: what may be known does show.
	for _, text := range []string{fmt.Sprint(client), fmt.Sprint(o), fmt.Sprint(a)} {
		if !strings.Contains(text, `client "agent"`) {
			t.Errorf("%q does not name the client", text)
		}
	}
	if got, want := fmt.Sprint(token), `token of scopes ["a"] until 2026-01-02T03:04:05Z`; got != want {
		t.Errorf("token prints %q, want %q", got, want)
	}
}

func FuzzTokenResponse(f *testing.F) {
	for _, seed := range []string{
		`{"access_token":"t","token_type":"Bearer","expires_in":3600,"scope":"a b"}`, `{"access_token":"t","token_type":"bearer","expires_in":"60"}`,
		`{"access_token":"t","token_type":"Bearer","access_token":"u"}`, `{"access_token":"a b","token_type":"Bearer"}`, `null`, `[]`,
		`{"access_token":"t","token_type":"Bearer","expires_in":1e400}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		token, err := parseToken(data, []string{"asked"}, testTime)
		if err != nil {
			if !errors.Is(err, ErrBadTokenResponse) || len(err.Error()) > 120 {
				t.Errorf("err = %v", err)
			}
			return
		}
		if !isBearerToken(token.Value) || strings.ContainsAny(token.Value, " \r\n\x00\"") || !validScopes(token.Scopes) {
			t.Errorf("%q, %v", token.Value, token)
		}
		if !token.Expiry.IsZero() && (token.Expiry.Before(testTime.Add(time.Second)) || token.Expiry.After(testTime.Add(maxLifetime))) {
			t.Errorf("expiry %v", token.Expiry)
		}
	})
}

func FuzzTokenError(f *testing.F) {
	for _, seed := range []string{
		`{"error":"invalid_scope","error_description":"x"}`, `{"error":"hunter2-s3cret","error_description":"hunter2-s3cret"}`, `null`, `<html>`,
		`{"error":"a","error_description":"hunter2-\u0000hunter2-s3crets3cret"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		resp := &http.Response{StatusCode: http.StatusBadRequest, Body: io.NopCloser(bytes.NewReader(data))}
		e := readTokenError(resp, testClient, testTime)
		if e.Code != "" && !isCode(e.Code) || len(e.Description) > maxDescriptionBytes || e.Description != printableASCII(e.Description) {
			t.Errorf("%#v", e)
		}
		if strings.Contains(e.Code+"\n"+e.Description, testSecret) {
			t.Errorf("the secret shows: %#v", e)
		}
	})
}
