package auth

import (
	"strings"
	"testing"
)

// What is around a token is named, and the token itself is judged.
func TestExplainUnwraps(t *testing.T) {
	raw := goodDraft().token()
	half := len(raw) / 2
	for _, tt := range []struct {
		name, given string
		around      []string // a part of each
	}{
		{"scheme", "Bearer " + raw, []string{`"Bearer" in front`}},
		{"header", "Authorization: bearer  " + raw, []string{`"Authorization:" in front`, `"Bearer" in front`}},
		{"header in quotes", `"Authorization: Bearer ` + raw + `"`, []string{"quotes", `"Authorization:"`, `"Bearer"`}},
		{"DPoP", "DPoP " + raw, []string{`"DPoP" in front`}},
		{"quotes", `'` + raw + `'`, []string{"quotes"}},
		{"one quote", raw + `"`, []string{"quotes"}},
		{"JSON of a token endpoint", `{"token_type":"Bearer","access_token":"` + raw + `","expires_in":1}`, []string{"token endpoint"}},
		{"form", "access_token=" + raw + "&state=x", []string{"access_token="}},
		{"JSON of a token endpoint, in lines", "{\r\n  \"access_token\": \"" + raw + "\",\r\n  \"expires_in\": 86400\r\n}\n", []string{"white space", "token endpoint"}},
		{"a variable", "TOKEN=" + raw, []string{"a name in front"}},
		{"a variable in a shell", "export TOKEN='" + raw + "'", []string{"a name in front"}},
		{"a variable in PowerShell", `$env:TOKEN = "` + raw + `"`, []string{"a name in front"}},
		{"YAML", "token: " + raw, []string{"a name in front"}},
		{"a member of JSON", `"access_token":"` + raw + `"`, []string{"a name in front"}},
		{"a member of JSON, and more", `  "access_token": "` + raw + `", "scope": "a.b"`, []string{"a name in front"}},
		{"JSON that is cut off", `{"access_token":"` + raw, []string{"a name in front", "quotes"}},
		{"another answer", `{"token":"` + raw + `","x":[1]}`, []string{"a name in front"}},
		{"a header in a variable", "AUTH=Bearer " + raw, []string{"a name in front", `"Bearer"`}},
		{"line feed behind", raw + "\n", []string{"white space"}},
		{"line breaks within", raw[:half] + "\r\n  " + raw[half:], []string{"line breaks"}},
		{"from zsh", raw + "%", []string{"zsh"}},
		{"comma", `"` + raw + `",`, []string{"a comma", "quotes"}},
		{"angle brackets", "<" + raw + ">", []string{"brackets"}},
		{"zero width", "\u200b" + raw + "\ufeff", []string{"white space"}},
		{"UTF-16", strings.Join(strings.Split(raw, ""), "\x00"), []string{"blanks within"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, _ := testVerifier(testNow, nil)
			e := v.Explain(t.Context(), tt.given)
			agrees(t, e, ReasonMalformed)
			sound(t, e, raw)
			if e.Bare != nil || e.Principal.Subject == "" {
				t.Errorf("the token alone is refused: %v", e.Bare)
			}
			all := strings.Join(e.Around, "; ")
			for _, part := range tt.around {
				if !strings.Contains(all, part) {
					t.Errorf("around it: %q, want %q in it", e.Around, part)
				}
			}
			if c := e.Checks[0]; c.Name != "as given" || c.State != CheckFailed || !strings.Contains(c.Got, e.Around[0]) {
				t.Errorf("%+v", c)
			}
		})
	}
}

// What is not clearly around a token stays where it is.
func TestExplainLeavesTokensAlone(t *testing.T) {
	raw := goodDraft().token()
	for _, given := range []string{raw, raw + "." + raw, raw + " " + raw, "Bearer", "some words", "a.b.c", "{}", `{"access_token":7}`, "x" + raw, "Basic " + raw, "x=y", `{"payload":"` + raw + `"}`, "a b=" + raw} {
		if bare, around := unwrap(given); bare != given || around != nil {
			t.Errorf("of %d bytes %q were taken off", len(given), around)
		}
	}
	// Deeper than anybody wraps it.
	deep := strings.Repeat("Bearer ", 100) + raw
	if bare, _ := unwrap(deep); bare == raw {
		t.Error("a hundred schemes were taken off")
	}
}
