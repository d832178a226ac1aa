package config

import (
	"strings"
	"testing"
)

func TestSecretFromAFile(t *testing.T) {
	for _, tt := range []struct {
		name, content, want string
	}{
		{"as it is", "s3cret", "s3cret"},
		{"one newline off", "s3cret\n", "s3cret"},
		{"one CRLF off", "s3cret\r\n", "s3cret"},
		{"no more than one", "s3cret\n\n", "s3cret\n"},
		{"spaces stay", " s3cret ", " s3cret "},
		{"64 KiB", strings.Repeat("s", maxSecretBytes), strings.Repeat("s", maxSecretBytes)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := writeFile(t, "secret", tt.content)
			for source, src := range map[string]Source{
				"file":        {File: writeFile(t, "config.yaml", "password_file: "+path)},
				"environment": {Environ: []string{"MCPRS_PASSWORD_FILE=" + path}},
				"flag":        {Flags: sampleFlags(t, "--password_file="+path)},
			} {
				got, l := mergeSample(t, src)
				if l.Err() != nil || got.Password != tt.want {
					t.Errorf("%s: %q, faults %v", source, got.Password, l)
				}
			}
		})
	}
}

func TestSecretItself(t *testing.T) {
	for source, src := range map[string]Source{
		"file":                    {File: writeFile(t, "config.yaml", "password: s3cret")},
		"environment":             {Environ: []string{"MCPRS_PASSWORD=s3cret"}},
		"beside an empty file":    {File: writeFile(t, "config.yaml", "password: s3cret\npassword_file: ''")},
		"beside an empty variabe": {Environ: []string{"MCPRS_PASSWORD=s3cret", "MCPRS_PASSWORD_FILE="}},
	} {
		got, l := mergeSample(t, src)
		if l.Err() != nil || got.Password != "s3cret" {
			t.Errorf("%s: %q, faults %v", source, got.Password, l)
		}
	}
}

func TestSecretOfAnEntry(t *testing.T) {
	path := writeFile(t, "secret", "s3cret\n")
	got, l := mergeSample(t, Source{File: writeFile(t, "config.yaml",
		"entries:\n- {name: a, secret: other}\n- {name: b, secret_file: "+path+"}\n")})
	if l.Err() != nil || got.Entries[0].Secret != "other" || got.Entries[1].Secret != "s3cret" {
		t.Errorf("%+v, faults %v", got.Entries, l)
	}
}

func TestSecretFaults(t *testing.T) {
	path := writeFile(t, "secret", "s3cret")
	dir := t.TempDir()
	for _, tt := range []struct {
		name string
		src  Source
		want string
	}{
		{
			"both in the file",
			Source{File: writeFile(t, "config.yaml", "password: s3cret\npassword_file: "+path)},
			"password_file: cannot be set beside password: use one or the other",
		},
		{
			"both, from two sources",
			Source{Environ: []string{"MCPRS_PASSWORD=s3cret"}, Flags: sampleFlags(t, "--password_file="+path)},
			"password_file: cannot be set beside password: use one or the other",
		},
		{
			"both in an entry",
			Source{File: writeFile(t, "config.yaml", "entries: [{secret: s3cret, secret_file: "+path+"}]")},
			"entries[0].secret_file: cannot be set beside entries[0].secret: use one or the other",
		},
		{
			"the secret where its file belongs",
			Source{Environ: []string{"MCPRS_PASSWORD_FILE=s3cret"}},
			"password_file: the file cannot be read: no such file or directory",
		},
		{
			"a directory",
			Source{Environ: []string{"MCPRS_PASSWORD_FILE=" + dir}},
			"password_file: the file cannot be read: is a directory",
		},
		{
			"an empty file",
			Source{Environ: []string{"MCPRS_PASSWORD_FILE=" + writeFile(t, "empty", "\n")}},
			"password_file: the file is empty",
		},
		{
			"a large file",
			Source{Environ: []string{"MCPRS_PASSWORD_FILE=" + writeFile(t, "large", strings.Repeat("s", maxSecretBytes+1))}},
			"password_file: the file cannot be read: larger than 64 KiB",
		},
		{
			"a number",
			Source{File: writeFile(t, "config.yaml", "password: 12345\npassword_file: 6")},
			"password: " + wantText + " (line 1)\npassword_file: " + wantText + " (line 2)",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, l := mergeSample(t, tt.src)
			if got := l.Error(); got != tt.want {
				t.Errorf("faults\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}
