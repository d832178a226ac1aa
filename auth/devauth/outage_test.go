package devauth_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mcp-resource-server/auth/devauth"
)

func TestOutage(t *testing.T) {
	tests := []struct {
		mode devauth.OutageMode
		out  func(exchange) bool
	}{
		{devauth.OutageUnavailable, func(e exchange) bool {
			return e.err == nil && e.status == http.StatusServiceUnavailable &&
				e.body == "an outage of the development authorization server is switched on\n"
		}},
		{devauth.OutageRefuse, func(e exchange) bool { return errors.Is(e.err, io.EOF) }},
	}
	for _, tt := range tests {
		t.Run(string(tt.mode), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := inBubble(t)
				affected := map[string]func() exchange{
					"key set":              func() exchange { return s.get(t.Context(), s.JWKSURL()) },
					"OpenID configuration": func() exchange { return s.get(t.Context(), s.Issuer()+".well-known/openid-configuration") },
					"server metadata":      func() exchange { return s.get(t.Context(), s.Issuer()+".well-known/oauth-authorization-server") },
					"token":                func() exchange { return s.token(t.Context()) },
				}
				good := func(when string) {
					t.Helper()
					for name, request := range affected {
						if e := request(); e.err != nil || e.status != http.StatusOK {
							t.Errorf("%s, %s: %+v", when, name, e)
						}
					}
				}
				good("before")
				if err := s.SetOutage(devauth.Outage{Mode: tt.mode}); err != nil {
					t.Fatal(err)
				}
				for _, wait := range []time.Duration{0, 1000 * time.Hour} {
					time.Sleep(wait)
					for name, request := range affected {
						if e := request(); !tt.out(e) {
							t.Errorf("after %v, %s: %+v", wait, name, e)
						}
					}
				}
				for _, path := range []string{"", "dev/state", "dev/elsewhere"} {
					if e := s.get(t.Context(), s.Issuer()+path); e.err != nil || e.status != http.StatusOK {
						t.Errorf("/%s: %+v, want it answered", path, e)
					}
				}
				if err := s.SetOutage(devauth.Outage{}); err != nil {
					t.Fatal(err)
				}
				good("after")
			})
		})
	}
}

// It ends by the monotonic clock: the one of the tokens stands still in testConfig.
func TestOutageEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := inBubble(t)
		if err := s.SetOutage(devauth.Outage{Mode: devauth.OutageUnavailable, For: time.Minute}); err != nil {
			t.Fatal(err)
		}
		// It does not keep anybody waiting.
		if err := s.SetSlow(devauth.Slow{Delay: time.Second}); err != nil {
			t.Fatal(err)
		}
		tells := func(want string) {
			t.Helper()
			if e := s.get(t.Context(), s.Issuer()+"dev/state"); !strings.Contains(e.body, want) {
				t.Errorf("state = %s, want %s", e.body, want)
			}
		}
		time.Sleep(10 * time.Second)
		tells(`"outage":{"as":"503","left":"50s"}`)
		time.Sleep(50*time.Second - time.Nanosecond)
		if e := s.get(t.Context(), s.JWKSURL()); e.status != http.StatusServiceUnavailable || e.done != 0 {
			t.Errorf("a moment before the end: %+v", e)
		}
		time.Sleep(time.Nanosecond)
		if e := s.get(t.Context(), s.JWKSURL()); e.status != http.StatusOK || e.done != time.Second {
			t.Errorf("at the end: %+v", e)
		}
		tells(`"outage":null`)
	})
}
