package oauthclient

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestStrike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		secret := `a&b "c\d`
		a := w.authorizer(t, func(o *Options) { o.Client.Secret = secret })
		for _, token := range []string{"to/ken+1==", "to/ken", "later"} {
			a.keep(newHeld(Token{Value: token}, wish{}, nil, time.Now()))
		}
		client := Client{ID: testClient.ID, Secret: secret}
		tests := []struct{ name, text, want string }{
			{"nothing of ours", "no token here", "no token here"},
			{"the token in use", "got later!", "got ***!"},
			{"an earlier one", "Bearer to/ken", "Bearer ***"},
			{"one that begins as another", "Bearer to/ken+1==.", "Bearer ***."},
			{"as a query has it", "?t=to%2Fken%2B1%3D%3D&x", "?t=***&x"},
			{"twice", "laterlater", "******"},
			{"the secret", "secret " + secret, "secret ***"},
			{"the secret of a form", "client_secret=a%26b+%22c%5Cd", "client_secret=***"},
			{"the secret in JSON", `{"client_secret":"a&b \"c\\d"}`, `{"client_secret":"***"}`},
			{"the secret of the header", "Authorization: " + client.basic(), "Authorization: Basic ***"},
			{"the client's name is no secret", "agent", "agent"},
		}
		for _, tt := range tests {
			if got := a.Strike(tt.text); got != tt.want {
				t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
			}
		}
	})
}

// Tokens are struck wherever they come from, and none before it is held.
func TestStrikeTokensOfTheIssuerAndOfFiles(t *testing.T) {
	w := newWorld()
	dir := t.TempDir()
	a := w.authorizer(t, func(o *Options) { o.CacheDir = dir })
	if got := a.Strike("token-1"); got != "token-1" {
		t.Errorf("before there was one: %q", got)
	}
	good(t, call(t, a))
	w.revoke()
	good(t, call(t, a))
	if got := a.Strike("token-1 token-2 token-3"); got != "*** *** token-3" {
		t.Errorf("got %q", got)
	}
	other := w.authorizer(t, func(o *Options) { o.CacheDir = dir })
	good(t, call(t, other))
	if got := other.Strike("token-1 token-2"); got != "token-1 ***" {
		t.Errorf("from a file: %q", got)
	}
}

func TestStrikeAStaticToken(t *testing.T) {
	a := newWorld().authorizer(t, func(o *Options) { o.Client, o.StaticToken = Client{}, "static" })
	if got, want := a.Strike("a static token, Og== and more"), "a *** token, Og== and more"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStrikeRemembersNotWithoutEnd(t *testing.T) {
	a := newWorld().authorizer(t)
	for i := range 3 * maxStruck {
		for range 2 {
			a.keep(newHeld(Token{Value: fmt.Sprintf("t%03d", i)}, wish{}, nil, testTime))
		}
	}
	first, last := fmt.Sprintf("t%03d", 2*maxStruck), fmt.Sprintf("t%03d", 3*maxStruck-1)
	if got := a.Strike(first + " " + last); len(a.struck) != maxStruck || strings.Contains(got, "t") {
		t.Errorf("%d are remembered, and %q is left", len(a.struck), got)
	}
}
