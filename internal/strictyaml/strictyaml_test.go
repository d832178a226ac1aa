package strictyaml

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

type sample struct {
	Text    string   `yaml:"text"`
	List    []string `yaml:"list"`
	Entries []entry  `yaml:"entries"`
	unnamed string
}

type entry struct {
	Line Line
	Name string   `yaml:"name"`
	Tags []string `yaml:"tags"`
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Each row has its twin: the same document without the fault, which is accepted.
func TestDecodeRefuses(t *testing.T) {
	const known = "is not a known key: there are text, list, entries"
	for _, tt := range []struct {
		name, bad, want, good string
	}{
		{"list for text", "text: [s3cret]", "line 1: text: " + wantText, "text: s3cret"},
		{"section for text", "text: {s3cret: a}", "line 1: text: " + wantText, "text: s3cret"},
		{"literal block", "text: |\n  s3cret\n", "line 1: text: " + wantText, "text: s3cret\n"},
		{"folded block", "text: >-\n  s3cret\n", "line 1: text: " + wantText, "text:\n  s3cret\n"},
		{"empty text", "text: ''", "line 1: text: " + wantSomeText, "text: ' '"},
		{"a space outside quotes", "text: s3cret a", "line 1: text: " + wantQuotes, "text: 's3cret a'"},
		{"a forgotten dash", "list:\n- s3cret\n  a\n", "line 2: list[0]: " + wantQuotes, "list:\n- s3cret\n- a\n"},
		{"a forgotten dash and a line", "list:\n- s3cret\n\n  a\n", "line 2: list[0]: " + wantQuotes, "list:\n- s3cret\n\n- a\n"},
		{"text for a list", "list: s3cret", "line 1: list: " + wantList, "list: [s3cret]"},
		{"section for a list", "list: {s3cret: a}", "line 1: list: " + wantList, "list: []"},
		{"nothing in a list", "list:\n- s3cret\n-\n", "line 3: list[1]: " + wantSomeText, "list:\n- s3cret\n- '-'\n"},
		{"tilde in a list", "list: [s3cret, ~]", "line 1: list[1]: " + wantSomeText, "list: [s3cret, '~']"},
		{"null in a list", "list: [s3cret, null]", "line 1: list[1]: " + wantSomeText, "list: [s3cret, 'null']"},
		{"empty text in a list", `list: [s3cret, ""]`, "line 1: list[1]: " + wantSomeText, `list: [s3cret, "\0"]`},
		{"a list in a list", "list: [[s3cret]]", "line 1: list[0]: " + wantText, "list: [s3cret]"},
		{"text for a section", "entries: [s3cret]", "line 1: entries[0]: " + wantSection, "entries: [{name: s3cret}]"},
		{"nothing for a section", "entries:\n-\n", "line 2: entries[0]: " + wantSection, "entries:\n- {}\n"},
		{"text for the whole", "s3cret", "line 1: " + wantSection, "text: s3cret"},
		{"list for the whole", "- s3cret", "line 1: " + wantSection, "text: s3cret"},
		{"unknown key", "text: a\ns3cret: a", "line 2: " + known, "text: a"},
		{"unknown key with nothing", "s3cret:", "line 1: " + known, "text:"},
		{"key in capitals", "TEXT: s3cret", "line 1: " + known, "text: s3cret"},
		{"a field without a key", "unnamed: s3cret", "line 1: " + known, "text: s3cret"},
		{"the field of the line", "entries:\n- Line: 5", "line 2: entries[0]: is not a known key: there are name, tags", "entries:\n- name: 5"},
		{"a list as a key", "? [s3cret]\n: a", "line 1: " + known, "? text\n: s3cret"},
		{"an empty key", "'': s3cret", "line 1: " + known, "'text': s3cret"},
		{"key twice", "text: a\nlist: []\ntext: s3cret", "line 3: text: stands twice, first on line 1", "text: a\nlist: []\n"},
		{"key twice, first with nothing", "text:\ntext: s3cret", "line 2: text: stands twice, first on line 1", "text: s3cret"},
		{"key twice, one of them escaped", "text: a\n\"t\\x65xt\": s3cret", "line 2: text: stands twice, first on line 1", `"t\x65xt": s3cret`},
		{"key twice in an entry", "entries:\n- name: a\n  name: s3cret", "line 3: entries[0].name: stands twice, first on line 2", "entries:\n- name: s3cret"},
		{"anchor", "text: &s3cret a", "line 1: text: " + wantNoAnchors, "text: a"},
		{"anchor of nothing", "text: &s3cret", "line 1: text: " + wantNoAnchors, "text:"},
		{"anchor of the whole", "&s3cret\ntext: a", "line 1: " + wantNoAnchors, "text: a"},
		{"anchor of a key", "&s3cret text: a", "line 1: " + wantNoAnchors, "text: a"},
		{"alias", "list: &s3cret [a]\nentries: [*s3cret]", "line 1: list: " + wantNoAnchors, "list: [a]\nentries: []"},
		{"alias of an alias", "list: &s3cret [*s3cret]", "line 1: list: " + wantNoAnchors, "list: [s3cret]"},
		{"merge key", "entries:\n- <<: {name: s3cret}", "line 2: entries[0]: is not a known key: there are name, tags", "entries:\n- {name: s3cret}"},
		{"own tag", "text: !s3cret a", "line 1: text: " + wantNoTags, "text: a"},
		{"known tag", "text: !!str s3cret", "line 1: text: " + wantNoTags, "text: s3cret"},
		{"tag of nothing", "text: !!null", "line 1: text: " + wantNoTags, "text:"},
		{"binary", "list: [!!binary czNjcmV0]", "line 1: list[0]: " + wantNoTags, "list: [czNjcmV0]"},
		{"tag of a list", "list: !!set [s3cret]", "line 1: list: " + wantNoTags, "list: [s3cret]"},
		{"two documents", "text: a\n---\ntext: s3cret\n", "line 2: a second YAML document begins, of which nothing would be read", "---\ntext: s3cret\n"},
		{"the second document broken", "text: a\n---\n- s3cret\n- '\n", "line 4: not valid YAML", "text: a\n"},
		{"tab", "entries:\n\t- name: s3cret\n", "line 2: not valid YAML", "entries:\n  - name: s3cret\n"},
		{"unknown anchor", "text: *s3cret\n", "not valid YAML", "text: s3cret\n"},
		{"not UTF-8", "text: s3cret\xff\n", "not valid YAML", "text: s3cretÿ\n"},
		{"cut off", "list: [s3cret", "line 1: not valid YAML", "list: [s3cret]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got sample
			if err := Decode([]byte(tt.bad), &got); message(err) != tt.want {
				t.Errorf("error %q, want %q", message(err), tt.want)
			}
			if err := Decode([]byte(tt.good), &got); err != nil {
				t.Errorf("the twin is refused: %v", err)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	was := sample{Text: "was there", unnamed: "too"}
	with := func(change func(*sample)) sample {
		s := was
		change(&s)
		return s
	}
	for _, tt := range []struct {
		name, doc string
		want      sample
	}{
		{"nothing", "", was},
		{"comments", "# text: a\n", was},
		{"null", "~\n", was},
		{"a byte order mark", "\uFEFFtext: a\n", with(func(s *sample) { s.Text = "a" })},
		{"keys with nothing behind them", "text:\nlist:\n  # - a\nentries: ~\n", was},
		{"ids like other types", "list: [1, 2.50, 0x1F, 1_000, true, yes, 2027-01-31, .inf, +1]", with(func(s *sample) {
			s.List = []string{"1", "2.50", "0x1F", "1_000", "true", "yes", "2027-01-31", ".inf", "+1"}
		})},
		{"an id like a number of 70 bits", "text: 1000000000000000000001", with(func(s *sample) { s.Text = "1000000000000000000001" })},
		{"quoted", "list: ['a b', \"c\\td\", 'null', \"~\"]", with(func(s *sample) { s.List = []string{"a b", "c\td", "null", "~"} })},
		{"a name with an at sign and a hash", "list: [a@clients, a#b]", with(func(s *sample) { s.List = []string{"a@clients", "a#b"} })},
		{"sections with their lines", "\nentries:\n- name: a\n  tags: [x]\n\n-\n  tags:\n  - y\n", with(func(s *sample) {
			s.Entries = []entry{{Line: 3, Name: "a", Tags: []string{"x"}}, {Line: 7, Tags: []string{"y"}}}
		})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := was
			if err := Decode([]byte(tt.doc), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(sample{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A list may stand at the top.
func TestDecodeList(t *testing.T) {
	var got []entry
	if err := Decode([]byte("- name: a\n- name: b\n"), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]entry{{Line: 1, Name: "a"}, {Line: 2, Name: "b"}}, got); diff != "" {
		t.Error(diff)
	}
	if err := Decode([]byte("name: s3cret\n"), &got); message(err) != "line 1: "+wantList {
		t.Errorf("a section: %v", err)
	}
}

// A type that a document cannot be read into is a fault of ours, which the first
// test meets.
func TestDecodeIntoSomethingElse(t *testing.T) {
	defer func() {
		if got := recover(); got != "strictyaml: nothing can be read into a int" {
			t.Errorf("panic %v", got)
		}
	}()
	var wrong struct {
		Number int `yaml:"number"`
	}
	err := Decode([]byte("number: 5"), &wrong)
	t.Errorf("no panic, error %v", err)
}

// Whatever the document is: it is read the same way twice, no text in it is empty,
// and what an error says is a line and words of ours.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		"", "text: a\nlist: [b, '1']\nentries:\n- name: c\n  tags: [d]\n", "text: &a b\nlist: [*a]", "? {a: b}\n: c",
		"<<: {text: a}", "text: !!binary x", "--- \n--- \n", "\x00", "\uFEFFtext: \"\\u0000\"\n", "text: |\n a\n", "list: [a, [b]]",
		"list:\n- a\n  b\n", "text: a\ntext: b\n", "list: [[[[[[[[", "%YAML 1.1\n---\ntext: on\n", "entries: [{}, ~]", "&a ~",
	} {
		f.Add([]byte(s))
	}
	var words []string
	for _, w := range []string{
		wantText, wantSomeText, wantQuotes, wantList, wantSection, wantNoAnchors, wantNoTags, "not valid YAML", "is not a known key: there are text, list, entries",
		"is not a known key: there are name, tags", "a second YAML document begins, of which nothing would be read", "stands twice, first on line ", "line ",
		"text", "list", "entries", "name", "tags", "[", "]", ".", ": ",
	} {
		words = append(words, w, "")
	}
	for d := range 10 {
		words = append(words, string(rune('0'+d)), "")
	}
	ours := strings.NewReplacer(words...)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var got, again sample
		err := Decode(raw, &got)
		if rest := ours.Replace(message(err)); rest != "" {
			t.Fatalf("the error %q has foreign words: %q", err, rest)
		}
		if other := Decode(raw, &again); message(other) != message(err) || !reflect.DeepEqual(got, again) {
			t.Fatal("read in two ways")
		}
		if err != nil {
			return
		}
		for _, text := range got.List {
			if text == "" || !utf8.ValidString(text) {
				t.Errorf("text %q", text)
			}
		}
		for _, e := range got.Entries {
			if e.Line < 1 {
				t.Errorf("an entry on line %d", e.Line)
			}
		}
	})
}
