package auth

import (
	"maps"
	"slices"
	"strings"
)

// issuerNames are the configured issuers, in an order.
func (x *explaining) issuerNames() []string {
	return slices.Sorted(maps.Keys(x.v.issuers))
}

func (x *explaining) expectedIssuer() string {
	if len(x.v.issuers) == 0 {
		return "no issuer is configured: static tokens alone are accepted"
	}
	return oneOf(x.issuerNames())
}

func (x *explaining) gotIssuer() string {
	if !x.claims.set.has("iss") {
		return "no iss"
	}
	return showRaw(x.claims.set.raw("iss"))
}

func (x *explaining) fixIssuer(Reason) string {
	iss, isText := x.claims.set.text("iss")
	names := x.issuerNames()
	switch {
	case len(names) == 0:
		return "set auth.issuer and auth.audience"
	case !isText || iss == "":
		return "an access token names its issuer in iss: this is a token of another kind"
	}
	for _, name := range names {
		if miss := nearMiss(iss, name); miss != "" {
			return fixNearIssuer(iss, miss)
		}
	}
	for _, related := range []func(string, string) string{relatedIssuer, customDomain} {
		for _, name := range names {
			if words := related(iss, name); words != "" {
				return words
			}
		}
	}
	return "the token is of another issuer: get it from " + plain(names[0]) + ", or, if its issuer is to be trusted, add it to auth.issuers"
}

// fixNearIssuer is for two spellings of one issuer. They are compared exactly (RFC
// 8414 §3.3), so that one of them has to change.
func fixNearIssuer(iss, miss string) string {
	fix := "iss " + miss + ": "
	if strings.Contains(miss, "begins with http, ") {
		return fix + "the issuer takes itself for an http one; set its public address there (Keycloak: hostname, and the proxy's X-Forwarded-Proto)"
	}
	return fix + "write the configured issuer exactly as iss is, " + show(iss)
}

// relatedIssuer says what an issuer has to do with a configured one; "" where that
// cannot be seen.
func relatedIssuer(iss, configured string) string {
	kind, get := providerOf(iss), "get it from "+plain(configured)
	switch same := kind == providerOf(configured); {
	case same && kind == auth0:
		return "the token is of another Auth0 tenant (or region): " + get
	case same && kind == entra && strings.Contains(iss, "sts.windows.net"):
		return "a v1 token of Entra: set requestedAccessTokenVersion to 2 in the API's manifest"
	case same && kind == entra:
		return "the token is of another Entra tenant, or of another version: " + get
	case same && kind == okta && !strings.Contains(iss, "/oauth2/"):
		return "Okta's org authorization server gives tokens for Okta alone: ask the authorization server " + plain(configured)
	case same && kind == keycloak && sameHost(iss, configured):
		return "the token is of another realm: " + get
	case same && kind == keycloak:
		return "Keycloak was reached by another name: set its hostname, so that iss is the same for everybody"
	case sameHost(iss, configured):
		return "the same host, and another issuer on it: " + get
	default:
		return ""
	}
}

// customDomain is for an Auth0 tenant beside a name that may be its own.
func customDomain(iss, configured string) string {
	got, want := providerOf(iss), providerOf(configured)
	if (got != auth0 || want != unknownProvider) && (got != unknownProvider || want != auth0) {
		return ""
	}
	return "if both are one Auth0 tenant, one of them is its custom domain: ask for tokens at " + plain(configured) + ", or list both in auth.issuers"
}
