package tools

import (
	"encoding/base64"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const maxOwnIconBytes = 1 << 10

// Each picture is small, and of something; everything that comes with the server has one.
func TestOwnIcons(t *testing.T) {
	icons := map[string][]mcp.Icon{}
	for _, tool := range shipped().Tools {
		icons[tool.Name()] = tool.Definition().Icons
	}
	for _, p := range shipped().Prompts {
		icons[p.Name()] = p.Definition().Icons
	}
	for _, r := range shipped().Resources {
		icons["docs_"+r.Definition().Name] = r.Definition().Icons
	}
	files, err := fs.Glob(ownIcons, "icons/*.svg")
	if err != nil || len(files) != len(icons) {
		t.Errorf("%d pictures for %d things, %v", len(files), len(icons), err)
	}
	seen := map[string]bool{}
	for name, list := range icons {
		data, err := ownIcons.ReadFile("icons/" + name + ".svg")
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %d icons, %v", name, len(list), err)
		}
		want := "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(data)
		if icon := list[0]; icon.Source != want || icon.MIMEType != "image/svg+xml" || fmt.Sprint(icon.Sizes) != "[any]" {
			t.Errorf("%s: %+v", name, icon)
		}
		if len(want) > maxOwnIconBytes || seen[want] {
			t.Errorf("%s: %d bytes, used before: %v", name, len(want), seen[want])
		}
		seen[want] = true
	}
}

func TestSVG(t *testing.T) {
	in := func(inner string) string { return `<svg xmlns="http://www.w3.org/2000/svg">` + inner + `</svg>` }
	for _, tt := range []struct{ name, svg, want string }{
		{"a shape", in(`<path d="M0 0h1"/>`), ""},
		{"a gradient", in(`<defs><linearGradient id="a"><stop offset="1"/></linearGradient></defs><g fill="url(#a)"><circle r="1"/></g>`), ""},
		{"a comment", in(`<!-- mine -->`), ""},
		{"nothing", "", "there is no picture"},
		{"text", "hello", "there is no picture"},
		{"cut off", `<svg xmlns="http://www.w3.org/2000/svg">`, "reading it: XML syntax error on line 1: unexpected EOF"},
		{"without its namespace", `<svg/>`, "<svg> is no shape of SVG"},
		{"HTML", `<html xmlns="http://www.w3.org/1999/xhtml"/>`, "<html> is no shape of SVG"},
		{"only a part", `<path xmlns="http://www.w3.org/2000/svg"/>`, "it does not begin with <svg>"},
		{"a script", in(`<script>alert(1)</script>`), "<script> is no shape of SVG"},
		{"HTML within", in(`<foreignObject/>`), "<foreignObject> is no shape of SVG"},
		{"a picture from elsewhere", in(`<image href="https://evil.example/x"/>`), "<image> is no shape of SVG"},
		{"a link", in(`<a href="https://evil.example/x"/>`), "<a> is no shape of SVG"},
		{"an animation", in(`<animate/>`), "<animate> is no shape of SVG"},
		{"a style sheet", in(`<style>@import "x"</style>`), "<style> is no shape of SVG"},
		{"a style", in(`<path style="fill:url(x)"/>`), "the attribute style is not one of a shape alone"},
		{"what happens on a click", in(`<path onclick="alert(1)"/>`), "the attribute onclick is not one of a shape alone"},
		{"what happens on loading", `<svg xmlns="http://www.w3.org/2000/svg" onLoad="alert(1)"/>`, "the attribute onLoad is not one of a shape alone"},
		{"an address", in(`<path xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="#a"/>`), "the attribute href is not one of a shape alone"},
		{"a colour from elsewhere", in(`<path fill="URL(https://evil.example/x)"/>`), "the attribute fill is not one of a shape alone"},
		{"two colours, one from elsewhere", in(`<path fill="url(#a) url(x)"/>`), "the attribute fill is not one of a shape alone"},
		{"an entity", `<!DOCTYPE svg [<!ENTITY a "b">]>` + in(""), "there is something beside elements"},
		{"an instruction", `<?xml-stylesheet href="x"?>` + in(""), "there is something beside elements"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if want != "" {
				want = "icon: " + want
			}
			wantPanic(t, want, func() { SVG([]byte(tt.svg)) })
		})
	}
}

func TestIcons(t *testing.T) {
	const (
		source = "the source must be an http or https URL, or a picture as a data URI in base64"
		size   = `a size must be as in 48x48, or "any"`
	)
	for _, tt := range []struct {
		name string
		icon mcp.Icon
		want string
	}{
		{"of the web", mcp.Icon{Source: "https://a.example/b.png"}, ""},
		{"of the web, without TLS", mcp.Icon{Source: "http://a.example/b.png", MIMEType: "image/png", Sizes: []string{"48x48", "any"}, Theme: mcp.IconThemeDark}, ""},
		{"the picture itself", mcp.Icon{Source: "data:image/png;base64,iVBORw0=", Theme: mcp.IconThemeLight}, ""},
		{"the longest", mcp.Icon{Source: "data:image/png;base64," + strings.Repeat("A", maxIconBytes-24)}, ""},
		{"one too long", mcp.Icon{Source: "data:image/png;base64," + strings.Repeat("A", maxIconBytes)}, "the source is longer than 32768 bytes"},
		{"none", mcp.Icon{}, source},
		{"a script", mcp.Icon{Source: "javascript:alert(1)"}, source},
		{"a file", mcp.Icon{Source: "file:///etc/passwd"}, source},
		{"a path", mcp.Icon{Source: "/b.png"}, source},
		{"no host", mcp.Icon{Source: "https:///b.png"}, source},
		{"a password", mcp.Icon{Source: "https://u:p@a.example/b.png"}, source},
		{"a page", mcp.Icon{Source: "data:text/html;base64,PGI+"}, source},
		{"not in base64", mcp.Icon{Source: "data:image/svg+xml,<svg/>"}, source},
		{"broken base64", mcp.Icon{Source: "data:image/png;base64,A"}, source},
		{"nothing in base64", mcp.Icon{Source: "data:image/png;base64,"}, source},
		{"a type of text", mcp.Icon{Source: "https://a.example/b", MIMEType: "text/html"}, "the type must be one of pictures"},
		{"no type", mcp.Icon{Source: "https://a.example/b", MIMEType: "image"}, "the type must be one of pictures"},
		{"a size that is none", mcp.Icon{Source: "https://a.example/b", Sizes: []string{"48"}}, size},
		{"no size", mcp.Icon{Source: "https://a.example/b", Sizes: []string{"any", "0x0"}}, size},
		{"a theme that is none", mcp.Icon{Source: "https://a.example/b", Theme: "blue"}, "the theme must be light or dark"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			icons := []mcp.Icon{{Source: "https://a.example/first.png"}, tt.icon}
			want := func(of string) string {
				if tt.want == "" {
					return ""
				}
				return of + " \"t\": icon 1: " + tt.want
			}
			wantPanic(t, want("tool"), func() {
				defined[nothing, nothing]("t", Options{Title: "T", Description: "D", Icons: icons})()
			})
			wantPanic(t, want("prompt"), func() {
				NewPrompt("t", PromptOptions{Title: "T", Description: "D", Icons: icons}, nil)
			})
		})
	}
}

func TestIconsAreCopied(t *testing.T) {
	icons := []mcp.Icon{{Source: "https://a.example/b", Sizes: []string{"any"}}}
	tool := defined[nothing, nothing]("t", Options{Title: "T", Description: "D", Icons: icons})()
	icons[0].Sizes[0], icons[0].Source = "1x1", "javascript:alert(1)"
	if got := tool.Definition().Icons[0]; got.Sizes[0] != "any" || got.Source != "https://a.example/b" {
		t.Errorf("%+v: a tool is immutable", got)
	}
}
