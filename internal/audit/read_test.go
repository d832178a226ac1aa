package audit

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestRead: entries are found between other lines, and nothing else is taken for one.
func TestRead(t *testing.T) {
	e := full()
	good := string(e.appendLine(nil))
	for _, tt := range []struct {
		name          string
		in            string
		want, skipped int
	}{
		{"none", "", 0, 0},
		{"two", good + good, 2, 0},
		{"without a newline at the end", strings.TrimSpace(good), 1, 0},
		{"with CRLF and empty lines", "\r\n" + strings.ReplaceAll(good, "\n", "\r\n") + "\n  \n", 1, 0},
		{"a member of a later version", strings.Replace(good, `{`, `{"new":[1,{}],`, 1), 1, 0},
		{"a line of the log", `{"time":"2026-08-01T12:00:00Z","level":"INFO","msg":"request","request_id":"ID","reason":"scope"}` + "\n" + good, 1, 1},
		{"a line of text", "time=2026 level=INFO\n" + good + "panic: x\n", 1, 2},
		{"a torn line", good[:40] + "\n" + good, 1, 1},
		{"two in one line", strings.TrimSpace(good) + good, 0, 1},
		{"a duplicate member", strings.Replace(good, `{`, `{"tool":"other",`, 1), 0, 1},
		{"another case", strings.Replace(good, `"decision"`, `"Decision"`, 1), 0, 1},
		{"another decision", strings.Replace(good, `"refused","reason"`, `"maybe","reason"`, 1), 0, 1},
		{"refused without a reason", strings.Replace(good, `"reason":"scope",`, ``, 1), 0, 1},
		{"no time", strings.Replace(good, `"time"`, `"when"`, 1), 0, 1},
		{"no request id", strings.Replace(good, `"request_id"`, `"id"`, 1), 0, 1},
		{"no result", strings.Replace(good, `"result"`, `"outcome"`, 1), 0, 1},
		{"a name that is a number", strings.Replace(good, `"get_time"`, `7`, 1), 0, 1},
		{"an array", "[" + strings.TrimSpace(good) + "]\n", 0, 1},
		{"no UTF-8", strings.Replace(good, `agent`, "\xff", 1), 0, 1},
		{"an endless line", strings.Repeat("x", 3*maxLine) + "\n" + good, 1, 1},
		{"an endless entry", strings.Replace(good, `agent`, strings.Repeat("a", maxLine), 1) + good, 1, 1},
		{"a long entry", strings.Replace(good, `agent`, strings.Repeat("a", maxLine/2), 1), 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := 0
			skipped, err := Read(strings.NewReader(tt.in), func(Entry) { n++ })
			if err != nil || n != tt.want || skipped != tt.skipped {
				t.Errorf("%d entries, %d skipped, %v; want %d and %d", n, skipped, err, tt.want, tt.skipped)
			}
		})
	}
}

// TestReadError: what came before the reader failed was read.
func TestReadError(t *testing.T) {
	e, broken, n := full(), errors.New("disk on fire"), 0
	in := io.MultiReader(strings.NewReader(string(e.appendLine(nil))), iotest.ErrReader(broken))
	if _, err := Read(in, func(Entry) { n++ }); !errors.Is(err, broken) || n != 1 {
		t.Errorf("%d entries, %v", n, err)
	}
}

// FuzzRead: no input makes it fail, and what it takes has what every entry has.
func FuzzRead(f *testing.F) {
	e := full()
	f.Add(string(e.appendLine(nil)))
	f.Add("{\"decision\":\"allowed\"}\n\x00\n{")
	f.Fuzz(func(t *testing.T, in string) {
		n := 0
		skipped, err := Read(strings.NewReader(in), func(e Entry) {
			n++
			if e.RequestID == "" || e.Result == "" || e.Time.IsZero() || e.Decision != Allowed && e.Decision != Refused {
				t.Errorf("%+v", e)
			}
		})
		if err != nil || n+skipped > strings.Count(in, "\n")+1 {
			t.Errorf("%d entries, %d skipped, %v", n, skipped, err)
		}
	})
}
