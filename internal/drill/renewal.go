package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// errNoTokens says that the tokens ran out before new ones could be had.
var errNoTokens = errors.New("the tokens expire, and the issuer has given no new ones")

// keep renews the tokens until ctx is done. An issuer that does not answer is
// asked again every second: only tokens that are about to expire are an error.
func (p *pool) keep(ctx context.Context) error {
	for waitUntil(ctx, time.Now().Add(time.Second)) == nil {
		if p.left() > tokenLife/2 {
			continue
		}
		if err := p.renew(ctx); err != nil && ctx.Err() == nil && p.left() < tokenLife/20 {
			return fmt.Errorf("%w: %w", errNoTokens, err)
		}
	}
	return nil
}

// left is how long the token lives that expires first.
func (p *pool) left() time.Duration {
	first := slices.MinFunc(*p.tokens.Load(), func(a, b token) int { return a.expires.Compare(b.expires) })
	return time.Until(first.expires)
}

// renew puts fresh tokens in the place of those that have lived for half their time.
func (p *pool) renew(ctx context.Context) error {
	p.changing.Lock()
	defer p.changing.Unlock()
	fresh, err := p.issuer.tokens(ctx)
	if err != nil {
		return err
	}
	young := slices.DeleteFunc(slices.Concat(*p.tokens.Load(), fresh), func(t token) bool {
		return time.Until(t.expires) <= tokenLife/2
	})
	p.tokens.Store(&young)
	return nil
}
