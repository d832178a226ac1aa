package oauthclient

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
)

func TestBearerChallenge(t *testing.T) {
	const prm = "https://mcp.example/.well-known/oauth-protected-resource/mcp"
	tests := []struct {
		name  string
		lines []string
		want  Challenge
	}{
		{"our own 401", []string{`Bearer scope="a b", resource_metadata="` + prm + `"`}, Challenge{Scopes: []string{"a", "b"}, ResourceMetadata: prm}},
		{
			"our own 403",
			[]string{`Bearer error="insufficient_scope", error_description="the access token lacks a scope", scope="tool:x"`},
			Challenge{Error: "insufficient_scope", Description: "the access token lacks a scope", Scopes: []string{"tool:x"}},
		},
		{"bare", []string{`Bearer`}, Challenge{}},
		{"bare, among others", []string{`Basic realm="x", Bearer, Negotiate`}, Challenge{}},
		{"any case", []string{`BEARER ERROR="invalid_token"`}, Challenge{Error: "invalid_token"}},
		{"values that are tokens", []string{`Bearer error=invalid_token,scope=a`}, Challenge{Error: "invalid_token", Scopes: []string{"a"}}},
		{"white space", []string{"  Bearer   error = \"invalid_token\" ,\t, scope\t=\ta "}, Challenge{Error: "invalid_token", Scopes: []string{"a"}}},
		{"commas and quotes in a quoted string", []string{`Bearer realm="a, Bearer scope=\"x\", b", scope="y"`}, Challenge{Scopes: []string{"y"}}},
		{"after another scheme's parameters", []string{`Digest realm="x", qop="auth, auth-int", nonce=a, Bearer scope="y"`}, Challenge{Scopes: []string{"y"}}},
		{"before another scheme's parameters", []string{`Bearer scope="y", Digest realm="x", scope="z"`}, Challenge{Scopes: []string{"y"}}},
		{"after a token68", []string{`Negotiate YWJj==, Bearer scope="y"`}, Challenge{Scopes: []string{"y"}}},
		{"after a token68 that looks like a parameter", []string{`Negotiate YWJj=, Bearer scope="y"`}, Challenge{Scopes: []string{"y"}}},
		{"on a line of its own", []string{`Basic realm="x"`, `Bearer scope="y"`, `Negotiate`}, Challenge{Scopes: []string{"y"}}},
		{"empty lines", []string{``, ` , `, `Bearer scope="y"`}, Challenge{Scopes: []string{"y"}}},
		{"empty parameters", []string{`Bearer error="", scope="", resource_metadata=""`}, Challenge{}},
		{"a scope twice", []string{`Bearer scope="a b a"`}, Challenge{Scopes: []string{"a", "b"}}},
		{"an escape", []string{`Bearer scope="\a\b"`}, Challenge{Scopes: []string{"ab"}}},
		{"parameters that are not used", []string{`Bearer realm="x", max_age=1, scope="y"`}, Challenge{Scopes: []string{"y"}}},
		{"a description for a terminal", []string{"Bearer error_description=\"\u202ea\tb\\\"c\xffd\""}, Challenge{Description: " a b c d"}},
		{"a long description", []string{`Bearer error_description="` + strings.Repeat("x", 1000) + `"`}, Challenge{Description: strings.Repeat("x", 300)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := BearerChallenge(http.Header{"Www-Authenticate": tt.lines})
			if !ok || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("BearerChallenge(%q) = %+v, %v; want %+v", tt.lines, got, ok, tt.want)
			}
		})
	}
}

func TestBearerChallengeRefuses(t *testing.T) {
	const twin = `Bearer error="insufficient_scope", scope="a b"`
	if _, ok := BearerChallenge(http.Header{"Www-Authenticate": {twin}}); !ok {
		t.Error("the twin is refused")
	}
	for name, lines := range map[string][]string{
		"no line":                        nil,
		"an empty line":                  {``},
		"another scheme":                 {`Basic realm="x"`},
		"another scheme's parameter":     {`Basic Bearer="x"`},
		"a quoted scheme":                {`"Bearer" scope="a"`},
		"a parameter twice":              {`Bearer scope="a", scope="b"`},
		"a parameter twice, other case":  {`Bearer scope="a", SCOPE="b"`},
		"an unused parameter twice":      {`Bearer realm="a", realm="b"`},
		"two for Bearer":                 {`Bearer scope="a", Bearer scope="b"`},
		"two for Bearer on two lines":    {`Bearer scope="a"`, `bearer`},
		"a malformed line beside it":     {twin, `Basic realm="x`},
		"a malformed challenge after it": {twin + `, =`},
		"an unclosed string":             {`Bearer scope="a`},
		"an unclosed escape":             {`Bearer scope="a\`},
		"text after a string":            {`Bearer scope="a"b`},
		"no comma between":               {`Bearer error="x" scope="a"`},
		"no value":                       {`Bearer scope=, error="x"`},
		"a parameter without a scheme":   {`scope="a"`},
		"a token68":                      {`Bearer abc`},
		"a token68 with parameters":      {`Bearer abc, scope="a"`},
		"a parameter after a token68":    {`Negotiate YWJj, x=y, Bearer scope="a"`},
		"a value that is no token":       {`Bearer resource_metadata=https://a.example/`},
		"a tab for a space":              {"Bearer\tscope=\"a\""},
		"a control character":            {"Bearer scope=\"a\x01\""},
		"an escaped control character":   {"Bearer scope=\"a\\\x01\""},
		"DEL":                            {"Bearer realm=\"\x7f\""},
		"an error that is no code":       {`Bearer error="not a code"`},
		"an error of 65 characters":      {`Bearer error="` + strings.Repeat("x", 65) + `"`},
		"two spaces between scopes":      {`Bearer scope="a  b"`},
		"a space after the scopes":       {`Bearer scope="a "`},
		"a scope with a quote":           {`Bearer scope="a\"b"`},
		"a scope with a backslash":       {`Bearer scope="a\\b"`},
		"a scope beyond ASCII":           {"Bearer scope=\"\u00e9\""},
		"a scope too long":               {`Bearer scope="` + strings.Repeat("x", maxScopeBytes+1) + `"`},
		"more scopes than can be":        {`Bearer scope="a` + strings.Repeat(" a", maxScopes) + `"`},
		"17 KiB":                         {`Bearer realm="` + strings.Repeat("x", 17<<10) + `"`},
		"17 KiB on two lines":            {`Bearer`, `Basic realm="` + strings.Repeat("x", 17<<10) + `"`},
	} {
		if got, ok := BearerChallenge(http.Header{"Www-Authenticate": lines}); ok || !reflect.DeepEqual(got, Challenge{}) {
			t.Errorf("%s: BearerChallenge(%q) = %+v, %v", name, lines, got, ok)
		}
	}
}

// What is accepted has one meaning: written down again, it is read the same.
func FuzzBearerChallenge(f *testing.F) {
	for _, seed := range []string{
		`Bearer error="invalid_token", scope="a b", resource_metadata="https://a.example/x"`, `Basic realm="x", Bearer`,
		`Negotiate YWJj==, Bearer scope=a`, `Bearer scope="a", Bearer scope="b"`, `Bearer a="\"", b=c`, `Bearer =`, `, ,`, `Bearer abc`,
	} {
		f.Add(seed, "")
		f.Add(`Digest qop="auth, auth-int"`, seed)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		c, ok := BearerChallenge(http.Header{"Www-Authenticate": {first, second}})
		if !ok {
			if !reflect.DeepEqual(c, Challenge{}) {
				t.Fatalf("refused, and yet %+v", c)
			}
			return
		}
		if !strings.Contains(strings.ToLower(first+second), "bearer") {
			t.Fatalf("a Bearer challenge in %q and %q", first, second)
		}
		if c.Error != "" && !isCode(c.Error) || !validScopes(c.Scopes) || len(c.Description) > maxDescriptionBytes {
			t.Fatalf("%+v", c)
		}
		again, ok := BearerChallenge(http.Header{"Www-Authenticate": {write(c)}})
		if !ok || !reflect.DeepEqual(again, c) {
			t.Fatalf("%+v, written as %q, is read as %+v, %v", c, write(c), again, ok)
		}
	})
}

func write(c Challenge) string {
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace
	return `Bearer error="` + c.Error + `", error_description="` + c.Description + `", scope="` + strings.Join(c.Scopes, " ") +
		`", resource_metadata="` + quote(c.ResourceMetadata) + `"`
}
