package auth

import "fmt"

// Reason is why a request was refused: a closed set of codes for logs, metrics
// and the audit line. None of them is ever sent to the caller.
type Reason string

// The reasons. A test asserts that each is given by at least one request.
const (
	// No credential that we read (RFC 6750 §3.1: the challenge carries no error).
	ReasonMissing Reason = "missing"
	// More than one credential.
	ReasonAmbiguous Reason = "ambiguous"
	// Not a compact JWS of at most maxTokenBytes in its one spelling.
	ReasonMalformed Reason = "malformed"
	// An encrypted token (JWE, five parts).
	ReasonEncrypted Reason = "encrypted"
	// A header member that we refuse, or a header that is no strict JSON.
	ReasonHeader Reason = "header"
	// An alg that the issuer's list does not have.
	ReasonUnsupportedAlg Reason = "unsupported_alg"
	// A typ that the issuer's list does not have.
	ReasonTokenType Reason = "token_type"
	// A claim of the wrong type, or claims that are no strict JSON.
	ReasonClaim Reason = "claim"
	// An iss that is none of ours.
	ReasonIssuer Reason = "issuer"
	// An aud without any of ours.
	ReasonAudience Reason = "audience"
	// Past exp.
	ReasonExpired Reason = "expired"
	// Before nbf or iat.
	ReasonNotYetValid Reason = "not_yet_valid"
	// No exp, one that is no time, or a token older than max_token_age.
	ReasonLifetime Reason = "lifetime"
	// Client claims that disagree, or a client that is not in allowed_clients.
	ReasonClient Reason = "client"
	// An org_id that is not in allowed_organizations.
	ReasonOrganization Reason = "organization"
	// A claim of required_claims that is not there, or has another value.
	ReasonRequiredClaim Reason = "required_claim"
	// An issuer, key, client, subject or token on the denylist.
	ReasonRevoked Reason = "revoked"
	// A static token that the file does not have.
	ReasonUnknownToken Reason = "unknown_token"
	// Bound to a key that a bearer does not prove (cnf).
	ReasonSenderConstrained Reason = "sender_constrained"
	// A kid that the issuer is known not to have: a fetch has just shown it, the key
	// was taken back, or its keys stand in the configuration.
	ReasonUnknownKID Reason = "unknown_kid"
	// A signature that the key does not verify.
	ReasonSignature Reason = "signature"
	// The token can be neither accepted nor refused: its key cannot be looked up.
	ReasonKeysUnavailable Reason = "keys_unavailable"
	// A good token whose scopes the operation exceeds.
	ReasonScope Reason = "scope"
	// The same, where its client cannot ask for what is missing: an administrator must
	// assign it. The answer is final.
	ReasonPermission Reason = "permission"
)

// Refusal is the error of a token that is not accepted. Its fields may be
// logged; they hold nothing of the token but a fingerprint.
type Refusal struct {
	Reason Reason
	// Issuer is the configured issuer whose token this claims to be, or "" where
	// none matched.
	Issuer string
	// KeyFingerprint is a short digest of the kid, or "".
	KeyFingerprint string
}

// Error gives the reason alone.
func (r *Refusal) Error() string { return fmt.Sprintf("access token refused: %s", r.Reason) }

// Is makes errors.Is compare refusals by their reason.
func (r *Refusal) Is(target error) bool {
	t, ok := target.(*Refusal)
	return ok && t.Reason == r.Reason && t.Issuer == "" && t.KeyFingerprint == ""
}

// refuse returns a Refusal as an error.
func refuse(reason Reason) error { return &Refusal{Reason: reason} }
