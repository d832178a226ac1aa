package auth

import (
	"slices"
)

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
