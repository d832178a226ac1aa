package auth

import (
	"fmt"
)

// description puts one check into words. expected and got are asked for after the
// check was made, whatever it said; fix only where it failed.
type description struct {
	expected, got func(*explaining) string
	fix           func(*explaining, Reason) string
}

// descriptions has an entry for each check of the table.
var descriptions = map[checkName]description{
	checkForm:         {constant(fmt.Sprintf("three parts in base64url, at most %d bytes", maxTokenBytes)), (*explaining).gotForm, (*explaining).fixForm},
	checkHeader:       {constant("strict JSON, alg and kid, nothing that changes what is signed"), (*explaining).gotHeader, (*explaining).fixHeader},
	checkClaims:       {constant("strict JSON"), (*explaining).gotClaims, (*explaining).fixClaims},
	checkIssuerName:   {(*explaining).expectedIssuer, (*explaining).gotIssuer, (*explaining).fixIssuer},
	checkAlgorithm:    {(*explaining).expectedAlgorithm, (*explaining).gotAlgorithm, (*explaining).fixAlgorithm},
	checkType:         {(*explaining).expectedType, (*explaining).gotType, (*explaining).fixType},
	checkKeyID:        {(*explaining).expectedKeyID, (*explaining).gotKeyID, (*explaining).fixKeyID},
	checkSubject:      {constant("text that is not empty, and a jti of text, if any"), (*explaining).gotSubject, (*explaining).fixSubject},
	checkBinding:      {constant("no cnf"), (*explaining).gotBinding, (*explaining).fixBinding},
	checkAudiences:    {(*explaining).expectedAudience, (*explaining).gotAudience, (*explaining).fixAudience},
	checkExpiry:       {(*explaining).expectedExpiry, (*explaining).gotExpiry, (*explaining).fixExpiry},
	checkNotBefore:    {(*explaining).expectedNotBefore, (*explaining).gotNotBefore, (*explaining).fixNotBefore},
	checkAge:          {(*explaining).expectedAge, (*explaining).gotAge, (*explaining).fixAge},
	checkClient:       {(*explaining).expectedClient, (*explaining).gotClient, (*explaining).fixClient},
	checkOrganization: {(*explaining).expectedOrganization, (*explaining).gotOrganization, (*explaining).fixOrganization},
	checkRequired:     {(*explaining).expectedRequired, (*explaining).gotRequired, (*explaining).fixRequired},
	checkGrants:       {(*explaining).expectedGrants, (*explaining).gotGrants, (*explaining).fixGrants},
	checkRevocation:   {(*explaining).expectedRevocation, (*explaining).gotRevocation, (*explaining).fixRevocation},
	checkKey:          {(*explaining).expectedKey, (*explaining).gotKey, (*explaining).fixKey},
	checkSignature:    {constant("one by that key, over this header and these claims"), (*explaining).gotSignature, (*explaining).fixSignature},
}

func constant(text string) func(*explaining) string {
	return func(*explaining) string { return text }
}
