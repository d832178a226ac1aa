package devauth

import (
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"testing"
)

// What is accepted can be written again and means the same; what is refused is refused with a fixed text. A switch
// takes what it was given and nothing beside it.
func FuzzSwitchParameters(f *testing.F) {
	for _, seed := range [][2]string{
		{"", ""},
		{"for=1s", ""},
		{"for=0&as=refuse", ""},
		{"as=503", "for=5m"},
		{"for=1s&for=2s", ""},
		{"for=1s", "for=2s"},
		{"delay=30s&drip=true&for=1h", ""},
		{"", "delay=0"},
		{"drip=true&delay=0", ""},
		{"by=-1h", ""},
		{"by=1e9s", ""},
		{"odd=ec,okp", ""},
		{"odd=", ""},
		{"odd", ""},
		{"odd=ec%2chtml", ""},
		{"kid=", ""},
		{"kid=a+b", ""},
		{"for=%zz", ""},
		{"a;b", ""},
		{"for=9223372036854775807ns", ""},
		{"by=-9223372036854775808ns", ""},
		{"&&", "="},
		{"f%6fr=1s", ""},
	} {
		f.Add(seed[0], seed[1])
	}
	s := &Server{log: slog.New(slog.DiscardHandler)}
	s.allOff()
	s.makeOddKeys = func() (*oddKeys, error) { return &oddKeys{}, nil }
	refused := func(t *testing.T, err error) bool {
		if err == nil {
			return false
		}
		if _, ok := errors.AsType[parameterError](err); !ok {
			t.Fatalf("error = %v", err)
		}
		return true
	}
	f.Fuzz(func(t *testing.T, query, body string) {
		for _, accepted := range [][]string{{"for", "as"}, {"delay", "drip", "for"}, {"by"}, {"odd"}, {"kid"}, nil} {
			p, err := parseParameters(query, "application/x-www-form-urlencoded", body, accepted)
			if refused(t, err) {
				continue
			}
			written := url.Values{}
			for name, value := range p {
				if !slices.Contains(accepted, name) {
					t.Fatalf("accepted %q", name)
				}
				written.Set(name, value)
			}
			again, err := parseParameters(written.Encode(), "", "", accepted)
			if err != nil || len(again) != len(p) {
				t.Fatalf("%v became %v, %v", p, again, err)
			}
			for name, value := range p {
				if again[name] != value {
					t.Fatalf("%v became %v", p, again)
				}
			}
			checkSwitches(t, s, p, refused)
		}
	})
}

func checkSwitches(t *testing.T, s *Server, p parameters, refused func(*testing.T, error) bool) {
	t.Helper()
	if o, err := parseOutage(p); !refused(t, err) && !refused(t, s.SetOutage(o)) {
		if o.For < 0 || o.For > maxFor || (o.Mode == OutageOff) != (p.has("for") && o.For == 0) {
			t.Fatalf("%v: %+v", p, o)
		}
	}
	if slow, err := parseSlow(p); !refused(t, err) && !refused(t, s.SetSlow(slow)) {
		off := slow.Delay == 0 && !slow.Drip
		if slow.Delay < 0 || slow.Delay > maxDelay || slow.For < 0 || slow.For > maxFor || off != (p.has("delay") && slow.Delay == 0) {
			t.Fatalf("%v: %+v", p, slow)
		}
	}
	if by, err := parseSkew(p); !refused(t, err) && !refused(t, s.SetSkew(by)) {
		if by.Abs() > maxSkew || !p.has("by") {
			t.Fatalf("%v: %v", p, by)
		}
	}
	if kinds, err := parseOdd(p); !refused(t, err) && !refused(t, s.SetOdd(kinds...)) {
		if (len(kinds) == 0) != (p["odd"] == "") {
			t.Fatalf("%v: %v", p, kinds)
		}
	}
	if kid, err := parseKID(p); !refused(t, err) && kid != p["kid"] {
		t.Fatalf("%v: %q", p, kid)
	}
}
