package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"

	"mcp-resource-server/auth"
)

// readKeySet returns the content of the file of --jwks, or nil where none is named. Of a
// file that is too large it returns as much as shows that to [auth.NewTrustOnce].
func readKeySet(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	content, err := readBeginning(path, auth.MaxKeySetBytes+1)
	if err != nil {
		return nil, err
	}
	if kind := notAKeySet(content); kind != "" {
		return nil, errors.New(kind)
	}
	return content, nil
}

// notAKeySet says what the file of --jwks is instead of a JWK set, where that shows, or
// "". It never quotes the file: whether a set is good is not its question.
func notAKeySet(content []byte) string {
	if bytes.HasPrefix(content, []byte("\ufeff")) {
		return "the file begins with a byte order mark: save it as UTF-8 without one"
	}
	content = bytes.TrimSpace(content)
	switch {
	case len(content) == 0:
		return "the file is empty"
	case bytes.HasPrefix(content, []byte("-----BEGIN")):
		if bytes.Contains(content, []byte("PRIVATE KEY-----")) {
			return "this is a private key, which nobody but the issuer may have: its public key is what is needed"
		}
		return "this is PEM: put it in auth.public_key_file"
	case content[0] == '<':
		return "this is a web page: the key set is what the issuer's jwks_uri answers with"
	case content[0] == '[':
		return `this is a list: wrap it in {"keys": ...}`
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(content, &members) != nil {
		return ""
	}
	has := func(name string) bool { _, ok := members[name]; return ok }
	switch {
	case has("keys"):
		return ""
	case has("kty"):
		return `this is one key: wrap it in {"keys": [...]}`
	case has("jwks_uri"):
		return "this is the issuer's metadata: its jwks_uri is where the key set is"
	case has("access_token"):
		return "this is a token endpoint's answer: the token goes to standard input"
	}
	return ""
}

// readBeginning reads at most limit bytes of a file, or of a pipe as in <(curl …), and
// never returns nil without an error.
func readBeginning(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}
