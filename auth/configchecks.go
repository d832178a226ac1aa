package auth

import (
	"net/url"
	"slices"
	"strings"

	"mcp-resource-server/internal/faults"
	"mcp-resource-server/internal/oauthclient"
)

// checkIssuer holds an issuer to RFC 8414 §2: a URL without query and fragment,
// https, or http on this machine alone unless that is waived.
func checkIssuer(l *faults.List, path, issuer string, insecureHTTP bool) {
	u, err := url.Parse(issuer)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsFunc(issuer, notPrintable):
		l.Add(path, "must be an absolute URL such as https://TENANT.auth0.com/")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(issuer, "#"):
		l.Add(path, "must have no query and no fragment (RFC 8414 §2)")
	default:
		checkTransport(l, path, u, insecureHTTP)
	}
}

func checkJWKSURL(l *faults.List, path, raw string, insecureHTTP bool) {
	if raw == "" {
		return
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.Contains(raw, "#") || strings.ContainsFunc(raw, notPrintable) {
		l.Add(path, "must be an absolute URL of a JWK set")
		return
	}
	checkTransport(l, path, u, insecureHTTP)
}

func checkTransport(l *faults.List, path string, u *url.URL, insecureHTTP bool) {
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && (insecureHTTP || oauthclient.IsLoopbackHost(u.Hostname())):
	default:
		l.Add(path, "must be https (http is accepted for a loopback address, or with insecure_http in auth.issuers): whoever can change the keys on their way can forge every token")
	}
}

func checkIdentifier(l *faults.List, path, id string) {
	if id == "" || strings.ContainsFunc(id, notPrintable) {
		l.Add(path, "must be a non-empty identifier without spaces")
	}
}

// checkClaimName refuses a name that could never be found: see claimPath.
func checkClaimName(l *faults.List, path, name string) {
	if slices.Contains(claimPath(name), "") || strings.ContainsFunc(name, notPrintable) {
		l.Add(path, "%q is not the name of a claim", name)
	}
}

// checkEntries refuses an empty entry, which a token without the claim would meet.
func checkEntries(l *faults.List, path string, list []string) {
	if slices.Contains(list, "") {
		l.Add(path, "must not have an empty entry")
	}
}

// notPrintable reports what no identifier of ours has: a space, a control
// character, or a byte that is not UTF-8.
func notPrintable(r rune) bool { return r <= ' ' || r == 0x7f || r == '\uFFFD' }
