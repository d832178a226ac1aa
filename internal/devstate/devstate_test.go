package devstate

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var sample = State{
	MCPURL: "http://127.0.0.1:8080/mcp", Issuer: "http://127.0.0.1:9000/", TokenURL: "http://127.0.0.1:9000/oauth/token",
	ClientID: "dev-agent", ClientSecret: "hunter2", PID: 7,
}

func written(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "new", "dev.json")
	if err := Write(path, sample); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWrittenIsRead(t *testing.T) {
	path := written(t)
	for name, want := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700 | fs.ModeDir} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), want)
		}
	}
	got, err := Read(path)
	if err != nil || got != sample {
		t.Errorf("Read = %+v, %v", got, err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("beside the file there is %v, %v", left, err)
	}
}

func TestWriteTakesTheLastOnesPlace(t *testing.T) {
	path := written(t)
	target := filepath.Join(t.TempDir(), "target")
	if err := errors.Join(os.Remove(path), os.WriteFile(target, []byte("mine"), 0o600), os.Symlink(target, path)); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, sample); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(target); err != nil || string(content) != "mine" {
		t.Errorf("the link was followed: %q, %v", content, err)
	}
	if got, err := Read(path); err != nil || got != sample {
		t.Errorf("Read = %+v, %v", got, err)
	}
}

func TestReadRefuses(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(path string) error
		want  error
	}{
		{"no file", os.Remove, ErrNotRunning},
		{"a file that others may read", func(p string) error { return os.Chmod(p, 0o640) }, ErrUnsafe},
		{"a symbolic link", func(p string) error { return errors.Join(os.Rename(p, p+".real"), os.Symlink(p+".real", p)) }, ErrUnsafe},
		{"a directory", func(p string) error { return errors.Join(os.Remove(p), os.Mkdir(p, 0o700)) }, ErrUnsafe},
		{"not JSON", func(p string) error { return os.WriteFile(p, []byte("hunter2"), 0o600) }, ErrMalformed},
		{"a member of another type", func(p string) error { return os.WriteFile(p, []byte(`{"mcp_url":"hunter2","pid":"7"}`), 0o600) }, ErrMalformed},
		{"no secret", func(p string) error { return os.WriteFile(p, []byte(`{"mcp_url":"u","client_id":"c"}`), 0o600) }, ErrMalformed},
		{"too large", func(p string) error { return os.WriteFile(p, []byte(strings.Repeat(" ", maxBytes+1)), 0o600) }, ErrMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := written(t)
			if err := tt.spoil(path); err != nil {
				t.Fatal(err)
			}
			got, err := Read(path)
			if !errors.Is(err, tt.want) || got != (State{}) {
				t.Errorf("Read = %+v, %v, want %v", got, err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows the file: %v", err)
			}
		})
	}
}

func TestRemove(t *testing.T) {
	t.Run("its own file", func(t *testing.T) {
		path := written(t)
		if err := Remove(path, sample); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path); !errors.Is(err, ErrNotRunning) {
			t.Errorf("Read = %v, want %v", err, ErrNotRunning)
		}
		if err := Remove(path, sample); err != nil {
			t.Errorf("once more: %v", err)
		}
	})
	t.Run("not that of a server started later", func(t *testing.T) {
		path := written(t)
		earlier := sample
		earlier.PID = 6
		if err := Remove(path, earlier); err != nil {
			t.Fatal(err)
		}
		if got, err := Read(path); err != nil || got != sample {
			t.Errorf("Read = %+v, %v", got, err)
		}
	})
}

func TestPath(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", "/x")
	t.Setenv("HOME", "/x")
	path, err := Path()
	if err != nil || !strings.HasPrefix(path, "/x/") || filepath.Base(path) != "dev.json" {
		t.Errorf("Path = %q, %v", path, err)
	}
}
