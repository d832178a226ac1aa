package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"mcp-resource-server/internal/faults"
)

// maxSecretBytes bounds the file of a secret, which may be a key in PEM but is
// never a disk image.
const maxSecretBytes = 64 << 10

// readSecrets replaces each K_file in settings by K, the content of that file.
// It is how a secret comes from a mounted volume instead of the environment,
// which child processes, crash reports and "docker inspect" show.
func readSecrets(keys []*key, settings map[string]any, path string) faults.List {
	var l faults.List
	for _, k := range keys {
		switch v := settings[k.name].(type) {
		case map[string]any:
			l = append(l, readSecrets(k.keys, v, join(path, k.name))...)
		case []any:
			for i, e := range v {
				if m, ok := e.(map[string]any); ok {
					l = append(l, readSecrets(k.keys, m, fmt.Sprintf("%s[%d]", join(path, k.name), i))...)
				}
			}
		case string:
			if k.holds != nil {
				readSecret(&l, k, settings, v, path)
			}
		}
	}
	return l
}

func readSecret(l *faults.List, k *key, settings map[string]any, file, path string) {
	delete(settings, k.name)
	if file == "" {
		return
	}
	at := join(path, k.name)
	if given, _ := settings[k.holds.name].(string); given != "" {
		l.Add(at, "cannot be set beside %s: use one or the other", join(path, k.holds.name))
		return
	}
	secret, err := secretFile(file)
	if err != nil {
		l.Add(at, "%s", err)
		return
	}
	settings[k.holds.name] = secret
}

// secretFile returns the content of a file without the newline that an editor
// or echo leaves at its end. Its error has neither content nor path: people put
// the secret itself where its file's name belongs.
func secretFile(file string) (string, error) {
	raw, err := readLimited(file, maxSecretBytes)
	if err != nil {
		var pathErr *fs.PathError
		if errors.As(err, &pathErr) {
			err = pathErr.Err
		}
		return "", fmt.Errorf("the file cannot be read: %w", err)
	}
	s := strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")
	if s == "" {
		return "", errors.New("the file is empty")
	}
	return s, nil
}
