package auth

import (
	"encoding/base64"
	"strings"
	"testing"
)

// What stands in the place of a token is called by its name, and not opaque.
func TestExplainNotAToken(t *testing.T) {
	pem := rsaPEM()
	for _, tt := range []struct{ name, given, fix string }{
		{"null", "null", "for a variable without a value"},
		{"undefined in a header", "Bearer undefined", "for a variable without a value"},
		{"None", `"None"`, "for a variable without a value"},
		{"the scheme alone", "Bearer ", "the word Bearer, and no token behind it"},
		{"a variable of a shell", "$TOKEN", "the name of a variable"},
		{"a variable in braces", "${ACCESS_TOKEN}", "the name of a variable"},
		{"a variable of a secret store", "${{ secrets.TOKEN }}", "the name of a variable"},
		{"a variable of Windows", "%TOKEN%", "the name of a variable"},
		{"a template", "{{access.token.x}}", "the name of a variable"},
		{"a command", "$(cat token)", "the name of a variable"},
		{"a placeholder", "<YOUR_ACCESS_TOKEN>", "the word that an example has"},
		{"another placeholder", "Bearer token", "the word that an example has"},
		{"JavaScript", "[object Object]", "an object of JavaScript"},
		{"PEM", pem, "PEM, a key or a certificate"},
		{"PEM in base64", base64.StdEncoding.EncodeToString([]byte(pem)), "PEM in base64"},
		{"Basic", "Basic Y2xpZW50OnNlY3JldA==", "a name and a password (Basic)"},
		{"an address", "https://tenant.eu.auth0.com/", "an address, and no token"},
		{"an error", `{"error":"access_denied"}`, "the issuer's answer is an error"},
		{"a key", good("one").String(), "a key, or a set of keys"},
		{"a key set", set(good("one")), "a key, or a set of keys"},
		{"other JSON", `{"a":1}`, "this is JSON"},
		{"opaque", "n5vLVJrTgzYkFQ2Vb0xqM1dW7oPzKc4H", "an opaque token"},
		{"opaque, with a word in it", "nullVJrTgzYkFQ2Vb0xqM1dW7oPzKc4H", "an opaque token"},
		{"opaque, with another word in it", "token_VJrTgzYkFQ2Vb0xqM1dW7oPzKc4H", "an opaque token"},
		{"opaque, with other signs", "a~b+c/d==", "an opaque token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, _ := testVerifier(testNow, nil)
			e := v.Explain(t.Context(), tt.given)
			agrees(t, e, verdict(t, v, tt.given))
			sound(t, e, tt.given)
			c := e.check(t, checkForm)
			if !strings.Contains(c.Fix, tt.fix) {
				t.Errorf("fix %q, want %q", c.Fix, tt.fix)
			}
			if s := sample(e.texts(), tt.given); s != "" {
				t.Errorf("%q of what was given is shown", s)
			}
		})
	}
}
