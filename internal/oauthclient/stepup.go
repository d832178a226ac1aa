package oauthclient

import (
	"context"
	"errors"
	"net/http"
)

const (
	// maxStepUps bounds how often one request may be answered with insufficient_scope
	// and sent again. A server that names all scopes of an operation, as it should,
	// needs one.
	maxStepUps = 2
	// maxRefusals bounds what is remembered. Beyond it nothing more is asked for.
	maxRefusals = 100
)

var errTooMuch = errors.New("the server asked for more scopes than any operation can need")

// refusal is a set of scopes that the issuer refused to add.
type refusal struct {
	scopes []string
	err    error
}

// stepUp gets a token that has the scopes of a challenge beside those that were asked
// for so far: a token of the new ones alone would fail at the next call of another kind,
// and so on in turns (MCP authorization, "Scope Challenge Handling").
func (a *Authorizer) stepUp(ctx context.Context, used *held, challenged []string) (*held, error) {
	h, err := a.acquire(ctx, need{
		wish:    wish{scopes: union(used.known(), challenged)},
		missing: challenged,
	})
	if err != nil {
		a.mu.Lock()
		a.lastRefusal = err
		a.mu.Unlock()
	}
	return h, err
}

// prepareStepUp adds the scopes of the token in use, which others may have stepped up
// meanwhile, and refuses what would be asked for in vain.
func (a *Authorizer) prepareStepUp(n *need) error {
	n.wish.scopes = union(a.inUse().known(), n.wish.scopes)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.refusals {
		if covers(n.missing, r.scopes) { // these and more: refused the more
			return r.err
		}
	}
	if len(n.wish.scopes) > maxScopes || len(a.refusals) >= maxRefusals {
		return errTooMuch
	}
	return nil
}

// remember keeps the issuer's no for as long as the process runs, so that a hundred
// calls do not ask a hundred times. What failed otherwise may be tried again.
func (a *Authorizer) remember(missing []string, err error) {
	refused, ok := errors.AsType[*TokenError](err)
	if ok && refused.Status != http.StatusTooManyRequests {
		a.mu.Lock()
		a.refusals = append(a.refusals, refusal{missing, err})
		a.mu.Unlock()
	}
	a.observe(StepUpRefused, missing, err)
}
