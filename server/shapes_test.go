package server

import (
	"strings"
	"testing"
	"unicode"
)

// TestFold: a rune folds into a letter of ASCII exactly where strings.EqualFold says that
// they are the same in another case.
func TestFold(t *testing.T) {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r >= 0xd800 && r < 0xe000 {
			continue // no rune of UTF-8
		}
		folded := fold(string(r))
		i := strings.Index(letters, folded)
		same := unicode.SimpleFold(r) != r && strings.ContainsFunc(letters, func(l rune) bool { return strings.EqualFold(string(r), string(l)) })
		if letter := len(folded) == 1 && i >= 0; letter != same || (letter && !strings.EqualFold(folded, string(r))) {
			t.Errorf("%U folds into %q", r, folded)
		}
	}
	for _, name := range []string{"params", "_meta", "io.modelcontextprotocol/protocolVersion", "protocolVersion"} {
		for _, other := range []string{strings.ToUpper(name), strings.ReplaceAll(name, "s", "\u017f"), strings.ReplaceAll(name, "k", "\u212a")} {
			if fold(other) != fold(name) {
				t.Errorf("%q and %q differ", name, other)
			}
		}
	}
	if fold("params") == fold("param") {
		t.Error("two names fold into one")
	}
}

// BenchmarkUnknownNames: a body of names that the protocol does not know costs no more
// than to read them.
func BenchmarkUnknownNames(b *testing.B) {
	var body strings.Builder
	body.WriteString(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha"`)
	for i := 0; body.Len() < 1<<20; i++ {
		body.WriteString(`,"`)
		for n := i; n > 0; n /= 26 {
			body.WriteByte('a' + byte(n%26))
		}
		body.WriteString(`_":1`)
	}
	body.WriteString("}}")
	b.SetBytes(int64(body.Len()))
	for b.Loop() {
		if _, fault := parseMessage([]byte(body.String())); fault != nil {
			b.Fatal(fault)
		}
	}
}
