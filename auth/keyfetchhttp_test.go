package auth

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

const insecureIssuer = "http://idp.internal/realms/one"

// documents answers with what stands at an address, and remembers what was asked for.
type documents struct {
	at    map[string]string
	asked []string
}

func (d *documents) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	d.asked = append(d.asked, r.URL.String())
	if body, ok := d.at[r.URL.String()]; ok {
		return text200(body).response(), nil
	}
	return fakeAnswer{status: http.StatusNotFound}.response(), nil
}

func metadataOf(issuer, keys string) string {
	return `{"issuer":"` + issuer + `","jwks_uri":"` + keys + `"}`
}

// An http issuer outside this machine is there with insecure_http alone, and its
// metadata is held to its origin and its name as any other's.
func TestKeyFetchInsecureHTTP(t *testing.T) {
	const keys = "http://idp.internal/keys"
	const host = "http://idp.internal"
	for _, tt := range []struct {
		name     string
		issuer   string
		metadata map[string]string // what stands where
		class    string            // "" is success
	}{
		{"OpenID Connect", insecureIssuer, map[string]string{insecureIssuer + "/.well-known/openid-configuration": metadataOf(insecureIssuer, keys)}, ""},
		{"RFC 8414", insecureIssuer, map[string]string{host + "/.well-known/oauth-authorization-server/realms/one": metadataOf(insecureIssuer, keys)}, ""},
		{"OpenID Connect, inserted", insecureIssuer, map[string]string{host + "/.well-known/openid-configuration/realms/one": metadataOf(insecureIssuer, keys)}, ""},
		{"with a slash at its end", host + "/", map[string]string{host + "/.well-known/openid-configuration": metadataOf(host+"/", keys)}, ""},
		{"its port written out", insecureIssuer, map[string]string{insecureIssuer + "/.well-known/openid-configuration": metadataOf(insecureIssuer, "http://idp.internal:80/keys")}, ""},
		{"one odd document and a good one", insecureIssuer, map[string]string{
			insecureIssuer + "/.well-known/openid-configuration":        "<!DOCTYPE html>",
			host + "/.well-known/oauth-authorization-server/realms/one": metadataOf(insecureIssuer, keys),
		}, ""},
		{"keys elsewhere", insecureIssuer, map[string]string{insecureIssuer + "/.well-known/openid-configuration": metadataOf(insecureIssuer, "http://evil.example/keys")}, "bad_metadata"},
		{"keys by https", insecureIssuer, map[string]string{insecureIssuer + "/.well-known/openid-configuration": metadataOf(insecureIssuer, "https://idp.internal/keys")}, "bad_metadata"},
		{"keys at another port", insecureIssuer, map[string]string{insecureIssuer + "/.well-known/openid-configuration": metadataOf(insecureIssuer, "http://idp.internal:8080/keys")}, "bad_metadata"},
		{"no keys", insecureIssuer, map[string]string{insecureIssuer + "/.well-known/openid-configuration": `{"issuer":"` + insecureIssuer + `"}`}, "bad_metadata"},
		{"metadata of another", insecureIssuer, map[string]string{insecureIssuer + "/.well-known/openid-configuration": metadataOf(host+"/realms/two", keys)}, "issuer_mismatch"},
		{"metadata that is HTML", insecureIssuer, map[string]string{insecureIssuer + "/.well-known/openid-configuration": "<!DOCTYPE html>"}, "bad_metadata"},
		{"metadata that names the issuer twice", insecureIssuer, map[string]string{insecureIssuer + "/.well-known/openid-configuration": `{"issuer":"x",` + metadataOf(insecureIssuer, keys)[1:]}, "bad_metadata"},
		{"metadata that is too large", insecureIssuer, map[string]string{insecureIssuer + "/.well-known/openid-configuration": metadataOf(insecureIssuer, keys) + strings.Repeat(" ", 1<<20)}, "too_large"},
		{"no metadata", insecureIssuer, nil, "http_status"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := &documents{at: map[string]string{keys: set(good("one")), "http://idp.internal:80/keys": set(good("one"))}}
			for address, document := range tt.metadata {
				d.at[address] = document
			}
			ic := IssuerConfig{Issuer: tt.issuer, InsecureHTTP: true, Audiences: []string{testAudience}}.withDefaults()
			if err := ic.validate().Err(); err != nil {
				t.Fatal(err)
			}
			f := &keyFetcher{issuer: ic, client: d, timeout: DefaultConfig().JWKS.Timeout}
			answer, err := f.fetch(t.Context())
			switch {
			case tt.class == "" && (err != nil || len(answer.set.keys) != 1):
				t.Errorf("%d keys, %v; asked for %q", len(answer.set.keys), err, d.asked)
			case tt.class != "" && (err == nil || fetchErrorClass(err) != tt.class):
				t.Errorf("err = %v, want the class %q", err, tt.class)
			}
			if err != nil && strings.Contains(err.Error(), "DOCTYPE") {
				t.Errorf("the error quotes the document: %v", err)
			}
			if asked := slices.ContainsFunc(d.asked, func(a string) bool { return strings.HasSuffix(a, "/keys") }); asked != (tt.class == "") {
				t.Errorf("asked for %q", d.asked)
			}
			if len(d.asked) > discoveryExchanges+1 {
				t.Errorf("%d requests", len(d.asked))
			}
		})
	}
}

// Without insecure_http such an issuer is neither configured nor, if it were, asked.
func TestKeyFetchInsecureHTTPIsAChoice(t *testing.T) {
	d := &documents{at: map[string]string{
		insecureIssuer + "/.well-known/openid-configuration": metadataOf(insecureIssuer, "http://idp.internal/keys"),
		"http://idp.internal/keys":                           set(good("one")),
	}}
	ic := IssuerConfig{Issuer: insecureIssuer, Audiences: []string{testAudience}}.withDefaults()
	if err := ic.validate().Err(); err == nil || !strings.Contains(err.Error(), "must be https") {
		t.Errorf("validate: %v", err)
	}
	f := &keyFetcher{issuer: ic, client: d, timeout: DefaultConfig().JWKS.Timeout}
	if _, err := f.fetch(t.Context()); err == nil || len(d.asked) > 0 {
		t.Errorf("err = %v after %d requests", err, len(d.asked))
	}
	f.issuer.InsecureHTTP = true
	if _, err := f.fetch(t.Context()); err != nil || len(d.asked) != 2 {
		t.Errorf("with it: %v after %d requests", err, len(d.asked))
	}
}

// insecure_http takes nothing from an issuer that has TLS.
func TestKeyFetchInsecureHTTPHoldsToTLS(t *testing.T) {
	for uri, class := range map[string]string{"https://idp.internal/keys": "", "http://idp.internal/keys": "bad_metadata"} {
		const issuer = "https://idp.internal"
		d := &documents{at: map[string]string{
			issuer + "/.well-known/openid-configuration": metadataOf(issuer, uri), uri: set(good("one")),
		}}
		ic := IssuerConfig{Issuer: issuer, InsecureHTTP: true}.withDefaults()
		f := &keyFetcher{issuer: ic, client: d, timeout: DefaultConfig().JWKS.Timeout}
		_, err := f.fetch(t.Context())
		if (err == nil) != (class == "") || err != nil && fetchErrorClass(err) != class {
			t.Errorf("%s: err = %v, want the class %q", uri, err, class)
		}
	}
}
