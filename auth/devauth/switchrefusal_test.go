package devauth_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/auth/devauth"
)

// The twins are the rows of TestSwitchesOverHTTP, at the ends of the ranges.
func TestSwitchRefusals(t *testing.T) {
	s := start(t, testConfig())
	for _, target := range []string{"dev/skew?by=5m", "dev/jwks?odd=ec", "dev/outage?for=1h", "dev/slow?delay=1s"} {
		if a := control(t, s, target); a.status != http.StatusOK {
			t.Fatalf("%s: status = %d", target, a.status)
		}
	}
	const (
		form     = "the parameters are unreadable, too long or not a valid form"
		unknown  = "a parameter is unknown"
		repeated = "a parameter was sent more than once"
		missing  = "a parameter is missing"
		value    = "a value is not accepted"
	)
	tests := []struct{ target, body, reason string }{
		{"dev/rotate?kid=x", "", unknown},
		{"dev/revoke?KID=x", "", unknown},
		{"dev/revoke?kid=", "", value},
		{"dev/revoke?kid=x&kid=x", "", repeated},
		{"dev/outage?canary=1", "", unknown},
		{"dev/outage?FOR=1s", "", unknown},
		{"dev/outage?delay=1s", "", unknown},
		{"dev/outage?for=1s&for=1s", "", repeated},
		{"dev/outage?for=1s", "for=1s", repeated},
		{"dev/outage?for=", "", value},
		{"dev/outage?for=30", "", value},
		{"dev/outage?for=canary", "", value},
		{"dev/outage?for=-1s", "", value},
		{"dev/outage?for=24h1ns", "", value},
		{"dev/outage?for=9999999h", "", value},
		{"dev/outage?as=", "", value},
		{"dev/outage?as=404", "", value},
		{"dev/outage?for=0&as=404", "", value},
		{"dev/outage?for=%zz", "", form},
		{"dev/outage?for=1s;as=503", "", form},
		{"dev/outage", "for=%zz", form},
		{"dev/outage", "for=1s&" + strings.Repeat("x", 4<<10), form},
		{"dev/slow", "", missing},
		{"dev/slow?for=1s", "", missing},
		{"dev/slow?drip=false", "", missing},
		{"dev/slow?delay=", "", value},
		{"dev/slow?delay=-1s", "", value},
		{"dev/slow?delay=1h1ns", "", value},
		{"dev/slow?delay=1s&for=0", "", value},
		{"dev/slow?delay=1s&for=-1s", "", value},
		{"dev/slow?delay=1s&for=25h", "", value},
		{"dev/slow?delay=1s&for=x", "", value},
		{"dev/slow?delay=1s&drip=yes", "", value},
		{"dev/slow?delay=0&drip=true", "", value},
		{"dev/skew", "", missing},
		{"dev/skew?by=", "", value},
		{"dev/skew?by=-8760h1ns", "", value},
		{"dev/skew?by=8760h1ns", "", value},
		{"dev/jwks", "", missing},
		{"dev/jwks?odd=canary", "", value},
		{"dev/jwks?odd=EC", "", value},
		{"dev/jwks?odd=ec,", "", value},
		{"dev/jwks?odd=,", "", value},
		{"dev/jwks?odd=ec,+okp", "", value},
		{"dev/jwks?odd=ec,ec", "", value},
		{"dev/jwks?odd=ec,html", "", value},
		{"dev/jwks?odd=html,empty", "", value},
		{"dev/jwks?odd=html,html", "", value},
		{"dev/jwks?odd=ec&odd=okp", "", repeated},
	}
	before := stateOf(t, s)
	for _, tt := range tests {
		t.Run(tt.target+" "+tt.body[:min(len(tt.body), 8)], func(t *testing.T) {
			r := request(t, http.MethodPost, s.Issuer()+tt.target, tt.body)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			a := send(t, r)
			path, _, _ := strings.Cut(tt.target, "?")
			if want := tt.reason + "; POST /" + path + " accepts: "; a.status != http.StatusBadRequest || !strings.HasPrefix(a.body, want) {
				t.Errorf("status = %d, body %q, want %q", a.status, a.body, want)
			}
			if strings.Contains(a.body, "canary") || a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("body %q, header %v", a.body, a.header)
			}
			after := stateOf(t, s)
			for _, member := range []string{"kids", "skew", "odd"} {
				if !reflect.DeepEqual(after[member], before[member]) {
					t.Errorf("%s became %v", member, after[member])
				}
			}
			if as := after["outage"].(map[string]any)["as"]; as != "503" {
				t.Errorf("outage became %v", as)
			}
			if delay := after["slow"].(map[string]any)["delay"]; delay != "1s" {
				t.Errorf("slow became %v", delay)
			}
		})
	}
}

// Inside the process the same ranges hold, and what is refused changes nothing.
func TestSwitchMethodsRefuse(t *testing.T) {
	s := start(t, testConfig())
	before := stateOf(t, s)
	tests := []struct {
		name string
		set  func() error
		want string
	}{
		{"outage mode", func() error { return s.SetOutage(devauth.Outage{Mode: "404"}) }, "devauth: outage: a value is not accepted"},
		{"outage before now", func() error { return s.SetOutage(devauth.Outage{Mode: devauth.OutageRefuse, For: -1}) }, "devauth: outage: a value is not accepted"},
		{"outage too long", func() error { return s.SetOutage(devauth.Outage{Mode: devauth.OutageRefuse, For: 25 * time.Hour}) }, "devauth: outage: a value is not accepted"},
		{"negative delay", func() error { return s.SetSlow(devauth.Slow{Delay: -1}) }, "devauth: slow: a value is not accepted"},
		{"delay too long", func() error { return s.SetSlow(devauth.Slow{Delay: 2 * time.Hour}) }, "devauth: slow: a value is not accepted"},
		{"slow too long", func() error { return s.SetSlow(devauth.Slow{Drip: true, For: 25 * time.Hour}) }, "devauth: slow: a value is not accepted"},
		{"skew", func() error { return s.SetSkew(9000 * time.Hour) }, "devauth: skew: a value is not accepted"},
		{"unknown kind", func() error { return s.SetOdd("") }, "devauth: key set: a value is not accepted"},
		{"two documents", func() error { return s.SetOdd(devauth.OddHTML, devauth.OddEmpty) }, "devauth: key set: a value is not accepted"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.set(); err == nil || err.Error() != tt.want {
				t.Errorf("error = %v, want %s", err, tt.want)
			}
			if after := stateOf(t, s); !reflect.DeepEqual(after, before) {
				t.Errorf("state became %v", after)
			}
		})
	}
}

// A page in a browser reaches none of them; the twin is TestSwitchesOverHTTP.
func TestSwitchesAreGuarded(t *testing.T) {
	s := start(t, testConfig())
	before := stateOf(t, s)
	queries := map[string]string{"dev/slow": "?delay=1s", "dev/skew": "?by=1s", "dev/jwks": "?odd=ec"}
	edits := map[string]func(*http.Request){
		"origin": with("Origin", "https://page.example"), "site": with("Sec-Fetch-Site", "cross-site"),
		"host": func(r *http.Request) { r.Host = "rebound.example" },
	}
	for name, edit := range edits {
		for _, path := range append([]string{"dev/state", "dev/elsewhere"}, controlPaths...) {
			for _, method := range []string{http.MethodPost, http.MethodGet} {
				r := request(t, method, s.Issuer()+path+queries[path], "")
				edit(r)
				if a := send(t, r); a.status != http.StatusForbidden || a.body != "forbidden by the development authorization server\n" {
					t.Errorf("%s, %s %s: status = %d, body %q", name, method, path, a.status, a.body)
				}
			}
		}
	}
	for _, path := range controlPaths {
		if a := send(t, request(t, http.MethodGet, s.Issuer()+path+queries[path], "")); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != "POST" {
			t.Errorf("GET %s: status = %d", path, a.status)
		}
	}
	if after := stateOf(t, s); !reflect.DeepEqual(after, before) {
		t.Errorf("state became %v, was %v", after, before)
	}
}
