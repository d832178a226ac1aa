package auth

import (
	"strconv"
)

func issuerFixes() []fixRow {
	near := func(iss string) func(*draft) { return claim("iss", strconv.Quote(iss)) }
	provider := func(issuer, other string) (func(*IssuerConfig), func(*draft), func(*draft)) {
		return confIssuer(issuer, testAudience), issuerIs(issuer), issuerIs(other)
	}
	rows := []fixRow{
		{name: "missing", edit: claim("iss", ""), check: checkIssuerName, got: "no iss", fix: "names its issuer in iss"},
		{name: "a number", edit: claim("iss", "1"), check: checkIssuerName, got: "1", fix: "names its issuer in iss"},
		{name: "no slash", edit: near("https://issuer.example"), check: checkIssuerName, got: `"https://issuer.example"`, fix: `iss has no slash at its end: write the configured issuer exactly as iss is, "https://issuer.example"`},
		{name: "slash", conf: confIssuer("https://issuer.test", testAudience), good: issuerIs("https://issuer.test"), edit: near("https://issuer.test/"), check: checkIssuerName, got: `"https://issuer.test/"`, fix: "iss has a slash more at its end"},
		{name: "case", edit: near("https://Issuer.example/"), check: checkIssuerName, got: "Issuer", fix: "iss differs in upper and lower case"},
		{name: "http", edit: near("http://issuer.example/"), check: checkIssuerName, got: "http://", fix: "iss begins with http, not with https: the issuer takes itself for an http one"},
		{name: "port", edit: near("https://issuer.example:443/"), check: checkIssuerName, got: ":443", fix: "iss has a port written out"},
		{name: "white space", edit: near("https://issuer.example/ "), check: checkIssuerName, got: `/ "`, fix: "iss has white space around it"},
		{name: "case twice", conf: confIssuer("https://issuer.example/path", testAudience), good: issuerIs("https://issuer.example/path"), edit: near("https://Issuer.example/Path"), check: checkIssuerName, got: "Path", fix: "iss differs in upper and lower case: write"},
		{name: "two differences", edit: near("https://ISSUER.example"), check: checkIssuerName, got: "ISSUER", fix: "iss differs in upper and lower case and has no slash at its end"},
		{name: "a letter that looks alike", edit: near("https://\u0456ssuer.example/"), check: checkIssuerName, got: `"https://\u0456ssuer.example/"`, fix: "the token is of another issuer"},
		{name: "the same host", edit: near("https://issuer.example/other"), check: checkIssuerName, got: "other", fix: "the same host, and another issuer on it"},
		{name: "somebody else", edit: near("https://evil.example/"), check: checkIssuerName, got: "evil", fix: "the token is of another issuer: get it from https://issuer.example/, or"},
	}
	for _, r := range []struct{ name, issuer, other, fix string }{
		{"another tenant", auth0Issuer, "https://other.eu.auth0.com/", "another Auth0 tenant (or region): get it from https://tenant.eu.auth0.com/"},
		{"custom domain", auth0Issuer, "https://login.example.com/", "one of them is its custom domain"},
		{"the tenant behind a custom domain", "https://login.example.com/", auth0Issuer, "one of them is its custom domain"},
		{"Entra v1", entraIssuer, "https://sts.windows.net/11111111-2222-3333-4444-555555555555/", "a v1 token of Entra: set requestedAccessTokenVersion to 2"},
		{"another Entra tenant", entraIssuer, "https://login.microsoftonline.com/99999999-2222-3333-4444-555555555555/v2.0", "another Entra tenant"},
		{"Okta's org server", oktaIssuer, "https://example.okta.com", "Okta's org authorization server"},
		{"another realm", keycloakIssuer, "https://sso.example.com/realms/other", "another realm"},
		{"Keycloak by another name", keycloakIssuer, "https://keycloak:8443/realms/main", "reached by another name"},
	} {
		conf, good, edit := provider(r.issuer, r.other)
		rows = append(rows, fixRow{name: r.name, conf: conf, good: good, edit: edit, check: checkIssuerName, got: strconv.Quote(r.other), fix: r.fix})
	}
	return rows
}

func audienceFixes() []fixRow {
	of := func(issuer string, pairs ...string) (func(*IssuerConfig), func(*draft)) {
		return confIssuer(issuer, testAudience), issuerIs(issuer, pairs...)
	}
	aud := func(value string) func(*draft) { return claim("aud", value) }
	rows := []fixRow{
		{name: "missing", edit: aud(""), check: checkAudiences, got: "no aud", fix: "the client asked for no audience: ask for audience=" + testAudience},
		{name: "a number", edit: aud("7"), check: checkAudiences, got: "7", fix: "aud is a number"},
		{name: "a list of other things", edit: aud(`["x",7]`), check: checkAudiences, got: "a list with other things", fix: "aud is a list with other things than text (RFC 7519 4.1.3)"},
		{name: "empty list", edit: aud("[]"), check: checkAudiences, got: "an empty list", fix: "the list is empty"},
		{name: "slash", edit: aud(`"` + testAudience + `/"`), check: checkAudiences, got: testAudience + "/", fix: "aud has a slash more at its end: have the client ask for audience=" + testAudience + ", byte for byte"},
		{name: "case", edit: aud(`"https://mcp.example.com/MCP"`), check: checkAudiences, got: "/MCP", fix: "aud differs in upper and lower case"},
		{name: "http", edit: aud(`"http://mcp.example.com/mcp"`), check: checkAudiences, got: "http:", fix: "aud begins with http, not with https"},
		{name: "a word in another case", edit: aud(`"URN:example:API"`), check: checkAudiences, got: "URN", fix: "aud differs in upper and lower case"},
		{name: "fragment", edit: aud(`"` + testAudience + `#x"`), check: checkAudiences, got: "#x", fix: "aud has a fragment"},
		{name: "the path is missing", edit: aud(`"https://mcp.example.com"`), check: checkAudiences, got: "mcp.example.com", fix: "another resource of the same host"},
		{name: "another API", edit: aud(`"https://elsewhere.example.com/"`), check: checkAudiences, got: "elsewhere", fix: "the token is for another API: ask for audience=" + testAudience},
		{name: "many others", edit: aud(`["a","b","c","d","e","f","g","h","i","j"]`), check: checkAudiences, got: `"h" and 2 more`, fix: "for another API"},
		{name: "nonce", edit: asJWT(claimsWith("aud", `"client-of-the-token"`, "nonce", `"n"`)), check: checkAudiences, got: "client-of", fix: "this is an ID token"},
	}
	rows = append(rows,
		fixRow{name: "at_hash", edit: claimsWith("aud", `"another"`, "at_hash", `"h"`), check: checkAudiences, got: "another", fix: "this is an ID token"},
		fixRow{
			name: "aud is an allowed client", conf: func(c *IssuerConfig) { c.AllowedClients = []string{"client-of-the-token"} },
			edit: asJWT(claim("aud", `"client-of-the-token"`)), check: checkAudiences, got: "client-of-the-token", fix: "this is an ID token",
		},
		fixRow{
			name: "Keycloak's access token with a nonce", conf: confIssuer(keycloakIssuer, testAudience), good: issuerIs(keycloakIssuer),
			edit: asJWT(issuerIs(keycloakIssuer, "aud", `"account"`, "nonce", `"n"`, "typ", `"Bearer"`)), check: checkAudiences, got: "account", fix: "Keycloak's own account console",
		},
	)
	add := func(name, issuer, fix, got string, pairs ...string) {
		conf, good := of(issuer)
		_, edit := of(issuer, pairs...)
		rows = append(rows, fixRow{name: name, conf: conf, good: good, edit: asJWT(edit), check: checkAudiences, got: got, fix: fix})
	}
	add("Management API", auth0Issuer, "aud is the Management API: ask for audience="+testAudience, "/api/v2/", "aud", `"https://tenant.eu.auth0.com/api/v2/"`)
	add("userinfo alone", auth0Issuer, "the client asked for no audience, so that the token is good for the issuer's userinfo alone", "userinfo", "aud", `["https://tenant.eu.auth0.com/userinfo"]`)
	add("an ID token of Auth0", auth0Issuer, "this is an ID token: send the access token, and ask for one with audience="+testAudience, "Z9xkl", "aud", `"Z9xkl2Qd0s7Rk3mN1vTgYb5cWf8hJp4E"`, "client_id", "", "scope", "")
	add("aud is the client", auth0Issuer, "this is an ID token", "my-client", "aud", `"my-client"`, "azp", `"my-client"`, "client_id", "")
	add("Graph", entraIssuer, "aud is Microsoft Graph: ask for the scope api://", "00000003", "aud", `"00000003-0000-0000-c000-000000000000"`)
	add("account", keycloakIssuer, "account console: add an audience mapper for "+testAudience, "account", "aud", `"account"`)
	add("no mapper", keycloakIssuer, "Keycloak adds aud by a mapper alone: add an audience mapper", "no aud", "aud", "")
	add("the issuer itself", oktaIssuer, "aud is the issuer itself", "okta", "aud", strconv.Quote(oktaIssuer))
	add("Cognito", cognitoIssuer, "set audience_claim: client_id", "no aud", "aud", "")
	rows = append(rows,
		fixRow{
			name: "Cognito's ID token", conf: func(c *IssuerConfig) { c.AudienceClaim, c.Audiences = "client_id", []string{"client-of-the-token"} },
			edit: claimsWith("client_id", "", "aud", `"client-of-the-token"`, "token_use", `"id"`), check: checkAudiences, got: "no client_id", fix: "this is an ID token",
		},
		fixRow{
			name: "Entra's API by its URI", conf: confIssuer(entraIssuer, "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"), good: issuerIs(entraIssuer, "aud", `"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"`),
			edit: issuerIs(entraIssuer, "aud", `"api://aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"`), check: checkAudiences, got: "api://", fix: "Entra names the API by its id in v2 tokens",
		},
		fixRow{
			name: "strict", conf: func(c *IssuerConfig) { c.StrictAudience = true },
			edit: claim("aud", `["`+testAudience+`","https://issuer.example/userinfo"]`), check: checkAudiences, got: "userinfo", fix: "strict_audience is on",
		},
	)
	return rows
}

// asJWT gives the token the typ of ID tokens, which many access tokens have, too.
func asJWT(f func(*draft)) func(*draft) {
	return func(d *draft) { f(d); member("typ", `"JWT"`)(d) }
}
