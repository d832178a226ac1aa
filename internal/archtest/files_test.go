package archtest

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// outside are texts that point to where somebody worked, not into the repository.
// They are put together here so that this file does not hold them.
var outside = []string{".." + "/shared", "/wo" + "rk/"}

// held returns which texts a file holds. A file with a NUL byte is not text.
func held(content []byte) []string {
	if bytes.IndexByte(content, 0) >= 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(outside), func(s string) bool { return !bytes.Contains(content, []byte(s)) })
}

// Every link and path in the repository leads into it: it is cloned without its
// surroundings.
func TestNoFilePointsOutside(t *testing.T) {
	dir := root(t)
	for _, name := range tracked(t, dir) {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted and not yet committed
		}
		if err != nil {
			t.Error(err)
		}
		for _, s := range held(content) {
			t.Errorf("%s holds %q", name, s)
		}
	}
}

func TestHeld(t *testing.T) {
	tests := []struct {
		name, content string
		want          int
	}{
		{"both", "see " + outside[0] + "/x and " + outside[1] + "y", 2},
		{"one", "a file:/" + outside[1], 1},
		{"none", "shared work/ and framework/", 0},
		{"not text", "\x00" + outside[0], 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := held([]byte(tt.content)); len(got) != tt.want {
				t.Errorf("held = %q, want %d", got, tt.want)
			}
		})
	}
}

// tracked lists the files that are committed or would be, by git's own account.
func tracked(t *testing.T, dir string) []string {
	t.Helper()
	_, noCheckout := os.Stat(filepath.Join(dir, ".git"))
	_, noGit := exec.LookPath("git")
	if missing := cmp.Or(noCheckout, noGit); missing != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("CI cannot tell which files are tracked: %v", missing)
		}
		t.Skipf("nobody here can tell which files are tracked: %v", missing)
	}
	// In CI the checkout may be another user's; it is only listed.
	cmd := exec.CommandContext(t.Context(), "git", "-c", "safe.directory=*", "-C", dir,
		"ls-files", "-z", "--cached", "--others", "--exclude-standard")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing files: %v", err)
	}
	names := strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 })
	if len(names) == 0 {
		t.Fatal("git lists no files")
	}
	return names
}
