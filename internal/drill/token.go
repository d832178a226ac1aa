package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// token is one access token.
type token struct {
	raw     string
	kid     string
	expires time.Time
}

var errNotAToken = errors.New("it is not a signed token with a key id")

// keyID reads the key id out of a token's header (RFC 7515 §4.1.4).
func keyID(raw string) (string, error) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return "", errNotAToken
	}
	decoded, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil {
		return "", errNotAToken
	}
	var header struct {
		KeyID string `json:"kid"`
	}
	if json.Unmarshal(decoded, &header) != nil || header.KeyID == "" {
		return "", errNotAToken
	}
	return header.KeyID, nil
}

// payload is the middle part of a token: its claims, encoded.
func (t token) payload() string {
	parts := strings.Split(t.raw, ".")
	if len(parts) != 3 {
		return ""
	}
	return parts[1]
}
