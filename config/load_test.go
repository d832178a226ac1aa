package config

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDefaultsHoldWhereNothingIsSet(t *testing.T) {
	got, l := mergeSample(t, Source{})
	if l.Err() != nil {
		t.Fatal(l)
	}
	if diff := cmp.Diff(defaultSample(), got); diff != "" {
		t.Error(diff)
	}
}

func TestLaterSourcesWin(t *testing.T) {
	file := writeFile(t, "config.yaml", "nested: {text: file}\n")
	envFile := writeFile(t, ".env", "MCPRS_NESTED_TEXT=envfile\n")
	environ := []string{"MCPRS_NESTED_TEXT=environ"}
	for _, tt := range []struct {
		name string
		src  Source
		want string
	}{
		{"default", Source{}, "default"},
		{"file", Source{File: file}, "file"},
		{"env file over file", Source{File: file, EnvFile: envFile}, "envfile"},
		{"environment over env file", Source{File: file, EnvFile: envFile, Environ: environ}, "environ"},
		{"flag over environment", Source{
			File: file, EnvFile: envFile, Environ: environ, Flags: sampleFlags(t, "--nested.text=flag"),
		}, "flag"},
		{"an untyped flag is none", Source{File: file, Flags: sampleFlags(t)}, "file"},
		{"an empty variable is none", Source{File: file, Environ: []string{"MCPRS_NESTED_TEXT="}}, "file"},
		{"not even over the env file", Source{EnvFile: envFile, Environ: []string{"MCPRS_NESTED_TEXT="}}, "envfile"},
		{"null is none", Source{File: writeFile(t, "c.yaml", "nested: {text: ~}\n")}, "default"},
		{"a section without keys is none", Source{File: writeFile(t, "c.yaml", "nested:\n")}, "default"},
		{"an empty text is one", Source{File: writeFile(t, "c.yaml", "nested: {text: ''}\n")}, ""},
		{"an empty flag is one", Source{File: file, Flags: sampleFlags(t, "--nested.text=")}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, l := mergeSample(t, tt.src)
			if l.Err() != nil {
				t.Fatal(l)
			}
			want := defaultSample()
			want.Nested.Text = tt.want
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEverySourceSetsEveryKind(t *testing.T) {
	want := sample{
		Text: "t", Switch: false, Count: 7, Size: 8, Wait: time.Minute,
		List: []string{"a"}, Nested: nested{Text: "n", Port: 9},
	}
	file := "text: t\nswitch: false\ncount: 7\nsize: 8\nwait: 1m\nlist: [a]\nnested:\n  text: n\n  port: 9\n"
	env := "MCPRS_TEXT=t MCPRS_SWITCH=false MCPRS_COUNT=7 MCPRS_SIZE=8 MCPRS_WAIT=1m MCPRS_LIST=a MCPRS_NESTED_TEXT=n MCPRS_NESTED_PORT=9"
	flags := "--text=t --switch=false --count=7 --size=8 --wait=1m --list=a --nested.text=n --nested.port=9"
	for _, tt := range []struct {
		name string
		src  Source
	}{
		{"file", Source{File: writeFile(t, "config.yaml", file)}},
		{"env file", Source{EnvFile: writeFile(t, ".env", strings.ReplaceAll(env, " ", "\n"))}},
		{"environment", Source{Environ: strings.Fields(env)}},
		{"flags", Source{Flags: sampleFlags(t, strings.Fields(flags)...)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, l := mergeSample(t, tt.src)
			if l.Err() != nil {
				t.Fatal(l)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A decoder that writes over the default list keeps its tail: [x y] with [a]
// over it was [a y].
func TestAListReplacesItsDefault(t *testing.T) {
	for _, content := range []string{"list: [a]", "list: []"} {
		got, l := mergeSample(t, Source{File: writeFile(t, "config.yaml", content)})
		if l.Err() != nil {
			t.Fatal(l)
		}
		if content == "list: []" && len(got.List) != 0 || content == "list: [a]" && !cmp.Equal(got.List, []string{"a"}) {
			t.Errorf("%s: %q", content, got.List)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	missing := dir + "/missing"
	large := writeFile(t, "large.yaml", strings.Repeat("#", maxFileBytes+1))
	broken := writeFile(t, "broken.yaml", "text: a\n s3cret: [\n")
	for _, tt := range []struct {
		name string
		src  Source
		want string // "" for none
	}{
		{"a missing default file is fine", Source{File: missing, FileOptional: true}, ""},
		{"a missing file is not", Source{File: missing}, "reading the configuration file: open " + missing + ": no such file or directory"},
		{"a directory", Source{File: dir}, "reading the configuration file: read " + dir + ": is a directory"},
		{"a directory as the default file", Source{File: dir, FileOptional: true}, "reading the configuration file: read " + dir + ": is a directory"},
		{"a file of over 1 MiB", Source{File: large}, "reading the configuration file: read " + large + ": larger than 1024 KiB"},
		{"a broken file, unquoted", Source{File: broken}, "reading the configuration file: " + broken + ": line 2: not valid YAML"},
		{"a missing env file", Source{EnvFile: missing}, "reading the env file: open " + missing + ": no such file or directory"},
		{"a directory as env file", Source{EnvFile: dir}, "reading the env file: read " + dir + ": is a directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got sample
			_, err := merge(schema(defaultSample()), tt.src, &got)
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || err.Error() != tt.want {
				t.Fatalf("error %v\nwant  %s", err, tt.want)
			}
			if strings.Contains(tt.want, "no such file") && !errors.Is(err, fs.ErrNotExist) {
				t.Error("the error does not wrap fs.ErrNotExist")
			}
		})
	}
}

// Only a file that is not there may be missing: one that cannot be read is an error
// also where it is optional.
func TestUnreadableFile(t *testing.T) {
	below := filepath.Join(writeFile(t, "config.yaml", "text: a\n"), "config.yaml") // a file is no directory, not even to root
	for _, optional := range []bool{false, true} {
		_, err := Load(Source{File: below, FileOptional: optional})
		if !errors.Is(err, syscall.ENOTDIR) {
			t.Errorf("optional %t: error %v, want ENOTDIR", optional, err)
		}
	}
}
