package auth

import (
	"fmt"
	"slices"
	"strings"

	"mcp-resource-server/internal/strictjson"
)

func (x *explaining) gotSubject() string {
	set := x.claims.set
	got := "no sub"
	if set.has("sub") {
		got = "sub " + showRaw(set.raw("sub"))
	}
	if set.has("jti") {
		got += ", jti " + showRaw(set.raw("jti"))
	}
	return got
}

func (x *explaining) fixSubject(Reason) string {
	sub, isText := x.claims.set.text("sub")
	switch {
	case !x.claims.set.has("sub"):
		return "who is calling is not in the token: have the issuer add sub, also for clients without a user (Keycloak: the client scope basic)"
	case !isText:
		return "sub is " + kindOf(x.claims.set.raw("sub")) + ": the issuer must write it as text"
	case sub == "":
		return "sub is empty: have the issuer fill it in"
	case x.claims.subject == "":
		return fmt.Sprintf("sub is longer than %d characters: have the issuer use a shorter one", maxSubjectLength)
	default:
		return "jti is " + kindOf(x.claims.set.raw("jti")) + ": the issuer must write it as text, or leave it out"
	}
}

func (x *explaining) gotBinding() string {
	raw := x.claims.set.raw("cnf")
	if raw == nil {
		return "no cnf"
	}
	if raw.Kind() == '{' {
		return "cnf with " + memberNames(raw) // which key it is, is not needed
	}
	return "cnf: " + kindOf(raw)
}

func (x *explaining) fixBinding(Reason) string {
	inner, err := strictjson.Members(x.claims.set.raw("cnf"), maxTokenDepth)
	cnf := claimSet(inner)
	switch {
	case err == nil && cnf.has("jkt"):
		return "the token is bound by DPoP, which is not supported: have the client ask for a plain one, and switch Sender Constraining off for the API"
	case err == nil && cnf.has("x5t#S256"):
		return "the token is bound to a client certificate (mTLS), which is not supported: switch certificate-bound tokens off for the API"
	default:
		return "the token is bound to a key, which is not supported: have the issuer give plain bearer tokens"
	}
}

func (x *explaining) expectedClient() string {
	if allowed := x.issuer.AllowedClients; len(allowed) > 0 {
		return oneOf(allowed)
	}
	return "any, or none"
}

func (x *explaining) gotClient() string {
	var got []string
	for _, name := range x.issuer.ClientIDClaims {
		if raw := x.claims.set.at(name); raw != nil {
			got = append(got, plain(name)+" "+showRaw(raw))
		}
	}
	if len(got) == 0 {
		return "no " + strings.Join(plains(x.issuer.ClientIDClaims), ", no ")
	}
	return strings.Join(got, ", ")
}

// clientClaims are those by which issuers name the client (Okta: cid; Entra v1:
// appid).
var clientClaims = []string{"azp", "client_id", "cid", "appid", "clientId"}

func (x *explaining) fixClient(reason Reason) string {
	if reason == ReasonClaim {
		return "a claim that names the client must be text that is not empty: have the issuer mend it, or leave it out of client_id_claims"
	}
	ids := map[string]bool{}
	for _, name := range x.issuer.ClientIDClaims {
		if id, ok := strictjson.String(x.claims.set.at(name)); ok {
			ids[id] = true
		}
	}
	switch {
	case len(ids) > 1:
		return "the claims name different clients, so that nobody can say whose token it is: leave the wrong one out of client_id_claims"
	case len(ids) == 1:
		return "the client is not in allowed_clients: add " + show(x.claims.clientID) + ", if it is meant to come in"
	}
	for _, name := range clientClaims {
		if _, ok := x.claims.set.text(name); ok && !slices.Contains(x.issuer.ClientIDClaims, name) {
			return "the token names its client in " + name + ": set client_id_claims: [" + name + "]"
		}
	}
	return "allowed_clients is set, and the token names no client: set client_id_claims to the claim that does"
}

func (x *explaining) expectedOrganization() string {
	if len(x.issuer.AllowedOrganizations) == 0 {
		return "any, or none"
	}
	return oneOf(x.issuer.AllowedOrganizations)
}

func (x *explaining) gotOrganization() string {
	if !x.claims.set.has(organizationClaim) {
		return "no " + organizationClaim
	}
	return organizationClaim + " " + showRaw(x.claims.set.raw(organizationClaim))
}

func (x *explaining) fixOrganization(Reason) string {
	id, ok := x.claims.set.text(organizationClaim)
	name, hasName := x.claims.set.text("org_name")
	switch {
	case x.claims.set.has(organizationClaim) && !ok:
		return "org_id is " + kindOf(x.claims.set.raw(organizationClaim)) + ": the issuer must write it as text, one organization in each token"
	case !ok && hasName:
		return "the token has org_name alone, which can be given away again: have the issuer send org_id"
	case !ok:
		return "the caller did not log in through an organization: the client must send organization= when it asks for the login"
	case hasName && slices.Contains(x.issuer.AllowedOrganizations, name):
		return "allowed_organizations takes ids, not names: write " + show(id)
	default:
		return "log in through another organization, or add " + show(id) + " to allowed_organizations"
	}
}

func (x *explaining) expectedRequired() string {
	if len(x.issuer.RequiredClaims) == 0 {
		return "none is required"
	}
	var wanted []string
	for _, r := range x.issuer.RequiredClaims {
		wanted = append(wanted, plain(r.Claim)+" "+show(r.Value))
	}
	return phrases(wanted)
}

func (x *explaining) gotRequired() string {
	if len(x.issuer.RequiredClaims) == 0 {
		return "none is required"
	}
	var got []string
	for _, r := range x.issuer.RequiredClaims {
		if raw := x.claims.set.at(r.Claim); raw != nil {
			got = append(got, plain(r.Claim)+" "+showRaw(raw))
		} else {
			got = append(got, "no "+plain(r.Claim))
		}
	}
	return phrases(got)
}

func (x *explaining) fixRequired(Reason) string {
	if x.looksLikeIDToken() {
		return "this is an ID token: send the access token"
	}
	for _, r := range x.issuer.RequiredClaims {
		raw := x.claims.set.at(r.Claim)
		switch {
		case r.met(x.claims.set):
		case raw == nil:
			return "have the issuer add " + plain(r.Claim) + " to access tokens, or take it out of required_claims"
		case raw.Kind() == '0':
			return plain(r.Claim) + " is a number, and required_claims compares text, true and false: have the issuer write it as text"
		default:
			return plain(r.Claim) + " must be " + show(r.Value) + ": this caller is not meant to come in, or the issuer has to give it that"
		}
	}
	return "look at required_claims"
}
