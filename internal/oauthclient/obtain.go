package oauthclient

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// How a token is come by. All who want the same at the same time share one flight,
// whose context is not that of who came first: a caller that gives up takes nothing
// from the others. Different flights go one after the other, so that each sees what
// the one before has brought.

// flightTimeout bounds one flight, waits for others included.
const flightTimeout = 30 * time.Second

// share runs f once for all who ask under the same key meanwhile.
func share[T any](ctx context.Context, a *Authorizer, key string, f func(context.Context) (T, error)) (T, error) {
	flight := a.flights.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flightTimeout)
		defer cancel()
		return f(ctx)
	})
	var none T
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case r := <-flight:
		value, ok := r.Val.(T)
		if r.Err != nil || !ok {
			return none, r.Err
		}
		return value, nil
	}
}

// need says which token is wanted.
type need struct {
	wish    wish
	failed  *held    // the server refused this one, so it is not wanted: or nil
	missing []string // for a step-up: the scopes that the server asked for
}

func (n need) key() string {
	failed := 0
	if n.failed != nil {
		failed = n.failed.id
	}
	return fmt.Sprintf("token %q %d %q", sorted(n.wish.scopes), failed, sorted(n.missing))
}

// acquire returns a token that is not about to expire or, if there is none to be had,
// one that is.
func (a *Authorizer) acquire(ctx context.Context, n need) (*held, error) {
	return share(ctx, a, n.key(), func(ctx context.Context) (*held, error) {
		select {
		case a.asking <- struct{}{}:
			defer func() { <-a.asking }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		return a.obtain(ctx, n)
	})
}

// obtain, and what it calls, is run by who holds the place in a.asking.
func (a *Authorizer) obtain(ctx context.Context, n need) (*held, error) {
	if len(n.missing) > 0 {
		if err := a.prepareStepUp(&n); err != nil {
			return nil, err
		}
	}
	a.drop(n.failed) // from here on, what is in use is another
	if h := a.suited(n); h != nil && a.fresh(h) {
		return h, nil
	}
	h, err := a.fetch(ctx, n)
	if err == nil {
		a.keep(h)
		return h, nil
	}
	if old := a.suited(n); old != nil {
		a.postpone(old)
		a.observe(RenewalFailed, old.asked, err)
		return old, nil
	}
	if len(n.missing) > 0 {
		a.remember(n.missing, err)
	}
	return nil, err
}

// suited returns the token in use if it can serve the need. For who does not step up
// that is any: whatever it has more than the first ones is welcome.
func (a *Authorizer) suited(n need) *held {
	h := a.inUse()
	if h == nil || !h.validAt(a.o.Now()) {
		return nil
	}
	if len(n.missing) > 0 && !h.has(n.wish.scopes) {
		return nil
	}
	return h
}

// fetch takes the token from its file, if there are files, or asks for it. Whoever
// asks holds the lock of the file, so that of many processes one does.
func (a *Authorizer) fetch(ctx context.Context, n need) (*held, error) {
	if a.files == nil {
		return a.ask(ctx, n)
	}
	key := a.keyOf(n.wish)
	if h, _ := a.files.load(key, n); h != nil && a.fresh(h) {
		return h, nil
	}
	unlock, err := a.files.lock(ctx, key)
	if err != nil {
		a.cacheFailed(n.wish, err)
		return a.ask(ctx, n)
	}
	defer unlock()
	h, err := a.files.load(key, n) // somebody may have written it meanwhile
	a.cacheFailed(n.wish, err)
	switch {
	case h == nil:
		a.cacheFailed(n.wish, a.files.remove(key))
	case a.fresh(h):
		return h, nil
	case a.suited(n) == nil:
		a.keep(h) // for the case that there is no better one
	}
	h, err = a.ask(ctx, n)
	if err == nil {
		a.cacheFailed(n.wish, a.files.store(key, h))
	}
	return h, err
}

// cacheFailed tells of an error, if there is one. No request fails because of the cache.
func (a *Authorizer) cacheFailed(w wish, err error) {
	if err != nil {
		a.observe(CacheFailed, w.scopes, err)
	}
}

func (a *Authorizer) keyOf(w wish) cacheKey {
	s := a.known()
	return cacheKey{
		Issuer: s.metadata.Issuer, ClientID: a.o.Client.ID, Audience: s.audience, Resource: s.resource,
		Scopes: sorted(w.scopes),
	}
}

// ask requests a token, unless the issuer wants to be left alone.
func (a *Authorizer) ask(ctx context.Context, n need) (*held, error) {
	if wait := a.throttledUntil.Sub(a.o.Now()); wait > 0 {
		again := *a.throttled
		again.RetryAfter = wait
		return nil, fmt.Errorf("not asking again yet: %w", &again)
	}
	asked := n.wish.scopes
	if n.wish.optional && a.scopesUnwanted {
		asked = nil
	}
	at := a.o.Now()
	token, err := a.request(ctx, asked)
	if n.wish.optional && len(asked) > 0 && scopesRefused(err) {
		a.scopesUnwanted, asked = true, nil
		token, err = a.request(ctx, nil)
	}
	if err != nil {
		return nil, err
	}
	h := newHeld(token, n.wish, asked, at)
	h.replaces = n.failed != nil
	return h, nil
}

func (a *Authorizer) request(ctx context.Context, scopes []string) (Token, error) {
	s := a.known()
	grant := Grant{Audience: s.audience, Resource: s.resource, Scopes: scopes}
	token, err := tokenRequest{s.metadata, a.o.Client, grant, a.o.check()}.send(ctx, a.o.HTTP, a.o.Now)
	if refused, ok := errors.AsType[*TokenError](err); ok && refused.RetryAfter > 0 {
		a.throttled, a.throttledUntil = refused, a.o.Now().Add(refused.RetryAfter)
	}
	if err == nil {
		a.observe(TokenRequested, scopes, nil)
	}
	return token, err
}
