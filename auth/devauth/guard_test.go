package devauth_test

import (
	"net/http"
	"net/url"
	"testing"
)

func TestGuard(t *testing.T) {
	s := start(t, testConfig())
	issuer, err := url.Parse(s.Issuer())
	if err != nil {
		t.Fatal(err)
	}
	port := ":" + issuer.Port()
	host := func(h string) func(*http.Request) { return func(r *http.Request) { r.Host = h } }
	tests := []struct {
		name  string
		edits []func(*http.Request)
		want  int
	}{
		{"as it is", nil, http.StatusOK},
		{"localhost", []func(*http.Request){host("localhost" + port)}, http.StatusOK},
		{"IPv6 loopback", []func(*http.Request){host("[::1]" + port)}, http.StatusOK},
		{"rebound name", []func(*http.Request){host("rebound.example" + port)}, http.StatusForbidden},
		{"name that starts like ours", []func(*http.Request){host("localhost.example" + port)}, http.StatusForbidden},
		{"another loopback address", []func(*http.Request){host("127.0.0.2" + port)}, http.StatusForbidden},
		{"without port", []func(*http.Request){host("127.0.0.1")}, http.StatusForbidden},
		{"another port", []func(*http.Request){host("127.0.0.1:1")}, http.StatusForbidden},
		{"longer port", []func(*http.Request){host("127.0.0.1" + port + "0")}, http.StatusForbidden},
		{"foreign origin", []func(*http.Request){with("Origin", "https://page.example")}, http.StatusForbidden},
		{"null origin", []func(*http.Request){with("Origin", "null")}, http.StatusForbidden},
		{"empty origin", []func(*http.Request){with("Origin", "")}, http.StatusForbidden},
		{"our own origin", []func(*http.Request){with("Origin", "http://"+issuer.Host)}, http.StatusForbidden},
		{"typed address", []func(*http.Request){with("Sec-Fetch-Site", "none")}, http.StatusOK},
		{"our own page", []func(*http.Request){with("Sec-Fetch-Site", "same-origin")}, http.StatusOK},
		{"another port's page", []func(*http.Request){with("Sec-Fetch-Site", "same-site")}, http.StatusForbidden},
		{"another site's page", []func(*http.Request){with("Sec-Fetch-Site", "cross-site")}, http.StatusForbidden},
		{"unknown site", []func(*http.Request){with("Sec-Fetch-Site", "new-word")}, http.StatusForbidden},
		{
			"good site before a bad one",
			[]func(*http.Request){with("Sec-Fetch-Site", "none"), with("Sec-Fetch-Site", "cross-site")},
			http.StatusForbidden,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := s.KeyID()
			a := post(t, s, form(""), tt.edits...)
			if a.status != tt.want {
				t.Fatalf("status = %d, want %d", a.status, tt.want)
			}
			if a.status == http.StatusOK {
				return
			}
			if a.body != "forbidden by the development authorization server\n" {
				t.Errorf("body = %q", a.body)
			}
			rotate := request(t, http.MethodPost, s.Issuer()+"dev/rotate", "")
			for _, edit := range tt.edits {
				edit(rotate)
			}
			if got := send(t, rotate).status; got != http.StatusForbidden || s.KeyID() != before {
				t.Errorf("rotation: status = %d, kid changed = %v", got, s.KeyID() != before)
			}
		})
	}
}

// Regression: net/http answers "OPTIONS *" by itself, in front of every handler, unless it is told not to.
func TestGuardStandsBeforeOptionsOfTheWholeServer(t *testing.T) {
	s := start(t, testConfig())
	r := request(t, http.MethodOptions, s.Issuer(), "")
	r.URL.Opaque = "*"
	if a := send(t, r); a.status != http.StatusNotFound {
		t.Errorf("status = %d", a.status)
	}
	r.Host = "rebound.example"
	if a := send(t, r); a.status != http.StatusForbidden {
		t.Errorf("foreign host: status = %d", a.status)
	}
}
