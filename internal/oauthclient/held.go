package oauthclient

import (
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// maxRenewalMargin is how long before its expiry a token is renewed; one that lives
	// for less than five times as long, in the last fifth of its life.
	maxRenewalMargin = time.Minute
	// renewalPatience is how long a request waits for a renewal while the old token is
	// still good.
	renewalPatience = 5 * time.Second
	// minPostponement is the least time between two attempts at a renewal.
	minPostponement = time.Second
	// rejectionPause is how long a token is not replaced that the server never accepted,
	// or that has itself replaced one that the server refused.
	rejectionPause = time.Minute
)

// wish is what a token is asked for.
type wish struct {
	scopes   []string
	optional bool // rather without scopes than no token
}

// held is a token in memory. Its address is its identity: a token that failed is the
// very same one, whatever others say that look like it.
type held struct {
	id       int
	token    Token
	wish     wish
	asked    []string // what was asked for indeed: the wish's scopes, or none
	obtained time.Time
	fromFile bool
	replaces bool        // the server had refused another, and this one was asked for in its place
	renewAt  time.Time   // zero: never; guarded by Authorizer.mu once it is in use
	accepted atomic.Bool // the server took it at least once
}

// newHeld works out when the token is to be renewed.
func newHeld(t Token, w wish, asked []string, obtained time.Time) *held {
	h := &held{token: t, wish: w, asked: asked, obtained: obtained}
	if !t.Expiry.IsZero() {
		h.renewAt = t.Expiry.Add(-h.margin())
	}
	return h
}

// value is what is sent; nothing where there is no token yet.
func (h *held) value() string {
	if h == nil {
		return ""
	}
	return h.token.Value
}

func (h *held) margin() time.Duration {
	return min(maxRenewalMargin, max(0, h.token.Expiry.Sub(h.obtained))/5)
}

func (h *held) validAt(now time.Time) bool {
	return h.token.Expiry.IsZero() || now.Before(h.token.Expiry)
}

// has tells whether a token with these scopes would be no other than this one: all
// were granted, or asked for in vain.
func (h *held) has(scopes []string) bool {
	return covers(union(h.asked, h.token.Scopes), scopes)
}

// known are the scopes to ask for again: those that were asked for or, where none
// were, those that came by themselves. Those of OpenID Connect have no use for a
// client without a user, and are not asked for because some issuer gives them.
func (h *held) known() []string {
	if h == nil {
		return nil
	}
	if len(h.asked) > 0 {
		return h.asked
	}
	return withoutOpenID(h.token.Scopes)
}

func withoutOpenID(scopes []string) []string {
	return slices.DeleteFunc(union(scopes), func(s string) bool { return s == "openid" || s == "offline_access" })
}

// scopesRefused tells whether the issuer may have refused a request because of its
// scopes. There is one registered code for that (invalid_scope), but Auth0 says
// access_denied, others unauthorized_client. A 401 is about the client (RFC 6749 §5.2),
// and a 429 about time.
func scopesRefused(err error) bool {
	e, ok := errors.AsType[*TokenError](err)
	return ok && e.Code != "invalid_client" && e.Status != http.StatusUnauthorized && e.Status != http.StatusTooManyRequests
}

func (a *Authorizer) inUse() *held {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.current
}

// keep puts h to use.
func (a *Authorizer) keep(h *held) {
	a.mu.Lock()
	a.count++
	h.id = a.count
	a.current = h
	a.strikeFromNowOn(h.token.Value)
	a.mu.Unlock()
	if h.fromFile {
		a.observe(TokenFromCache, h.asked, nil)
	}
}

// drop forgets a token, if no other has taken its place.
func (a *Authorizer) drop(h *held) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if h != nil && a.current == h {
		a.current = nil
	}
}

// fresh tells whether it is not yet time to renew h.
func (a *Authorizer) fresh(h *held) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return h.renewAt.IsZero() || a.o.Now().Before(h.renewAt)
}

// postpone puts off the renewal of a token that could not be renewed now: to ask at
// every request would be of no use to anybody.
func (a *Authorizer) postpone(h *held) {
	a.mu.Lock()
	defer a.mu.Unlock()
	h.renewAt = a.o.Now().Add(max(minPostponement, h.margin()/4))
}
