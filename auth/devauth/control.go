package devauth

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
)

const (
	rotatePath    = "/dev/rotate"
	revokePath    = "/dev/revoke"
	outagePath    = "/dev/outage"
	slowPath      = "/dev/slow"
	skewPath      = "/dev/skew"
	oddPath       = "/dev/jwks"
	statePath     = "/dev/state"
	elsewherePath = "/dev/elsewhere"
)

// control is one switch as HTTP has it.
type control struct {
	path    string
	names   []string // of its parameters
	accepts string   // said on the front page and to those who are refused
	apply   func(parameters) (answer any, err error)
}

func (s *Server) controls() []control {
	setOdd := func(kinds []OddKind) error { return s.SetOdd(kinds...) }
	return []control{
		{rotatePath, nil, "no parameters", s.applyRotate},
		{revokePath, []string{"kid"}, "kid=K; all previous keys without it", s.applyRevoke},
		{
			outagePath,
			[]string{"for", "as"},
			"for=DURATION up to 24h, 0 switches it off; as=503 or as=refuse", setting(s, parseOutage, s.SetOutage),
		},
		{
			slowPath,
			[]string{"delay", "drip", "for"},
			"delay=DURATION up to 1h, 0 switches it off; drip=true, not with delay=0; for=DURATION up to 24h",
			setting(s, parseSlow, s.SetSlow),
		},
		{
			skewPath,
			[]string{"by"},
			"by=DURATION up to 8760h, also with a minus, 0 switches it off", setting(s, parseSkew, s.SetSkew),
		},
		{oddPath, []string{"odd"}, oddAccepts(), setting(s, parseOdd, setOdd)},
	}
}

func oddAccepts() string {
	list := func(kinds []OddKind, separator string) string {
		var texts []string
		for _, kind := range kinds {
			texts = append(texts, string(kind))
		}
		return strings.Join(texts, separator)
	}
	return "odd= (off), odd=KIND,… of " + list(additions, " ") + ", or odd= one of " + list(wholeDocuments, " ")
}

func (s *Server) serveControl(c control) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var answer any
		p, err := readParameters(w, r, c.names)
		if err == nil {
			answer, err = c.apply(p)
		}
		refusal, refused := errors.AsType[parameterError](err)
		switch {
		case err == nil:
			writeJSON(w, http.StatusOK, answer)
		case refused:
			s.log.Warn("switch refused", slog.String("path", c.path), slog.String("reason", refusal.Error()))
			writeText(w, http.StatusBadRequest, refusal.Error()+"; POST "+c.path+" accepts: "+c.accepts+"\n")
		case errors.Is(err, ErrUnknownKey):
			s.log.Warn("switch refused", slog.String("path", c.path), slog.String("reason", "unknown kid"))
			writeText(w, http.StatusNotFound, "no published key has this kid\n")
		default:
			s.writeError(w, err)
		}
	}
}

func (s *Server) applyRotate(parameters) (any, error) {
	kid, err := s.rotate()
	return rotatedState{kid, s.state()}, err
}

func (s *Server) applyRevoke(p parameters) (any, error) {
	kid, err := parseKID(p)
	if err != nil {
		return nil, err
	}
	revoked, err := s.revoke(kid)
	return revokedState{revoked, s.state()}, err
}

// setting makes one of a parser and a setter, and answers with the new state.
func setting[T any](s *Server, parse func(parameters) (T, error), set func(T) error) func(parameters) (any, error) {
	return func(p parameters) (any, error) {
		value, err := parse(p)
		if err == nil {
			err = set(value)
		}
		return s.state(), err
	}
}
