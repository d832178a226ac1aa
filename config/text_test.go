package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseText(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind kind
		text string
		want any
		err  error
	}{
		{"text as it is", kindText, " a, b ", " a, b ", nil},
		{"true", kindBool, "true", true, nil},
		{"false", kindBool, "false", false, nil},
		{"one is not true", kindBool, "1", nil, errBool},
		{"nor is True", kindBool, "True", nil, errBool},
		{"nor is yes", kindBool, "yes", nil, errBool},
		{"int", kindInt, "4096", int64(4096), nil},
		{"negative int", kindInt, "-1", int64(-1), nil},
		{"decimal alone, whatever the zero", kindInt, "010", int64(10), nil},
		{"hex", kindInt, "0x10", nil, errInt},
		{"fraction", kindInt, "1.5", nil, errInt},
		{"underscore", kindInt, "1_000", nil, errInt},
		{"unit", kindInt, "4MiB", nil, errInt},
		{"larger than any int", kindInt, "9223372036854775808", nil, errInt},
		{"the largest int", kindInt, "9223372036854775807", int64(9223372036854775807), nil},
		{"duration", kindDuration, "1m30s", 90 * time.Second, nil},
		{"bare number", kindDuration, "30", nil, errDuration},
		{"bare zero, which time.ParseDuration takes", kindDuration, "0", nil, errDuration},
		{"zero with a unit", kindDuration, "0s", time.Duration(0), nil},
		{"days are no unit", kindDuration, "1d", nil, errDuration},
		{"list", kindList, "a,b", []string{"a", "b"}, nil},
		{"spaces around entries", kindList, " a , b c ", []string{"a", "b c"}, nil},
		{"one entry", kindList, "a", []string{"a"}, nil},
		{"empty list", kindList, "", []string(nil), nil},
		{"empty entry", kindList, "a,,b", nil, errEntry},
		{"comma at the end", kindList, "a,", nil, errEntry},
		{"a space is no entry", kindList, " ", nil, errEntry},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseText(tt.kind, tt.text)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is accepted has one meaning: spelled out again, it reads the same. What
// is refused is refused with a fixed text.
func FuzzParseText(f *testing.F) {
	for _, s := range []string{"", "true", "30s", "-1h0m0.5s", "a, b", ",", "9223372036854775807", "1e3", "\x00", "µs"} {
		for k := kindText; k <= kindList; k++ {
			f.Add(uint8(k), s)
		}
	}
	fixed := map[error]bool{errBool: true, errInt: true, errDuration: true, errEntry: true}
	f.Fuzz(func(t *testing.T, n uint8, s string) {
		k := kind(n) % (kindList + 1)
		v, err := parseText(k, s)
		if err != nil {
			if v != nil || !fixed[err] {
				t.Fatalf("%s %q: value %v beside error %v", k, s, v, err)
			}
			return
		}
		text := fmt.Sprint(v)
		if list, ok := v.([]string); ok {
			text = strings.Join(list, ",")
		}
		again, err := parseText(k, text)
		if err != nil || !cmp.Equal(v, again) {
			t.Fatalf("%s %q: read as %v, and then as %v, %v", k, s, v, again, err)
		}
	})
}
