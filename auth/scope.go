package auth

import (
	"strings"
)

// ValidScope reports whether s is one scope-token (RFC 6749 §3.3):
// 1*( %x21 / %x23-5B / %x5D-7E ).
func ValidScope(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x21 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return s != ""
}

// parseScope splits a scope claim (RFC 8693 §4.2: scope-tokens with single
// spaces between them). The empty string is no scope at all.
func parseScope(s string) ([]string, bool) {
	if s == "" {
		return nil, true
	}
	scopes := strings.Split(s, " ")
	for _, scope := range scopes {
		if !ValidScope(scope) {
			return nil, false
		}
	}
	return scopes, true
}
