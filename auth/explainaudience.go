package auth

import (
	"fmt"
	"slices"
	"strings"
)

func (x *explaining) expectedAudience() string {
	expected := oneOf(x.issuer.Audiences)
	if x.issuer.AudienceClaim != audienceClaim {
		expected = plain(x.issuer.AudienceClaim) + ": " + expected
	}
	if x.issuer.StrictAudience {
		expected += ", and no other (strict_audience)"
	}
	return expected
}

func (x *explaining) gotAudience() string {
	raw := x.claims.set.at(x.issuer.AudienceClaim)
	if raw == nil {
		return "no " + plain(x.issuer.AudienceClaim)
	}
	return showRaw(raw)
}

func (x *explaining) fixAudience(Reason) string {
	raw := x.claims.set.at(x.issuer.AudienceClaim)
	audiences, ok := stringOrList(raw)
	switch {
	case x.looksLikeIDToken():
		return "this is an ID token: send the access token, and ask for one with " + x.askForAudience()
	case raw == nil:
		return x.fixNoAudience()
	case isOddList(raw):
		return plain(x.issuer.AudienceClaim) + " is a list with other things than text (RFC 7519 4.1.3): the issuer makes wrong tokens"
	case !ok:
		return fmt.Sprintf("%s is %s, and must be text or a list of texts (RFC 7519 4.1.3): the issuer makes wrong tokens",
			plain(x.issuer.AudienceClaim), kindOf(raw))
	}
	ours := func(a string) bool { return slices.Contains(x.issuer.Audiences, a) }
	if slices.ContainsFunc(audiences, ours) {
		return "strict_audience is on, and the token is good for others, too: ask for this audience alone (no openid), or switch it off"
	}
	for _, a := range audiences {
		for _, want := range x.issuer.Audiences {
			if miss := nearMiss(a, want); miss != "" {
				return fmt.Sprintf("aud %s: have the client ask for audience=%s, byte for byte, or configure the audience as the API is called",
					miss, plain(want))
			}
		}
	}
	return x.fixOtherAudience(audiences)
}

// askForAudience is what a client has to do to get our audience.
func (x *explaining) askForAudience() string {
	ours := plain(x.issuer.Audiences[0])
	switch providerOf(x.issuer.Issuer) {
	case entra:
		return "the scope api://" + strings.TrimPrefix(ours, "api://") + "/.default, or one of its own"
	case keycloak:
		return "an audience mapper for " + ours + " in a client scope of the client"
	default:
		return "audience=" + ours
	}
}

func (x *explaining) fixNoAudience() string {
	switch providerOf(x.issuer.Issuer) {
	case cognito:
		return "Cognito's access tokens have no aud: set audience_claim: client_id for it, and the client ids as audiences"
	case keycloak:
		return "Keycloak adds aud by a mapper alone: add " + x.askForAudience()
	default:
		return "the client asked for no audience: ask for " + x.askForAudience()
	}
}

// fixOtherAudience is for the audience of something else.
func (x *explaining) fixOtherAudience(audiences []string) string {
	ask := x.askForAudience()
	allOf := func(is func(string) bool) bool {
		return len(audiences) > 0 && !slices.ContainsFunc(audiences, func(a string) bool { return !is(a) })
	}
	anyOf := func(is func(string) bool) bool { return slices.ContainsFunc(audiences, is) }
	path := func(p string) func(string) bool {
		return func(a string) bool { return strings.HasSuffix(strings.TrimRight(a, "/"), p) }
	}
	switch {
	case len(audiences) == 0:
		return "the list is empty: ask for " + ask
	case anyOf(path("/api/v2")):
		return "aud is the Management API: ask for " + ask
	case allOf(path("/userinfo")):
		return "the client asked for no audience, so that the token is good for the issuer's userinfo alone: ask for " + ask
	case anyOf(func(a string) bool { return a == microsoftGraph || strings.Contains(a, "graph.microsoft.com") }):
		return "aud is Microsoft Graph: ask for " + ask
	case allOf(func(a string) bool { return a == "account" }):
		return "aud is Keycloak's own account console: add " + ask
	case anyOf(x.isEntraTwin):
		return "Entra names the API by its id in v2 tokens, and by its URI in v1: configure the audience as aud is, or set requestedAccessTokenVersion to 2"
	case anyOf(func(a string) bool { return a == x.issuer.Issuer }):
		return "aud is the issuer itself: ask for " + ask
	case anyOf(func(a string) bool {
		return slices.ContainsFunc(x.issuer.Audiences, func(o string) bool { return sameHost(a, o) })
	}):
		return "aud is another resource of the same host: ask for " + ask + "; the path counts"
	default:
		return "the token is for another API: ask for " + ask
	}
}

// microsoftGraph is Graph's application id.
const microsoftGraph = "00000003-0000-0000-c000-000000000000"

// isEntraTwin reports an API's id beside its URI, or the other way round.
func (x *explaining) isEntraTwin(a string) bool {
	return slices.ContainsFunc(x.issuer.Audiences, func(o string) bool {
		return a == "api://"+o || o == "api://"+a
	})
}

// looksLikeIDToken reports what ID tokens alone have (OpenID Connect Core §2,
// §3.1.3.6), or an aud that is the client itself.
func (x *explaining) looksLikeIDToken() bool {
	set := x.claims.set
	use, _ := set.text("token_use") // Cognito
	typ, _ := set.text("typ")       // Keycloak, whose access tokens may have a nonce
	switch {
	case use == "id" || typ == "ID" || set.has("at_hash") || set.has("c_hash"):
		return true
	case use != "" || typ == "Bearer" || strings.Contains(strings.ToLower(x.token.header.typ), "at+jwt"):
		return false
	}
	return set.has("nonce") || x.audienceIsClient()
}

func (x *explaining) audienceIsClient() bool {
	set := x.claims.set
	audiences, ok := stringOrList(set.raw("aud"))
	if !ok || len(audiences) != 1 || audiences[0] == "" {
		return false
	}
	client := audiences[0]
	azp, _ := set.text("azp")
	// An ID token of Auth0 names its client there alone.
	bare := providerOf(x.issuer.Issuer) == auth0 && !strings.ContainsAny(client, ":/.") && !set.has("azp") && !set.has("client_id") && !set.has("scope")
	return client == azp || slices.Contains(x.issuer.AllowedClients, client) || bare
}
