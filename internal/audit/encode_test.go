package audit

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// full has a value in every field.
func full() Entry {
	return Entry{
		Time: time.Date(2026, 8, 1, 12, 0, 0, 123456000, time.FixedZone("", 7200)), RequestID: "ID", Client: "2001:db8::1", Decision: Refused, Reason: "scope",
		Rule: "access.rules[2]", Issuer: "https://issuer.example.com/", Subject: "s|1", ClientID: "agent", Era: "modern", Method: "tools/call",
		Tool: "get_time", Prompt: "p", Resource: "docs://tools", Needs: []string{"a", "b"}, AnyOf: []string{"c"}, Held: []string{"d", "e"},
		Generation: 1<<64 - 1, Milliseconds: 1.234, Result: "refused",
	}
}

// TestEveryFieldIsWritten holds the encoder, which is written by hand, to the fields
// and the names of Entry.
func TestEveryFieldIsWritten(t *testing.T) {
	e := full()
	if v := reflect.ValueOf(e); v.NumField() != 20 {
		t.Fatalf("%d fields: the new one belongs into full, appendLine and docs/audit.md", v.NumField())
	}
	for i := range reflect.TypeFor[Entry]().NumField() {
		if reflect.ValueOf(e).Field(i).IsZero() {
			t.Errorf("full has no %s", reflect.TypeFor[Entry]().Field(i).Name)
		}
	}
	for name, e := range map[string]Entry{"full": e, "empty": {}, "nothing held": {Held: []string{}}} {
		e.Time = e.Time.UTC()
		want, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		got := bytes.Replace(e.appendLine(nil), []byte(".000000Z"), []byte("Z"), 1)
		if string(got) != string(want)+"\n" {
			t.Errorf("%s: %s\nwant %s", name, got, want)
		}
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"":                    `""`,
		"plain":               `"plain"`,
		`a "b" \c`:            `"a \"b\" \\c"`,
		"a\nb\r\x00\x1b[2J":   `"a\u000ab\u000d\u0000\u001b[2J"`,
		"\u0085\u009b\u2028":  `"\u0085\u009b\u2028"`,
		"\u202eabc":           `"\u202eabc"`,
		"José 東京 \U0001f600":  `"José 東京 ` + "\U0001f600" + `"`,
		"\U000e0001":          `"\udb40\udc01"`,
		"\x7f\xff\xc3":        `"\u007f\ufffd\ufffd"`,
		"\ufffd":              "\"\ufffd\"",
		"\xed\xa0\x80<&>'\t/": `"\ufffd\ufffd\ufffd<&>'\u0009/"`,
	} {
		if got := string(appendText(nil, in)); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

// FuzzLine: whatever a token or a name holds, an entry is one printable line of UTF-8,
// and reads as the entry that it was.
func FuzzLine(f *testing.F) {
	f.Add("agent", "s|1", "a b", "get_time", 1.5)
	f.Add("\n{\"decision\":\"allowed\"}", "\u2028\u0085\x1b]0;", "\"\\", "\xff\xed\xa0\x80", -1.0)
	f.Add("\U0010ffff\ufeff\u202e", "\x00", "", "\u00a0", 1e300)
	f.Fuzz(func(t *testing.T, client, subject, scope, tool string, ms float64) {
		e := full()
		e.Time = e.Time.UTC()
		e.ClientID, e.Subject, e.Tool, e.Held, e.Milliseconds = client, subject, tool, []string{scope, client}, ms
		got := string(e.appendLine(nil))
		if strings.Count(got, "\n") != 1 || !strings.HasSuffix(got, "\n") || !utf8.ValidString(got) {
			t.Fatalf("not one line: %q", got)
		}
		for _, r := range strings.TrimSuffix(got, "\n") {
			if !unicode.IsPrint(r) {
				t.Fatalf("%q in %q", r, got)
			}
		}
		read := readAll(t, got)
		if len(read) != 1 {
			t.Fatalf("%d entries in %q", len(read), got)
		}
		for _, s := range []*string{&e.ClientID, &e.Subject, &e.Tool, &e.Held[0], &e.Held[1]} {
			*s = string([]rune(*s)) // each byte that is no UTF-8 is one U+FFFD
		}
		if !(ms >= 0) || ms > 1e308 {
			e.Milliseconds = 0
		}
		if !reflect.DeepEqual(read[0], e) {
			t.Fatalf("%+v, want %+v", read[0], e)
		}
	})
}

func readAll(t *testing.T, text string) []Entry {
	t.Helper()
	var read []Entry
	if _, err := Read(strings.NewReader(text), func(e Entry) { read = append(read, e) }); err != nil {
		t.Fatal(err)
	}
	return read
}
