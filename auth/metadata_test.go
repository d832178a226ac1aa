package auth

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func fullMetadata(*http.Request) Metadata {
	return Metadata{
		Resource:               "https://public.test/mcp",
		AuthorizationServers:   []string{testIssuer, otherIssuer},
		ScopesSupported:        []string{"mcp:use", "tool:alpha"},
		BearerMethodsSupported: []string{"header"},
		ResourceName:           "A <name> & more",
		ResourceDocumentation:  "https://public.test/docs?a=b&c=d",
	}
}

func leastMetadata(*http.Request) Metadata {
	return Metadata{Resource: "https://public.test/mcp", AuthorizationServers: []string{testIssuer}, BearerMethodsSupported: []string{"header"}}
}

// ask sends one request through net/http, which has a say in what HEAD gives, and
// writes the answer down.
func ask(t *testing.T, h http.Handler, method string, header http.Header) (transcript string, got http.Header) {
	t.Helper()
	srv := httptest.NewServer(h)
	defer srv.Close()
	r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+WellKnownResource, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	r.Host = "evil.example" // nothing of the request is in the document
	resp, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	resp.Header.Del("Date")
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", method, resp.Status)
	for _, name := range slices.Sorted(maps.Keys(resp.Header)) {
		for _, value := range resp.Header[name] {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	fmt.Fprintf(&b, "\n%s", body)
	return b.String(), resp.Header
}

func TestMetadataGolden(t *testing.T) {
	preflight := http.Header{
		"Origin": {"https://page.example"}, "Access-Control-Request-Method": {"GET"},
		"Access-Control-Request-Headers": {"mcp-protocol-version"},
	}
	var b bytes.Buffer
	for _, r := range []struct {
		title, method string
		get           func(*http.Request) Metadata
		header        http.Header
	}{
		{"everything set", "GET", fullMetadata, nil},
		{"nothing optional set", "GET", leastMetadata, nil},
		{"from a page", "GET", leastMetadata, http.Header{"Origin": {"https://page.example"}}},
		{"without the body", "HEAD", fullMetadata, nil},
		{"preflight", "OPTIONS", fullMetadata, preflight},
		{"another method", "POST", fullMetadata, nil},
	} {
		transcript, _ := ask(t, MetadataHandler(r.get), r.method, r.header)
		fmt.Fprintf(&b, "## %s: %s\n", r.title, transcript)
	}
	path := filepath.Join("testdata", "metadata.golden")
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: write it with -update", err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("got\n%s\nwant\n%s", b.Bytes(), want)
	}
}

func TestMetadataHeadIsGetWithoutTheBody(t *testing.T) {
	h := MetadataHandler(fullMetadata)
	get, getHeader := ask(t, h, "GET", nil)
	head, headHeader := ask(t, h, "HEAD", nil)
	if !maps.EqualFunc(getHeader, headHeader, slices.Equal[[]string]) || getHeader.Get("Content-Length") == "" {
		t.Errorf("headers %v of GET, %v of HEAD", getHeader, headHeader)
	}
	if !strings.HasSuffix(head, "\n\n") || strings.HasSuffix(get, "\n\n") {
		t.Errorf("bodies of\n%s\nand\n%s", get, head)
	}
}

func TestMetadataURL(t *testing.T) {
	for resource, want := range map[string]string{
		"https://mcp.example.com":            "https://mcp.example.com/.well-known/oauth-protected-resource",
		"https://mcp.example.com/":           "https://mcp.example.com/.well-known/oauth-protected-resource",
		"https://mcp.example.com/mcp":        "https://mcp.example.com/.well-known/oauth-protected-resource/mcp",
		"https://mcp.example.com/a/b/mcp":    "https://mcp.example.com/.well-known/oauth-protected-resource/a/b/mcp",
		"https://mcp.example.com:8443/mcp":   "https://mcp.example.com:8443/.well-known/oauth-protected-resource/mcp",
		"http://127.0.0.1:8080/mcp":          "http://127.0.0.1:8080/.well-known/oauth-protected-resource/mcp",
		"http://[::1]:8080/mcp":              "http://[::1]:8080/.well-known/oauth-protected-resource/mcp",
		"https://mcp.example.com/a%2Fb":      "https://mcp.example.com/.well-known/oauth-protected-resource/a%2Fb",
		"https://user:x@mcp.example.com/mcp": "https://mcp.example.com/.well-known/oauth-protected-resource/mcp",
		// The slash was once cut off, and the address led to a 404: the document of
		// /api/ stands at …/api/, as RFC 9728 §3.1 has it.
		"https://mcp.example.com/api/": "https://mcp.example.com/.well-known/oauth-protected-resource/api/",
	} {
		u, err := url.Parse(resource)
		if err != nil {
			t.Fatal(err)
		}
		if got := MetadataURL(u); got != want {
			t.Errorf("MetadataURL(%s) = %s, want %s", resource, got, want)
		}
	}
}
