package config

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Texts of what a value should have been. They never quote what it is.
var (
	errBool     = errors.New("must be true or false")
	errInt      = errors.New("must be a whole number")
	errDuration = errors.New("must be a duration with a unit, such as 30s")
	errEntry    = errors.New("must not have an empty entry between its commas")
)

// parseText reads the text of an environment variable, a flag or a scalar of
// the file as a value of kind k: a string, bool, int64, time.Duration or
// []string. It accepts one spelling of each: strconv's and time's friendlier
// readings ("T", "1", a duration of "0") hide mistakes.
func parseText(k kind, s string) (any, error) {
	switch k {
	case kindBool:
		return parseBool(s)
	case kindInt:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, errInt
		}
		return n, nil
	case kindDuration:
		d, err := time.ParseDuration(s)
		if err != nil || !strings.ContainsFunc(s, unicode.IsLetter) {
			return nil, errDuration
		}
		return d, nil
	case kindList:
		return parseList(s)
	default:
		return s, nil
	}
}

func parseBool(s string) (any, error) {
	switch s {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return nil, errBool
}

// parseList reads entries between commas. An entry cannot hold a comma: what
// needs one stands in the file. The empty text is the empty list.
func parseList(s string) (any, error) {
	if s == "" {
		return []string(nil), nil
	}
	list := strings.Split(s, ",")
	for i, e := range list {
		if list[i] = strings.TrimSpace(e); list[i] == "" {
			return nil, errEntry
		}
	}
	return list, nil
}
