package oauthclient

import (
	"fmt"

	"mcp-resource-server/internal/ownfile"
)

// readOwn reads a file that nobody but this user can have written or read.
func readOwn(path string) ([]byte, error) {
	data, err := ownfile.Read(path, maxCacheBytes)
	return data, badCache(err)
}

// writeOwn puts data into the file at path, whole at every moment and never readable by
// others.
func writeOwn(path string, data []byte) error { return badCache(ownfile.Write(path, data)) }

// makeOwnDir makes the directory, and refuses one in which others could put files of
// their own in the place of ours.
func makeOwnDir(dir string) error { return badCache(ownfile.MakeDir(dir)) }

// badCache makes an error one of the cache's.
func badCache(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errBadCache, err)
}
