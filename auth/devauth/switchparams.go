package devauth

import (
	"strings"
	"time"
)

// The parse functions turn parameters into what the setters take; the setters judge the ranges.

// parseOutage: for=0 is off, whatever stands beside it; an absent for is no end.
func parseOutage(p parameters) (Outage, error) {
	lasts, err := p.duration("for")
	if err != nil {
		return Outage{}, err
	}
	mode := OutageUnavailable
	if p.has("as") {
		mode = OutageMode(p["as"])
	}
	if mode != OutageUnavailable && mode != OutageRefuse {
		return Outage{}, errParameterValue
	}
	if p.has("for") && lasts == 0 {
		return Outage{}, nil
	}
	return Outage{Mode: mode, For: lasts}, nil
}

// parseSlow: delay=0 is off and stands without drip=true, which would be the opposite.
func parseSlow(p parameters) (Slow, error) {
	delay, err := p.duration("delay")
	if err != nil {
		return Slow{}, err
	}
	lasts, err := p.lasting()
	if err != nil {
		return Slow{}, err
	}
	drip := p["drip"] == "true"
	switch {
	case p.has("drip") && !drip && p["drip"] != "false":
		return Slow{}, errParameterValue
	case !p.has("delay") && !drip:
		return Slow{}, errParameterMissing
	case p.has("delay") && delay == 0 && drip:
		return Slow{}, errParameterValue
	}
	return Slow{Delay: delay, Drip: drip, For: lasts}, nil
}

func parseSkew(p parameters) (time.Duration, error) {
	if !p.has("by") {
		return 0, errParameterMissing
	}
	return p.duration("by")
}

// parseOdd: an empty value is no kinds, so off.
func parseOdd(p parameters) ([]OddKind, error) {
	switch {
	case !p.has("odd"):
		return nil, errParameterMissing
	case p["odd"] == "":
		return nil, nil
	}
	var kinds []OddKind
	for kind := range strings.SplitSeq(p["odd"], ",") {
		kinds = append(kinds, OddKind(kind))
	}
	return kinds, nil
}

// parseKID gives "" where there is none. An empty one is refused: a script whose variable is empty means one key and
// not all the previous ones.
func parseKID(p parameters) (string, error) {
	if p.has("kid") && p["kid"] == "" {
		return "", errParameterValue
	}
	return p["kid"], nil
}
