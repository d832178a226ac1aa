package auth

func partyFixes() []fixRow {
	allowed := func(c *IssuerConfig) { c.AllowedClients = []string{"client-of-the-token"} }
	organization := func(c *IssuerConfig) { c.AllowedOrganizations = []string{"org_1"} }
	inOrg := claimsWith("org_id", `"org_1"`)
	required := func(c *IssuerConfig) { c.RequiredClaims = []RequiredClaim{{"token_use", "access"}, {"level", "2"}} }
	good := claimsWith("token_use", `"access"`, "level", `"2"`)
	return []fixRow{
		{name: "no sub", edit: claim("sub", ""), check: checkSubject, got: "no sub", fix: "have the issuer add sub"},
		{name: "sub a number", edit: claim("sub", "42"), check: checkSubject, got: "sub 42", fix: "sub is a number"},
		{name: "sub empty", edit: claim("sub", `""`), check: checkSubject, got: `sub ""`, fix: "sub is empty"},
		{name: "sub too long", edit: claim("sub", text(1025)), check: checkSubject, got: "and 825 bytes more", fix: "sub is longer than 1024"},
		{name: "sub with escapes", edit: claimsWith("sub", `"a\u202eb\u001b[2J\u0000"`, "jti", "1"), check: checkSubject, got: `sub "a\u202eb\x1b[2J\x00"`, fix: "jti is a number"},
		{name: "jti", edit: claim("jti", "1"), check: checkSubject, got: "jti 1", fix: "jti is a number"},
		{name: "DPoP", edit: claim("cnf", `{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}`), check: checkBinding, got: `cnf with "jkt"`, fix: "bound by DPoP"},
		{name: "mTLS", edit: claim("cnf", `{"x5t#S256":"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}`), check: checkBinding, got: "x5t#S256", fix: "bound to a client certificate"},
		{name: "cnf of another kind", edit: claim("cnf", "null"), check: checkBinding, got: "cnf: null", fix: "bound to a key"},

		{name: "client not allowed", conf: allowed, edit: claim("client_id", `"other"`), check: checkClient, got: `client_id "other"`, fix: `not in allowed_clients: add "other"`},
		{name: "no client", conf: allowed, edit: claim("client_id", ""), check: checkClient, got: "no azp, no client_id", fix: "the token names no client"},
		{name: "client in cid", conf: allowed, edit: claimsWith("client_id", "", "cid", `"client-of-the-token"`), check: checkClient, got: "no azp, no client_id", fix: "the token names its client in cid: set client_id_claims: [cid]"},
		{name: "clients disagree", edit: claim("azp", `"other"`), check: checkClient, got: `azp "other", client_id "client-of-the-token"`, fix: "name different clients"},
		{name: "client of the wrong type", edit: claim("azp", "7"), check: checkClient, got: "azp 7", fix: "must be text that is not empty"},

		{name: "no organization", conf: organization, good: inOrg, edit: claim("org_id", ""), check: checkOrganization, got: "no org_id", fix: "did not log in through an organization"},
		{name: "organization by its name alone", conf: organization, good: inOrg, edit: claim("org_name", `"one"`), check: checkOrganization, got: "no org_id", fix: "org_name alone"},
		{name: "another organization", conf: organization, good: inOrg, edit: claim("org_id", `"org_2"`), check: checkOrganization, got: `org_id "org_2"`, fix: `add "org_2" to allowed_organizations`},
		{name: "organization in a list", conf: organization, good: inOrg, edit: claimsWith("org_id", `["org_1"]`, "org_name", `"one"`), check: checkOrganization, got: `org_id the list of "org_1"`, fix: "org_id is a list: the issuer must write it as text"},
		{name: "names configured", conf: func(c *IssuerConfig) { c.AllowedOrganizations = []string{"acme", "org_1"} }, good: inOrg, edit: claimsWith("org_id", `"org_2"`, "org_name", `"acme"`), check: checkOrganization, got: "org_2", fix: `takes ids, not names: write "org_2"`},

		{name: "required claim missing", conf: required, good: good, edit: claim("token_use", `"access"`), check: checkRequired, got: `token_use "access" and no level`, fix: "have the issuer add level"},
		{name: "required claim of another value", conf: required, good: good, edit: claimsWith("token_use", `"access"`, "level", `"1"`), check: checkRequired, got: `level "1"`, fix: `level must be "2"`},
		{name: "required claim a number", conf: required, good: good, edit: claimsWith("token_use", `"access"`, "level", "2"), check: checkRequired, got: "level 2", fix: "level is a number"},
		{name: "required claim of an ID token", conf: required, good: good, edit: claimsWith("token_use", `"id"`, "level", `"2"`), check: checkRequired, got: `token_use "id"`, fix: "this is an ID token"},
	}
}

func grantFixes() []fixRow {
	roles := func(c *IssuerConfig) { c.ScopeClaims = []string{"scp", "roles"} }
	return []fixRow{
		{name: "list", edit: claim("scope", `["tool:alpha"]`), check: checkGrants, got: `scope the list of "tool:alpha"`, fix: "set scope_claims: [scope]"},
		{name: "two spaces", edit: claim("scope", `"a  b"`), check: checkGrants, got: `scope "a  b"`, fix: "two together"},
		{name: "space behind", edit: claim("scope", `"a "`), check: checkGrants, got: `scope "a "`, fix: "in front, behind"},
		{name: "line break", edit: claim("scope", `"a\nb"`), check: checkGrants, got: `"a\nb"`, fix: "has a character that no scope has"},
		{name: "commas and quotes", edit: claim("scope", `"\"a\",\"b\""`), check: checkGrants, got: `scope "\"a\"`, fix: "scope separates scopes by something else: between scopes stands one space, and no comma"},
		{name: "list of other things", edit: claim("scope", `["tool:alpha",7]`), check: checkGrants, got: "scope a list with other things", fix: "scope is a list with other things than text: the issuer must write text, or a list of texts alone"},
		{name: "configured, a list of other things", conf: roles, edit: claimsWith("roles", `[7]`), check: checkGrants, got: "roles a list with other things", fix: "roles is a list with other things than text"},
		{name: "null", edit: claim("scope", "null"), check: checkGrants, got: "scope null", fix: "scope is null"},
		{name: "configured, an object", conf: roles, edit: claimsWith("scp", `"a"`, "roles", `{"a":1}`), check: checkGrants, got: `scp "a", roles an object with "a"`, fix: "roles is an object"},
	}
}
