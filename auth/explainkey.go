package auth

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// KeyReport is what is known of the keys of a token's issuer. It holds names of
// keys, and no key.
type KeyReport struct {
	// Origin is where they came from.
	Origin KeyOrigin
	// Address is what was fetched, where something was.
	Address string
	// IDs are the ids of the usable keys, sorted.
	IDs []string
	// Ambiguous are the ids that different keys have. None of these is used.
	Ambiguous []string
	// Ignored is how many keys there are that verify nothing here.
	Ignored int
	// Error is the class of the failure, as /readyz tells it; "" for none.
	Error string
	// Detail says more of the failure. It may hold addresses, and is printable.
	Detail string
}

// KeyOrigin is where keys come from.
type KeyOrigin string

// The origins. The zero value says that no key was looked for.
const (
	KeysFetched    KeyOrigin = "fetched"
	KeysFromFile   KeyOrigin = "file"
	KeysConfigured KeyOrigin = "configuration"
)

// keyReporter is a keySource that can tell of its keys. A report changes nothing,
// and fetches nothing.
type keyReporter interface{ report() KeyReport }

// report tells of keys that stand in the configuration.
func (s *staticKeys) report() KeyReport {
	return KeyReport{Origin: KeysConfigured, IDs: slices.Sorted(maps.Keys(s.snapshot.Load().keys))}
}

func (x *explaining) keys() KeyReport {
	if r, ok := x.issuer.keys.(keyReporter); ok {
		return r.report()
	}
	return KeyReport{}
}

func (x *explaining) expectedKey() string {
	kid := x.token.header.kid
	if kid == "" {
		return "the issuer's one key"
	}
	return fmt.Sprintf("the issuer's key %s, for %s", show(kid), plain(x.token.header.alg))
}

func (x *explaining) gotKey() string {
	keys := x.keys()
	switch {
	case keys.Error != "":
		return "no keys: " + keys.Error + ", " + keys.Detail
	case x.key.key != nil:
		return describeKey(x.key)
	case slices.Contains(keys.Ambiguous, x.token.header.kid):
		return "different keys under this kid"
	case keys.Origin == "":
		return "no such key"
	default:
		return "the issuer has " + showAll(keys.IDs)
	}
}

// describeKey says what kind of key it is.
func describeKey(k publicKey) string {
	text := "a key of an unknown kind"
	switch key := k.key.(type) {
	case *rsa.PublicKey:
		text = fmt.Sprintf("RSA, %d bits", key.N.BitLen())
		if key.E < minRSAExponent {
			text += fmt.Sprintf(", exponent %d", key.E)
		}
	case *ecdsa.PublicKey:
		text = "EC, " + key.Curve.Params().Name
	}
	if len(k.algs) > 0 {
		text += ", for " + phrases(plains(k.algs))
	}
	return text
}

func (x *explaining) fixKey(reason Reason) string {
	keys := x.keys()
	switch {
	case reason == ReasonKeysUnavailable:
		return fixUnavailable(keys)
	case reason == ReasonUnsupportedAlg:
		return fmt.Sprintf("the issuer's key cannot verify %s: RSA needs %d bits and the exponent %d, EC its own curve, and the key's own alg must agree",
			plain(x.token.header.alg), minRSABits, minRSAExponent)
	case slices.Contains(keys.Ambiguous, x.token.header.kid):
		return "the issuer publishes different keys under one kid, so that none can be used: that must be mended there"
	case keys.Ignored > 0:
		return x.fixIgnored(keys)
	case keys.Origin == KeysFromFile:
		return "the file does not have the key: take the key set of the token's own issuer, as it is now"
	case keys.Origin == KeysConfigured:
		return "public_key does not have the key: the issuer has rotated (add its new key), or key_id is not its name there"
	default:
		return "the issuer has rotated and revoked the key (then a new token helps), or the token is of another environment that calls itself by the same name"
	}
}

// fixIgnored is for a key that is not among those that can be used, where the set
// has others.
func (x *explaining) fixIgnored(keys KeyReport) string {
	return fmt.Sprintf("%s of the set cannot be used here; one is left out that is too weak (RSA under %d bits, or the exponent under %d), for encryption (use, key_ops), "+
		"without a kid, or by its kind or alg not for the issuer's algorithms (%s). If the token's is such a key, mend that; if not, the issuer has rotated, and a new token helps",
		number(keys.Ignored, "key", "keys"), minRSABits, minRSAExponent, phrases(plains(x.issuer.Algorithms)))
}

// fixUnavailable says what to look at, by the class of the failure.
func fixUnavailable(keys KeyReport) string {
	switch keys.Error {
	case "unreachable":
		return "look at DNS, the firewall, the proxy (auth.http.proxy, HTTPS_PROXY) and, for a private CA, auth.http.ca_file"
	case "proxy":
		return "the proxy does not let us through: look at auth.http.proxy, its user and password, and at what it allows"
	case "timeout":
		return "no answer within auth.jwks.timeout: look at the firewall and the proxy (auth.http.proxy, HTTPS_PROXY)"
	case "http_status":
		return "the issuer answers with an error, or something in between does: open the address; without discovery set jwks_url"
	case "rate_limited":
		return "the issuer limits the rate: wait; every replica asks once in auth.jwks.refresh_interval"
	case "issuer_mismatch":
		return "the metadata names another issuer: write the configured issuer exactly as it is there"
	case "bad_metadata":
		return "the metadata is none, or leads to another origin for the keys: set jwks_url by hand, if that is meant"
	case "bad_key_set":
		return "no usable key: it is no key set, or its keys are too weak, for encryption, not for the issuer's algorithms, or have no kid"
	case "too_large":
		return "the answer is larger than any key set: the address is wrong, or something in between answers"
	case badFile:
		return "auth.public_key_file cannot be used: mend it; a server that runs goes on with the keys that it read before, and none starts"
	default:
		return "the issuer's keys cannot be had at the moment: look at the lines about keys in the server's log"
	}
}

func (x *explaining) gotSignature() string {
	if x.failed[checkSignature] {
		return "a signature by another key, or of another text"
	}
	return "good"
}

func (x *explaining) fixSignature(Reason) string {
	switch {
	case x.keys().Origin == KeysConfigured:
		return "public_key is not the key that signed: take the issuer's own, as it is now; or the token was changed"
	case strings.HasPrefix(x.token.header.alg, "PS"):
		return "the token was changed, or another environment has a key of the same kid; PSS needs a salt as long as the hash"
	default:
		return "the token was changed after it was signed (a character lost, claims edited), or another environment has a key of the same kid"
	}
}
