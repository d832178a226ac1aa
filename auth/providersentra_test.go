package auth_test

import (
	"slices"

	"mcp-resource-server/auth"
)

func entra() map[string]section {
	const issuer = "https://login.microsoftonline.com/TENANT_ID/v2.0"
	const person, program = "q7Rk2VtXw9LmZbYpHsNcJ4dFgA6eUo1iKxTz3CvBn8M", "8e0b7a64-3c5d-4f21-b9e8-1d2a6c7f4b35"
	both := []string{"tool:get_time", "tool:get_weather"}
	intersection := func(ic *auth.IssuerConfig) { ic.ScopeClaimsMode = auth.ScopeClaimsIntersection }
	return map[string]section{"Microsoft Entra ID": {
		provider: provider{
			keys: "/TENANT_ID/discovery/v2.0/keys",
			write: func(kid string) members { // no alg
				return members{"use": "sig", "kid": kid, "x5t": kid, "x5c": []string{"MIIC/TCCAeWgAwIBAgIJ"}, "cloud_instance_name": "microsoftonline.com", "issuer": issuer}
			},
		},
		issuer: issuer,
		want:   []caller{{person, "CLIENT_ID", both}, {program, "CLIENT_ID", both[:1]}},
		also: []accepted{
			{name: "a person with a role", token: 0, edit: []edit{set("roles", []string{"tool:greet"})}, want: caller{person, "CLIENT_ID", append(slices.Clone(both), "tool:greet")}},
			{name: "a person with one of the roles, where both are needed", conf: intersection, edit: []edit{set("roles", both[1:])}, want: caller{person, "CLIENT_ID", both[1:]}},
			{name: "a program without roles", token: 1, edit: []edit{without("roles")}, want: caller{program, "CLIENT_ID", nil}},
		},
		refused: []refused{
			{name: "an ID token of the client", edit: []edit{idToken("azp", "azpacr")}, want: auth.ReasonAudience},
			{name: "an ID token of the API's own registration", edit: []edit{idToken("azp", "azpacr"), set("aud", "API_CLIENT_ID"), set("roles", both)}, want: auth.ReasonClient},
			{name: "of version 1", edit: []edit{set("iss", "https://sts.windows.net/TENANT_ID/"), set("ver", "1.0"), set("aud", "api://API_CLIENT_ID"), without("azp"), set("appid", "CLIENT_ID")}, want: auth.ReasonIssuer},
			{name: "of version 1, by our issuer", edit: []edit{set("aud", "api://API_CLIENT_ID")}, want: auth.ReasonAudience},
			{name: "for Microsoft Graph", edit: []edit{set("aud", "00000003-0000-0000-c000-000000000000"), setHead("nonce", "n")}, want: auth.ReasonAudience},
			{name: "of another tenant", edit: []edit{set("iss", "https://login.microsoftonline.com/OTHER_TENANT/v2.0"), set("tid", "OTHER_TENANT")}, want: auth.ReasonIssuer},
			{name: "another client", token: 1, edit: []edit{set("azp", "OTHER_CLIENT")}, want: auth.ReasonClient},
			{name: "another tenant's id, where it is asked for", conf: func(ic *auth.IssuerConfig) {
				ic.RequiredClaims = []auth.RequiredClaim{{Claim: "tid", Value: "TENANT_ID"}}
			}, edit: []edit{set("tid", "OTHER_TENANT")}, want: auth.ReasonRequiredClaim},
			{name: "of an algorithm that is not listed, by a key without one", edit: []edit{setHead("alg", "PS256")}, want: auth.ReasonUnsupportedAlg},
			{name: "roles that are no list", token: 1, edit: []edit{set("roles", 1)}, want: auth.ReasonClaim},
		},
	}}
}

// entraElsewhere are Entra's issuers whose keys are on another origin.
func entraElsewhere() map[string]section {
	const v1, external = "https://sts.windows.net/TENANT_ID/", "https://TENANT_ID.ciamlogin.com/TENANT_ID/v2.0"
	const person, customer = "q7Rk2VtXw9LmZbYpHsNcJ4dFgA6eUo1iKxTz3CvBn8M", "s9Lk2VtXw9LmZbYpHsNcJ4dFgA6eUo1iKxTz3CvBn8M"
	write := func(kid string) members { return members{"use": "sig", "kid": kid, "x5t": kid} }
	one := []string{"tool:get_time"}
	return map[string]section{
		"Microsoft Entra ID: tokens of version 1": {
			provider: provider{keys: "https://login.microsoftonline.com/TENANT_ID/discovery/keys", write: write},
			issuer:   v1,
			want:     []caller{{person, "CLIENT_ID", one}},
			also: []accepted{
				{name: "a program", edit: []edit{without("scp"), set("roles", []string{"tool:greet"})}, want: caller{person, "CLIENT_ID", []string{"tool:greet"}}},
			},
			refused: []refused{
				{name: "an ID token of the API's own registration", edit: []edit{idToken("appid", "appidacr"), set("aud", "api://API_CLIENT_ID")}, want: auth.ReasonClient},
				{name: "of version 2", edit: []edit{set("iss", "https://login.microsoftonline.com/TENANT_ID/v2.0"), set("ver", "2.0")}, want: auth.ReasonIssuer},
				{name: "an issuer without the slash", edit: []edit{set("iss", "https://sts.windows.net/TENANT_ID")}, want: auth.ReasonIssuer},
				{name: "of another tenant, by the keys of all", edit: []edit{set("iss", "https://sts.windows.net/OTHER_TENANT/"), set("tid", "OTHER_TENANT")}, want: auth.ReasonIssuer},
				{name: "for the id without its scheme", edit: []edit{set("aud", "API_CLIENT_ID")}, want: auth.ReasonAudience},
				{name: "another client", edit: []edit{set("appid", "OTHER_CLIENT")}, want: auth.ReasonClient},
				{name: "the client in azp alone", edit: []edit{without("appid"), set("azp", "CLIENT_ID")}, want: auth.ReasonClient},
			},
		},
		"Microsoft Entra External ID": {
			provider: provider{keys: "https://TENANT.ciamlogin.com/TENANT_ID/discovery/v2.0/keys", write: write},
			issuer:   external,
			want:     []caller{{customer, "CLIENT_ID", one}},
			refused: []refused{
				{name: "by the tenant's name", edit: []edit{set("iss", "https://TENANT.ciamlogin.com/TENANT_ID/v2.0")}, want: auth.ReasonIssuer},
				{name: "of a tenant of people at work", edit: []edit{set("iss", "https://login.microsoftonline.com/TENANT_ID/v2.0")}, want: auth.ReasonIssuer},
				{name: "an ID token", edit: []edit{idToken("azp", "azpacr")}, want: auth.ReasonAudience},
				{name: "another client", edit: []edit{set("azp", "OTHER_CLIENT")}, want: auth.ReasonClient},
			},
		},
	}
}
