package tools

import (
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// maxIconBytes bounds the source of an icon: each list carries it.
const maxIconBytes = 32 << 10

// ownIcons are the pictures of what comes with the server. Their one colour can be seen
// on white and on black.
//
//go:embed icons/*.svg
var ownIcons embed.FS

// ownIcon is the picture icons/<name>.svg.
func ownIcon(name string) []mcp.Icon {
	data, err := ownIcons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		panic(err)
	}
	return []mcp.Icon{SVG(data)}
}

// SVG returns a picture as an icon that stands in the list itself, so that no client has
// to fetch it. Of SVG it takes shapes, gradients and text. It panics on anything that
// could run or fetch something: clients show icons in places where that would be a fault.
func SVG(data []byte) mcp.Icon {
	if err := checkSVG(data); err != nil {
		panic(fmt.Sprintf("icon: %v", err))
	}
	return mcp.Icon{
		Source:   "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(data),
		MIMEType: "image/svg+xml",
		Sizes:    []string{"any"},
	}
}

// mustIcons returns a copy of icons. It panics where a client would refuse one (MCP
// 2025-11-25, basic, "icons"): a source is an address of the web or the picture itself.
func mustIcons(what string, icons []mcp.Icon) []mcp.Icon {
	icons = slices.Clone(icons)
	for i, icon := range icons {
		if err := CheckIcon(icon); err != nil {
			panic(fmt.Sprintf("%s: icon %d: %v", what, i, err))
		}
		icons[i].Sizes = slices.Clone(icon.Sizes)
	}
	return icons
}

var iconSize = regexp.MustCompile(`^([1-9][0-9]{0,4}x[1-9][0-9]{0,4}|any)$`)

// CheckIcon says why a client would refuse the icon.
func CheckIcon(icon mcp.Icon) error {
	kind, _, err := mime.ParseMediaType(icon.MIMEType)
	switch {
	case len(icon.Source) > maxIconBytes:
		return fmt.Errorf("the source is longer than %d bytes", maxIconBytes)
	case !validIconSource(icon.Source):
		return errors.New("the source must be an http or https URL, or a picture as a data URI in base64")
	case icon.MIMEType != "" && (err != nil || !strings.HasPrefix(kind, "image/")):
		return errors.New("the type must be one of pictures")
	case slices.ContainsFunc(icon.Sizes, func(s string) bool { return !iconSize.MatchString(s) }):
		return errors.New(`a size must be as in 48x48, or "any"`)
	case icon.Theme != "" && icon.Theme != mcp.IconThemeLight && icon.Theme != mcp.IconThemeDark:
		return errors.New("the theme must be light or dark")
	}
	return nil
}

var pictureURI = regexp.MustCompile(`^data:image/[a-z0-9.+-]+;base64,(.+)$`)

func validIconSource(source string) bool {
	if picture := pictureURI.FindStringSubmatch(source); picture != nil {
		_, err := base64.StdEncoding.DecodeString(picture[1])
		return err == nil
	}
	u, err := url.Parse(source)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}
