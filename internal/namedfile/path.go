package namedfile

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
)

// ErrContent is a path that looks like what should stand in the file: settings whose
// names differ by "_file" alone are mixed up.
var ErrContent = errors.New("the content stands where the file's name belongs")

// maxElement is the longest name that a file system has for a file.
const maxElement = 255

// CheckPath returns [ErrContent] where path looks like a key, a token or another
// content. Such a path MUST NOT be printed, and errors of package os print theirs:
// whatever reads a file that somebody configured asks here first.
func CheckPath(path string) error {
	switch text := strings.TrimSpace(path); {
	case strings.ContainsAny(path, "\r\n"),
		strings.Contains(path, "-----BEGIN"), // also where its line breaks are written as \n
		strings.HasPrefix(text, "eyJ"),       // {" in base64url: a JWT
		isBareWord(text, "mcprs_"),           // a static token
		isBareWord(text, "MII"),              // a key in base64 without its BEGIN line
		slices.ContainsFunc(strings.Split(filepath.ToSlash(text), "/"), tooLong):
		return ErrContent
	}
	return nil
}

// isBareWord reports whether text begins with prefix and has no dot, which the names
// of files have and neither base64 nor base64url has.
func isBareWord(text, prefix string) bool {
	return strings.HasPrefix(text, prefix) && !strings.Contains(text, ".")
}

func tooLong(element string) bool { return len(element) > maxElement }
