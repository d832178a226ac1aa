package devauth

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// OutageMode is what becomes of a request while the issuer is out.
type OutageMode string

// The ways to be out.
const (
	// OutageOff is no outage.
	OutageOff OutageMode = ""
	// OutageUnavailable answers 503 with a text for people.
	OutageUnavailable OutageMode = "503"
	// OutageRefuse closes the connection without an answer. HTTP clients may send such a request twice.
	OutageRefuse OutageMode = "refuse"
)

// Outage takes discovery, the key set and the token endpoint out of service. The zero value is none.
type Outage struct {
	Mode OutageMode
	// For is how long it lasts, at most a day. Default until it is switched off.
	For time.Duration
}

type outage struct {
	Outage
	term
}

// SetOutage begins or, with the zero Outage, ends one. It replaces the one before.
func (s *Server) SetOutage(o Outage) error {
	known := o.Mode == OutageOff || o.Mode == OutageUnavailable || o.Mode == OutageRefuse
	if !known || o.For < 0 || o.For > maxFor {
		return fmt.Errorf("devauth: outage: %w", errParameterValue)
	}
	s.outage.Store(&outage{o, newTerm(o.For)})
	s.log.Info("outage switched", slog.String("as", string(o.Mode)), slog.Duration("for", o.For))
	return nil
}

// mode is OutageOff when the outage is over.
func (o *outage) mode() OutageMode {
	if o.left() <= 0 {
		return OutageOff
	}
	return o.Mode
}

// unlessOut stands before the slowness: who is out does not keep anybody waiting.
func (s *Server) unlessOut(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch s.outage.Load().mode() {
		case OutageUnavailable:
			writeText(w, http.StatusServiceUnavailable, "an outage of the development authorization server is switched on\n")
		case OutageRefuse:
			panic(http.ErrAbortHandler) // net/http closes the connection and logs nothing
		default:
			next(w, r)
		}
	}
}
