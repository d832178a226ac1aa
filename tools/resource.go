package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

// Resource is a document that can be read under a URI. It is immutable, and made by
// [NewResource].
type Resource struct {
	definition mcp.Resource
	scopes     []string
	read       ResourceFunc
	watch      *watch // nil: it is not watched
}

// watch is what [NewResource] was given. Its address tells whether two resources are
// watched by the same call of it.
type watch struct {
	run func(ctx context.Context, changed func())
}

// ResourceFunc makes the document's content.
type ResourceFunc func(ctx context.Context, caller Caller) (*mcp.ResourceContents, error)

// ResourceOptions describe a resource.
type ResourceOptions struct {
	// Name is its name for programs, Title for people, Description says what it holds.
	// Required.
	Name, Title, Description string
	// MIMEType is the type of the content. Required.
	MIMEType string
	// Scopes are all needed under access.default: tool_scope. None: any good token is
	// enough, and the content is for everybody who has one.
	Scopes []string
	// Icons are pictures of it, for people.
	Icons []mcp.Icon
	// Watch runs while the resource is served, and calls changed after each change of
	// the content: clients that have subscribed are told, soon and not for each. changed
	// never waits. Watch returns when ctx is done. Nil: nobody can subscribe. A template
	// has none.
	Watch func(ctx context.Context, changed func())
}

// NewResource makes a resource. It panics on a mistake in the definition, as [Define]
// does.
func NewResource(uri string, o ResourceOptions, read ResourceFunc) Resource {
	if u, err := url.Parse(uri); err != nil || u.Scheme == "" || strings.ContainsAny(uri, "{}") {
		panic(fmt.Sprintf("resource %q: needs an absolute URI", uri))
	}
	if o.Name == "" || o.Title == "" || o.Description == "" || o.MIMEType == "" {
		panic(fmt.Sprintf("resource %q: needs a name, a title, a description and a type", uri))
	}
	mustScopes(fmt.Sprintf("resource %q", uri), o.Scopes)
	r := Resource{
		definition: mcp.Resource{URI: uri, Name: o.Name, Title: o.Title, Description: o.Description, MIMEType: o.MIMEType, Icons: mustIcons(fmt.Sprintf("resource %q", uri), o.Icons)},
		scopes:     slices.Clone(o.Scopes),
		read:       read,
	}
	if o.Watch != nil {
		r.watch = &watch{o.Watch}
	}
	return r
}

// URI returns the resource's URI.
func (r Resource) URI() string { return r.definition.URI }

// Scopes returns the scopes that the resource itself asks for.
func (r Resource) Scopes() []string { return slices.Clone(r.scopes) }

// Definition returns the resource as resources/list shows it.
func (r Resource) Definition() *mcp.Resource {
	d := r.definition
	return &d
}

// Watched reports whether clients can subscribe to the resource.
func (r Resource) Watched() bool { return r.watch != nil }

// Watch runs until ctx is done, and calls changed after each change of the content. It
// returns at once where the resource is not watched. The error is that of a panic.
func (r Resource) Watch(ctx context.Context, changed func()) (err error) {
	defer recovered(&err)
	if r.watch != nil {
		r.watch.run(ctx, changed)
	}
	return nil
}

// WatchedAs reports whether the two are watched, and by the function that one call of
// [NewResource] was given: a watch of the one is a watch of the other.
func (r Resource) WatchedAs(other Resource) bool { return r.watch != nil && r.watch == other.watch }

// Target is the resource as the access policy knows it.
func (r Resource) Target() auth.Target { return auth.Resource(r.URI()) }

// Read makes the document. The error is one to ask [Told] about.
func (r Resource) Read(ctx context.Context, caller Caller) (contents *mcp.ResourceContents, err error) {
	defer recovered(&err)
	made, err := r.read(ctx, caller)
	if err != nil {
		return nil, err
	}
	return finished(made, r.URI(), r.definition.MIMEType)
}

// finished returns the content of the document with the URI as it is sent. mimeType is
// its type where it has none.
func finished(made *mcp.ResourceContents, uri, mimeType string) (*mcp.ResourceContents, error) {
	if made == nil {
		return nil, errors.New("the resource has no content")
	}
	if err := writable(made.Meta, nil); err != nil {
		return nil, fmt.Errorf("the content of the resource: %w", err)
	}
	own := *made // a copy: the function may keep what it made
	own.URI = uri
	own.MIMEType = cmp.Or(own.MIMEType, mimeType)
	return &own, nil
}
