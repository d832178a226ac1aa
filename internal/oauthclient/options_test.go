package oauthclient

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestNewAuthorizerRefuses(t *testing.T) {
	tests := []struct {
		name string
		edit func(*Options)
		want string
	}{
		{"no endpoint", func(o *Options) { o.Endpoint = "" }, "endpoint: not an absolute http or https URL"},
		{"a relative endpoint", func(o *Options) { o.Endpoint = "/mcp" }, "endpoint: not an absolute http or https URL"},
		{"an endpoint of another scheme", func(o *Options) { o.Endpoint = "ws://s3cret/" }, "endpoint: not an absolute http or https URL"},
		{"an endpoint that is no URL", func(o *Options) { o.Endpoint = "https://u:s3cret@[::1" }, "endpoint: not a URL"},
		{"a user in the endpoint", func(o *Options) { o.Endpoint = "https://u:s3cret@mcp.example/" }, "endpoint: it has a user or a fragment"},
		{"a fragment", func(o *Options) { o.Endpoint += "#s3cret" }, "endpoint: it has a user or a fragment"},
		{"no TLS", func(o *Options) { o.Endpoint = "http://mcp.example/mcp" }, "endpoint: http is for loopback hosts only"},
		{"no TLS, static token", func(o *Options) {
			o.Endpoint, o.Client, o.StaticToken = "http://mcp.example/mcp", Client{}, "s3cret"
		}, "endpoint: http is for loopback hosts only"},
		{"a token that is a header", func(o *Options) { o.StaticToken = "s3cret\r\nX: 1" }, "token: not a bearer token"},
		{"a token with a scheme", func(o *Options) { o.StaticToken = "Bearer s3cret" }, "token: not a bearer token"},
		{"no secret", func(o *Options) { o.Client.Secret = "" }, "client: no client credentials: it takes both an id and a secret"},
		{"no id", func(o *Options) { o.Client.ID = "" }, "client: no client credentials: it takes both an id and a secret"},
		{"a secret with a line break", func(o *Options) { o.Client.Secret = "s3cret\n" }, "client: an id or secret has a character that is not printable ASCII, such as a line break"},
		{"an unknown method", func(o *Options) { o.Client.AuthMethod = "s3cret" }, "client: unknown authentication method"},
		{"an issuer without TLS", func(o *Options) { o.Issuer = "http://issuer.example/" }, "issuer URL: http is for loopback hosts only"},
		{"an issuer with a query", func(o *Options) { o.Issuer = testIssuer + "?s3cret" }, "issuer URL: an issuer has no user, query or fragment"},
		{"an audience with a line break", func(o *Options) { o.Audience = "s3cret\n" }, "audience: it has control characters"},
		{"an audience that is not text", func(o *Options) { o.Audience = "s3cret\xff" }, "audience: it has control characters"},
		{"two scopes in one", func(o *Options) { o.Scopes = []string{"a s3cret"} }, "scopes: not a list of scopes"},
		{"an empty scope", func(o *Options) { o.Scopes = []string{""} }, "scopes: not a list of scopes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newWorld().options()
			tt.edit(&o)
			a, err := NewAuthorizer(o)
			if a != nil || err == nil || err.Error() != "authorization: "+tt.want {
				t.Errorf("err = %v, want %s", err, tt.want)
			}
			if strings.HasSuffix(tt.want, "loopback hosts only") && strings.HasPrefix(tt.want, "endpoint") != errors.Is(err, ErrInsecureEndpoint) {
				t.Errorf("err = %v", err)
			}
		})
	}
}

func TestNewAuthorizerAccepts(t *testing.T) {
	for name, edit := range map[string]func(*Options){
		"https":                      func(*Options) {},
		"a query":                    func(o *Options) { o.Endpoint += "?tenant=1" },
		"http on loopback":           func(o *Options) { o.Endpoint = "http://localhost:8080/mcp" },
		"http elsewhere, allowed":    func(o *Options) { o.Endpoint, o.InsecureHTTP = "http://mcp:8080/mcp", true },
		"http, with nothing to lose": func(o *Options) { o.Endpoint, o.Client = "http://mcp.example/mcp", Client{} },
		"a static token alone":       func(o *Options) { o.Client, o.StaticToken = Client{}, "abc.def-_~+/==" },
		"a method":                   func(o *Options) { o.Client.AuthMethod = ClientSecretPost },
		"JSON":                       func(o *Options) { o.Client.JSON = true },
		"an issuer":                  func(o *Options) { o.Issuer = testIssuer },
		"an http issuer, allowed":    func(o *Options) { o.Issuer, o.InsecureHTTP = "http://keycloak:8080/realms/x", true },
		"an audience":                func(o *Options) { o.Audience = "https://api.example/ü" },
		"scopes":                     func(o *Options) { o.Scopes = []string{"tool:get_time", "a"} },
		"only the endpoint":          func(o *Options) { *o = Options{Endpoint: testEndpoint} },
	} {
		o := newWorld().options()
		edit(&o)
		if _, err := NewAuthorizer(o); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDefaults(t *testing.T) {
	a, err := NewAuthorizer(Options{Endpoint: testEndpoint})
	if err != nil {
		t.Fatal(err)
	}
	base, ok := a.o.Base.(*http.Transport)
	if !ok || base == http.DefaultTransport || base.Proxy == nil {
		t.Errorf("Base = %T, want a clone of the default transport", a.o.Base)
	}
	if client, ok := a.o.HTTP.(*http.Client); !ok || client.Timeout != defaultTimeout {
		t.Errorf("HTTP = %v, want a client of this package", a.o.HTTP)
	}
	if a.files != nil {
		t.Error("tokens are written to files")
	}
}

// closer is a transport that notes that its connections were closed.
type closer struct {
	http.RoundTripper
	closed bool
}

func (c *closer) CloseIdleConnections() { c.closed = true }

func TestCloseIdleConnections(t *testing.T) {
	base := &closer{}
	for _, o := range []Options{{Endpoint: testEndpoint, Base: base}, {Endpoint: testEndpoint, Base: roundTripFunc(nil)}} {
		a, err := NewAuthorizer(o)
		if err != nil {
			t.Fatal(err)
		}
		a.HTTPClient().CloseIdleConnections()
	}
	if !base.closed {
		t.Error("the connections of the base are still open")
	}
}

// Inside a private network everything may be http, and only if that was said.
func TestInsecureHTTP(t *testing.T) {
	hosts := func(r *http.Request) (*http.Response, error) {
		body, status := "answer", http.StatusOK
		switch {
		case r.URL.Path == wellKnownResource+"/mcp":
			body = `{"resource":"http://mcp:8080/mcp","authorization_servers":["http://keycloak:8080/realms/x"]}`
		case r.URL.Path == "/realms/x"+oidc:
			body = `{"issuer":"http://keycloak:8080/realms/x","token_endpoint":"http://keycloak:8080/token"}`
		case r.URL.Path == "/token":
			body = `{"access_token":"t","token_type":"Bearer"}`
		case r.Header.Get("Authorization") == "":
			status = http.StatusUnauthorized
		}
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: readCloser(body)}, nil
	}
	o := Options{
		Endpoint: "http://mcp:8080/mcp", Client: testClient, InsecureHTTP: true, HTTP: doerFunc(hosts), Base: roundTripFunc(hosts),
	}
	a, err := NewAuthorizer(o)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.Endpoint, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	good(t, roundTrip(a, req))
	o.InsecureHTTP = false
	if _, err := NewAuthorizer(o); !errors.Is(err, ErrInsecureEndpoint) {
		t.Errorf("err = %v, want ErrInsecureEndpoint", err)
	}
	// An http endpoint on loopback does not make http right elsewhere.
	o.Endpoint = "http://127.0.0.1:8080/mcp"
	o.HTTP = doerFunc(func(r *http.Request) (*http.Response, error) {
		resp, err := hosts(r)
		if r.URL.Path == wellKnownResource+"/mcp" {
			resp.Body = readCloser(`{"resource":"http://127.0.0.1:8080/mcp","authorization_servers":["http://keycloak:8080/realms/x"]}`)
		}
		return resp, err
	})
	a, err = NewAuthorizer(o)
	if err != nil {
		t.Fatal(err)
	}
	req.URL.Host = "127.0.0.1:8080"
	if r := roundTrip(a, req); r.err == nil || !strings.Contains(r.err.Error(), "issuer URL: http is for loopback hosts only") {
		t.Errorf("%+v", r)
	}
}
