package devstate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-json-experiment/json"

	"mcp-resource-server/internal/ownfile"
)

// Errors to branch on.
var (
	// ErrNotRunning says that there is no file: no development server runs, or it
	// could not write one.
	ErrNotRunning = errors.New("no development server of this user is known, or the last one that was started has ended: start `mcp-server dev`")
	// ErrUnsafe says that there is a file which somebody else could have read or
	// written.
	ErrUnsafe = errors.New("the state file is not this user's own")
	// ErrMalformed says that the file does not hold a State.
	ErrMalformed = errors.New("the state file cannot be read: restart `mcp-server dev`")
)

// maxBytes bounds the file. A real one has less than 1 KiB.
const maxBytes = 64 << 10

// State is what a client needs to call the development server.
type State struct {
	MCPURL       string `json:"mcp_url"`
	Issuer       string `json:"issuer"`
	TokenURL     string `json:"token_url"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	// PID is the process that serves.
	PID int `json:"pid"`
}

// Path returns where the file is: in the user's own cache directory. There is one
// for each user, of the development server that was started last.
func Path() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache directory: %w", err)
	}
	return filepath.Join(dir, "mcp-resource-server", "dev.json"), nil
}

// Write puts s into the file at path, whose directory it makes. The file is whole at
// every moment, and never readable by others.
func Write(path string, s State) error {
	content, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("writing the state file: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("writing the state file: %w", err)
	}
	if err := ownfile.Write(path, content); err != nil {
		return fmt.Errorf("writing the state file: %w", err)
	}
	return nil
}

// Read returns what the file at path holds.
func Read(path string) (State, error) {
	content, err := ownfile.Read(path, maxBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return State{}, ErrNotRunning
	case errors.Is(err, ownfile.ErrNotOwn):
		return State{}, ErrUnsafe
	case errors.Is(err, ownfile.ErrTooLarge):
		return State{}, ErrMalformed
	case err != nil:
		return State{}, fmt.Errorf("reading the state file: %w", err)
	}
	var s State
	if json.Unmarshal(content, &s) != nil || s.MCPURL == "" || s.ClientID == "" || s.ClientSecret == "" {
		return State{}, ErrMalformed // the decoder's text could quote the file
	}
	return s, nil
}

// Remove deletes the file at path if it still says s: another development server
// may have been started since.
func Remove(path string, s State) error {
	found, err := Read(path)
	if errors.Is(err, ErrNotRunning) || (err == nil && found != s) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the state file: %w", err)
	}
	return nil
}
