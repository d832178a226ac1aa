package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const accessFile = "../../docs/access.md"

// accessBlock is a file of docs/access.md, or a command and what it prints.
var accessBlock = regexp.MustCompile("(?s)<!-- (file: ([a-z.]+)|run) -->\n```[a-z]+\n(.*?)```\n")

// The document is what the commands print, with the files that stand above them.
func TestGeneratedAccessTranscripts(t *testing.T) {
	docs, err := os.ReadFile(accessFile)
	if err != nil {
		t.Fatal(err)
	}
	path, err := filepath.Abs(accessFile)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	commands := 0
	got := accessBlock.ReplaceAllStringFunc(string(docs), func(block string) string {
		parts := accessBlock.FindStringSubmatch(block)
		if name := parts[2]; name != "" {
			if err := os.WriteFile(name, []byte(parts[3]), 0o600); err != nil {
				t.Fatal(err)
			}
			return block
		}
		commands++
		line, _, _ := strings.Cut(parts[3], "\n")
		args, ok := strings.CutPrefix(line, "$ mcp-server ")
		if !ok {
			t.Fatalf("no command of ours: %s", line)
		}
		var printed bytes.Buffer
		run(t.Context(), strings.Fields(args), nil, &printed, &printed)
		return "<!-- run -->\n```console\n" + line + "\n" + printed.String() + "```\n"
	})
	if all := strings.Count(string(docs), "<!-- run -->"); commands != all || all < 5 {
		t.Errorf("%d commands of %d were run", commands, all)
	}
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(docs), got); diff != "" {
		t.Errorf("%s is not what the commands print (make generate); -document +printed:\n%s", accessFile, diff)
	}
}
