package devauth

import (
	"net/http"
	"sync/atomic"
	"time"
)

// Fetches counts requests since the start, whatever they were answered: also those that met an outage, and each of the
// two that a client makes of one. Requests that are refused as foreign or for their method do not count.
type Fetches struct {
	JWKS     int64 `json:"jwks"`
	Metadata int64 `json:"metadata"`
	Token    int64 `json:"token"`
}

type counters struct{ jwks, metadata, token atomic.Int64 }

// Fetches gives the counts of now.
func (s *Server) Fetches() Fetches {
	return Fetches{s.received.jwks.Load(), s.received.metadata.Load(), s.received.token.Load()}
}

// counted stands before all switches: who asked is counted, also when nobody answers.
func counted(n *atomic.Int64, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		next(w, r)
	}
}

// state is what GET /dev/state tells. A switch that is off is null.
type state struct {
	KIDs    kidsState    `json:"kids"`
	Outage  *outageState `json:"outage"`
	Slow    *slowState   `json:"slow"`
	Skew    string       `json:"skew"`
	Odd     []OddKind    `json:"odd"`
	Fetches Fetches      `json:"fetches"`
}

type kidsState struct {
	Current  string   `json:"current"`
	Next     string   `json:"next"`
	Previous []string `json:"previous"`
}

type outageState struct {
	As   OutageMode `json:"as"`
	Left string     `json:"left,omitempty"` // none until it is switched off
}

type slowState struct {
	Delay string `json:"delay"`
	Drip  bool   `json:"drip"`
	Left  string `json:"left,omitempty"`
}

type rotatedState struct {
	KID string `json:"kid"`
	state
}

type revokedState struct {
	Revoked []string `json:"revoked"`
	state
}

func (s *Server) state() state {
	keys := s.keys.set.Load()
	now := state{
		KIDs:    kidsState{keys.current.public.KeyID, keys.next.public.KeyID, keys.previousKIDs()},
		Skew:    time.Duration(s.skew.Load()).String(),
		Odd:     append([]OddKind{}, s.odd.Load().kinds...), // [] and not null
		Fetches: s.Fetches(),
	}
	if outage := s.outage.Load(); outage.mode() != OutageOff {
		now.Outage = &outageState{outage.Mode, outage.text()}
	}
	if slow := s.slow.Load(); slow.on() {
		now.Slow = &slowState{slow.Delay.String(), slow.Drip, slow.text()}
	}
	return now
}

func (s *Server) serveState(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.state())
}
