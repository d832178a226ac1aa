package oauthclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	oidc   = "/.well-known/openid-configuration"
	oauth2 = "/.well-known/oauth-authorization-server"
)

// document is the metadata of an issuer that does everything right.
func document(issuer string) string {
	return fmt.Sprintf(`{"issuer":%q,"jwks_uri":%q,"token_endpoint":%q,
		"token_endpoint_auth_methods_supported":["client_secret_post"],"claims_supported":[{"not":"used"}]}`,
		issuer, issuer+"/keys", issuer+"/token")
}

// issuer is an authorization server that answers at given paths and notes what
// it was asked. In a body, ISSUER stands for its origin, and CAPITALS for the
// same in capital letters.
type issuer struct {
	*httptest.Server
	asked []string // written by one request at a time
}

func newIssuer(t *testing.T, bodies map[string]string) *issuer {
	t.Helper()
	is := &issuer{}
	is.Server = serve(t, func(w http.ResponseWriter, r *http.Request) {
		is.asked = append(is.asked, r.RequestURI)
		body, ok := bodies[r.RequestURI]
		if !ok {
			http.NotFound(w, r)
			return
		}
		body = strings.NewReplacer("ISSUER", is.URL, "CAPITALS", strings.ToUpper(is.URL)).Replace(body)
		_, _ = io.WriteString(w, body)
	})
	return is
}

func TestDiscover(t *testing.T) {
	tests := []struct {
		name  string
		path  string // of the issuer
		at    string // where its document is
		asked []string
	}{
		{"OIDC", "", oidc, []string{oidc}},
		{"OIDC, trailing slash (Auth0)", "/", oidc, []string{oidc}},
		{"RFC 8414", "", oauth2, []string{oidc, oauth2}},
		{"RFC 8414, trailing slash", "/", oauth2, []string{oidc, oauth2}},
		{"OIDC below a path (Keycloak)", "/realms/x", "/realms/x" + oidc, []string{"/realms/x" + oidc}},
		{"RFC 8414 below a path (Okta)", "/oauth2/id", oauth2 + "/oauth2/id", []string{
			"/oauth2/id" + oidc, oauth2 + "/oauth2/id",
		}},
		{"RFC 8414 below a path, trailing slash", "/oauth2/id/", oauth2 + "/oauth2/id", []string{
			"/oauth2/id" + oidc, oauth2 + "/oauth2/id",
		}},
		{"OIDC inserted before a path", "/t/1", oidc + "/t/1", []string{
			"/t/1" + oidc, oauth2 + "/t/1", oidc + "/t/1",
		}},
		{"an escaped path stays as it is", "/a%2Fb", oauth2 + "/a%2Fb", []string{"/a%2Fb" + oidc, oauth2 + "/a%2Fb"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			is := newIssuer(t, map[string]string{tt.at: document("ISSUER" + tt.path)})
			asked := is.URL + tt.path
			m, err := Discover(t.Context(), NewHTTPClient(time.Minute), asked)
			if err != nil {
				t.Fatal(err)
			}
			if m.Issuer != asked || m.JWKSURI != asked+"/keys" || m.TokenEndpoint != asked+"/token" ||
				!slices.Equal(m.TokenEndpointAuthMethods, []string{"client_secret_post"}) {
				t.Errorf("metadata = %+v", m)
			}
			if !slices.Equal(is.asked, tt.asked) {
				t.Errorf("asked %q, want %q", is.asked, tt.asked)
			}
		})
	}
}

func TestDiscoverAsksEachAddressOnce(t *testing.T) {
	for path, want := range map[string][]string{
		"":   {oidc, oauth2},
		"/":  {oidc, oauth2},
		"/r": {"/r" + oidc, oauth2 + "/r", oidc + "/r"},
	} {
		is := newIssuer(t, nil)
		_, err := Discover(t.Context(), NewHTTPClient(time.Minute), is.URL+path)
		if !errors.Is(err, ErrStatus) {
			t.Errorf("path %q: err = %v, want ErrStatus", path, err)
		}
		if !slices.Equal(is.asked, want) {
			t.Errorf("path %q: asked %q, want %q", path, is.asked, want)
		}
	}
}

// A fault at the first address is refused, and its cause is told; with a good
// document at the second one (the twin) the issuer is found all the same.
func TestDiscoverRefusesDocument(t *testing.T) {
	tests := []struct {
		name string
		body string
		want error
	}{
		{"another issuer", document("https://evil.example"), ErrIssuerMismatch},
		{"the issuer and a slash", document("ISSUER/"), ErrIssuerMismatch},
		{"the issuer in capitals", document("CAPITALS"), ErrIssuerMismatch},
		{"no issuer", `{"jwks_uri":"ISSUER/keys"}`, ErrIssuerMismatch},
		{"issuer with another case of name", `{"Issuer":"ISSUER"}`, ErrIssuerMismatch},
		{"null", `null`, ErrIssuerMismatch},
		{"HTML", `<!DOCTYPE html><title>Sign in</title>`, ErrMalformed},
		{"empty", ``, ErrMalformed},
		{"truncated", document("ISSUER")[:80], ErrMalformed},
		{"two documents", document("ISSUER") + document("ISSUER"), ErrMalformed},
		{"array", `[` + document("ISSUER") + `]`, ErrMalformed},
		{"byte order mark", "\ufeff" + document("ISSUER"), ErrMalformed},
		{"invalid UTF-8", "{\"issuer\":\"ISSUER\",\"x\":\"\xff\"}", ErrMalformed},
		{"duplicate member", `{"issuer":"ISSUER","issuer":"ISSUER"}`, ErrMalformed},
		{"duplicate member, escaped", `{"issuer":"ISSUER","\u0069ssuer":"ISSUER"}`, ErrMalformed},
		{"duplicate member that is not used", `{"issuer":"ISSUER","a":{"b":1,"b":2}}`, ErrMalformed},
		{"issuer is a list", `{"issuer":["ISSUER"]}`, ErrMalformed},
		{"jwks_uri is a number", `{"issuer":"ISSUER","jwks_uri":1}`, ErrMalformed},
		{"token_endpoint is an object", `{"issuer":"ISSUER","token_endpoint":{}}`, ErrMalformed},
		{"methods are a string", `{"issuer":"ISSUER","token_endpoint_auth_methods_supported":"none"}`, ErrMalformed},
		{"relative jwks_uri", `{"issuer":"ISSUER","jwks_uri":"/keys"}`, ErrMalformed},
		{"jwks_uri without a scheme", `{"issuer":"ISSUER","jwks_uri":"//a.example/keys"}`, ErrMalformed},
		{"jwks_uri is a file", `{"issuer":"ISSUER","jwks_uri":"file:///etc/keys"}`, ErrMalformed},
		{"jwks_uri is no URL", `{"issuer":"ISSUER","jwks_uri":"https://a.example:x/"}`, ErrMalformed},
		{"jwks_uri without TLS elsewhere", `{"issuer":"ISSUER","jwks_uri":"http://a.example/keys"}`, ErrMalformed},
		{"token_endpoint without TLS elsewhere", `{"issuer":"ISSUER","token_endpoint":"http://a.example/"}`, ErrMalformed},
		{"more than 256 KiB", strings.Repeat(" ", maxMetadataBytes) + document("ISSUER"), ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad := newIssuer(t, map[string]string{oidc: tt.body})
			_, err := Discover(t.Context(), NewHTTPClient(time.Minute), bad.URL)
			if !errors.Is(err, tt.want) {
				t.Errorf("err = %v, want %v", err, tt.want)
			}
			if !errors.Is(err, ErrStatus) {
				t.Errorf("err = %v, want the second address's 404 in it too", err)
			}
			twin := newIssuer(t, map[string]string{oidc: tt.body, oauth2: document("ISSUER")})
			if m, err := Discover(t.Context(), NewHTTPClient(time.Minute), twin.URL); err != nil || m.Issuer != twin.URL {
				t.Errorf("with a good document at the second address: %+v, %v", m, err)
			}
		})
	}
}

func TestDiscoverAcceptsDocument(t *testing.T) {
	for name, body := range map[string]string{
		"only the issuer":                 `{"issuer":"ISSUER"}`,
		"null for left out":               `{"issuer":"ISSUER","jwks_uri":null}`,
		"members that are not used":       `{"issuer":"ISSUER","x":[{"y":null}],"JWKS_URI":1}`,
		"white space around":              " \n" + document("ISSUER") + "\n",
		"https endpoint elsewhere":        `{"issuer":"ISSUER","jwks_uri":"https://keys.example/"}`,
		"http endpoint on other loopback": `{"issuer":"ISSUER","jwks_uri":"http://localhost:1/keys"}`,
	} {
		t.Run(name, func(t *testing.T) {
			is := newIssuer(t, map[string]string{oidc: body})
			if _, err := Discover(t.Context(), NewHTTPClient(time.Minute), is.URL); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDiscoverRefusesIssuer(t *testing.T) {
	never := doerFunc(func(r *http.Request) (*http.Response, error) {
		t.Errorf("asked %s", r.URL)
		return nil, errors.New("asked")
	})
	for issuer, want := range map[string]string{
		"":                             "issuer URL: not an absolute URL",
		"issuer.example":               "issuer URL: not an absolute URL",
		"/realms/x":                    "issuer URL: not an absolute URL",
		"https://":                     "issuer URL: not an absolute URL",
		"https:issuer.example":         "issuer URL: not an absolute URL",
		"ftp://issuer.example":         "issuer URL: not an https URL",
		"http://issuer.example":        "issuer URL: http is for loopback hosts only",
		"https://u:hunter2@is.example": "issuer URL: an issuer has no user, query or fragment",
		"https://is.example/?":         "issuer URL: an issuer has no user, query or fragment",
		"https://is.example/#":         "issuer URL: an issuer has no user, query or fragment",
		"https://u:hunter2@[::1":       "issuer URL: not a URL",
	} {
		_, err := Discover(t.Context(), never, issuer)
		if err == nil || err.Error() != want {
			t.Errorf("Discover(%q) = %v, want %q", issuer, err, want)
		}
	}
}

func TestDiscoverHTTPSIssuer(t *testing.T) {
	tests := []struct {
		name, jwks string
		want       error
	}{
		{"https endpoint", "https://issuer.example/keys", nil},
		{"http endpoint, even on a loopback host", "http://127.0.0.1/keys", ErrMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := fmt.Sprintf(`{"issuer":"https://issuer.example","jwks_uri":%q}`, tt.jwks)
			c := doerFunc(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body))}, nil
			})
			_, err := Discover(t.Context(), c, "https://issuer.example")
			if !errors.Is(err, tt.want) {
				t.Errorf("err = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestDiscoverRefusesRedirects(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			_, _ = io.WriteString(w, document("http://"+r.Host))
			return
		}
		http.Redirect(w, r, "/moved", http.StatusMovedPermanently)
	})
	_, err := Discover(t.Context(), http.DefaultClient, srv.URL)
	if status, ok := errors.AsType[*StatusError](err); !ok || status.Code != http.StatusMovedPermanently {
		t.Errorf("err = %v, want status 301", err)
	}
}

// The text names each address and what happened there, in order, and nothing
// that the other side wrote.
func TestDiscoverErrorText(t *testing.T) {
	is := newIssuer(t, map[string]string{
		"/r" + oidc: `{"issuer":"https://secret.example"}`,
		oidc + "/r": `{"issuer":"ISSUER/r","jwks_uri":["secret"]}`,
	})
	_, err := Discover(t.Context(), NewHTTPClient(time.Minute), is.URL+"/r")
	want := strings.ReplaceAll(`discovering issuer "ISSUER/r": reading ISSUER/r`+oidc+`: metadata names another issuer; `+
		`fetching ISSUER`+oauth2+`/r: unexpected status 404; `+
		`reading ISSUER`+oidc+`/r: malformed metadata: wrong type at /jwks_uri`, "ISSUER", is.URL)
	if err == nil || err.Error() != want {
		t.Errorf("text\n%v\nwant\n%s", err, want)
	}
}

func TestDiscoverStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	c := doerFunc(func(*http.Request) (*http.Response, error) {
		asked++
		cancel()
		return nil, ctx.Err()
	})
	_, err := Discover(ctx, c, "https://issuer.example")
	if !errors.Is(err, context.Canceled) || asked != 1 {
		t.Errorf("err = %v after %d requests, want Canceled after 1", err, asked)
	}
}

func FuzzMetadata(f *testing.F) {
	const issuer = "http://127.0.0.1:9000/"
	for _, seed := range []string{
		document(issuer), `{"issuer":"` + issuer + `","jwks_uri":"http://a.example"}`, `{"issuer":1}`, `null`, `<html>`,
		`{"issuer":"` + issuer + `","issuer":null}`, `{"issuer":"` + issuer + `","token_endpoint_auth_methods_supported":[1]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseMetadata(data, issuer, checkEndpoint)
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrIssuerMismatch) {
				t.Errorf("err = %v", err)
			}
			if len(err.Error()) > 120 {
				t.Errorf("the text may hold the document: %v", err)
			}
			return
		}
		if m.Issuer != issuer {
			t.Errorf("issuer %q", m.Issuer)
		}
		for _, endpoint := range []string{m.JWKSURI, m.TokenEndpoint} {
			u, err := url.Parse(endpoint)
			if err != nil {
				t.Fatalf("endpoint %q: %v", endpoint, err)
			}
			if endpoint != "" && u.Scheme != "https" && !IsLoopbackHost(u.Hostname()) {
				t.Errorf("endpoint %q", endpoint)
			}
		}
	})
}

// doer answers every request with one document.
type doer string

func (d doer) Do(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(string(d)))}, nil
}

// By plain http an issuer outside this machine is asked only where that was asked
// for, and one that has TLS is held to it all the same.
func TestDiscoverInsecureHTTP(t *testing.T) {
	for _, tt := range []struct {
		name, issuer, keys string
		discover           func(context.Context, Doer, string) (Metadata, error)
		want               string
	}{
		{"http, asked for", "http://keycloak:8080/realms/r", "http://keycloak:8080/keys", DiscoverInsecureHTTP, ""},
		{"http, not asked for", "http://keycloak:8080/realms/r", "http://keycloak:8080/keys", Discover, "issuer URL: http is for loopback hosts only"},
		{"https stays https", "https://keycloak/realms/r", "https://keycloak/keys", DiscoverInsecureHTTP, ""},
		{"keys without TLS below https", "https://keycloak/realms/r", "http://keycloak/keys", DiscoverInsecureHTTP, "http below an https issuer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.discover(t.Context(), doer(fmt.Sprintf(`{"issuer":%q,"jwks_uri":%q}`, tt.issuer, tt.keys)), tt.issuer)
			switch {
			case tt.want == "" && (err != nil || got.JWKSURI != tt.keys):
				t.Errorf("got %+v, %v", got, err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("err = %v, want %q", err, tt.want)
			}
		})
	}
}
