package auth_test

import (
	"slices"
	"time"

	"mcp-resource-server/auth"
)

// An ID token says who logged in, for the client alone: it must never be good for
// a call. idToken makes one of an access token, as all of these providers write it.
func idToken(gone ...string) edit {
	return func(j jwt) {
		without(append(gone, "scope", "scp", "jti")...)(j)
		j.claims["aud"], j.claims["nonce"], j.claims["name"] = "CLIENT_ID", "n-7c1d0e2f", "Ada"
	}
}

func general() map[string]section {
	const issuer = "https://login.example.com"
	at := func(d time.Duration) int64 { return signedAt.Add(d).Unix() }
	return map[string]section{
		"A strict issuer": {
			provider: provider{keys: "/keys", write: func(kid string) members { return members{"kid": kid} }},
			issuer:   issuer,
			want:     []caller{{"user-17", "CLIENT_ID", []string{"tool:get_time"}}},
			also: []accepted{
				{name: "a list with the one audience", edit: []edit{set("aud", []string{audience})}, want: caller{"user-17", "CLIENT_ID", []string{"tool:get_time"}}},
				{name: "no role in common", edit: []edit{set("scope", "tool:whoami")}, want: caller{"user-17", "CLIENT_ID", nil}},
				{name: "an azp, which is not asked for", edit: []edit{set("azp", "OTHER_CLIENT")}, want: caller{"user-17", "CLIENT_ID", []string{"tool:get_time"}}},
				{name: "no roles", edit: []edit{without("https://example.com/roles")}, want: caller{"user-17", "CLIENT_ID", nil}},
			},
			refused: []refused{
				{name: "another audience beside ours", edit: []edit{set("aud", []string{audience, "https://else.example.com"})}, want: auth.ReasonAudience},
				{name: "another type", edit: []edit{setHead("typ", "JWT")}, want: auth.ReasonTokenType},
				{name: "another client", edit: []edit{set("client_id", "OTHER_CLIENT")}, want: auth.ReasonClient},
				{name: "no client", edit: []edit{without("client_id")}, want: auth.ReasonClient},
				{name: "an account that is closed", edit: []edit{set("account", members{"status": "closed"})}, want: auth.ReasonRequiredClaim},
				{name: "an account that is a text", edit: []edit{set("account", "active")}, want: auth.ReasonRequiredClaim},
				{name: "roles that are an object", edit: []edit{set("https://example.com/roles", members{"a": "b"})}, want: auth.ReasonClaim},
				{name: "issued too long ago", edit: []edit{set("iat", at(-time.Hour))}, want: auth.ReasonLifetime},
				{name: "not known when issued", edit: []edit{without("iat")}, want: auth.ReasonLifetime},
			},
		},
		"Keys that are given, not fetched": {
			issuer: issuer,
			want:   []caller{{"user-17", "", []string{"tool:get_time"}}},
			refused: []refused{
				{name: "another key named", edit: []edit{setHead("kid", "2026-07")}, want: auth.ReasonUnknownKID},
				{name: "another issuer", edit: []edit{set("iss", "https://login.example.net")}, want: auth.ReasonIssuer},
				{name: "another audience", edit: []edit{set("aud", "https://else.example.com")}, want: auth.ReasonAudience},
			},
		},
	}
}

const auth0User = "auth0|66a9f1c2e4b07d5a83c1f0de"

func auth0() map[string]section {
	const issuer, tenant = "https://TENANT.eu.auth0.com/", "https://TENANT.eu.auth0.com"
	p := provider{
		keys: "/.well-known/jwks.json",
		write: func(kid string) members {
			return members{"use": "sig", "alg": "RS256", "kid": kid, "x5t": kid, "x5c": []string{"MIIDHTCCAgWgAwIBAgIJ"}}
		},
		more: []members{{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "the-next-one", "n": publicJWK(&anotherKey().PublicKey)["n"], "e": "AQAB"}},
	}
	one := []string{"tool:get_time"}
	user := caller{auth0User, "CLIENT_ID", append([]string{"openid", "profile"}, one...)}
	m2m := caller{"CLIENT_ID@clients", "CLIENT_ID", one}
	const cimd = "https://client.example/oauth/client-metadata.json"
	return map[string]section{
		"Auth0": {
			provider: p,
			issuer:   issuer,
			want:     []caller{user, m2m},
			also: []accepted{
				{name: "a user, RFC 9068", token: 0, edit: []edit{setHead("typ", "at+jwt"), without("azp"), set("client_id", "CLIENT_ID"), set("jti", "bN4tGh8yUe2sKd6fJq0Zxc")}, want: user},
				{name: "a program, Auth0's profile", token: 1, edit: []edit{setHead("typ", "JWT"), without("client_id", "jti"), set("azp", "CLIENT_ID"), set("gty", "client-credentials")}, want: m2m},
				{name: "a program without permissions", token: 1, edit: []edit{without("scope")}, want: caller{"CLIENT_ID@clients", "CLIENT_ID", nil}},
				{name: "permissions are not read unasked", token: 1, edit: []edit{set("permissions", []string{"tool:greet"})}, want: m2m},
				{name: "a program whose sub is another", token: 1, edit: []edit{set("sub", "another@clients")}, want: caller{"another@clients", "CLIENT_ID", one}},
				{name: "a client that is a URL", token: 0, edit: []edit{set("azp", cimd)}, want: caller{auth0User, cimd, user.scopes}},
			},
			refused: []refused{
				{name: "an ID token", edit: []edit{idToken("azp")}, want: auth.ReasonAudience},
				{name: "for the Management API", token: 1, edit: []edit{set("aud", issuer+"api/v2/")}, want: auth.ReasonAudience},
				{name: "for userinfo alone", edit: []edit{set("aud", []string{issuer + "userinfo"})}, want: auth.ReasonAudience},
				{name: "for the API with a slash more", token: 1, edit: []edit{set("aud", audience+"/")}, want: auth.ReasonAudience},
				{name: "of another tenant", edit: []edit{set("iss", "https://OTHER.eu.auth0.com/")}, want: auth.ReasonIssuer},
				{name: "an issuer without the slash", edit: []edit{set("iss", tenant)}, want: auth.ReasonIssuer},
				{name: "azp and client_id of two clients", edit: []edit{set("client_id", "OTHER_CLIENT")}, want: auth.ReasonClient},
				{name: "another client", token: 1, conf: only("CLIENT_ID"), edit: []edit{set("client_id", "OTHER_CLIENT")}, want: auth.ReasonClient},
				{name: "userinfo beside ours, by a strict audience", token: 1, conf: func(ic *auth.IssuerConfig) { ic.StrictAudience = true }, edit: []edit{set("aud", []string{audience, issuer + "userinfo"})}, want: auth.ReasonAudience},
				{name: "a logout token", edit: []edit{setHead("typ", "logout+jwt")}, want: auth.ReasonTokenType},
				{name: "signed with a shared secret", edit: []edit{setHead("alg", "HS256")}, want: auth.ReasonUnsupportedAlg},
				{name: "bound to a key", edit: []edit{set("cnf", members{"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})}, want: auth.ReasonSenderConstrained},
				{name: "under the name of the next key", edit: []edit{setHead("kid", "the-next-one")}, want: auth.ReasonSignature},
			},
		},
		"Auth0: permissions": {
			provider: p,
			issuer:   issuer,
			want:     []caller{{auth0User, "CLIENT_ID", one}},
			also: []accepted{
				{name: "no permissions", edit: []edit{set("permissions", []string{})}, want: caller{auth0User, "CLIENT_ID", nil}},
			},
			refused: []refused{
				{name: "an ID token", edit: []edit{idToken("azp", "permissions")}, want: auth.ReasonAudience},
				{name: "permissions of numbers", edit: []edit{set("permissions", []int{1})}, want: auth.ReasonClaim},
				{name: "of another tenant", edit: []edit{set("iss", "https://OTHER.eu.auth0.com/")}, want: auth.ReasonIssuer},
			},
		},
		"Auth0: organizations": {
			provider: p,
			issuer:   issuer,
			want:     []caller{{auth0User, "CLIENT_ID", one}},
			also: []accepted{
				{name: "a name beside it", edit: []edit{set("org_name", "acme")}, want: caller{auth0User, "CLIENT_ID", one}},
			},
			refused: []refused{
				{name: "another organization", edit: []edit{set("org_id", "org_0000000000000000")}, want: auth.ReasonOrganization},
				{name: "no organization", edit: []edit{without("org_id")}, want: auth.ReasonOrganization},
				{name: "its name alone", edit: []edit{without("org_id"), set("org_name", "org_7Hq2LmZtYb4Rk9Xw")}, want: auth.ReasonOrganization},
				{name: "a list with it", edit: []edit{set("org_id", []string{"org_7Hq2LmZtYb4Rk9Xw"})}, want: auth.ReasonOrganization},
			},
		},
		"Auth0: one client alone": {
			provider: p,
			issuer:   issuer,
			want:     []caller{{auth0User, cimd, one}},
			refused: []refused{
				{name: "a client of the same host", edit: []edit{set("client_id", "https://client.example/oauth/other.json")}, want: auth.ReasonClient},
				{name: "a client with an id of Auth0's", edit: []edit{set("client_id", "CLIENT_ID")}, want: auth.ReasonClient},
				{name: "no client", edit: []edit{without("client_id")}, want: auth.ReasonClient},
			},
		},
	}
}

func okta() map[string]section {
	const issuer = "https://ORG.okta.com/oauth2/SERVER_ID"
	return map[string]section{"Okta": {
		provider: provider{
			keys:  "/oauth2/SERVER_ID/v1/keys",
			write: func(kid string) members { return members{"alg": "RS256", "use": "sig", "kid": kid} },
		},
		issuer: issuer,
		want: []caller{
			{"ada@example.com", "CLIENT_ID", []string{"openid", "tool:get_time"}},
			{"CLIENT_ID", "CLIENT_ID", []string{"tool:get_time"}},
		},
		refused: []refused{
			{name: "an ID token", edit: []edit{idToken("cid", "uid"), set("jti", "ID.Zk8mQv2XtLw5RbYpHs7NcJdFgA3eUo1iKxTz6CvBn4M")}, want: auth.ReasonAudience},
			{name: "of the org authorization server", edit: []edit{setHead("typ", "application/okta-internal-at+jwt"), set("iss", "https://ORG.okta.com"), set("aud", "https://ORG.okta.com")}, want: auth.ReasonIssuer},
			{name: "of the server default", edit: []edit{set("iss", "https://ORG.okta.com/oauth2/default"), set("aud", "api://default")}, want: auth.ReasonIssuer},
			{name: "of another org", edit: []edit{set("iss", "https://OTHER.okta.com/oauth2/SERVER_ID")}, want: auth.ReasonIssuer},
			{name: "for another API", edit: []edit{set("aud", "api://default")}, want: auth.ReasonAudience},
			{name: "another client", token: 1, conf: only("CLIENT_ID"), edit: []edit{set("cid", "OTHER_CLIENT")}, want: auth.ReasonClient},
			{name: "with a typ", edit: []edit{setHead("typ", "JWT")}, want: auth.ReasonTokenType},
			{name: "scp of numbers", edit: []edit{set("scp", []int{1})}, want: auth.ReasonClaim},
		},
	}}
}

func keycloak() map[string]section {
	const issuer = "https://sso.example.com/realms/REALM"
	const person, program = "b3f0a6d2-71c8-4e95-8d24-0f9e5c6b7a13", "e7d6c5b4-a392-4810-9f7e-6d5c4b3a2918"
	p := provider{
		keys: "/realms/REALM/protocol/openid-connect/certs",
		write: func(kid string) members {
			return members{"alg": "RS256", "use": "sig", "kid": kid, "x5c": []string{"MIICmzCCAYMCBgF"}, "x5t": "x", "x5t#S256": "y"}
		},
		more: []members{{"kty": "RSA", "use": "enc", "alg": "RSA-OAEP", "kid": "for-encryption", "n": publicJWK(&anotherKey().PublicKey)["n"], "e": "AQAB"}},
	}
	within := p
	within.keys = "http://keycloak.sso.svc.cluster.local:8080" + p.keys
	id := []edit{set("typ", "ID"), without("scope", "realm_access", "resource_access"), set("at_hash", "x")}
	return map[string]section{
		"Keycloak": {
			provider: p,
			issuer:   issuer,
			want:     []caller{{person, "CLIENT_ID", []string{"openid", "tool:get_time"}}},
			also: []accepted{
				{name: "with the header of RFC 9068", edit: []edit{setHead("typ", "at+jwt")}, want: caller{person, "CLIENT_ID", []string{"openid", "tool:get_time"}}},
			},
			refused: []refused{
				{name: "no mapper", edit: []edit{set("aud", "account")}, want: auth.ReasonAudience},
				{name: "no audience at all", edit: []edit{without("aud")}, want: auth.ReasonAudience},
				{name: "an ID token", edit: append(id, set("aud", "CLIENT_ID")), want: auth.ReasonAudience},
				{name: "an ID token with our audience", edit: append(id, set("aud", []string{"CLIENT_ID", audience})), want: auth.ReasonRequiredClaim},
				{name: "a refresh token", edit: []edit{setHead("alg", "HS512"), set("typ", "Refresh"), set("aud", issuer)}, want: auth.ReasonUnsupportedAlg},
				{name: "for DPoP, without what binds it", edit: []edit{set("typ", "DPoP")}, want: auth.ReasonRequiredClaim},
				{name: "of another realm", edit: []edit{set("iss", "https://sso.example.com/realms/OTHER")}, want: auth.ReasonIssuer},
				{name: "of the realm under another host", edit: []edit{set("iss", "http://localhost:8080/realms/REALM")}, want: auth.ReasonIssuer},
				{name: "no subject", edit: []edit{without("sub")}, want: auth.ReasonClaim},
				{name: "another client", conf: only("CLIENT_ID"), edit: []edit{set("azp", "OTHER_CLIENT")}, want: auth.ReasonClient},
				{name: "under the name of the key for encryption", edit: []edit{setHead("kid", "for-encryption")}, want: auth.ReasonUnknownKID},
			},
		},
		"Keycloak: in a cluster": {
			provider: within,
			issuer:   issuer,
			want:     []caller{{program, "CLIENT_ID", []string{"tool:get_time"}}},
			refused: []refused{
				{name: "by its name in the cluster", edit: []edit{set("iss", "http://keycloak.sso.svc.cluster.local:8080/realms/REALM")}, want: auth.ReasonIssuer},
				{name: "an ID token", edit: append(id, set("aud", "CLIENT_ID")), want: auth.ReasonAudience},
			},
		},
		"Keycloak: roles": {
			provider: p,
			issuer:   issuer,
			want:     []caller{{program, "CLIENT_ID", []string{"tool:get_time", "tool:get_weather"}}},
			also: []accepted{
				{name: "a role with a space", edit: []edit{set("realm_access", members{"roles": []string{"Team Lead", "tool:greet"}})}, want: caller{program, "CLIENT_ID", []string{"tool:get_time", "tool:greet"}}},
				{name: "roles of a client alone", edit: []edit{without("realm_access"), set("resource_access", members{"CLIENT_ID": members{"roles": []string{"tool:greet"}}})}, want: caller{program, "CLIENT_ID", []string{"tool:get_time"}}},
				{name: "a claim that is called like the path", edit: []edit{set("realm_access.roles", []string{"tool:greet"})}, want: caller{program, "CLIENT_ID", []string{"tool:get_time", "tool:get_weather"}}},
			},
			refused: []refused{
				{name: "an ID token", edit: append(id, set("aud", "CLIENT_ID")), want: auth.ReasonAudience},
				{name: "roles of numbers", edit: []edit{set("realm_access", members{"roles": []int{1}})}, want: auth.ReasonClaim},
				{name: "of another realm", edit: []edit{set("iss", "https://sso.example.com/realms/OTHER")}, want: auth.ReasonIssuer},
			},
		},
	}
}

func cognito() map[string]section {
	const issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_POOL"
	const person = "d3f4a5b6-c7d8-49e0-a1b2-c3d4e5f6a7b8"
	p := provider{
		keys:  "/eu-central-1_POOL/.well-known/jwks.json",
		write: func(kid string) members { return members{"alg": "RS256", "use": "sig", "kid": kid} },
		more:  []members{{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "for-id-tokens=", "n": publicJWK(&anotherKey().PublicKey)["n"], "e": "AQAB"}},
	}
	id := []edit{idToken("client_id", "username", "version"), set("token_use", "id"), set("cognito:username", "ada")}
	byResource := func(ic *auth.IssuerConfig) { ic.AudienceClaim, ic.Audiences = "", []string{audience} }
	misses := []refused{
		{name: "an ID token", edit: id, want: auth.ReasonAudience},
		{name: "an ID token with a client", edit: append(id, set("client_id", "CLIENT_ID")), want: auth.ReasonRequiredClaim},
		{name: "no token_use", edit: []edit{without("token_use")}, want: auth.ReasonRequiredClaim},
		{name: "another client", edit: []edit{set("client_id", "OTHER_CLIENT")}, want: auth.ReasonAudience},
		{name: "our client in aud alone", edit: []edit{set("aud", "CLIENT_ID"), set("client_id", "OTHER_CLIENT")}, want: auth.ReasonAudience},
		{name: "of another pool", edit: []edit{set("iss", "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_OTHER")}, want: auth.ReasonIssuer},
		{name: "with a typ", edit: []edit{setHead("typ", "JWT")}, want: auth.ReasonTokenType},
	}
	return map[string]section{
		"Amazon Cognito": {
			provider: p,
			issuer:   issuer,
			want:     []caller{{person, "CLIENT_ID", []string{"openid", "mcp/call"}}, {"CLIENT_ID", "CLIENT_ID", []string{"mcp/call"}}},
			also: []accepted{
				{name: "a login through the API", edit: []edit{set("scope", "aws.cognito.signin.user.admin")}, want: caller{person, "CLIENT_ID", []string{"aws.cognito.signin.user.admin"}}},
				{name: "groups are not read unasked", edit: []edit{set("cognito:groups", []string{"tool:greet"})}, want: caller{person, "CLIENT_ID", []string{"openid", "mcp/call"}}},
				{name: "an aud beside it", edit: []edit{set("aud", audience)}, want: caller{person, "CLIENT_ID", []string{"openid", "mcp/call"}}},
			},
			refused: append(slices.Clone(misses),
				refused{name: "no aud, where it is asked for", conf: byResource, twin: []edit{set("aud", audience)}, edit: []edit{without("aud")}, want: auth.ReasonAudience},
				refused{name: "an aud of another resource, where it is asked for", conf: byResource, twin: []edit{set("aud", audience)}, edit: []edit{set("aud", "https://else.example.com")}, want: auth.ReasonAudience}),
		},
		"Amazon Cognito: groups": {
			provider: p,
			issuer:   issuer,
			want:     []caller{{person, "CLIENT_ID", []string{"openid", "tool:get_time", "tool:greet"}}},
			also: []accepted{
				{name: "no groups", edit: []edit{without("cognito:groups")}, want: caller{person, "CLIENT_ID", []string{"openid"}}},
			},
			refused: misses,
		},
	}
}
