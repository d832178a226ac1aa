package config

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mcp-resource-server/internal/faults"
)

// Each row has its twin: the same file without the fault, which is accepted.
func TestFileFaults(t *testing.T) {
	for _, tt := range []struct {
		name, bad, want, good string
	}{
		{"number for text", "text: 5", "text: " + wantText + " (line 1)", "text: '5'"},
		{"bool for text", "text: true", "text: " + wantText + " (line 1)", "text: 'true'"},
		{"a date by its tag", "text: !!timestamp 2026-01-01", "text: " + wantText + " (line 1)", "text: 2026-01-01"},
		{"list for text", "text: [a]", "text: " + wantText + " (line 1)", "text: a"},
		{"text for bool", "switch: 'true'", "switch: " + wantBool + " (line 1)", "switch: true"},
		{"yes for bool", "switch: yes", "switch: " + wantBool + " (line 1)", "switch: false"},
		{"one for bool", "switch: 1", "switch: " + wantBool + " (line 1)", "switch: true"},
		{"text for int", "count: '5'", "count: " + wantInt + " (line 1)", "count: 5"},
		{"fraction for int", "count: 5.5", "count: " + wantInt + " (line 1)", "count: 5"},
		{"float for int", "size: 4e6", "size: " + wantInt + " (line 1)", "size: 4000000"},
		{"octal for int", "count: 0o10", "count: " + wantInt + " (line 1)", "count: 8"},
		{"int of 70 bits", "size: 1000000000000000000000", "size: " + wantInt + " (line 1)", "size: 10"},
		{"bare number for a duration", "wait: 30", "wait: must be a duration with a unit, such as 30s (line 1)", "wait: 30s"},
		{"bare number in quotes", "wait: '30'", "wait: must be a duration with a unit, such as 30s (line 1)", "wait: '30s'"},
		{"words for a duration", "wait: soon", "wait: must be a duration with a unit, such as 30s (line 1)", "wait: 5m"},
		{"text for a list", "list: a,b", "list: " + wantList + " (line 1)", "list: [a, b]"},
		{"section for a list", "list: {a: b}", "list: " + wantList + " (line 1)", "list: []"},
		{"number in a list", "list: [a, 5]", "list[1]: " + wantText + " (line 1)", "list: [a, '5']"},
		{"a date in a list by its tag", "list: [!!timestamp 2025-11-25]", "list[0]: " + wantText + " (line 1)", "list: [2025-11-25, 2026-07-28]"},
		{"null in a list", "list:\n  - a\n  -", "list[1]: " + wantText + " (line 3)", "list:\n  - a\n  - ''"},
		{"text for a section", "nested: a", "nested: " + wantSection + " (line 1)", "nested: {text: a}"},
		{"list for a section", "nested: [a]", "nested: " + wantSection + " (line 1)", "nested: {}"},
		{"text for entries", "entries: a", "entries: " + wantEntries + " (line 1)", "entries: []"},
		{"section for entries", "entries: {name: a}", "entries: " + wantEntries + " (line 1)", "entries: [{name: a}]"},
		{"text as an entry", "entries: [{name: a}, b]", "entries[1]: " + wantSection + " (line 1)", "entries: [{name: a}, {name: b}]"},
		{"fault in an entry", "entries: [{}, {tags: b}]", "entries[1].tags: " + wantList + " (line 1)", "entries: [{}, {tags: [b]}]"},
		{"unknown key in an entry", "entries: [{nam: a}]", "entries[0].nam: is not a known key, did you mean entries[0].name? (line 1)", "entries: [{name: a}]"},
		{"unknown key", "bogus: a", "bogus: is not a known key (line 1)", "text: a"},
		{"misspelt key", "nested:\n  txet: a", "nested.txet: is not a known key, did you mean nested.text? (line 2)", "nested:\n  text: a"},
		{"misspelt section", "nestd: {text: a}", "nestd: is not a known key, did you mean nested? (line 1)", "nested: {text: a}"},
		{"key in capitals, which viper folds", "TEXT: a", "TEXT: is not a known key, did you mean text? (line 1)", "text: a"},
		{"unknown key that is null", "bogus: ~", "bogus: is not a known key (line 1)", "text: ~"},
		{"dotted key, which viper splits", "nested.text: a", "nested.text: is not a known key: write each part of a path on a line of its own, indented (line 1)", "nested: {text: a}"},
		{"key twice", "text: a\ntext: b", "text: stands twice, first on line 1 (line 2)", "text: a"},
		{"section twice", "nested: {text: a}\nnested: {port: 1}", "nested: stands twice, first on line 1 (line 2)", "nested: {text: a, port: 1}"},
		{"key twice, once null", "text:\ntext: b", "text: stands twice, first on line 1 (line 2)", "text: b"},
		{"alias", "text: &a b\nlist: *a", "list: " + wantNoAlias + " (line 2)", "text: &a b\nlist: [b]"},
		{"alias in a list", "text: &a b\nlist: [*a]", "list[0]: " + wantNoAlias + " (line 2)", "text: b\nlist: [b]"},
		{"alias as an entry", "entries:\n- &a {name: a}\n- *a", "entries[1]: " + wantNoAlias + " (line 3)", "entries:\n- {name: a}\n- {name: a}"},
		{"merge key", "nested: &n {text: a}\nentries:\n- <<: *n", `entries[0]."<<": is not a known key (line 3)`, "nested: {text: a}\nentries:\n- {}"},
		{"list as a key", "? [text]\n: a", "?: is not a known key (line 1)", "? text\n: a"},
		{"number as a key", "1: a", "1: is not a known key (line 1)", "text: a"},
		{"key that would forge a line", "\"a\\nb: c\": d", `"a\nb: c": is not a known key (line 1)`, "text: d"},
		{"own tag", "text: !secret a", "text: " + wantText + " (line 1)", "text: !!str a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, l := mergeSample(t, Source{File: writeFile(t, "config.yaml", tt.bad)})
			if got := l.Error(); got != tt.want {
				t.Errorf("faults\n%s\nwant\n%s", got, tt.want)
			}
			if _, l := mergeSample(t, Source{File: writeFile(t, "config.yaml", tt.good)}); l.Err() != nil {
				t.Errorf("the twin is refused: %v", l)
			}
		})
	}
}

func TestFilesThatAreNoConfiguration(t *testing.T) {
	for _, tt := range []struct {
		name, content, want string // want "" is accepted
	}{
		{"empty", "", ""},
		{"comment alone", "# nothing\n", ""},
		{"null", "~\n", ""},
		{"document marker", "---\ntext: a\n", ""},
		{"byte order mark", "\uFEFFtext: a\n", ""},
		{"text", "s3cret", `is not a list of sections such as "http:" and "auth:"`},
		{"list", "- s3cret", `is not a list of sections such as "http:" and "auth:"`},
		{"two documents", "text: a\n---\ntext: s3cret\n", "line 2: a second YAML document begins, of which nothing would be read"},
		{"second document broken", "text: a\n---\n- s3cret\n- '\n", "line 4: not valid YAML"},
		{"tab", "nested:\n\ttext: s3cret\n", "line 2: not valid YAML"},
		{"unknown anchor", "text: *s3cret\n", "not valid YAML"},
		{"not UTF-8", "text: s3cret\xff\n", "not valid YAML"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseYAML([]byte(tt.content))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("error %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNoFaultQuotesAValue(t *testing.T) {
	const secret = "s3cret"
	_, l := mergeSample(t, Source{
		File: writeFile(t, "config.yaml", strings.ReplaceAll(
			"switch: S\ncount: S\nwait: S\nlist: S\nnested: S\nentries: S\nbogus: S\ntext: [S]\npassword: {S: S}\n", "S", secret)),
		Environ: []string{
			"MCPRS_SWITCH=" + secret, "MCPRS_COUNT=" + secret, "MCPRS_WAIT=" + secret,
			"MCPRS_LIST=," + secret, "MCPRS_BOGUS=" + secret, "MCPRS_ENTRIES=" + secret,
		},
		Flags: sampleFlags(t, "--switch="+secret, "--count="+secret, "--wait="+secret, "--list=,"+secret),
	})
	if len(l) != 19 {
		t.Errorf("%d faults, want 19:\n%v", len(l), l)
	}
	if strings.Contains(l.Error(), secret) {
		t.Errorf("a fault quotes a value:\n%v", l)
	}
}

func TestEntriesFromTheFile(t *testing.T) {
	got, l := mergeSample(t, Source{File: writeFile(t, "config.yaml",
		"entries:\n- name: a\n  tags: [x, '']\n-\n  name: ~\n")})
	want := faults.List{}
	if diff := cmp.Diff(want, l); len(l) > 0 {
		t.Fatal(diff)
	}
	if diff := cmp.Diff([]entry{{Name: "a", Tags: []string{"x", ""}}, {}}, got.Entries); diff != "" {
		t.Error(diff)
	}
}

// Whatever stands in the file: Load answers with the configuration or with an
// error, and what it accepts is valid.
func FuzzLoadFile(f *testing.F) {
	for _, s := range []string{
		"", "http: {addr: ':1'}", "auth:\n  issuers:\n  - issuer: https://a/\n    audiences: [https://b/c]\n",
		"a: &a [*a]", "? {a: b}\n: c", "http: !!binary x", "<<: {a: b}", "--- \n--- \n", "http: &h\n  tls: *h\n",
		"log: !!str\n", "\x00", "\uFEFF", "http:\n  max_body_bytes: -0b1\n", "auth: {audience: https://b/c, issuer: https://a/}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := Load(Source{File: writeFile(t, "config.yaml", string(raw))})
		if err == nil {
			err = c.Validate().Err()
			if err != nil {
				t.Fatalf("accepted, but not valid: %v", err)
			}
			return
		}
		var l faults.List
		if errors.As(err, &l) && len(l) == 0 {
			t.Fatal("an error without a fault")
		}
	})
}
