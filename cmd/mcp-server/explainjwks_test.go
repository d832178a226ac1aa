package main

import (
	"os"
	"strings"
	"testing"
)

func TestNotAKeySet(t *testing.T) {
	set, err := os.ReadFile(explainJWKS(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, content, want string }{
		{"a key set", string(set), ""},
		{"a key set with another member", `{"keys":[],"jwks_uri":"x","kty":"RSA"}`, ""},
		{"neither", `{"a":1}`, ""},
		{"no JSON", "page", ""},
		{"nothing", " \n", "the file is empty"},
		{"a byte order mark", "\ufeff" + string(set), "the file begins with a byte order mark: save it as UTF-8 without one"},
		{"PEM", rfc7638Key, "this is PEM: put it in auth.public_key_file"},
		{"PEM after a blank", "\n" + rfc7638Key, "this is PEM: put it in auth.public_key_file"},
		{"a private key", "-----BEGIN RSA PRIVATE KEY-----\n", "this is a private key, which nobody but the issuer may have: its public key is what is needed"},
		{"one key", `{"kty":"RSA","n":"AQAB","e":"AQAB"}`, `this is one key: wrap it in {"keys": [...]}`},
		{"a list of keys", `[{"kty":"RSA"}]`, `this is a list: wrap it in {"keys": ...}`},
		{"metadata", `{"issuer":"x","jwks_uri":"y"}`, "this is the issuer's metadata: its jwks_uri is where the key set is"},
		{"a page", "<!DOCTYPE html>", "this is a web page: the key set is what the issuer's jwks_uri answers with"},
		{"a token", `{"access_token":"x"}`, "this is a token endpoint's answer: the token goes to standard input"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := notAKeySet([]byte(tt.content)); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			status, _, stderr := explain(t, explainEnviron, explainGood(t), "--at", explainAt, "--jwks", explainFile(t, tt.content))
			if tt.want != "" && (status != 1 || stderr != "mcp-server: --jwks: "+tt.want+"\n") {
				t.Errorf("status %d, %q", status, stderr)
			}
		})
	}
}

// A key set is never taken for something else, and nothing of a file is quoted.
func FuzzNotAKeySet(f *testing.F) {
	for _, seed := range []string{"", "page", `{"keys":[]}`, `{"kty":1}`, "\ufeff", "<", "[", rfc7638Key, `{"keys":[],"jwks_uri":""}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		kind := notAKeySet([]byte(content))
		if strings.HasPrefix(content, `{"keys":[]`) && kind != "" {
			t.Errorf("%q is said to be: %s", content, kind)
		}
		if mark := "marker-of-the-file"; strings.Contains(notAKeySet([]byte(content+mark)), mark) {
			t.Errorf("quoted: %q", content)
		}
	})
}
