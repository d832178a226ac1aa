package auth

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"mcp-resource-server/internal/faults"
	"mcp-resource-server/internal/namedfile"
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

// checkFile refuses a content in the place of a file's name, before anything prints it.
func checkFile(l *faults.List, path, file string) {
	if err := namedfile.CheckPath(file); err != nil {
		l.Add(path, "%s", err)
	}
}

// proxySchemes are those that net/http can go through.
var proxySchemes = []string{"http", "https", "socks5", "socks5h"}

// checkProxy never quotes the proxy: it may hold a password. A character that should be
// encoded there (RFC 3986 §3.2.1) moves the border between the password and the host,
// and a part of the password would be looked up as a name.
func checkProxy(l *faults.List, path, proxy string) {
	if proxy == "" {
		return
	}
	u, err := url.Parse(proxy)
	switch {
	case strings.Count(proxy, "@") > 1, strings.ContainsAny(proxy, "#?"), err != nil && strings.Contains(proxy, "@"),
		err == nil && u.Hostname() != "" && u.Path != "" && u.Path != "/":
		l.Add(path, "must end with the host and its port; in a user or a password write @ as %%40, # as %%23, / as %%2F, ? as %%3F and %% as %%25")
	case err != nil || u.Hostname() == "" || !slices.Contains(proxySchemes, u.Scheme) || !validPort(u):
		l.Add(path, "must be the URL of a proxy, such as http://proxy.example.com:3128")
	}
}

// validPort reports whether u has a port that there is, or none at all.
func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port > 0
}

// checkIdentifier holds an issuer or an audience, either of which is compared as a
// whole, to what a token can have.
func checkIdentifier(l *faults.List, path, id string) {
	switch fault := mistyped(id); {
	case id == "" || strings.ContainsFunc(id, notPrintable):
		l.Add(path, "must be a non-empty identifier without spaces")
	case fault == severalEntries:
		l.Add(path, "looks like several: list each on its own in auth.issuers")
	case fault != "":
		l.Add(path, "%s", fault)
	}
}

// checkKeyIDText holds a kid to what can be seen: it is any text (RFC 7515 §4.1.4).
func checkKeyIDText(l *faults.List, path, id string) {
	switch fault := wrapped(id); {
	case len(id) > maxKeyIDBytes:
		l.Add(path, "must be at most %d bytes", maxKeyIDBytes)
	case strings.ContainsFunc(id, notVisible):
		l.Add(path, "has a character that cannot be seen")
	case fault != "":
		l.Add(path, "%s", fault)
	}
}

// checkClaimName refuses a name that could never be found (see claimPath), or only by
// a reader of another language than ours: JSONPath, a JSON Pointer, a list in one text.
func checkClaimName(l *faults.List, path, name string) {
	switch {
	case slices.Contains(claimPath(name), ""), strings.ContainsFunc(name, notPrintable), name != strings.Trim(name, "\"'`"):
		l.Add(path, "%q is not the name of a claim", name)
	case strings.ContainsAny(name, ",;"):
		l.Add(path, "%q is not the name of a claim: list each on its own", name)
	case strings.HasPrefix(name, "$."), strings.HasPrefix(name, "/"), strings.ContainsAny(name, "[]"):
		l.Add(path, "%q is not the name of a claim: write it as in realm_access.roles", name)
	}
}

// notPrintable reports what no identifier of ours has: a space, a character that
// cannot be seen, or a byte that is not UTF-8.
func notPrintable(r rune) bool { return r == ' ' || notVisible(r) }

// notVisible is notPrintable but for the space.
func notVisible(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }
