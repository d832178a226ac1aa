package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"mcp-resource-server/internal/audit"
)

func TestParseTrustedProxy(t *testing.T) {
	for s, want := range map[string]string{ // "" where it is refused
		"127.0.0.1":            "127.0.0.1/32",
		"::1":                  "::1/128",
		"10.0.0.0/8":           "10.0.0.0/8",
		"2001:db8::/32":        "2001:db8::/32",
		"10.0.0.1/32":          "10.0.0.1/32",
		"10.0.0.1/8":           "", // is it the address that is meant, or the network?
		"0.0.0.0/0":            "",
		"::/0":                 "",
		"10.0.0.0/33":          "",
		"10.0.0":               "",
		"10.0.0.1:80":          "",
		"[::1]":                "",
		"fe80::1%eth0":         "",
		"::ffff:10.0.0.1":      "", // peers are compared as IPv4: it would match none
		"::ffff:10.0.0.0/104":  "",
		"localhost":            "",
		"":                     "",
		" 10.0.0.1":            "",
		"10.0.0.1, 10.0.0.2":   "",
		"fe80::%eth0/64":       "",
		"10.0.0.0/08":          "",
		"10.0.0.0/255.0.0.0":   "",
		"010.0.0.1":            "",
		"::ffff:0:0/96":        "",
		"255.255.255.255":      "255.255.255.255/32",
		"128.0.0.0/1":          "128.0.0.0/1",
		"2001:db8::1/32":       "",
		"2001:DB8::/32":        "2001:db8::/32",
		"2001:db8:0:0:0:0:0:1": "2001:db8::1/128",
	} {
		got, ok := parseTrustedProxy(s)
		if ok != (want != "") || (ok && got.String() != want) {
			t.Errorf("%q: %v %v, want %q", s, got, ok, want)
		}
	}
}

const (
	nearProxy = "10.0.0.1"
	farProxy  = "2001:db8:0:1::1"
	aClient   = "203.0.113.7"
)

func proxies() trustedProxies {
	return parseTrustedProxies([]string{"10.0.0.0/8", "2001:db8:0:1::/64"})
}

func TestClientAddress(t *testing.T) {
	many := func(address string, n int) string { return strings.TrimSuffix(strings.Repeat(address+", ", n), ", ") }
	for _, tt := range []struct {
		name      string
		peer      string // with port
		xff       []string
		forwarded []string
		want      string
	}{
		{"no proxy", aClient + ":4711", nil, nil, aClient},
		{"a proxy that says nothing", nearProxy + ":1", nil, nil, nearProxy},
		{"a proxy", nearProxy + ":1", []string{aClient}, nil, aClient},
		{"somebody who says that they are a proxy", aClient + ":1", []string{"192.0.2.1"}, nil, aClient},
		{"the same in the other header", aClient + ":1", nil, []string{"for=192.0.2.1"}, aClient},
		{"what the client sent stands in front", nearProxy + ":1", []string{"192.0.2.1, " + aClient}, nil, aClient},
		{"in a line of its own", nearProxy + ":1", []string{"192.0.2.1", aClient}, nil, aClient},
		{"what the client sent is rubbish", nearProxy + ":1", []string{`"\x00,,;=, ` + aClient}, nil, aClient},
		{"two proxies", nearProxy + ":1", []string{aClient + ", " + farProxy}, nil, aClient},
		{"two proxies in two lines", nearProxy + ":1", []string{aClient, farProxy}, nil, aClient},
		{"without spaces", nearProxy + ":1", []string{aClient + "," + farProxy}, nil, aClient},
		{"the client has the address of a proxy", nearProxy + ":1", []string{"10.9.9.9, " + farProxy}, nil, "10.9.9.9"},
		{"all are proxies, in two lines", nearProxy + ":1", []string{"10.9.9.9", farProxy}, nil, "10.9.9.9"},
		{"IPv6", nearProxy + ":1", []string{"2001:db8::7"}, nil, "2001:db8::7"},
		{"IPv6 in brackets", nearProxy + ":1", []string{"[2001:db8::7]"}, nil, "2001:db8::7"},
		{"IPv6 with a port", nearProxy + ":1", []string{"[2001:db8::7]:4711"}, nil, "2001:db8::7"},
		{"IPv4 with a port", nearProxy + ":1", []string{aClient + ":4711"}, nil, aClient},
		{"IPv4 in brackets", nearProxy + ":1", []string{"[" + aClient + "]"}, nil, nearProxy},
		{"an IPv4-mapped client", nearProxy + ":1", []string{"::ffff:" + aClient}, nil, aClient},
		{"an IPv4-mapped proxy", "[::ffff:" + nearProxy + "]:1", []string{aClient}, nil, aClient},
		{"an IPv4-mapped proxy in the list", nearProxy + ":1", []string{aClient + ", ::ffff:10.0.0.2"}, nil, aClient},
		{"a peer with a zone", "[fe80::1%eth0]:1", []string{aClient}, nil, "fe80::1"},
		{"a client with a zone", nearProxy + ":1", []string{"fe80::1%eth0"}, nil, nearProxy},
		{"a port that is none", nearProxy + ":1", []string{aClient + ":99999"}, nil, nearProxy},
		{"unknown", nearProxy + ":1", []string{"unknown"}, nil, nearProxy},
		{"a name", nearProxy + ":1", []string{"host.example"}, nil, nearProxy},
		{"empty", nearProxy + ":1", []string{""}, nil, nearProxy},
		{"empty at its end", nearProxy + ":1", []string{aClient + ", "}, nil, nearProxy},
		{"empty before a proxy", nearProxy + ":1", []string{aClient + ", , " + farProxy}, nil, nearProxy},
		{"an unknown one before a proxy", nearProxy + ":1", []string{aClient + ", unknown, " + farProxy}, nil, nearProxy},
		{"hundreds that a client made up", nearProxy + ":1", []string{many("192.0.2.1", 400) + ", " + aClient}, nil, aClient},
		{"hundreds of proxies", nearProxy + ":1", []string{aClient + ", " + many(farProxy, 400)}, nil, nearProxy},
		{"as many proxies as there may be", nearProxy + ":1", []string{aClient + ", " + many(farProxy, maxHops-1)}, nil, aClient},
		{"one more", nearProxy + ":1", []string{aClient + ", " + many(farProxy, maxHops)}, nil, nearProxy},

		{"Forwarded", nearProxy + ":1", nil, []string{"for=" + aClient}, aClient},
		{"Forwarded, with all there is", nearProxy + ":1", nil, []string{`proto=https;FOR="[2001:db8::7]:4711" ; by=_hidden;host="a,b;c"`}, "2001:db8::7"},
		{"Forwarded by two", nearProxy + ":1", nil, []string{"for=" + aClient + `, for="[` + farProxy + `]";proto=http`}, aClient},
		{"Forwarded by two in two lines", nearProxy + ":1", nil, []string{"for=" + aClient, `For="[` + farProxy + `]"`}, aClient},
		{"Forwarded, with what the client sent", nearProxy + ":1", nil, []string{"for=192.0.2.1, for=" + aClient}, aClient},
		{"Forwarded, with a quote that the client left open", nearProxy + ":1", nil, []string{`for="192.0.2.1, for=` + aClient}, aClient},
		{"Forwarded, with one that a proxy's own quote would close", nearProxy + ":1", nil, []string{`for=192.0.2.1;x=", for="` + aClient + `:1"`}, aClient},
		{"Forwarded, unknown", nearProxy + ":1", nil, []string{"for=unknown"}, nearProxy},
		{"Forwarded, hidden", nearProxy + ":1", nil, []string{`for="_gazonk"`}, nearProxy},
		{"Forwarded, without for", nearProxy + ":1", nil, []string{"proto=https"}, nearProxy},
		{"Forwarded, two for", nearProxy + ":1", nil, []string{"for=192.0.2.1;for=" + aClient}, nearProxy},
		{"Forwarded, with an escape", nearProxy + ":1", nil, []string{`for="203.0.113.\7"`}, nearProxy},
		{"Forwarded, empty", nearProxy + ":1", nil, []string{""}, nearProxy},
		{"Forwarded, as the other header is", nearProxy + ":1", nil, []string{aClient}, nearProxy},

		{"both say the same", nearProxy + ":1", []string{aClient}, []string{"for=192.0.2.1, for=" + aClient}, aClient},
		{"they differ", nearProxy + ":1", []string{aClient}, []string{"for=192.0.2.1"}, nearProxy},
		{"one of them is malformed", nearProxy + ":1", []string{aClient}, []string{"for=unknown"}, nearProxy},
		{"both are", nearProxy + ":1", []string{"unknown"}, []string{"for=unknown"}, nearProxy},

		{"no address at all", "@", []string{aClient}, nil, "invalid IP"},
		{"a name for a peer", "localhost:80", []string{aClient}, nil, "invalid IP"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: tt.peer, Header: http.Header{"X-Forwarded-For": tt.xff, "Forwarded": tt.forwarded}}
			if got := proxies().clientAddress(r).String(); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if got := trustedProxies(nil).clientAddress(r); got != mustPeer(tt.peer) {
				t.Errorf("%s, and no proxy is trusted", got)
			}
		})
	}
}

func mustPeer(remote string) netip.Addr {
	addr, _ := peerAddress(remote)
	return addr
}

// FuzzClientAddress: whatever a client sends, behind a proxy that appends the address
// which it sees the log has that address; and it has one at all for any header.
func FuzzClientAddress(f *testing.F) {
	for _, s := range []string{
		"", aClient, "unknown", `for="[2001:db8::7]:1";by=_x, for=10.0.0.1`, `"`, `\"`, `,";`, "for=\"", "fe80::1%eth0", "10.0.0.1, 10.0.0.2",
		"[::ffff:10.0.0.1]:80", strings.Repeat("10.0.0.1,", 50), "for=10.0.0.1;for=", "=;=,", "[]", "[]:", "::%",
	} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		behind := func(header http.Header) string {
			return proxies().clientAddress(&http.Request{RemoteAddr: nearProxy + ":1", Header: header}).String()
		}
		for name, header := range map[string]http.Header{
			"X-Forwarded-For":              {"X-Forwarded-For": {a, b + ", " + aClient}},
			"X-Forwarded-For, by two":      {"X-Forwarded-For": {a, b + ", " + aClient + ", " + farProxy}},
			"X-Forwarded-For, by its line": {"X-Forwarded-For": {a, b, aClient}},
			"Forwarded":                    {"Forwarded": {a, b + ", for=" + aClient}},
			"Forwarded, quoted":            {"Forwarded": {a, b + `, for="` + aClient + `:1";proto=http`}},
			"Forwarded, by its line":       {"Forwarded": {a, b, "for=" + aClient}},
		} {
			if got := behind(header); got != aClient {
				t.Errorf("%s: %s of %q", name, got, header)
			}
		}
		for _, header := range []http.Header{
			{"X-Forwarded-For": {a, b}}, {"Forwarded": {a, b}}, {"X-Forwarded-For": {a}, "Forwarded": {b}},
		} {
			got, err := netip.ParseAddr(behind(header))
			if err != nil || got.Zone() != "" || got.Is4In6() {
				t.Errorf("%s of %q", got, header)
			}
		}
	})
}

// TestClientAddressInTheLogs: it stands in the log and in the audit line, of requests
// that are refused, too, and nowhere in an answer.
func TestClientAddressInTheLogs(t *testing.T) {
	r := newAuditedRig(t, audit.Config{Subject: audit.SubjectNone}, func(o *Options) { o.HTTP.TrustedProxies = []string{"192.0.2.0/24"} })
	for _, tt := range []struct {
		name, peer, authorization, want string
		status                          int
	}{
		{"a call by the proxy", "192.0.2.1:9", "", aClient, http.StatusOK},
		{"a call by another", "198.51.100.1:9", "", "198.51.100.1", http.StatusOK},
		{"a refusal by the proxy", "192.0.2.1:9", "Bearer x", aClient, http.StatusUnauthorized},
		{"a refusal by another", "198.51.100.1:9", "Bearer x", "198.51.100.1", http.StatusUnauthorized},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := r.modernCall("alpha")
			req.RemoteAddr = tt.peer
			req.Header.Set("X-Forwarded-For", aClient)
			if tt.authorization != "" {
				req.Header.Set("Authorization", tt.authorization)
			}
			w := r.serve(req)
			if got := r.logged(w)["client"]; w.Code != tt.status || got != tt.want {
				t.Errorf("%d, logged %v, want %d and %s", w.Code, got, tt.status, tt.want)
			}
			entries := r.of(w)
			if len(entries) != 1 || entries[0].Client != tt.want {
				t.Errorf("audit lines %+v, want one with %s", entries, tt.want)
			}
			if sent := fmt.Sprint(w.Header(), w.Body); strings.Contains(sent, aClient) || strings.Contains(sent, tt.want) {
				t.Errorf("the answer tells: %s", sent)
			}
		})
	}
}

// TestForwardedHeadersDecideNothing: neither from anybody nor from a trusted proxy, and
// the twin of each is the same request without them.
func TestForwardedHeadersDecideNothing(t *testing.T) {
	forwarded := map[string]string{
		"X-Forwarded-Host": "HOST", "X-Forwarded-Server": "HOST", "X-Forwarded-Proto": "ftp", "X-Forwarded-Scheme": "ftp", "X-Forwarded-Ssl": "off",
		"X-Forwarded-Port": "1", "X-Forwarded-Prefix": "/forged", "X-Original-Host": "HOST", "X-Original-Url": "/healthz", "X-Rewrite-Url": "/healthz",
		"X-Host": "HOST", "Forwarded": `for=192.0.2.9;host=HOST;proto=ftp`, "X-Real-Ip": "127.0.0.1", "True-Client-Ip": "127.0.0.1",
		"X-Http-Method-Override": "DELETE",
	}
	r := newRig(t, func(o *Options) {
		o.HTTP.TrustedProxies = []string{"192.0.2.1"}
		o.HTTP.AllowedOrigins = []string{"https://app.example.com"}
	})
	for _, path := range []string{"/mcp", "/team/mcp", "/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/team/mcp", "/healthz", "/"} {
		for _, host := range []string{"mcp.example.com", "evil.example"} { // the other one is what the headers say
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodOptions} {
				say := map[string]string{"mcp.example.com": "evil.example", "evil.example": "mcp.example.com"}[host]
				send := func(forge bool) (int, string) {
					req := httptest.NewRequest(method, path, nil)
					req.Host, req.RemoteAddr = host, "192.0.2.1:1"
					req.Header.Set("Origin", "https://app.example.com")
					if forge {
						for name, value := range forwarded {
							req.Header.Set(name, strings.ReplaceAll(value, "HOST", say))
						}
					}
					w := r.serve(req)
					header := w.Result().Header
					header.Del("X-Request-Id")
					return w.Code, fmt.Sprint(header, w.Body)
				}
				status, answer := send(false)
				forgedStatus, forgedAnswer := send(true)
				if status != forgedStatus || answer != forgedAnswer {
					t.Errorf("%s %s for %s: %d %s\nwith forwarded headers %d %s", method, path, host, status, answer, forgedStatus, forgedAnswer)
				}
				if strings.Contains(path, "well-known") && host == "mcp.example.com" && method == http.MethodGet &&
					(status != http.StatusOK || !strings.Contains(answer, `"resource":"`+publicURL+`"`)) {
					t.Errorf("%s: %d %s", path, status, answer)
				}
			}
		}
	}
}
