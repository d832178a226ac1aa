package auth

import (
	"fmt"
	"slices"
	"strings"
)

// headerMembers are the members of a header that could be read, strict or not.
func (x *explaining) headerMembers() claimSet {
	members, err := parseClaimSet(x.token.rawHeader)
	if err != nil {
		return nil
	}
	return members
}

func (x *explaining) gotHeader() string {
	if fault := jsonFault(x.token.rawHeader); fault != "" {
		return fault
	}
	members := x.headerMembers()
	got := make([]string, 0, 4)
	for _, name := range []string{"alg", "typ", "kid"} {
		if members.has(name) {
			got = append(got, name+" "+showRaw(members.raw(name)))
		} else {
			got = append(got, "no "+name)
		}
	}
	for _, name := range refusedHeaders {
		if members.has(name) {
			got = append(got, "the member "+name)
		}
	}
	if members.has("cty") {
		got = append(got, "cty "+showRaw(members.raw("cty")))
	}
	return strings.Join(got, ", ")
}

func (x *explaining) fixHeader(reason Reason) string {
	if jsonFault(x.token.rawHeader) != "" {
		return "the header has no single meaning: get the token again from the issuer; if it is unchanged, the issuer makes wrong ones"
	}
	members := x.headerMembers()
	alg, isText := members.text("alg")
	switch {
	case reason == ReasonUnsupportedAlg:
		return fixUnsupported(alg)
	case !isText || alg == "":
		return "a signed token says its alg: this is no access token, or the issuer makes wrong ones"
	case slices.ContainsFunc(refusedHeaders, members.has):
		return fixRefusedMember(members)
	}
	for _, name := range []string{"kid", "typ", "cty"} {
		value, isText := members.text(name)
		switch {
		case !members.has(name):
		case !isText || value == "":
			return fmt.Sprintf("%s must be text that is not empty: the issuer makes wrong tokens", name)
		case name == "kid" && len(value) > maxKeyIDBytes:
			return fmt.Sprintf("a kid has at most %d bytes here: the issuer must name its keys in less", maxKeyIDBytes)
		case name == "cty":
			return "a token within a token (cty): have the issuer give the inner one, signed alone"
		}
	}
	return "have the issuer leave out what is not expected"
}

// fixUnsupported is for algorithms that can never be allowed.
func fixUnsupported(alg string) string {
	upper := strings.ToUpper(strings.TrimSpace(alg))
	switch {
	case upper == "NONE":
		return "the token is not signed, so that anybody can have written it: never accepted"
	case supportedAlgorithm(upper):
		return "alg is written " + upper + " (RFC 7518): the issuer makes wrong tokens"
	case strings.HasPrefix(upper, "HS"):
		return "the API signs with " + plain(upper) + ", a secret that both sides would have to share: switch it to RS256 " +
			"(Auth0: APIs > Settings > Signing Algorithm; where that cannot be changed, make a new API)"
	case strings.HasPrefix(upper, "RSA"), strings.HasPrefix(upper, "ECDH"), strings.HasPrefix(upper, "A1"), strings.HasPrefix(upper, "A2"), upper == "DIR":
		return "alg is one of encryption: switch encryption off for the API"
	default:
		return "have the issuer sign with RS256, or with another of RS, PS and ES"
	}
}

func fixRefusedMember(members claimSet) string {
	switch {
	case members.has("jwk"), members.has("jku"), members.has("x5u"):
		if typ, _ := members.text("typ"); strings.EqualFold(typ, "dpop+jwt") {
			return "this is a DPoP proof, not an access token: send the access token"
		}
		return "the token brings its own key, or says where it is: keys come from the issuer alone"
	case members.has("enc"), members.has("zip"):
		return "switch encryption and compression off for the API"
	default:
		return "the header asks for a way of signing that is not known here (crit, b64): have the issuer leave it out"
	}
}

func (x *explaining) gotClaims() string {
	if fault := jsonFault(x.token.rawClaims); fault != "" {
		return fault
	}
	return number(len(x.claims.set), "claim", "claims")
}

func (x *explaining) fixClaims(Reason) string {
	fault := jsonFault(x.token.rawClaims)
	switch {
	case strings.HasPrefix(fault, "a member that stands twice"):
		return "two readers would read two tokens: a claim of your own (action, mapper) must not have the name of another"
	case strings.Count(string(x.token.rawClaims), ".") == 2:
		return "a token within a token: have the issuer give the inner one, signed alone"
	default:
		return "this is no JWT of an issuer, or it was changed: get the token again"
	}
}
