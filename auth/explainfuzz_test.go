package auth

import (
	"slices"
	"strings"
	"testing"
)

// No input ends the program, makes it say something else than Verify, or makes it
// print what a terminal obeys, or the signature.
func FuzzExplain(f *testing.F) {
	for _, rows := range allRows() {
		for _, r := range rows {
			if raw, _ := r.token(); len(raw) <= 2*maxTokenBytes {
				f.Add(raw)
			}
		}
	}
	good := goodDraft().token()
	for _, s := range []string{
		"Authorization: Bearer " + good, "\"" + good + "\"", "{\"access_token\":\"" + good + "\"}", "access_token=" + good + "&x=y", "mcprs_", "\x1b[31m" + good,
		"export TOKEN='" + good + "'", "\"access_token\": \"" + good + "\", \"x\": 1", good + "\n" + good, "${TOKEN}", "-----BEGIN PUBLIC KEY-----",
	} {
		f.Add(s)
	}
	v, _ := testVerifier(testNow, nil)
	f.Fuzz(func(t *testing.T, raw string) {
		e := v.Explain(t.Context(), raw)
		agrees(t, e, verdict(t, v, raw))
		shown := e.texts()
		if i := strings.IndexFunc(shown, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }); i >= 0 {
			t.Errorf("not printable: %q", shown[i:min(len(shown), i+20)])
		}
		// What is shown of the signature is what would not be shown without it.
		parts := strings.Split(raw, ".")
		if len(parts) < 3 {
			return
		}
		without := slices.Clone(parts)
		without[2] = strings.Map(func(r rune) rune {
			if isTokenRune(r) {
				return 'A'
			}
			return r
		}, parts[2])
		other := v.Explain(t.Context(), strings.Join(without, ".")).texts()
		for i := range len(parts[2]) - window + 1 {
			if piece := parts[2][i : i+window]; strings.Contains(shown, piece) && !strings.Contains(other, piece) {
				t.Errorf("%q of the third part is shown", piece)
			}
		}
	})
}
