package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// pool holds the tokens that valid calls are made with.
type pool struct {
	issuer *issuer
	// changing keeps a renewal from bringing tokens back that are taken out.
	changing sync.Mutex
	tokens   atomic.Pointer[[]token]
}

var (
	// errSeen says that no key could be made that the server had not fetched.
	errSeen = errors.New("the server fetched each key before it was used")
	// errAnotherKey says that the issuer does not sign with the key that it named.
	errAnotherKey = errors.New("the issuer does not sign with the key that it has just brought into use")
)

func newPool(i *issuer) *pool {
	p := &pool{issuer: i}
	p.tokens.Store(&[]token{})
	return p
}

// pick gives one of the tokens, each in its turn.
func (p *pool) pick(n int) token {
	tokens := *p.tokens.Load()
	return tokens[n%len(tokens)]
}

// fill adds tokens of the key that signs now.
func (p *pool) fill(ctx context.Context) error {
	p.changing.Lock()
	defer p.changing.Unlock()
	fresh, err := p.issuer.tokens(ctx)
	if err != nil {
		return err
	}
	p.add(fresh)
	return nil
}

// rotate brings the next key into use, which has been published for a while, and
// adds tokens of it.
func (p *pool) rotate(ctx context.Context) error {
	p.changing.Lock()
	defer p.changing.Unlock()
	fresh, err := p.rotated(ctx)
	if err != nil {
		return err
	}
	p.add(fresh)
	return nil
}

// rotateUnseen brings a key into use that nobody has fetched, and adds tokens of
// it. Of two rotations the first publishes the key and the second uses it; where a
// fetch comes between them, it is done again.
func (p *pool) rotateUnseen(ctx context.Context) error {
	p.changing.Lock()
	defer p.changing.Unlock()
	for range unseenAttempts {
		before, err := p.issuer.state(ctx)
		if err != nil {
			return err
		}
		if _, err := p.issuer.rotate(ctx); err != nil {
			return err
		}
		fresh, err := p.rotated(ctx)
		if err != nil {
			return err
		}
		after, err := p.issuer.state(ctx)
		if err != nil {
			return err
		}
		if after.Fetches.Keys == before.Fetches.Keys {
			p.add(fresh)
			return nil
		}
	}
	return errSeen
}

// rotated gives tokens of the key that it brings into use.
func (p *pool) rotated(ctx context.Context) ([]token, error) {
	kid, err := p.issuer.rotate(ctx)
	if err != nil {
		return nil, err
	}
	fresh, err := p.issuer.tokens(ctx)
	if err == nil && slices.ContainsFunc(fresh, func(t token) bool { return t.kid != kid }) {
		err = errAnotherKey
	}
	return fresh, err
}

// unseenAttempts makes fewer keys than the issuer keeps published, so that the
// tokens of the first one stay good.
const unseenAttempts = 4

// retire takes all tokens out but those of the key that signs now, and gives one
// of each other key.
func (p *pool) retire(ctx context.Context) ([]token, error) {
	p.changing.Lock()
	defer p.changing.Unlock()
	s, err := p.issuer.state(ctx)
	if err != nil {
		return nil, err
	}
	kept, retired := []token{}, []token{}
	for _, t := range *p.tokens.Load() {
		switch {
		case t.kid == s.Kids.Current:
			kept = append(kept, t)
		case !slices.ContainsFunc(retired, func(r token) bool { return r.kid == t.kid }):
			retired = append(retired, t)
		}
	}
	if len(kept) == 0 {
		return nil, errAnotherKey
	}
	p.tokens.Store(&kept)
	return retired, nil
}

// add is called with changing held.
func (p *pool) add(fresh []token) {
	all := slices.Concat(*p.tokens.Load(), fresh)
	p.tokens.Store(&all)
}
