package oauthclient

import "testing"

func TestSameOrigin(t *testing.T) {
	tests := []struct {
		name string
		a, b string
		want bool
	}{
		{"paths do not matter", "https://a.example/", "https://a.example/keys?x#y", true},
		{"case of scheme and host", "HTTPS://A.example", "https://a.EXAMPLE", true},
		{"https port left out", "https://a.example", "https://a.example:443", true},
		{"http port left out", "http://a.example", "http://a.example:80", true},
		{"same odd port", "https://a.example:8443", "https://a.example:8443/x", true},
		{"IPv6", "http://[::1]:9000/", "http://[::1]:9000/keys", true},
		{"user is no part of the origin", "https://u@a.example", "https://a.example", true},

		{"other host", "https://a.example", "https://b.example", false},
		{"host below", "https://a.example", "https://x.a.example", false},
		{"host as prefix", "https://a.example", "https://a.example.evil", false},
		{"host as user", "https://a.example", "https://a.example@b.example", false},
		{"other scheme", "https://a.example", "http://a.example", false},
		{"other scheme, same port", "https://a.example:80", "http://a.example:80", false},
		{"other port", "https://a.example", "https://a.example:8443", false},
		{"no scheme", "a.example", "a.example", false},
		{"no host", "https:///x", "https:///x", false},
		{"opaque", "https:a.example", "https:a.example", false},
		{"neither http nor https", "ftp://a.example", "ftp://a.example", false},
		{"not a URL", "https://a.example:x", "https://a.example:x", false},
		{"empty", "", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := SameOrigin(tt.a, tt.b); got != tt.want {
				t.Errorf("SameOrigin(%q, %q) = %v", tt.a, tt.b, got)
			}
			if got := SameOrigin(tt.b, tt.a); got != tt.want {
				t.Errorf("SameOrigin(%q, %q) = %v", tt.b, tt.a, got)
			}
		})
	}
}

func TestIsLoopbackHost(t *testing.T) {
	tests := map[string]bool{
		"localhost":        true,
		"LocalHost":        true,
		"127.0.0.1":        true,
		"127.255.255.254":  true,
		"::1":              true,
		"::ffff:127.0.0.1": true,

		"":                      false,
		"localhost.":            false,
		"a.localhost":           false,
		"localhost.example.com": false,
		"localhost:80":          false,
		"[::1]":                 false,
		"::1%eth0":              false,
		"0.0.0.0":               false,
		"::":                    false,
		"127.1":                 false,
		"2130706433":            false,
		"0x7f.0.0.1":            false,
		"128.0.0.1":             false,
		"10.0.0.1":              false,
		"::ffff:10.0.0.1":       false,
		"127.0.0.1.example.com": false,
	}
	for host, want := range tests {
		if got := IsLoopbackHost(host); got != want {
			t.Errorf("IsLoopbackHost(%q) = %v, want %v", host, got, want)
		}
	}
}
