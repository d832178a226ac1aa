package oauthclient

import (
	"net/http"
	"testing"
	"time"
)

func TestMaxAge(t *testing.T) {
	const most = maxDeltaSeconds * time.Second
	tests := []struct {
		name  string
		lines []string
		want  time.Duration
		ok    bool
	}{
		{"alone", []string{"max-age=60"}, time.Minute, true},
		{"zero", []string{"max-age=0"}, 0, true},
		{"leading zeros", []string{"max-age=0060"}, time.Minute, true},
		{"any case", []string{"Max-AGE=60"}, time.Minute, true},
		{"quoted", []string{`max-age="60"`}, time.Minute, true},
		{"first of several", []string{"max-age=60, public"}, time.Minute, true},
		{"last of several", []string{"public , must-revalidate,\tmax-age=60"}, time.Minute, true},
		{"empty elements", []string{",, max-age=60 ,"}, time.Minute, true},
		{"on the second line", []string{"public", "max-age=60"}, time.Minute, true},
		{"beside s-maxage, which is for shared caches", []string{"s-maxage=5, max-age=60"}, time.Minute, true},
		{"twice: the first counts", []string{"max-age=60, max-age=5"}, time.Minute, true},
		{"2^31 seconds", []string{"max-age=2147483648"}, most, true},
		{"more than 2^31 seconds", []string{"max-age=2147483649"}, most, true},
		{"more than 64 bits", []string{"max-age=99999999999999999999999999"}, most, true},
		{"after a quoted comma", []string{`private="a, max-age=5", max-age=60`}, time.Minute, true},
		{"after a quoted quote", []string{`x="\", max-age=5", max-age=60`}, time.Minute, true},

		{"no header", nil, 0, false},
		{"empty header", []string{""}, 0, false},
		{"other directives", []string{"public, no-cache"}, 0, false},
		{"only s-maxage", []string{"s-maxage=60"}, 0, false},
		{"a longer name", []string{"x-max-age=60"}, 0, false},
		{"no value", []string{"max-age"}, 0, false},
		{"empty value", []string{"max-age="}, 0, false},
		{"empty quoted value", []string{`max-age=""`}, 0, false},
		{"half a quote", []string{`max-age="60`}, 0, false},
		{"one quote", []string{`max-age="`}, 0, false},
		{"negative", []string{"max-age=-1"}, 0, false},
		{"signed", []string{"max-age=+60"}, 0, false},
		{"fraction", []string{"max-age=60.5"}, 0, false},
		{"hexadecimal", []string{"max-age=0x3c"}, 0, false},
		{"with a unit", []string{"max-age=60s"}, 0, false},
		{"space before the equals sign", []string{"max-age =60"}, 0, false},
		{"space after the equals sign", []string{"max-age= 60"}, 0, false},
		{"parted by a semicolon", []string{"max-age=60; public"}, 0, false},
		{"an unusable one is not passed over for the next", []string{"max-age=x, max-age=60"}, 0, false},
		{"only inside quotes", []string{`private="a, max-age=60"`}, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := MaxAge(http.Header{"Cache-Control": tt.lines})
			if got != tt.want || ok != tt.ok {
				t.Errorf("MaxAge(%q) = %v, %v, want %v, %v", tt.lines, got, ok, tt.want, tt.ok)
			}
		})
	}
}

func FuzzMaxAge(f *testing.F) {
	for _, seed := range []string{"max-age=60", `private="a, max-age=5\"", max-age="60"`, "max-age=99999999999999999999", `",\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		got, ok := MaxAge(http.Header{"Cache-Control": {line}})
		if got < 0 || got > maxDeltaSeconds*time.Second || got%time.Second != 0 {
			t.Errorf("MaxAge(%q) = %v", line, got)
		}
		if !ok && got != 0 {
			t.Errorf("MaxAge(%q) = %v, false", line, got)
		}
		// A directive put in front is the first one, whatever follows it.
		if first, ok := MaxAge(http.Header{"Cache-Control": {"max-age=7," + line}}); !ok || first != 7*time.Second {
			t.Errorf("MaxAge of max-age=7,%q = %v, %v", line, first, ok)
		}
	})
}
