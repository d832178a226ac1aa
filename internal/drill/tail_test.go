package main

import (
	"strings"
	"testing"
)

func TestTail(t *testing.T) {
	long := strings.Repeat("0123456789", maxTail/10+1)
	for _, tt := range []struct {
		name   string
		writes []string
		want   string
	}{
		{"nothing", nil, ""},
		{"little", []string{"one\n", "two\n"}, "one\ntwo\n"},
		{"just as much as is kept", []string{long[:maxTail-1], "x"}, long[:maxTail-1] + "x"},
		{"more than is kept, in one", []string{long}, long[len(long)-maxTail:]},
		{"more than is kept, in two", []string{long, "last\n"}, long[len(long)-maxTail+5:] + "last\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var kept tail
			for _, text := range tt.writes {
				if n, err := kept.Write([]byte(text)); n != len(text) || err != nil {
					t.Errorf("wrote %d, %v", n, err)
				}
			}
			if got := kept.String(); got != tt.want {
				t.Errorf("%d bytes are kept: …%q", len(got), got[max(0, len(got)-20):])
			}
		})
	}
}

func TestResidentBytes(t *testing.T) {
	for _, tt := range []struct {
		name, status string
		want         int64
		ok           bool
	}{
		{"as Linux writes it", "Name:\tmcp-server\nVmHWM:\t   30000 kB\nVmRSS:\t   22040 kB\nThreads:\t9\n", 22040 << 10, true},
		{"a process that has ended", "Name:\tmcp-server\nState:\tZ (zombie)\n", 0, false},
		{"another unit", "VmRSS:\t22 MB\n", 0, false},
		{"no unit", "VmRSS:\t22040\n", 0, false},
		{"no number", "VmRSS:\tmuch kB\n", 0, false},
		{"nothing held", "VmRSS:\t0 kB\n", 0, false},
		{"less than nothing", "VmRSS:\t-1 kB\n", 0, false},
		{"nothing", "", 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := residentBytes(tt.status); got != tt.want || ok != tt.ok {
				t.Errorf("%d, %v; want %d, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

// A number that is told is a number of bytes.
func FuzzResidentBytes(f *testing.F) {
	for _, s := range []string{"VmRSS:\t   22040 kB\n", "VmRSS: 9007199254740991 kB", "VmRSS:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, status string) {
		if bytes, ok := residentBytes(status); ok && bytes <= 0 {
			t.Errorf("%d bytes in %q", bytes, status)
		}
	})
}
