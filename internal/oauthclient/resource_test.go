package oauthclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// resourceDocument is the metadata of a server that does everything right.
func resourceDocument(resource string) string {
	return fmt.Sprintf(`{"resource":%q,"authorization_servers":["https://is.example/"],"scopes_supported":["a","b"],
		"resource_name":"Tools","bearer_methods_supported":["header"]}`, resource)
}

func TestDiscoverResource(t *testing.T) {
	const inserted = wellKnownResource + "/mcp"
	tests := []struct {
		name  string
		path  string // of the endpoint
		hint  string // below the origin
		at    string // where the document is
		of    string // the resource's path
		asked []string
	}{
		{"inserted before the path", "/mcp", "", inserted, "/mcp", []string{inserted}},
		{"at the root", "/mcp", "", wellKnownResource, "/mcp", []string{inserted, wellKnownResource}},
		{"an endpoint without a path", "", "", wellKnownResource, "", []string{wellKnownResource}},
		{"an endpoint at the root", "/", "", wellKnownResource, "/", []string{wellKnownResource}},
		{"a slash at the end", "/mcp/", "", inserted + "/", "/mcp/", []string{inserted + "/"}},
		{"an escaped path", "/a%2Fb", "", wellKnownResource + "/a%2Fb", "/a%2Fb", []string{wellKnownResource + "/a%2Fb"}},
		{"a query is not asked for", "/mcp?key=1", "", inserted, "/mcp", []string{inserted}},
		{"where the challenge says", "/mcp", "/meta?x=1", "/meta?x=1", "/mcp", []string{"/meta?x=1"}},
		{"the resource is the origin", "/mcp", "", inserted, "", []string{inserted}},
		{"the resource is the origin and a slash", "/mcp", "", inserted, "/", []string{inserted}},
		{"the resource is above", "/a/b/mcp", "", wellKnownResource, "/a/b", []string{wellKnownResource + "/a/b/mcp", wellKnownResource}},
		{"the resource has a slash more", "/mcp", "", inserted, "/mcp/", []string{inserted}},
		{"the resource has the endpoint's query", "/mcp?t=1", "", inserted, "/mcp?t=1", []string{inserted}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := newIssuer(t, map[string]string{tt.at: resourceDocument("ISSUER" + tt.of)})
			hint := ""
			if tt.hint != "" {
				hint = srv.URL + tt.hint
			}
			m, err := DiscoverResource(t.Context(), NewHTTPClient(time.Minute), srv.URL+tt.path, hint)
			if err != nil {
				t.Fatal(err)
			}
			want := ResourceMetadata{srv.URL + tt.of, []string{"https://is.example/"}, []string{"a", "b"}, "Tools"}
			if !reflect.DeepEqual(m, want) {
				t.Errorf("metadata = %+v, want %+v", m, want)
			}
			if !slices.Equal(srv.asked, tt.asked) {
				t.Errorf("asked %q, want %q", srv.asked, tt.asked)
			}
		})
	}
}

// A fault at the first address is refused, and its cause is told; with a good document
// at the second one (the twin) the resource is found all the same.
func TestDiscoverResourceRefusesDocument(t *testing.T) {
	const inserted = wellKnownResource + "/mcp"
	tests := []struct {
		name, body string
		want       error
	}{
		{"another origin", resourceDocument("https://evil.example/mcp"), ErrResourceMismatch},
		{"another origin that begins alike", resourceDocument("ISSUER.evil.example/mcp"), ErrResourceMismatch},
		{"a neighbour", resourceDocument("ISSUER/other"), ErrResourceMismatch},
		{"a neighbour that begins alike", resourceDocument("ISSUER/m"), ErrResourceMismatch},
		{"below the endpoint", resourceDocument("ISSUER/mcp/x"), ErrResourceMismatch},
		{"above by dots", resourceDocument("ISSUER/mcp/.."), ErrResourceMismatch},
		{"another spelling", resourceDocument("ISSUER/%6dcp"), ErrResourceMismatch},
		{"another query", resourceDocument("ISSUER/mcp?x=1"), ErrResourceMismatch},
		{"a fragment", resourceDocument("ISSUER/mcp#x"), ErrResourceMismatch},
		{"a user", strings.ReplaceAll(resourceDocument("http://u@HOST/mcp"), "HOST", "127.0.0.1"), ErrResourceMismatch},
		{"no resource", `{"authorization_servers":["https://is.example"]}`, ErrResourceMismatch},
		{"relative", resourceDocument("/mcp"), ErrResourceMismatch},
		{"not a URL", resourceDocument("https://a:x/"), ErrResourceMismatch},
		{"null", `null`, ErrResourceMismatch},
		{"HTML", `<!DOCTYPE html>`, ErrMalformed},
		{"duplicate member", `{"resource":"ISSUER/mcp","resource":"ISSUER/mcp"}`, ErrMalformed},
		{"two documents", resourceDocument("ISSUER/mcp") + `{}`, ErrMalformed},
		{"issuers are a string", `{"resource":"ISSUER/mcp","authorization_servers":"https://is.example"}`, ErrMalformed},
		{"a scope that is none", `{"resource":"ISSUER/mcp","scopes_supported":["a b"]}`, ErrMalformed},
		{"an empty scope", `{"resource":"ISSUER/mcp","scopes_supported":[""]}`, ErrMalformed},
		{"too many issuers", `{"resource":"ISSUER/mcp","authorization_servers":[""` + strings.Repeat(`,""`, maxIssuers) + `]}`, ErrMalformed},
		{"too large", strings.Repeat(" ", maxMetadataBytes) + resourceDocument("ISSUER/mcp"), ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad := newIssuer(t, map[string]string{inserted: tt.body})
			_, err := DiscoverResource(t.Context(), NewHTTPClient(time.Minute), bad.URL+"/mcp", "")
			if !errors.Is(err, tt.want) || !errors.Is(err, ErrStatus) {
				t.Errorf("err = %v, want %v, and the second address's 404 in it too", err, tt.want)
			}
			if strings.Contains(err.Error(), "evil") {
				t.Errorf("the text quotes the document: %v", err)
			}
			twin := newIssuer(t, map[string]string{inserted: tt.body, wellKnownResource: resourceDocument("ISSUER/mcp")})
			if m, err := DiscoverResource(t.Context(), NewHTTPClient(time.Minute), twin.URL+"/mcp", ""); err != nil {
				t.Errorf("with a good document at the second address: %+v, %v", m, err)
			}
		})
	}
}

func TestIsResourceOf(t *testing.T) {
	tests := []struct {
		resource, endpoint string
		want               bool
	}{
		{"https://a.example/mcp", "https://a.example/mcp", true},
		{"https://A.example:443/mcp", "https://a.example/mcp", true},
		{"http://a.example/mcp", "https://a.example/mcp", false},
		{"https://a.example/mcp", "http://a.example/mcp", false},
		{"https://a.example:8443/mcp", "https://a.example/mcp", false},
		{"https://b.example/mcp", "https://a.example/mcp", false},
		{"ftp://a.example/mcp", "ftp://a.example/mcp", false},
	}
	for _, tt := range tests {
		u, err := url.Parse(tt.endpoint)
		if err != nil {
			t.Fatal(err)
		}
		if got := isResourceOf(tt.resource, u); got != tt.want {
			t.Errorf("isResourceOf(%q, %q) = %v", tt.resource, tt.endpoint, got)
		}
	}
}

func TestDiscoverResourceRefusesHint(t *testing.T) {
	srv := newIssuer(t, map[string]string{"/meta": resourceDocument("ISSUER/mcp"), wellKnownResource: resourceDocument("ISSUER/mcp")})
	for name, hint := range map[string]string{
		"another host":   "https://evil.example/meta",
		"another scheme": strings.Replace(srv.URL, "http:", "https:", 1) + "/meta",
		"another port":   "http://127.0.0.1:1/meta",
		"relative":       "/meta",
		"a user":         strings.Replace(srv.URL, "//", "//u@", 1) + "/meta",
		"a fragment":     srv.URL + "/meta#x",
		"a file":         "file:///meta",
		"not a URL":      "http://[::1",
	} {
		_, err := DiscoverResource(t.Context(), NewHTTPClient(time.Minute), srv.URL+"/mcp", hint)
		if !errors.Is(err, ErrResourceMismatch) || len(srv.asked) != 0 {
			t.Errorf("%s: %v after %q", name, err, srv.asked)
		}
	}
	if _, err := DiscoverResource(t.Context(), NewHTTPClient(time.Minute), srv.URL+"/mcp", srv.URL+"/meta"); err != nil {
		t.Errorf("the twin: %v", err)
	}
	// Where the challenge's address has nothing, no other is tried.
	_, err := DiscoverResource(t.Context(), NewHTTPClient(time.Minute), srv.URL+"/mcp", srv.URL+"/nothing")
	if want := []string{"/meta", "/nothing"}; !errors.Is(err, ErrStatus) || !slices.Equal(srv.asked, want) {
		t.Errorf("%v after %q, want ErrStatus after %q", err, srv.asked, want)
	}
}

func TestDiscoverResourceRefusesEndpoint(t *testing.T) {
	for _, endpoint := range []string{"", "mcp.example/mcp", "https://", "ftp://mcp.example/", "https://u:hunter2@[::1"} {
		_, err := DiscoverResource(t.Context(), NewHTTPClient(time.Minute), endpoint, "")
		if err == nil || err.Error() != "endpoint: not an http or https URL" {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
}

func TestDiscoverResourceStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	srv := newIssuer(t, nil)
	cancel()
	_, err := DiscoverResource(ctx, NewHTTPClient(time.Minute), srv.URL+"/mcp", "")
	if !errors.Is(err, context.Canceled) || len(srv.asked) != 0 {
		t.Errorf("%v after %q", err, srv.asked)
	}
}

func TestResourceNameIsForPeople(t *testing.T) {
	u, err := url.Parse(testEndpoint)
	if err != nil {
		t.Fatal(err)
	}
	name := "Wetter\u202e \x1b[31m\n" + strings.Repeat("ü", 200)
	data, err := json.Marshal(map[string]string{"resource": testEndpoint, "resource_name": name})
	if err != nil {
		t.Fatal(err)
	}
	m, err := parseResource(data, u)
	if want := "Wetter   [31m " + strings.Repeat("ü", 86); err != nil || m.Name != want {
		t.Errorf("name = %q, %v; want %q", m.Name, err, want)
	}
}

func FuzzResourceMetadata(f *testing.F) {
	for _, seed := range []string{
		resourceDocument(testEndpoint), resourceDocument("https://mcp.example"), `null`, `{"resource":1}`, `<html>`,
		`{"resource":"https://mcp.example/mcp","scopes_supported":["a b"]}`, `{"resource":"https://mcp.example/mc"}`,
	} {
		f.Add([]byte(seed))
	}
	endpoint, err := url.Parse(testEndpoint)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseResource(data, endpoint)
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrResourceMismatch) {
				t.Errorf("err = %v", err)
			}
			if len(err.Error()) > 120 {
				t.Errorf("the text may hold the document: %v", err)
			}
			return
		}
		if !SameOrigin(m.Resource, testEndpoint) || !validScopes(m.ScopesSupported) {
			t.Errorf("%+v", m)
		}
	})
}
