package devauth

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"testing"
)

// What parseJSON accepts, encoding/json reads to the same strings; what it refuses, it refuses with a fixed text.
func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"grant_type":"client_credentials"}`, `{"a":"","b":"x"}`, `{"a":"x","a":"y"}`, `{"a":"x","\u0061":"y"}`,
		`{"a":null}`, `{"a":1}`, `{"a":{}}`, `{"a":["x"]}`, `[]`, `"x"`, ``, `{`, `{"a"}`, `{"a":"x",}`, `{} {}`, `{"":""}`,
		"{\"a\":\"\xff\"}", `{"a":"\ud800"}`, "\ufeff{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		params, err := parseJSON(body)
		if err != nil {
			if !errors.Is(err, errJSON) && !errors.Is(err, errDuplicate) {
				t.Fatalf("error = %v", err)
			}
			return
		}
		var want map[string]string
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatalf("accepted what encoding/json refuses: %v", err)
		}
		if len(params) != len(want) {
			t.Fatalf("params = %v, want %v", params, want)
		}
		for name, value := range want {
			if len(params[name]) != 1 || params.Get(name) != value {
				t.Fatalf("params = %v, want %v", params, want)
			}
		}
	})
}

// What parseBasic accepts is a pair that a well-behaved client can send again.
func FuzzParseBasic(f *testing.F) {
	for _, seed := range []string{
		"Basic YWdlbnQ6YWdlbnQtc2VjcmV0", "basic YTpi", "Basic", "Basic ", "Basic !", "Bearer YTpi", "Basic  YTpi",
		"Basic " + base64.StdEncoding.EncodeToString([]byte("a%3Ab:c%2Bd+e")),
		"Basic " + base64.StdEncoding.EncodeToString([]byte("%zz:x")),
		"Basic " + base64.StdEncoding.EncodeToString([]byte(":x")),
		"Basic " + base64.StdEncoding.EncodeToString([]byte("no colon")),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, authorization string) {
		id, secret, ok := parseBasic(authorization)
		if !ok {
			if id != "" || secret != "" {
				t.Fatalf("refused, yet gave %q and %q", id, secret)
			}
			return
		}
		if id == "" {
			t.Fatal("accepted an empty id")
		}
		pair := url.QueryEscape(id) + ":" + url.QueryEscape(secret)
		again := "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
		if gotID, gotSecret, ok := parseBasic(again); !ok || gotID != id || gotSecret != secret {
			t.Fatalf("%q, %q became %q, %q, %v", id, secret, gotID, gotSecret, ok)
		}
	})
}
