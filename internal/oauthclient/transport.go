package oauthclient

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// RoundTrip implements [http.RoundTripper]; see [Authorizer] for what it does. Where no
// token can be had, the error says why, and errors.Is finds what it wraps.
func (a *Authorizer) RoundTrip(req *http.Request) (*http.Response, error) {
	x := &exchange{a: a, req: req}
	return x.end(x.run())
}

// exchange is one request of a caller's, and the attempts at it.
type exchange struct {
	a       *Authorizer
	req     *http.Request
	sent    bool // at least once
	renewed bool // a token that the server refused has been replaced
	steps   int  // up
}

// end closes the body of a request that was not sent, as a RoundTripper must whatever
// happened.
func (x *exchange) end(resp *http.Response, err error) (*http.Response, error) {
	if !x.sent && x.req.Body != nil {
		_ = x.req.Body.Close()
	}
	return resp, err
}

func (x *exchange) judgeOrigin() error {
	if origin, ok := originOf(x.req.URL); !ok || origin != x.a.origin {
		return ErrForeignOrigin
	}
	return nil
}

func (x *exchange) run() (*http.Response, error) {
	if err := x.judgeOrigin(); err != nil {
		return nil, err
	}
	if x.a.o.StaticToken != "" {
		return x.send(x.a.o.StaticToken)
	}
	h, err := x.a.ready(x.req.Context())
	for err == nil {
		var resp *http.Response
		if resp, err = x.send(h.value()); err != nil {
			break
		}
		var next *held
		if next, err = x.next(resp, h); err == nil && next == nil {
			return resp, nil
		}
		discard(resp)
		h = next
	}
	return nil, err
}

// send sends a copy: a RoundTripper must not change the caller's request. The answer
// names the caller's request too, so that the token does not travel with it.
func (x *exchange) send(token string) (*http.Response, error) {
	r := x.req.Clone(x.req.Context())
	if x.sent && r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, fmt.Errorf("sending the body again: %w", err)
		}
		r.Body = body
	}
	x.sent = true
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Del("Authorization")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := x.a.o.Base.RoundTrip(r)
	if err != nil {
		return nil, inOurWords(err)
	}
	resp.Request = x.req
	return resp, nil
}

// next returns the token for another attempt, and nil if the answer is the caller's.
func (x *exchange) next(resp *http.Response, used *held) (*held, error) {
	if used != nil && (resp.StatusCode < 300 || resp.StatusCode == http.StatusForbidden) {
		used.accepted.Store(true)
	}
	if resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusForbidden {
		return nil, nil
	}
	challenge, ok := BearerChallenge(resp.Header)
	if resp.StatusCode == http.StatusForbidden {
		return x.after403(used, challenge, ok), nil
	}
	return x.after401(used, challenge)
}

// after401 takes a 401 without a challenge for one too: the well-known addresses may
// say more. Another error than invalid_token is about the request, not the token.
func (x *exchange) after401(used *held, c Challenge) (*held, error) {
	if x.a.o.Client.isZero() {
		return nil, fmt.Errorf("the server wants a token: %w", ErrNoCredentials)
	}
	if c.Error != "" && c.Error != "invalid_token" || !x.canRepeat() {
		return nil, nil
	}
	if used == nil {
		return x.a.first(x.req.Context(), c)
	}
	if x.renewed {
		return nil, nil
	}
	x.renewed = true
	next, err := x.a.replace(x.req.Context(), used)
	if next != nil {
		x.a.observe(Retried401, next.asked, nil)
	}
	return next, err
}

// replace returns another token than the one that the server refused: the one that
// somebody else has got meanwhile, or a new one.
//
// A token that is not worth another one stays in use, and the server's answer stands.
func (a *Authorizer) replace(ctx context.Context, failed *held) (*held, error) {
	if !a.worthAnother(failed) && a.inUse() == failed {
		return nil, nil
	}
	return a.renew(ctx, failed, failed)
}

// worthAnother tells whether a token that the server refused is to be replaced now. Each
// is paid for, so for a while these are not:
//   - a new one that the server has never accepted: the next would be refused for the
//     same reason (an audience, say, that the server does not go by);
//   - one that has itself replaced a refused one, though the server took it in between
//     (of its nodes, one may know the issuer's keys and another not), and though another
//     process asked for it: or else every process would ask for the next.
//
// A file's token that replaces none is, since the server may have been set up anew after
// it was obtained.
func (a *Authorizer) worthAnother(h *held) bool {
	if a.o.Now().Sub(h.obtained) >= rejectionPause {
		return true
	}
	return !h.replaces && (h.fromFile || h.accepted.Load())
}

// after403 steps up if the challenge asks for what the token was not asked for. A 403
// without one is final: no scope would change it.
func (x *exchange) after403(used *held, c Challenge, ok bool) *held {
	if !ok || c.Error != "insufficient_scope" || len(c.Scopes) == 0 || used == nil || used.has(c.Scopes) {
		return nil
	}
	if x.steps == maxStepUps || !x.canRepeat() {
		return nil
	}
	x.steps++
	next, err := x.a.stepUp(x.req.Context(), used, c.Scopes)
	if err != nil {
		return nil // the server's answer stands: LastRefusal says the rest
	}
	x.a.observe(SteppedUp, next.asked, nil)
	return next
}

// canRepeat tells whether the request can be sent once more.
func (x *exchange) canRepeat() bool {
	return x.req.Body == nil || x.req.Body == http.NoBody || x.req.GetBody != nil
}

const (
	maxDiscardBytes = 64 << 10
	maxDiscardTime  = 500 * time.Millisecond
)

// discard reads what is left of an answer that nobody will see, so that its connection
// can be used again, but not much, and not for long: it may be a stream.
func discard(resp *http.Response) {
	timer := time.AfterFunc(maxDiscardTime, func() { _ = resp.Body.Close() })
	defer timer.Stop()
	_, _ = io.CopyN(io.Discard, resp.Body, maxDiscardBytes)
	_ = resp.Body.Close()
}
