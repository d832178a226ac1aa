package devauth_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"sync"
	"testing"

	"mcp-resource-server/auth/devauth"
)

func TestState(t *testing.T) {
	s := start(t, testConfig())
	published := rotated(t, s)
	a := send(t, request(t, http.MethodGet, s.Issuer()+"dev/state", ""))
	if a.status != http.StatusOK || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("status = %d, header %v", a.status, a.header)
	}
	want := `{"kids":{"current":"` + published[0].Kid + `","next":"` + published[1].Kid + `","previous":["` +
		published[2].Kid + `","` + published[3].Kid + `"]},"outage":null,"slow":null,"skew":"0s","odd":[],` +
		`"fetches":{"jwks":3,"metadata":0,"token":0}}`
	if a.body != want {
		t.Errorf("state = %s\nwant %s", a.body, want)
	}
	for _, target := range []string{"dev/rotate", "dev/revoke"} {
		answer := control(t, s, target).json(t)
		delete(answer, "kid")
		delete(answer, "revoked")
		if now := stateOf(t, s); !reflect.DeepEqual(answer, now) {
			t.Errorf("%s: %v is not the state %v", target, answer, now)
		}
	}
}

func TestFetches(t *testing.T) {
	s := start(t, testConfig())
	count := func(want devauth.Fetches) {
		t.Helper()
		if got := s.Fetches(); got != want {
			t.Errorf("fetches = %+v, want %+v", got, want)
		}
		told := stateOf(t, s)["fetches"]
		if want := map[string]any{"jwks": float64(want.JWKS), "metadata": float64(want.Metadata), "token": float64(want.Token)}; !reflect.DeepEqual(told, want) {
			t.Errorf("state tells %v, want %v", told, want)
		}
	}
	count(devauth.Fetches{})
	ask := func() {
		t.Helper()
		send(t, request(t, http.MethodGet, s.JWKSURL(), ""))
		send(t, request(t, http.MethodHead, s.JWKSURL(), ""))
		send(t, request(t, http.MethodGet, s.Issuer()+".well-known/openid-configuration", ""))
		send(t, request(t, http.MethodGet, s.Issuer()+"/.well-known/oauth-authorization-server/", ""))
		post(t, s, form(""))
		post(t, s, url.Values{"grant_type": {"none"}}.Encode())
	}
	ask()
	count(devauth.Fetches{JWKS: 2, Metadata: 2, Token: 2})
	if err := s.SetOutage(devauth.Outage{Mode: devauth.OutageUnavailable}); err != nil {
		t.Fatal(err)
	}
	ask() // what meets an outage counts
	count(devauth.Fetches{JWKS: 4, Metadata: 4, Token: 4})
	// What is refused before it reaches an endpoint does not, nor does what is none of the three.
	foreign := request(t, http.MethodGet, s.JWKSURL(), "")
	foreign.Header.Set("Origin", "null")
	send(t, foreign)
	send(t, request(t, http.MethodGet, s.TokenURL(), ""))
	send(t, request(t, http.MethodGet, s.Issuer()+"dev/elsewhere", ""))
	send(t, request(t, http.MethodGet, s.Issuer(), ""))
	count(devauth.Fetches{JWKS: 4, Metadata: 4, Token: 4})
}

// All of it at once: for the race detector, and nothing may hang.
func TestSwitchesUnderLoad(t *testing.T) {
	s := start(t, testConfig())
	targets := []string{
		"dev/outage", "dev/outage?for=0", "dev/outage?as=refuse&for=1ms", "dev/slow?delay=1h", "dev/slow?drip=true",
		"dev/slow?delay=0", "dev/skew?by=1h", "dev/skew?by=0", "dev/jwks?odd=ec,duplicate_kid", "dev/jwks?odd=html",
		"dev/jwks?odd=", "dev/revoke",
	}
	ctx, cancel := context.WithCancel(t.Context())
	var writers, readers sync.WaitGroup
	for i := range 4 {
		writers.Go(func() {
			for j := range 5 * len(targets) {
				control(t, s, targets[(3*i+j)%len(targets)])
			}
		})
		readers.Go(func() {
			for ctx.Err() == nil {
				resp, err := http.DefaultTransport.RoundTrip(request(t, http.MethodGet, s.JWKSURL(), "").WithContext(ctx))
				if err != nil {
					continue // refused by the switch, or held when the test ended it
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
	writers.Wait()
	cancel()
	readers.Wait()
	for _, target := range []string{"dev/outage?for=0", "dev/slow?delay=0", "dev/skew?by=0", "dev/jwks?odd="} {
		control(t, s, target)
	}
	_, claims := issued(t, s, form(""))
	if claims["iat"] != float64(fixedNow.Unix()) {
		t.Errorf("iat = %v", claims["iat"])
	}
}
