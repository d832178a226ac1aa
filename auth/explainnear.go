package auth

import (
	"net/url"
	"slices"
	"strings"
)

// nearMiss says in words how an identifier differs from the one that was expected,
// where somebody who reads both would take them for the same; "" where they are two.
func nearMiss(got, want string) string {
	var differs []string
	if trimmed := strings.TrimSpace(got); trimmed != got {
		differs, got = append(differs, "has white space around it"), trimmed
	}
	if got != want {
		more, near := nearURL(got, want)
		if !near {
			return ""
		}
		differs = append(differs, more...)
	}
	return phrases(slices.Compact(differs))
}

func nearURL(got, want string) (differs []string, near bool) {
	g, errGot := url.Parse(got)
	w, errWant := url.Parse(want)
	if errGot != nil || errWant != nil || g.Host == "" || w.Host == "" {
		return nearPath(got, want)
	}
	if !strings.EqualFold(g.Hostname(), w.Hostname()) || portOf(g) != portOf(w) && g.Scheme == w.Scheme || g.User != nil {
		return nil, false
	}
	if g.Scheme != w.Scheme {
		if !isWeb(g.Scheme) || !isWeb(w.Scheme) {
			return nil, false
		}
		differs = append(differs, "begins with "+g.Scheme+", not with "+w.Scheme)
	}
	switch {
	case g.Port() != "" && w.Port() == "":
		differs = append(differs, "has a port written out")
	case g.Port() == "" && w.Port() != "":
		differs = append(differs, "has no port")
	case g.Hostname() != w.Hostname():
		differs = append(differs, "differs in upper and lower case")
	}
	inPath, near := nearPath(g.EscapedPath(), w.EscapedPath())
	if !near {
		return nil, false
	}
	differs = append(differs, inPath...)
	if g.Fragment != "" && w.Fragment == "" {
		differs = append(differs, "has a fragment (#)")
	}
	if g.RawQuery != w.RawQuery {
		differs = append(differs, "has another query (?)")
	}
	return differs, len(differs) > 0
}

// nearPath compares what may differ in its case and in a slash at the end.
func nearPath(got, want string) (differs []string, near bool) {
	bareGot, bareWant := strings.TrimRight(got, "/"), strings.TrimRight(want, "/")
	if !strings.EqualFold(bareGot, bareWant) {
		return nil, false
	}
	if bareGot != bareWant {
		differs = append(differs, "differs in upper and lower case")
	}
	switch slashes := len(got) - len(bareGot) - (len(want) - len(bareWant)); {
	case slashes > 0:
		differs = append(differs, "has a slash more at its end")
	case slashes < 0:
		differs = append(differs, "has no slash at its end")
	}
	return differs, true
}

func isWeb(scheme string) bool { return scheme == "http" || scheme == "https" }

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	default:
		return "443"
	}
}

// sameHost reports whether two identifiers name one host.
func sameHost(a, b string) bool {
	u, errA := url.Parse(a)
	v, errB := url.Parse(b)
	return errA == nil && errB == nil && u.Host != "" && strings.EqualFold(u.Hostname(), v.Hostname())
}

// provider is a kind of issuer, by what its identifier looks like. It chooses words,
// and decides nothing.
type provider int

const (
	unknownProvider provider = iota
	auth0
	entra
	okta
	keycloak
	cognito
)

func providerOf(issuer string) provider {
	u, err := url.Parse(issuer)
	if err != nil {
		return unknownProvider
	}
	host := strings.ToLower(u.Hostname())
	under := func(domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }
	switch {
	case under("auth0.com"):
		return auth0
	case under("microsoftonline.com"), under("sts.windows.net"), under("ciamlogin.com"):
		return entra
	case under("okta.com"), under("oktapreview.com"), under("okta-emea.com"):
		return okta
	case under("amazonaws.com") && strings.HasPrefix(host, "cognito-idp."):
		return cognito
	case strings.Contains(u.Path, "/realms/"):
		return keycloak
	default:
		return unknownProvider
	}
}
