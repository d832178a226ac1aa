package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// source reads one setting after the other, a flag before its environment
// variable, and collects what is wrong with them. An empty variable counts as one
// that is not set: `docker run -e NAME=` means that.
type source struct {
	flags  *pflag.FlagSet
	env    map[string]string
	faults []string
}

func (s *source) fault(format string, args ...any) {
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

// err is one usage error for all faults, or nil.
func (s *source) err() error {
	if len(s.faults) == 0 {
		return nil
	}
	return usagef("%s", line(strings.Join(s.faults, "; ")))
}

func (s *source) given(flag string) bool { return s.flags.Changed(flag) }

// text is the value of a flag, of its variable, or the flag's default. name is
// where it comes from, for faults.
func (s *source) text(flag, variable string) (value, name string) {
	f := s.flags.Lookup(flag)
	switch {
	case f.Changed:
		return f.Value.String(), "--" + flag
	case variable != "" && s.env[variable] != "":
		return s.env[variable], variable
	default:
		return f.DefValue, "--" + flag
	}
}

func (s *source) choice(flag, variable string) string {
	value, name := s.text(flag, variable)
	allowed := choices[flag]
	if !slices.Contains(allowed, value) {
		s.fault("%s is %q: it must be %s", name, value, oneOf(allowed))
	}
	return value
}

func (s *source) bool(flag, variable string) bool {
	value, name := s.text(flag, variable)
	b, err := strconv.ParseBool(value)
	if err != nil {
		s.fault("%s is %q: it must be true or false", name, value)
	}
	return b
}

func (s *source) duration(flag, variable string) time.Duration {
	value, name := s.text(flag, variable)
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 {
		s.fault("%s is %q: it must be a duration such as 30s or 5m", name, value)
	}
	return d
}

// words are the values of a flag that may be repeated, or those of its variable,
// each of them split at spaces.
func (s *source) words(flag, variable string) []string {
	values, err := s.flags.GetStringArray(flag)
	if err != nil || !s.given(flag) {
		values = []string{s.env[variable]}
	}
	return strings.Fields(strings.Join(values, " "))
}

// secret is the content of the file that a flag names, of the variable, or of the
// file that variable_FILE names. A flag that has no name cannot be given.
func (s *source) secret(flag, variable string) string {
	if flag != "" && s.given(flag) {
		path, _ := s.text(flag, "")
		return s.secretFile("--"+flag, path)
	}
	value, path := s.env[variable], s.env[variable+"_FILE"]
	switch {
	case value != "" && path != "":
		s.fault("%s and %s_FILE are both set: set one of them", variable, variable)
		return ""
	case path != "":
		return s.secretFile(variable+"_FILE", path)
	default:
		return value
	}
}

// maxSecret bounds the file of a secret. A token of 16 KiB is already refused by
// most servers.
const maxSecret = 64 << 10

func (s *source) secretFile(name, path string) string {
	content, err := readBounded(path, maxSecret)
	content = bytes.TrimSuffix(bytes.TrimSuffix(content, []byte("\n")), []byte("\r"))
	switch {
	case err != nil:
		s.fault("%s: %v", name, err)
	case len(content) == 0:
		s.fault("%s: %s is empty", name, path)
	}
	return string(content)
}

// readBounded reads a file, or a pipe as in <(pass show mcp).
func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		if e, ok := errors.AsType[*fs.PathError](err); ok {
			err = fmt.Errorf("%s: %w", path, e.Err)
		}
		return nil, err
	}
	defer f.Close()
	return readAll(f, path, limit)
}

func readAll(r io.Reader, name string, limit int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("%s has more than %d bytes", name, limit)
	}
	return content, nil
}

// without returns the environment without some of its variables.
func without(env map[string]string, names []string) map[string]string {
	env = maps.Clone(env)
	for _, name := range names {
		delete(env, name)
	}
	return env
}

// oneOf words a choice: "a, b or c".
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
