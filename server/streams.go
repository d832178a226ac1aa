package server

import (
	"context"
	"errors"
	"sync"
	"time"

	"mcp-resource-server/auth"
)

const (
	// standingInterval is how often the token of an open stream is judged.
	standingInterval = time.Second
	// standingSoon is when it is judged again where it should have ended by now, and has
	// not by the verifier's clock.
	standingSoon = 50 * time.Millisecond
)

// whileStanding returns a context for a stream that p opened: it ends when p's token
// no longer stands, and when the server ends its streams. Whatever the stream
// sends is sent on the strength of that token, so that it MUST end with the context.
// end frees what the context holds, and must be called.
func (s *Server) whileStanding(ctx context.Context, p auth.Principal) (_ context.Context, end context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	j := &judgement{server: s, ctx: ctx, cancel: cancel, principal: p}
	j.schedule()
	stop := context.AfterFunc(s.streams, cancel)
	return ctx, func() {
		stop()
		cancel()
		j.stop()
	}
}

// judgement judges the token of one stream, again and again, by the generation that is
// current then.
type judgement struct {
	server    *Server
	ctx       context.Context // of the stream
	cancel    context.CancelFunc
	principal auth.Principal

	mu    sync.Mutex
	timer *time.Timer
}

// schedule sets the time of the next judgement: when the token ends, and before that
// every second. The verifier may go by another clock than timers do; only its word
// counts.
func (j *judgement) schedule() {
	wait := min(time.Until(j.verifier().Ends(j.principal)), standingInterval)
	if wait <= 0 {
		wait = standingSoon
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.timer == nil {
		j.timer = time.AfterFunc(wait, j.judge)
	} else {
		j.timer.Reset(wait)
	}
}

func (j *judgement) judge() {
	if j.ctx.Err() != nil {
		return
	}
	err := j.verifier().Standing(j.principal)
	if err == nil {
		j.schedule()
		return
	}
	refusal, _ := errors.AsType[*auth.Refusal](err)
	j.server.log.InfoContext(j.ctx, "a stream was ended: its token is no longer accepted",
		"request_id", exchangeFrom(j.ctx).id, "issuer", j.principal.Issuer, "client_id", j.principal.ClientID, "reason", refusal.Reason)
	j.cancel()
}

func (j *judgement) verifier() *auth.Verifier { return j.server.generation.Load().Verifier }

func (j *judgement) stop() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.timer.Stop()
}
