package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

func TestFlagsHelp(t *testing.T) {
	want := `      --count int            env MCPRS_COUNT (default 1)
      --list list            comma separated; env MCPRS_LIST (default x,y)
      --nested.port int      env MCPRS_NESTED_PORT (default 80)
      --nested.text text     env MCPRS_NESTED_TEXT (default default)
      --password_file text   file that holds password; env MCPRS_PASSWORD_FILE
      --size int             env MCPRS_SIZE (default 2)
      --switch               env MCPRS_SWITCH (default true)
      --text text            env MCPRS_TEXT (default default)
      --wait duration        env MCPRS_WAIT (default 90s)
`
	if diff := cmp.Diff(want, sampleFlags(t).FlagUsages()); diff != "" {
		t.Error(diff)
	}
}

func TestFlagFaults(t *testing.T) {
	for _, tt := range []struct {
		name, bad, want, good string
	}{
		{"bool", "--switch=1", "switch: must be true or false (from --switch)", "--switch"},
		{"int", "--nested.port=", "nested.port: must be a whole number (from --nested.port)", "--nested.port=1"},
		{"duration", "--wait=30", "wait: must be a duration with a unit, such as 30s (from --wait)", "--wait=30s"},
		{"list", "--list=a,", "list: must not have an empty entry between its commas (from --list)", "--list="},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, l := mergeSample(t, Source{Flags: sampleFlags(t, tt.bad)})
			if got := l.Error(); got != tt.want {
				t.Errorf("faults\n%s\nwant\n%s", got, tt.want)
			}
			if _, l := mergeSample(t, Source{Flags: sampleFlags(t, tt.good)}); l.Err() != nil {
				t.Errorf("the twin is refused: %v", l)
			}
		})
	}
}

// A command line is visible to everybody on the machine.
func TestASecretHasNoFlag(t *testing.T) {
	fs := sampleFlags(t)
	if fs.Lookup("password") != nil || fs.Lookup("password_file") == nil {
		t.Error("want --password_file, and no --password")
	}
	fs.String("password", "", "a flag of somebody else's")
	if err := fs.Parse([]string{"--password=s3cret"}); err != nil {
		t.Fatal(err)
	}
	if got, l := mergeSample(t, Source{Flags: fs}); got.Password != "" || l.Err() != nil {
		t.Errorf("password %q, faults %v", got.Password, l)
	}
}

func TestFlagsOfSomeKeys(t *testing.T) {
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(fs, "auth.allow_query_token", "tools")
	var got []string
	fs.VisitAll(func(f *pflag.Flag) {
		if section, _, _ := strings.Cut(f.Name, "."); section != "tools" {
			got = append(got, f.Name)
		}
	})
	if diff := cmp.Diff([]string{"auth.allow_query_token"}, got); diff != "" {
		t.Error(diff)
	}
	if fs.Lookup("tools.enabled") == nil {
		t.Error("a section's keys have no flags")
	}
}

func TestEveryKeyHasAFlag(t *testing.T) {
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(fs)
	for _, k := range leaves(schema(Default())) {
		f := fs.Lookup(k.path)
		if (f == nil) != k.secret {
			t.Errorf("--%s: %v", k.path, f)
		}
		if f != nil && !strings.Contains(f.Usage, k.env()) {
			t.Errorf("--%s: usage %q does not name %s", k.path, f.Usage, k.env())
		}
	}
	if f := fs.Lookup("auth.issuers"); f != nil {
		t.Error("--auth.issuers cannot be text")
	}
}
