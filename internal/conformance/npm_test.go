package conformance

import (
	"bytes"
	"os"
	"testing"
)

// The lock file names no registry, also not when npm writes it again: whoever installs
// chooses theirs.
func TestLockFileNamesNoRegistry(t *testing.T) {
	for file, want := range map[string]struct {
		text   string
		stands bool
	}{
		"npm/.npmrc":            {"omit-lockfile-registry-resolved=true\n", true},
		"npm/package-lock.json": {`"resolved"`, false},
	} {
		data, err := os.ReadFile(file)
		if err != nil || bytes.Contains(data, []byte(want.text)) != want.stands {
			t.Errorf("%s: %v, has %q: %v", file, err, want.text, !want.stands)
		}
	}
}
