package auth

import (
	"errors"
	"fmt"
	"slices"

	"mcp-resource-server/internal/strictjson"
)

const (
	// maxKeys bounds a key set; more keys than any issuer rotates through.
	maxKeys = 100
	// maxKeySetDepth bounds the nesting of a key set document.
	maxKeySetDepth = 16
	maxKeyIDBytes  = 256
)

var (
	errNotAKeySet  = errors.New("not a JWK set")
	errTooManyKeys = fmt.Errorf("more than %d keys", maxKeys)
	errNoUsableKey = errors.New("no usable key in the set")
)

// keySet is what one key set document gave.
type keySet struct {
	keys map[string]publicKey
	// ignored counts keys that cannot verify a token here: of another type, for
	// encryption, too weak, without a key id.
	ignored int
	// ambiguous holds the ids under which different keys stand. None of them is
	// used: which one is meant cannot be known.
	ambiguous []string
}

// parseKeySet reads a JWK set (RFC 7517 §5). One odd key never costs the others;
// a document that is no key set, is too large, or leaves no usable key is an error.
func parseKeySet(data []byte, allowed []string) (keySet, error) {
	doc, err := strictjson.Object(data, maxKeySetDepth)
	if err != nil {
		return keySet{}, errNotAKeySet
	}
	raw, ok := strictjson.Array(doc["keys"])
	if !ok {
		return keySet{}, errNotAKeySet
	}
	if len(raw) > maxKeys {
		return keySet{}, errTooManyKeys
	}
	set := keySet{keys: map[string]publicKey{}}
	clash := map[string]bool{}
	for _, r := range raw {
		kid, key, ok := parseKey(r, allowed)
		if !ok {
			set.ignored++
			continue
		}
		old, seen := set.keys[kid]
		switch {
		case seen && !old.sameKey(key):
			clash[kid] = true
			set.ambiguous = append(set.ambiguous, kid)
		case seen:
			key = old.also(key)
		}
		set.keys[kid] = key
	}
	for kid := range clash {
		delete(set.keys, kid)
	}
	slices.Sort(set.ambiguous)
	set.ambiguous = slices.Compact(set.ambiguous)
	switch {
	case len(set.keys) > 0:
		return set, nil
	case len(set.ambiguous) > 0:
		return set, fmt.Errorf("%w: different keys stand under one key id", errNoUsableKey)
	default:
		return set, errNoUsableKey
	}
}
