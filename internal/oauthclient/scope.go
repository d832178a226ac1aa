package oauthclient

import (
	"slices"
	"strings"
)

// maxScopes bounds a list of scopes, whoever made it: an Authorizer never asks for
// more, so that a server that challenges for ever new ones comes to an end.
const maxScopes = 256

// parseScopes reads the form that scopes have in challenges, requests and answers:
// scope-tokens with one space between (RFC 6749 §3.3). The empty string is a list of
// none. Duplicates are dropped.
func parseScopes(s string) ([]string, bool) {
	if s == "" {
		return nil, true
	}
	scopes := strings.Split(s, " ")
	if !validScopes(scopes) {
		return nil, false
	}
	return union(scopes), true
}

func validScopes(scopes []string) bool {
	return len(scopes) <= maxScopes && !slices.ContainsFunc(scopes, func(s string) bool { return !isScopeToken(s) })
}

// isScopeToken is scope-token of RFC 6749 §3.3: printable ASCII without space, quote
// and backslash.
func isScopeToken(s string) bool {
	return s != "" && len(s) <= maxScopeBytes && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || r == '"' || r == '\\'
	})
}

const maxScopeBytes = 256

// union returns the scopes of all lists, each once, in the order of their first
// appearance.
func union(lists ...[]string) []string {
	var all []string
	for _, list := range lists {
		for _, scope := range list {
			if !slices.Contains(all, scope) {
				all = append(all, scope)
			}
		}
	}
	return all
}

// covers tells whether have holds all of want.
func covers(have, want []string) bool {
	return !slices.ContainsFunc(want, func(s string) bool { return !slices.Contains(have, s) })
}

// sorted returns the scopes in the one order in which two lists of the same are equal.
func sorted(scopes []string) []string {
	s := union(scopes)
	slices.Sort(s)
	return s
}
