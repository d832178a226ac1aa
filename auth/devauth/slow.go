package devauth

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// Slow makes discovery and the key set slow, not the token endpoint. The zero value is off.
type Slow struct {
	// Delay is how long a request is held before it is answered, at most an hour.
	Delay time.Duration
	// Drip begins the answer at once and sends one byte a second until Delay is over, then the rest; where there is no
	// Delay, one byte a second to the end.
	Drip bool
	// For is how long new requests are made slow, at most a day, and no request is held beyond it. Default until it is
	// switched off.
	For time.Duration
}

// slowness is one setting of the switch, with what tells the requests that it holds that another has replaced it.
type slowness struct {
	Slow
	term
	replaced chan struct{}
}

func newSlowness(slow Slow) *slowness {
	return &slowness{slow, newTerm(slow.For), make(chan struct{})}
}

// SetSlow makes the server slow or, with the zero Slow, ends that. The requests that are held are answered at once.
func (s *Server) SetSlow(slow Slow) error {
	if slow.Delay < 0 || slow.Delay > maxDelay || slow.For < 0 || slow.For > maxFor {
		return fmt.Errorf("devauth: slow: %w", errParameterValue)
	}
	before := s.slow.Swap(newSlowness(slow))
	close(before.replaced) // each is swapped out once
	s.log.Info("slowness switched", slog.Duration("delay", slow.Delay), slog.Bool("drip", slow.Drip),
		slog.Duration("for", slow.For))
	return nil
}

func (s *slowness) on() bool { return s.remaining(time.Now()) > 0 }

// remaining is for how much longer to hold a request that came at a time; not positive when not at all.
func (s *slowness) remaining(came time.Time) time.Duration {
	select {
	case <-s.replaced:
		return 0
	default:
	}
	if s.Drip && s.Delay == 0 {
		return s.left()
	}
	return min(time.Until(came.Add(s.Delay)), s.left())
}

// wait ends early when the switch is replaced, and with an error when ctx is done: the client has left or the server
// stops.
func (s *slowness) wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-s.replaced:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Server) slowly(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		slow, came := s.slow.Load(), time.Now()
		left := slow.remaining(came)
		if left <= 0 {
			next(w, r)
			return
		}
		if slow.Drip {
			drip(w, r, slow, next)
			return
		}
		if slow.wait(r.Context(), left) != nil {
			panic(http.ErrAbortHandler) // nobody is left to answer
		}
		// The server's own deadline may have passed.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(requestTimeout))
		next(w, r)
	}
}
