package auth

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
)

// unset are the words that programs write where a variable has no value.
var unset = []string{"null", "(null)", "<null>", "nil", "<nil>", "none", "undefined", "nan", "false", "true"}

// reference is a variable that nobody has put its value in for: $TOKEN, ${TOKEN},
// %TOKEN%, {{ token }}.
var reference = regexp.MustCompile(`^(\$\(.*\)|\$\{[^}]*\}|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%|\$?\{\{.*\}\})$`)

// placeholder is what examples write for a token: <token>, YOUR_ACCESS_TOKEN.
var placeholder = regexp.MustCompile(`(?i)^((your|my|the|insert|paste)[-_ ])?((access|bearer|auth|api|jwt)[-_ ]?)*token([-_ ]here)?$`)

// notToken says what was given where that is no token at all, but something that
// often comes in its place; "" where that cannot be seen. It shows nothing of it.
func notToken(s string) string {
	switch {
	case slices.Contains(unset, strings.ToLower(s)):
		return "no token, but the word that a program writes for a variable without a value: look at where the client takes its token from"
	case strings.EqualFold(s, "Bearer"):
		return "the word Bearer, and no token behind it: look at where the client takes its token from"
	case reference.MatchString(s):
		return "the name of a variable, and not its value: it stands where nothing puts values in (single quotes, a file that is not a template)"
	case placeholder.MatchString(s):
		return "the word that an example has in the token's place: put the token there"
	case strings.HasPrefix(s, "[object "):
		return "an object of JavaScript, written as text: send its access_token"
	case isPEM(s):
		return "PEM, a key or a certificate: the token is what the issuer signs with it. A private key that went this way is no secret any more"
	case isPEM(decodedStart(s)):
		return "PEM in base64, a key or a certificate: the token is what the issuer signs with it. A private key that went this way is no secret any more"
	case schemeIs(s, "Basic"):
		return "a name and a password (Basic): they get a token at the issuer's token endpoint, and are none"
	case strings.HasPrefix(s, "https://"), strings.HasPrefix(s, "http://"):
		return "an address, and no token"
	case strings.HasPrefix(s, "{"):
		return notTokenJSON(s)
	default:
		return ""
	}
}

// notTokenJSON is for JSON that no token was found in.
func notTokenJSON(s string) string {
	members, err := parseClaimSet([]byte(s))
	switch {
	case err == nil && members.has("error"):
		return "the issuer's answer is an error (RFC 6749 5.2), and no token is in it: look at its error and error_description"
	case err == nil && members.has("kty"), err == nil && members.has("keys"):
		return "a key, or a set of keys: the token is what the issuer signs with it"
	default:
		return "this is JSON: send the token in its compact form, three parts with dots between them"
	}
}

func isPEM(s string) bool { return strings.HasPrefix(s, "-----BEGIN") }

func schemeIs(s, name string) bool {
	_, ok := scheme(name)(s)
	return ok
}

// decodedStart is the beginning of what s is the base64 of, or "".
func decodedStart(s string) string {
	const start = 16 // characters: enough to know PEM by
	decoded, err := base64.StdEncoding.DecodeString(s[:min(len(s), start)])
	if err != nil {
		return ""
	}
	return string(decoded)
}
