package devauth_test

import (
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/auth/devauth"
)

// controlPaths are all that change something.
var controlPaths = []string{"dev/rotate", "dev/revoke", "dev/outage", "dev/slow", "dev/skew", "dev/jwks"}

func control(t *testing.T, s *devauth.Server, target string) answer {
	t.Helper()
	return send(t, request(t, http.MethodPost, s.Issuer()+target, ""))
}

func stateOf(t *testing.T, s *devauth.Server) map[string]any {
	t.Helper()
	return send(t, request(t, http.MethodGet, s.Issuer()+"dev/state", "")).json(t)
}

func TestSwitchesOverHTTP(t *testing.T) {
	s := start(t, testConfig())
	off := map[string]any{"outage": nil, "slow": nil, "skew": "0s", "odd": []any{}}
	object := func(pairs ...any) map[string]any {
		o := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			o[pairs[i].(string)] = pairs[i+1]
		}
		return o
	}
	tests := []struct {
		target string
		member string
		want   any
		off    string // what switches it off
	}{
		{"dev/outage", "outage", object("as", "503"), "dev/outage?for=0"},
		{"dev/outage?as=503", "outage", object("as", "503"), "dev/outage?for=0s"},
		{"dev/outage?as=refuse", "outage", object("as", "refuse"), "dev/outage?for=0&as=refuse"},
		{"dev/slow?delay=40s", "slow", object("delay", "40s", "drip", false), "dev/slow?delay=0"},
		{"dev/slow?delay=1h&drip=false", "slow", object("delay", "1h0m0s", "drip", false), "dev/slow?delay=0&drip=false&for=1s"},
		{"dev/slow?drip=true", "slow", object("delay", "0s", "drip", true), "dev/slow?delay=0s"},
		{"dev/slow?drip=true&delay=30s", "slow", object("delay", "30s", "drip", true), "dev/slow?delay=0"},
		{"dev/skew?by=90s", "skew", "1m30s", "dev/skew?by=0"},
		{"dev/skew?by=-8760h", "skew", "-8760h0m0s", "dev/skew?by=0s"},
		{"dev/skew?by=8760h", "skew", "8760h0m0s", "dev/skew?by=-0s"},
		{"dev/jwks?odd=ec", "odd", []any{"ec"}, "dev/jwks?odd="},
		{"dev/jwks?odd=no_kid,ec%2Cokp", "odd", []any{"no_kid", "ec", "okp"}, "dev/jwks?odd="},
		{"dev/jwks?odd=404", "odd", []any{"404"}, "dev/jwks?odd"},
	}
	for _, tt := range tests {
		t.Run(tt.target, func(t *testing.T) {
			check := func(a answer, want any) {
				t.Helper()
				if a.status != http.StatusOK || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Content-Type") != "application/json" {
					t.Fatalf("status = %d, header %v, body %s", a.status, a.header, a.body)
				}
				got := a.json(t)
				if !reflect.DeepEqual(got, stateOf(t, s)) {
					t.Errorf("answer = %v, not the state %v", got, stateOf(t, s))
				}
				for name, value := range off {
					if name == tt.member {
						value = want
					}
					if !reflect.DeepEqual(got[name], value) {
						t.Errorf("%s = %v, want %v", name, got[name], value)
					}
				}
			}
			check(control(t, s, tt.target), tt.want)
			check(control(t, s, tt.off), off[tt.member])

			path, query, _ := strings.Cut(tt.target, "?")
			r := request(t, http.MethodPost, s.Issuer()+path, query)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
			check(send(t, r), tt.want)
			check(control(t, s, tt.off), off[tt.member])
		})
	}
}

func TestSwitchesWithAnEnd(t *testing.T) {
	s := start(t, testConfig())
	for _, target := range []string{"dev/outage?for=24h", "dev/slow?delay=1s&for=24h", "dev/slow?drip=true&for=24h"} {
		t.Run(target, func(t *testing.T) {
			member := strings.TrimPrefix(target, "dev/")
			member, _, _ = strings.Cut(member, "?")
			set, _ := control(t, s, target).json(t)[member].(map[string]any)
			text, _ := set["left"].(string)
			left, err := time.ParseDuration(text)
			if err != nil || left > 24*time.Hour || left < 23*time.Hour {
				t.Errorf("left = %q", text)
			}
		})
	}
}

func TestSwitchBodies(t *testing.T) {
	s := start(t, testConfig())
	tests := []struct {
		contentType, body string
		status            int
		skew              string
	}{
		{"application/x-www-form-urlencoded", "by=1s", http.StatusOK, "1s"},
		{"application/json", "", http.StatusBadRequest, "1s"}, // without a body its type is nothing to judge
		{"application/json", `{"by":"2s"}`, http.StatusBadRequest, "1s"},
		{"text/plain", "by=2s", http.StatusBadRequest, "1s"},
		{"", "by=2s", http.StatusBadRequest, "1s"},
	}
	for _, tt := range tests {
		r := request(t, http.MethodPost, s.Issuer()+"dev/skew", tt.body)
		if tt.contentType != "" {
			r.Header.Set("Content-Type", tt.contentType)
		}
		if a := send(t, r); a.status != tt.status || stateOf(t, s)["skew"] != tt.skew {
			t.Errorf("%q %q: status = %d, body %q", tt.contentType, tt.body, a.status, a.body)
		}
	}
	r := request(t, http.MethodPost, s.Issuer()+"dev/skew?by=3s", "")
	r.Header.Set("Content-Type", "application/json")
	if a := send(t, r); a.status != http.StatusOK || stateOf(t, s)["skew"] != "3s" {
		t.Errorf("query beside an empty body: status = %d, body %q", a.status, a.body)
	}
}

// withoutStart leaves out the line of Serve, which may come when the first requests are answered already.
func withoutStart(lines string) string {
	var kept []string
	for line := range strings.Lines(lines) {
		if !strings.Contains(line, "is listening") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

func TestSwitchesAreLoggedAndListed(t *testing.T) {
	var log buffer
	cfg := testConfig()
	cfg.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	s := start(t, cfg)
	page := send(t, request(t, http.MethodGet, s.Issuer(), "")).body
	lines := map[string]string{
		"dev/rotate": "signing key rotated", "dev/revoke": "signing keys revoked", "dev/outage": "outage switched",
		"dev/slow?delay=1s": "slowness switched", "dev/skew?by=1s": "clock skew switched", "dev/jwks?odd=ec": "key set switched",
		"dev/revoke?kid=canary": "switch refused", "dev/skew?by=canary": "switch refused",
	}
	for target, want := range lines {
		before := len(log.String())
		control(t, s, target)
		written := withoutStart(log.String()[before:])
		if strings.Count(written, "\n") != 1 || !strings.Contains(written, `"msg":"`+want+`"`) || strings.Contains(written, "canary") {
			t.Errorf("%s: wrote %q, want one line of %q", target, written, want)
		}
		path, _, _ := strings.Cut(target, "?")
		if !strings.Contains(page, "POST "+s.Issuer()+path+"  (") {
			t.Errorf("the front page does not list %s", path)
		}
	}
	if !strings.Contains(page, s.Issuer()+"dev/state\n") {
		t.Error("the front page does not list dev/state")
	}
}
