package tools

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

var resourceOptions = ResourceOptions{Name: "n", Title: "T", Description: "D", MIMEType: "text/plain"}

func TestResourceRead(t *testing.T) {
	for _, tt := range []struct {
		name        string
		read        ResourceFunc
		text, cause string // of the error
	}{
		{"good", func(context.Context, Caller) (*mcp.ResourceContents, error) {
			return &mcp.ResourceContents{URI: "other://x", Text: "text"}, nil
		}, "", ""},
		{"an error for the caller", func(context.Context, Caller) (*mcp.ResourceContents, error) { return nil, Errorf("not now") }, "not now", ""},
		{"a fault of ours", func(context.Context, Caller) (*mcp.ResourceContents, error) { return nil, errors.New("10.0.0.5") }, "", "10.0.0.5"},
		{"a panic", func(context.Context, Caller) (*mcp.ResourceContents, error) { panic(errors.New("secret")) }, "", "panic: value of type *errors.errorString"},
		{"no content", func(context.Context, Caller) (*mcp.ResourceContents, error) { return nil, nil }, "", "the resource has no content"}, //nolint:nilnil // the fault
		{"no JSON beside it", func(context.Context, Caller) (*mcp.ResourceContents, error) {
			return &mcp.ResourceContents{Meta: mcp.Meta{"x": make(chan int)}}, nil
		}, "", "the content of the resource: marshalling it: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := NewResource("x://y", resourceOptions, tt.read).Read(t.Context(), Caller{})
			if tt.text != "" || tt.cause != "" {
				wantTold(t, err, tt.text, tt.cause)
				return
			}
			if err != nil || got.URI != "x://y" || got.MIMEType != "text/plain" || got.Text != "text" {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestNewResourcePanics(t *testing.T) {
	for _, tt := range []struct {
		name, uri string
		change    func(*ResourceOptions)
		want      string
	}{
		{"a relative URI", "a", func(*ResourceOptions) {}, `resource "a": needs an absolute URI`},
		{"no URI", "", func(*ResourceOptions) {}, `resource "": needs an absolute URI`},
		{"no URL", "x://\x00", func(*ResourceOptions) {}, `resource "x://\x00": needs an absolute URI`},
		{"no name", "x://y", func(o *ResourceOptions) { o.Name = "" }, `resource "x://y": needs a name, a title, a description and a type`},
		{"no title", "x://y", func(o *ResourceOptions) { o.Title = "" }, `resource "x://y": needs a name, a title, a description and a type`},
		{"no description", "x://y", func(o *ResourceOptions) { o.Description = "" }, `resource "x://y": needs a name, a title, a description and a type`},
		{"no type", "x://y", func(o *ResourceOptions) { o.MIMEType = "" }, `resource "x://y": needs a name, a title, a description and a type`},
		{"a scope that is none", "x://y", func(o *ResourceOptions) { o.Scopes = []string{""} }, `resource "x://y": "" is not a scope`},
		{"good", "x://y", func(*ResourceOptions) {}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := resourceOptions
			tt.change(&o)
			wantPanic(t, tt.want, func() { NewResource(tt.uri, o, nil) })
		})
	}
}

// docs://tools holds what its caller is shown, and needs no scope.
func TestDocsTools(t *testing.T) {
	r := DocsTools()
	if len(r.Scopes()) != 0 {
		t.Errorf("scopes %q", r.Scopes())
	}
	shown := []Documented{{Tool: CalculateBMI(), Needs: auth.Needs{AllOf: []string{"bmi"}}}}
	got, err := r.Read(t.Context(), Caller{Tools: func() []Documented { return shown }})
	if err != nil || got.MIMEType != "text/markdown" || got.Text != "# Tools\n\n"+Reference(shown) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, caller := range []Caller{{}, {Tools: func() []Documented { return nil }}} {
		if got, err := r.Read(t.Context(), caller); err != nil || !strings.Contains(got.Text, "There is none") {
			t.Errorf("nobody: %+v, %v", got, err)
		}
	}
}

// What holds for every prompt and resource of this server, also for those to come.
func TestInventoryOfPromptsAndResources(t *testing.T) {
	s := NewSet(everything(), Config{}) // panics where two have one name
	if _, ok := s.Resource("docs://tools"); !ok {
		t.Error("docs://tools is missing")
	}
	for _, p := range s.Prompts() {
		if len(p.Scopes()) == 0 || p.get == nil {
			t.Errorf("%s: scopes %q", p.Name(), p.Scopes())
		}
	}
}
