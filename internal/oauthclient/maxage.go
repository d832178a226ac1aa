package oauthclient

import (
	"net/http"
	"strings"
	"time"
)

// maxDeltaSeconds is what a larger number of seconds counts as (RFC 9111
// §1.2.2).
const maxDeltaSeconds = 1 << 31

// MaxAge gives the max-age of an answer's Cache-Control (RFC 9111 §5.2.2.1). It
// is false if there is none, or if the first one is not a plain number of
// seconds. The quoted form is taken too (§5.2), other directives are not looked
// at, and a number too large to matter counts as 2^31 seconds.
func MaxAge(h http.Header) (time.Duration, bool) {
	rest := strings.Join(h.Values("Cache-Control"), ",")
	for rest != "" {
		var directive string
		directive, rest = cutDirective(rest)
		name, value, _ := strings.Cut(directive, "=")
		if strings.EqualFold(name, "max-age") {
			return deltaSeconds(unquote(value))
		}
	}
	return 0, false
}

// cutDirective splits s at the first comma that is not inside a quoted string.
func cutDirective(s string) (directive, rest string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '\\' && quoted:
			i++ // the character after it is taken literally
		case s[i] == ',' && !quoted:
			return strings.Trim(s[:i], " \t"), s[i+1:]
		}
	}
	return strings.Trim(s, " \t"), ""
}

func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

func deltaSeconds(s string) (time.Duration, bool) {
	if s == "" {
		return 0, false
	}
	seconds := int64(0)
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		seconds = min(seconds*10+int64(c-'0'), maxDeltaSeconds)
	}
	return time.Duration(seconds) * time.Second, true
}
