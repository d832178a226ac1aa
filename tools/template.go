package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// Template is a family of documents that can be read under the URIs of one template (RFC
// 6570). It is immutable, and made by [NewTemplate]. To the access policy it is one
// resource, whose URI is the template as it is written.
type Template struct {
	definition mcp.ResourceTemplate
	parsed     uriTemplate
	scopes     []string
	read       TemplateFunc
}

// TemplateFunc makes the content of the document with the URI. values are those of the
// template's variables there, decoded, and none is empty: they come from the caller, and
// may hold any text without control characters, "../" for one.
type TemplateFunc func(ctx context.Context, caller Caller, uri string, values map[string]string) (*mcp.ResourceContents, error)

// ErrNoDocument is what a [TemplateFunc] or [ResourceFunc] returns, wrapped or not, where
// there is no document under the URI, or none for this caller: it is told what it would
// be of a resource that nobody has heard of.
var ErrNoDocument = errors.New("there is no such document")

// NewTemplate makes a template. It panics on a mistake in the definition, as [Define]
// does, and on a template whose URIs cannot be read back: one with an operator or a
// modifier, without a scheme, or with two variables and no delimiter between them.
func NewTemplate(uriTemplate string, o ResourceOptions, read TemplateFunc) Template {
	parsed, err := parseURITemplate(uriTemplate)
	if err != nil {
		panic(fmt.Sprintf("template %q: %v", uriTemplate, err))
	}
	if o.Name == "" || o.Title == "" || o.Description == "" || o.MIMEType == "" {
		panic(fmt.Sprintf("template %q: needs a name, a title, a description and a type", uriTemplate))
	}
	if o.Watch != nil {
		panic(fmt.Sprintf("template %q: cannot be watched", uriTemplate))
	}
	mustScopes(fmt.Sprintf("template %q", uriTemplate), o.Scopes)
	return Template{
		definition: mcp.ResourceTemplate{
			URITemplate: uriTemplate, Name: o.Name, Title: o.Title, Description: o.Description,
			MIMEType: o.MIMEType, Icons: mustIcons(fmt.Sprintf("template %q", uriTemplate), o.Icons),
		},
		parsed: parsed,
		scopes: slices.Clone(o.Scopes),
		read:   read,
	}
}

// URITemplate returns the template as it is written.
func (t Template) URITemplate() string { return t.definition.URITemplate }

// Scopes returns the scopes that the template itself asks for.
func (t Template) Scopes() []string { return slices.Clone(t.scopes) }

// Definition returns the template as resources/templates/list shows it.
func (t Template) Definition() *mcp.ResourceTemplate {
	d := t.definition
	return &d
}

// Target is the template as the access policy knows it.
func (t Template) Target() auth.Target { return auth.Resource(t.URITemplate()) }

// Matches reports whether uri is one of the template's, in its one spelling: what has to
// be encoded is, in upper case, and nothing else. One of more than 2,048 bytes is none.
func (t Template) Matches(uri string) bool {
	_, ok := t.parsed.match(uri)
	return ok
}

// Read makes the document with the URI, which the template matches. The error is one to
// ask [Told] about.
func (t Template) Read(ctx context.Context, caller Caller, uri string) (contents *mcp.ResourceContents, err error) {
	defer recovered(&err)
	values, ok := t.parsed.match(uri)
	if !ok {
		return nil, errors.New("the URI is none of the template's")
	}
	made, err := t.read(ctx, caller, uri, values)
	if err != nil {
		return nil, err
	}
	return finished(made, uri, t.definition.MIMEType)
}
