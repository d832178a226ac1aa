package oauthclient

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// endToEnd is an MCP server and an issuer on two origins, with a network between.
type endToEnd struct {
	server, issuer *httptest.Server
	challenge      bool              // the 401 names the metadata
	documents      map[string]string // of the server, by path
	metadata       map[string]string // of the issuer, by path
	secrets        []string          // the Authorization headers that the issuer was sent
	calls          []string          // … and the server
}

// newEndToEnd starts both. In documents ISSUER and SERVER stand for their origins.
func newEndToEnd(t *testing.T, e *endToEnd) *endToEnd {
	t.Helper()
	e.server = serve(t, func(w http.ResponseWriter, r *http.Request) {
		if body, ok := e.documents[r.URL.Path]; ok {
			_, _ = io.WriteString(w, e.fill(body))
			return
		}
		if r.URL.Path != "/mcp" {
			http.NotFound(w, r)
			return
		}
		e.calls = append(e.calls, r.Header.Get("Authorization"))
		if r.Header.Get("Authorization") == "Bearer good" {
			_, _ = io.WriteString(w, "answer")
			return
		}
		if e.challenge {
			w.Header().Set("WWW-Authenticate", e.fill(`Bearer resource_metadata="SERVER/meta"`))
		}
		w.WriteHeader(http.StatusUnauthorized)
	})
	e.issuer = serve(t, func(w http.ResponseWriter, r *http.Request) {
		if body, ok := e.metadata[r.URL.Path]; ok {
			_, _ = io.WriteString(w, e.fill(body))
			return
		}
		if r.URL.Path != "/oauth/token" {
			http.NotFound(w, r)
			return
		}
		e.secrets = append(e.secrets, r.Header.Get("Authorization"))
		_, _ = io.WriteString(w, `{"access_token":"good","token_type":"Bearer","expires_in":3600}`)
	})
	return e
}

func (e *endToEnd) fill(s string) string {
	return strings.NewReplacer("ISSUER", e.issuer.URL, "SERVER", e.server.URL).Replace(s)
}

func (e *endToEnd) call(t *testing.T, edits ...func(*Options)) result {
	t.Helper()
	o := Options{Endpoint: e.server.URL + "/mcp", Client: testClient}
	for _, edit := range edits {
		edit(&o)
	}
	a, err := NewAuthorizer(o)
	if err != nil {
		t.Fatal(err)
	}
	client := a.HTTPClient()
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.Endpoint, strings.NewReader("question"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return result{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return result{resp.StatusCode, string(body), err}
}

func listing(issuer string) string {
	return fmt.Sprintf(`{"resource":"SERVER/mcp","authorization_servers":[%q]}`, issuer)
}

func issuerDocument(issuer string) string {
	return fmt.Sprintf(`{"issuer":%q,"token_endpoint":"ISSUER/oauth/token"}`, issuer)
}

func TestEndToEnd(t *testing.T) {
	servers := []struct {
		name      string
		challenge bool
		at        string // where the server's metadata is
	}{
		{"metadata in the challenge", true, "/meta"},
		{"metadata inserted before the path", false, wellKnownResource + "/mcp"},
		{"metadata at the root", false, wellKnownResource},
	}
	issuers := []struct {
		name string
		path string // of the issuer
		at   string // where its metadata is
	}{
		{"OIDC only", "", oidc},
		{"OIDC only, trailing slash (Auth0)", "/", oidc},
		{"RFC 8414 only", "", oauth2},
		{"RFC 8414 only, trailing slash", "/", oauth2},
		{"OIDC appended to a path", "/realms/x", "/realms/x" + oidc},
		{"RFC 8414 inserted before a path", "/realms/x", oauth2 + "/realms/x"},
		{"RFC 8414 inserted before a path, trailing slash", "/realms/x/", oauth2 + "/realms/x"},
		{"OIDC inserted before a path", "/realms/x", oidc + "/realms/x"},
	}
	for _, s := range servers {
		for _, i := range issuers {
			t.Run(s.name+", "+i.name, func(t *testing.T) {
				e := newEndToEnd(t, &endToEnd{
					challenge: s.challenge,
					documents: map[string]string{s.at: listing("ISSUER" + i.path)},
					metadata:  map[string]string{i.at: issuerDocument("ISSUER" + i.path)},
				})
				good(t, e.call(t))
				if want := []string{testClient.basic()}; !slices.Equal(e.secrets, want) {
					t.Errorf("the issuer got %q, want %q", e.secrets, want)
				}
				if want := []string{"", "Bearer good"}; !slices.Equal(e.calls, want) {
					t.Errorf("the server got %q, want %q", e.calls, want)
				}
			})
		}
	}
}

// Each row is a reason not to send the secret anywhere.
func TestSecretIsNotSent(t *testing.T) {
	document, metadata := listing("ISSUER"), issuerDocument("ISSUER")
	at := wellKnownResource + "/mcp"
	tests := []struct {
		name   string
		e      endToEnd
		issuer string // the option
		want   error
	}{
		{"no metadata", endToEnd{metadata: map[string]string{oidc: metadata}}, "", ErrNoIssuer},
		{"metadata without issuers", endToEnd{
			documents: map[string]string{at: `{"resource":"SERVER/mcp"}`}, metadata: map[string]string{oidc: metadata},
		}, "", ErrNoIssuer},
		{"metadata of another resource", endToEnd{
			documents: map[string]string{at: strings.Replace(document, "/mcp", "/other", 1)}, metadata: map[string]string{oidc: metadata},
		}, "", ErrResourceMismatch},
		{"… and an issuer named by hand", endToEnd{
			documents: map[string]string{at: strings.Replace(document, "/mcp", "/other", 1)}, metadata: map[string]string{oidc: metadata},
		}, "ISSUER", ErrResourceMismatch},
		{"malformed metadata", endToEnd{
			documents: map[string]string{at: `<html>`}, metadata: map[string]string{oidc: metadata},
		}, "", ErrMalformed},
		{"… and an issuer named by hand (malformed)", endToEnd{
			documents: map[string]string{at: `<html>`}, metadata: map[string]string{oidc: metadata},
		}, "ISSUER", ErrMalformed},
		{"another issuer than the one named by hand", endToEnd{
			documents: map[string]string{at: document}, metadata: map[string]string{oidc: metadata},
		}, "https://other.example", ErrIssuerNotListed},
		{"no issuers, and one named by hand", endToEnd{
			documents: map[string]string{at: `{"resource":"SERVER/mcp"}`}, metadata: map[string]string{oidc: metadata},
		}, "ISSUER", ErrIssuerNotListed},
		{"an issuer that calls itself otherwise", endToEnd{
			documents: map[string]string{at: document}, metadata: map[string]string{oidc: issuerDocument("ISSUER/")},
		}, "", ErrIssuerMismatch},
		{"an issuer without metadata", endToEnd{documents: map[string]string{at: document}}, "", ErrStatus},
		{"an issuer without a token endpoint", endToEnd{
			documents: map[string]string{at: document}, metadata: map[string]string{oidc: `{"issuer":"ISSUER"}`},
		}, "", ErrNoTokenEndpoint},
		{"a token endpoint without TLS", endToEnd{
			documents: map[string]string{at: document},
			metadata:  map[string]string{oidc: strings.Replace(metadata, "ISSUER/oauth", "http://issuer.example", 1)},
		}, "", ErrMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newEndToEnd(t, &tt.e)
			r := e.call(t, func(o *Options) { o.Issuer = e.fill(tt.issuer) })
			if !errors.Is(r.err, tt.want) || errors.Is(r.err, ErrNoIssuer) != errors.Is(tt.want, ErrNoIssuer) || len(e.secrets) != 0 {
				t.Errorf("%+v, want %v; the issuer got %q", r, tt.want, e.secrets)
			}
		})
	}
	t.Run("the twin", func(t *testing.T) {
		e := newEndToEnd(t, &endToEnd{documents: map[string]string{at: document}, metadata: map[string]string{oidc: metadata}})
		good(t, e.call(t))
	})
}

func TestIssuerNamedByHand(t *testing.T) {
	metadata := map[string]string{oidc: issuerDocument("ISSUER/")}
	at := wellKnownResource + "/mcp"
	tests := []struct {
		name   string
		e      endToEnd
		issuer string
	}{
		{"listed", endToEnd{documents: map[string]string{at: listing("ISSUER/")}}, "ISSUER/"},
		{"listed with a slash more", endToEnd{documents: map[string]string{at: listing("ISSUER/")}}, "ISSUER"},
		{"listed with a slash less than the issuer has", endToEnd{documents: map[string]string{at: listing("ISSUER")}}, "ISSUER/"},
		{"listed second", endToEnd{documents: map[string]string{
			at: `{"resource":"SERVER/mcp","authorization_servers":["https://other.example","ISSUER/"]}`,
		}}, "ISSUER/"},
		{"the server has no metadata", endToEnd{}, "ISSUER/"},
		{"… and its challenge names some", endToEnd{challenge: true}, "ISSUER/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.e.metadata = metadata
			e := newEndToEnd(t, &tt.e)
			good(t, e.call(t, func(o *Options) { o.Issuer = e.fill(tt.issuer) }))
		})
	}
}

// The secret belongs to one issuer: the first that is listed, and no other if that one
// is down.
func TestFirstIssuerOnly(t *testing.T) {
	w := newWorld()
	w.issuers = []string{"https://down.example/", testIssuer}
	if r := call(t, w.authorizer(t)); !errors.Is(r.err, ErrStatus) || len(w.requests) != 0 {
		t.Errorf("%+v after %d token requests", r, len(w.requests))
	}
	w.issuers = []string{testIssuer, "https://down.example/"}
	good(t, call(t, w.authorizer(t)))
}

// A server elsewhere must not be able to send the secret to a port of this machine.
func TestHTTPIssuerOfAnHTTPSServer(t *testing.T) {
	for _, issuer := range []string{"http://127.0.0.1:1/", "http://issuer.example/"} {
		w := newWorld()
		w.issuers = []string{issuer}
		for _, insecure := range []bool{false, true} {
			a := w.authorizer(t, func(o *Options) { o.InsecureHTTP = insecure })
			if r := call(t, a); !errors.Is(r.err, ErrInsecureEndpoint) || w.discovery != 0 {
				t.Errorf("%s: %+v, want ErrInsecureEndpoint", issuer, r)
			}
		}
	}
	good(t, call(t, newWorld().authorizer(t)))
}

// Metadata that could not be had now may say something later.
func TestDiscoveryIsTriedAgain(t *testing.T) {
	for name, status := range map[string]int{"server error": http.StatusBadGateway, "too many requests": http.StatusTooManyRequests} {
		w := newWorld()
		broken := true
		a := w.authorizer(t, func(o *Options) {
			o.Issuer = testIssuer
			o.HTTP = doerFunc(func(r *http.Request) (*http.Response, error) {
				if broken && r.URL.Host == "mcp.example" {
					return &http.Response{StatusCode: status, Body: http.NoBody}, nil
				}
				return w.Do(r)
			})
		})
		if r := call(t, a); !errors.Is(r.err, ErrStatus) || len(w.requests) != 0 {
			t.Errorf("%s: %+v after %d token requests", name, r, len(w.requests))
		}
		broken = false
		good(t, call(t, a))
	}
}

// Servers that want a token for whatever they are asked have no metadata for us.
func TestMetadataThatIsGuarded(t *testing.T) {
	for _, status := range []int{401, 403, 404, 405, 410} {
		w := newWorld()
		o := func(o *Options) {
			o.HTTP = doerFunc(func(r *http.Request) (*http.Response, error) {
				if r.URL.Host == "mcp.example" {
					return &http.Response{StatusCode: status, Body: http.NoBody}, nil
				}
				return w.Do(r)
			})
		}
		if r := call(t, w.authorizer(t, o)); !errors.Is(r.err, ErrNoIssuer) {
			t.Errorf("%d: %+v, want ErrNoIssuer", status, r)
		}
		good(t, call(t, w.authorizer(t, o, func(o *Options) { o.Issuer, o.Audience = testIssuer, "mine" })))
		if r := w.requests[0]; r.Get("audience") != "mine" || r.Get("resource") != testEndpoint {
			t.Errorf("%d: asked for %v", status, r)
		}
	}
}
