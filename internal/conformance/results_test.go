package conformance

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const stamp = "-2026-11-21T23-31-01-402Z"

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func TestReadResults(t *testing.T) {
	const good = `[{"id":"one","status":"SUCCESS","details":{}},{"id":"two","status":"FAILURE","errorMessage":"no"}]`
	tests := []struct {
		name string
		dir  fstest.MapFS
		want Results
		err  string
	}{
		{"nothing", fstest.MapFS{}, Results{}, ""},
		{
			"two scenarios",
			fstest.MapFS{"server-a-b" + stamp + "/checks.json": file(good), "server-server-a" + stamp + "/checks.json": file(`[]`)},
			Results{"a-b": {{"one", Success, ""}, {"two", Failure, "no"}}, "server-a": {}},
			"",
		},
		{"one that broke off", fstest.MapFS{"server-a" + stamp + "/other": file("")}, Results{}, ""},
		{
			"one that was run twice",
			fstest.MapFS{"server-a" + stamp + "/checks.json": file(good), "server-a-2026-11-21T23-31-02-402Z/checks.json": file(good)},
			nil, "a was run twice",
		},
		{"a client's", fstest.MapFS{"a" + stamp + "/checks.json": file(good)}, nil, "is not what the suite writes"},
		{"a file", fstest.MapFS{"server-a" + stamp: file(good)}, nil, "is not what the suite writes"},
		{"an unknown status", fstest.MapFS{"server-a" + stamp + "/checks.json": file(`[{"id":"one","status":"FINE"}]`)}, nil, `a check "one" has the status "FINE"`},
		{"no id", fstest.MapFS{"server-a" + stamp + "/checks.json": file(`[{"status":"SUCCESS"}]`)}, nil, `a check "" has the status "SUCCESS"`},
		{"no JSON", fstest.MapFS{"server-a" + stamp + "/checks.json": file(`[`)}, nil, "reading the results of a: unexpected end"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadResults(tt.dir)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil || !maps.EqualFunc(got, tt.want, func(a, b Checks) bool { return slices.Equal(a, b) }) {
				t.Errorf("%+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

func TestChecksPassed(t *testing.T) {
	tests := []struct {
		name     string
		statuses []Status
		want     bool
	}{
		{"one success", []Status{Success}, true},
		{"beside it what is no failure", []Status{Success, Warning, Skipped, Info}, true},
		{"beside it a failure", []Status{Success, Failure}, false},
		{"a failure", []Status{Failure}, false},
		{"nothing looked at", []Status{Warning, Skipped, Info}, false},
		{"nothing", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var checks Checks
			for _, s := range tt.statuses {
				checks = append(checks, Check{ID: "a", Status: s})
			}
			if got := checks.Passed(); got != tt.want {
				t.Errorf("passed: %v, want %v", got, tt.want)
			}
		})
	}
}

func TestChecksHas(t *testing.T) {
	checks := Checks{{"one", Success, ""}, {"two", Failure, ""}, {"two", Warning, ""}}
	for _, tt := range []struct {
		id     string
		status Status
		want   bool
	}{{"one", Success, true}, {"two", Warning, true}, {"one", Failure, false}, {"two", Success, false}, {"three", Success, false}} {
		if got := checks.Has(tt.id, tt.status); got != tt.want {
			t.Errorf("%s %s: %v, want %v", tt.id, tt.status, got, tt.want)
		}
	}
}

// FuzzReadResults: what cannot be read is an error, and what is read has been understood.
func FuzzReadResults(f *testing.F) {
	f.Add("server-a"+stamp, `[{"id":"one","status":"SUCCESS"}]`)
	f.Add("server-a"+stamp, `[{"id":"one","status":"NO"},null]`)
	f.Add("a", `{}`)
	f.Fuzz(func(t *testing.T, name, checks string) {
		if name == "" || strings.ContainsAny(name, "/\x00") || name == "." || name == ".." {
			return // no name of a directory
		}
		dir := fstest.MapFS{name + "/checks.json": file(checks)}
		first, err := ReadResults(dir)
		if err != nil {
			return
		}
		if second, err := ReadResults(dir); err != nil || !reflect.DeepEqual(first, second) {
			t.Fatalf("read again: %v, %v; before: %v", second, err, first)
		}
		for _, c := range slices.Concat(slices.Collect(maps.Values(first))...) {
			if c.ID == "" || !slices.Contains([]Status{Success, Failure, Warning, Skipped, Info}, c.Status) {
				t.Fatalf("%+v was read", c)
			}
		}
	})
}
