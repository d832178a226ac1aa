package main

import (
	"time"

	"mcp-resource-server/auth"
)

// settingRows are about what an issuer's settings ask for beyond the standards. The
// places have the settings.
func settingRows() []refusalRow {
	rows := lifeRows()
	for _, part := range [][]refusalRow{allowedRows(), requiredRows(), grantRows(), algorithmRows()} {
		rows = append(rows, part...)
	}
	return rows
}

// at puts all rows at one place, behind a name.
func at(place string, rows ...refusalRow) []refusalRow {
	for i := range rows {
		rows[i].at = place
		rows[i].name = place + ": " + rows[i].name
	}
	return rows
}

// because gives all rows one reason and, before the fault, one good edit.
func because(reason auth.Reason, good edit, rows ...refusalRow) []refusalRow {
	for i := range rows {
		rows[i].reason, rows[i].good = reason, good
	}
	return rows
}

func allowedRows() []refusalRow {
	rows := at("clients", because(auth.ReasonClient, nil,
		refusalRow{name: "another client", fault: claim("azp", `"somebody-elses-client"`)},
		refusalRow{name: "no client", fault: claim("azp", "")},
		refusalRow{name: "a client in capitals", fault: claim("azp", `"CLIENT-OF-THE-TOKEN"`)},
		refusalRow{name: "a client with ours as the beginning", fault: claim("azp", `"client-of-the-token-2"`)},
		refusalRow{name: "two clients that are both allowed", fault: claim("client_id", `"another-client-of-ours"`)},
	)...)
	rows = append(rows, at("client-claims", because(auth.ReasonClaim, edits(claim("cid", `"agent"`), claim("azp", "")),
		refusalRow{name: "cid a number", fault: claim("cid", `1`)},
		refusalRow{name: "cid empty", fault: claim("cid", `""`)},
		refusalRow{name: "a client of another type within an object", fault: claim("act", `{"client": ["agent"]}`)},
	)...)...)
	rows = append(rows, at("client-claims", because(auth.ReasonClient, edits(claim("cid", `"agent"`), claim("azp", `"not-read-at-all-here"`)),
		refusalRow{name: "a client within an object that disagrees", fault: claim("act", `{"client": "somebody"}`)},
	)...)...)
	rows = append(rows, at("orgs", because(auth.ReasonOrganization, claim("org_id", `"org_of_our_own"`),
		refusalRow{name: "no organization", fault: claim("org_id", "")},
		refusalRow{name: "another organization", fault: claim("org_id", `"org_of_somebody"`)},
		refusalRow{name: "an organization in capitals", fault: claim("org_id", `"ORG_OF_OUR_OWN"`)},
		refusalRow{name: "the organization's name alone", fault: edits(claim("org_id", ""), claim("org_name", `"org_of_our_own"`))},
		refusalRow{name: "organization a number", fault: claim("org_id", `1`)},
		refusalRow{name: "organization an array", fault: claim("org_id", `["org_of_our_own"]`)},
		refusalRow{name: "organization null", fault: claim("org_id", `null`)},
		refusalRow{name: "organization empty", fault: claim("org_id", `""`)},
	)...)...)
	return rows
}

func requiredRows() []refusalRow {
	good := edits(claim("token_use", `"access"`), claim("realm_access", `{"roles": ["user", "operator-of-tools"]}`), claim("https://example.com/verified", `true`))
	missing := func(name string, fault edit) refusalRow { return refusalRow{name: name, fault: fault} }
	return at("required", because(auth.ReasonRequiredClaim, good,
		missing("a required claim missing", claim("token_use", "")),
		missing("a required claim of another value", claim("token_use", `"id"`)),
		missing("a required claim in capitals", claim("token_use", `"ACCESS"`)),
		missing("a required claim with a space behind", claim("token_use", `"access "`)),
		missing("a required claim null", claim("token_use", `null`)),
		missing("a required claim a number", claim("token_use", `1`)),
		missing("a required claim an object", claim("token_use", `{"access": true}`)),
		missing("a required claim in a list with a number", claim("token_use", `["access", 1]`)),
		missing("a required role missing", claim("realm_access", `{"roles": ["user"]}`)),
		missing("required roles empty", claim("realm_access", `{"roles": []}`)),
		missing("required roles in a list of lists", claim("realm_access", `{"roles": [["operator-of-tools"]]}`)),
		missing("required roles not in an object", claim("realm_access", `["operator-of-tools"]`)),
		missing("required roles under a name with a dot", edits(claim("realm_access", ""), claim("realm_access.roles", `["operator-of-tools"]`))),
		missing("a required truth false", claim("https://example.com/verified", `false`)),
		missing("a required truth missing", claim("https://example.com/verified", "")),
		missing("a required truth the number one", claim("https://example.com/verified", `1`)),
	)...)
}

// lifeRows are about max_token_age, audiences and types.
func lifeRows() []refusalRow {
	rows := at("age",
		refusalRow{name: "a token of ten minutes and 31 s", reason: auth.ReasonLifetime, good: later(10*time.Minute + 29*time.Second), fault: later(10*time.Minute + 31*time.Second)},
		refusalRow{name: "a token without iat", reason: auth.ReasonLifetime, fault: claim("iat", "")},
		refusalRow{name: "an iat of zero", reason: auth.ReasonLifetime, fault: claim("iat", "0")},
		refusalRow{name: "a token past exp though it is young", reason: auth.ReasonExpired, good: later(time.Minute), fault: edits(claim("exp", second(-1)), later(time.Minute))},
	)
	rows = append(rows, at("strict", because(auth.ReasonAudience, claim("aud", `["`+draftAudience+`", "urn:example:api"]`),
		refusalRow{name: "ours and another", fault: claim("aud", `["`+draftAudience+`", "https://plain.example/userinfo"]`)},
		refusalRow{name: "another and ours", fault: claim("aud", `["urn:example:other", "urn:example:api"]`)},
		refusalRow{name: "no audience in the list", fault: claim("aud", `[]`)},
	)...)...)
	rows = append(rows, at("no-aud", because(auth.ReasonAudience, edits(claim("aud", ""), claim("azp", ""), claim("client_id", `"audience-by-client"`)),
		refusalRow{name: "another client as the audience", fault: claim("client_id", `"another-by-client"`)},
		refusalRow{name: "an aud instead of the client", fault: edits(claim("aud", `"audience-by-client"`), claim("client_id", `"another-by-client"`))},
		refusalRow{name: "no client as the audience", fault: claim("client_id", "")},
	)...)...)
	rows = append(rows, at("types", because(auth.ReasonTokenType, nil,
		refusalRow{name: "typ JWT where at+jwt alone is taken", fault: member("typ", `"JWT"`)},
		refusalRow{name: "no typ where at+jwt alone is taken", fault: member("typ", "")},
		refusalRow{name: "the long form where the short alone is taken", fault: member("typ", `"application/at+jwt"`)},
	)...)...)
	rows = append(rows, at("untyped",
		refusalRow{name: "a typ that is not listed", reason: auth.ReasonTokenType, good: member("typ", ""), fault: member("typ", `"at+jwt"`)},
		refusalRow{name: "a typ that is written and empty", reason: auth.ReasonHeader, good: member("typ", ""), fault: member("typ", `""`)},
	)...)
	return rows
}

// grantRows are about scope_claims and their mode.
func grantRows() []refusalRow {
	good := edits(claim("scope", ""), claim("azp", `"agent"`), claim("scopes", `["base"]`), claim("scp", `"tool:probe"`))
	wrong := func(name, value string) refusalRow { return refusalRow{name: name, fault: claim("scopes", value)} }
	rows := at("union", because(auth.ReasonClaim, good,
		wrong("scopes a number", `1`),
		wrong("scopes true", `true`),
		wrong("scopes null", `null`),
		wrong("scopes an object", `{"base": true}`),
		wrong("scopes a list with a number", `["base", 1]`),
		wrong("scopes a list with a null", `["base", null]`),
		wrong("scopes a list of lists", `[["base"]]`),
		wrong("scopes a text with two spaces", `"base  tool:whoami"`),
		refusalRow{name: "a second claim a number", fault: claim("scp", `1`)},
		refusalRow{name: "roles within an object a number", fault: claim("realm_access", `{"roles": 1}`)},
	)...)
	rows = append(rows, at("union", because(auth.ReasonScope, good,
		refusalRow{name: "two scopes in one entry of a list", fault: edits(claim("scopes", `["tool:probe base"]`), claim("scp", "")), only: operations},
		refusalRow{name: "no claim but scope, which is not read", fault: edits(claim("scope", `"openid base"`), claim("scopes", ""), claim("scp", "")), only: operations},
		refusalRow{name: "one of two claims missing", fault: claim("scp", ""), only: calls},
		refusalRow{name: "roles under another name", fault: edits(claim("scp", ""), claim("roles", `["tool:probes"]`)), only: calls},
	)...)...)
	asked := claim("scope", `"tool:probe base"`)
	assigned := edits(claim("azp", `"agent"`), claim("permissions", `["x", "tool:probe", "base"]`))
	rows = append(rows, at("intersection", because(auth.ReasonScope, assigned,
		refusalRow{name: "assigned and not asked for", fault: edits(claim("scope", `"base"`), claim("permissions", `"tool:probe base"`)), only: calls},
		refusalRow{name: "assigned and nothing asked for", fault: edits(claim("scope", ""), claim("permissions", `"tool:probe base"`)), only: operations},
	)...)...)
	rows = append(rows, at("intersection", because(auth.ReasonPermission, assigned,
		refusalRow{name: "asked for and not assigned", fault: edits(asked, claim("permissions", `["base"]`)), only: calls, lacks: "tool:probe"},
		refusalRow{name: "asked for, and another assigned", fault: edits(asked, claim("permissions", `"tool:probe x"`)), only: operations, lacks: "base"},
		refusalRow{name: "half asked for, and the other half assigned", fault: edits(claim("scope", `"base"`), claim("permissions", `"tool:probe x"`)), only: operations},
		refusalRow{name: "nothing assigned", fault: edits(asked, claim("permissions", `[]`)), only: operations},
		refusalRow{name: "no permissions at all", fault: edits(asked, claim("permissions", "")), only: operations},
	)...)...)
	return append(rows, at("intersection", refusalRow{name: "permissions a number", reason: auth.ReasonClaim, good: assigned, fault: claim("permissions", `1`)})...)
}
