package oauthclient

import (
	"net/url"
	"slices"
	"strings"
)

// maxStruck bounds how many tokens are remembered for Strike. Of so many, the first have
// long expired.
const maxStruck = 64

// Strike replaces by "***" what is the Authorizer's secret in text that others wrote,
// since a server may well quote what it was sent: the tokens in use and before it, the
// static token, and the client's secret in every form in which it is sent.
//
// Text is struck before it is cut, lest a piece of a token stay, and again after
// characters were taken out of it, which could have put one together.
func (a *Authorizer) Strike(s string) string {
	var pairs []string
	for _, token := range a.tokensToStrike() {
		pairs = append(pairs, token, "***")
		if escaped := url.QueryEscape(token); escaped != token {
			pairs = append(pairs, escaped, "***")
		}
	}
	return a.o.Client.strike(strings.NewReplacer(pairs...).Replace(s))
}

// tokensToStrike returns the longest first: others may be the beginning of it.
func (a *Authorizer) tokensToStrike() []string {
	a.mu.Lock()
	tokens := slices.Clone(a.struck)
	a.mu.Unlock()
	if a.o.StaticToken != "" {
		tokens = append(tokens, a.o.StaticToken)
	}
	slices.SortFunc(tokens, func(x, y string) int { return len(y) - len(x) })
	return tokens
}

// strikeFromNowOn remembers a token for Strike; a.mu is held.
func (a *Authorizer) strikeFromNowOn(token string) {
	if !slices.Contains(a.struck, token) {
		a.struck = append(a.struck[max(0, len(a.struck)-maxStruck+1):], token)
	}
}
