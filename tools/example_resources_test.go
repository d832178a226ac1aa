package tools_test

import (
	"context"
	"fmt"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// The functions here are shown in docs/resources.md, as they would stand in this package
// (see docs_resources_test.go).

// Terms returns the resource docs://terms.
func Terms() tools.Resource {
	return tools.NewResource("docs://terms", tools.ResourceOptions{
		Name: "terms", Title: "Terms of use", Description: "What may be done with the data.",
		MIMEType: "text/markdown", Scopes: []string{"docs:read"},
	}, func(context.Context, tools.Caller) (*mcp.ResourceContents, error) {
		return &mcp.ResourceContents{Text: "# Terms\n\nBe kind.\n"}, nil
	})
}

// Notes returns the template of the callers' own notes.
func Notes(find func(ctx context.Context, owner, id string) (text string, found bool)) tools.Template {
	return tools.NewTemplate("notes://mine/{id}", tools.ResourceOptions{
		Name: "note", Title: "A note", Description: "One of your notes.",
		MIMEType: "text/plain", Scopes: []string{"notes:read"},
	}, func(ctx context.Context, caller tools.Caller, _ string, values map[string]string) (*mcp.ResourceContents, error) {
		text, found := find(ctx, caller.Principal.Identity(), values["id"])
		if !found {
			return nil, tools.ErrNoDocument
		}
		return &mcp.ResourceContents{Text: text}, nil
	})
}

// Clock returns a resource that changes every minute.
func Clock(now func() time.Time) tools.Resource {
	return tools.NewResource("clock://minute", tools.ResourceOptions{
		Name: "minute", Title: "The minute", Description: "The time, in UTC, to the minute.", MIMEType: "text/plain",
		Watch: func(ctx context.Context, changed func()) {
			minutes := time.NewTicker(time.Minute)
			defer minutes.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-minutes.C:
					changed()
				}
			}
		},
	}, func(context.Context, tools.Caller) (*mcp.ResourceContents, error) {
		return &mcp.ResourceContents{Text: now().UTC().Format("15:04")}, nil
	})
}

func ExampleNewResource_watched() {
	terms := Terms()
	contents, err := terms.Read(context.Background(), tools.Caller{})
	fmt.Println(contents.URI, contents.MIMEType, terms.Scopes(), terms.Watched(), err)
	clock := Clock(func() time.Time { return time.Unix(0, 0) })
	contents, err = clock.Read(context.Background(), tools.Caller{})
	fmt.Println(contents.Text, clock.Watched(), err)
	// Output:
	// docs://terms text/markdown [docs:read] false <nil>
	// 00:00 true <nil>
}

func ExampleNewTemplate() {
	notes := Notes(func(_ context.Context, _, id string) (string, bool) { return "Buy milk.", id == "a/b" })
	caller := tools.Caller{Principal: auth.Principal{Issuer: "https://issuer.example", Subject: "ada"}}
	for _, uri := range []string{"notes://mine/a%2Fb", "notes://mine/2", "notes://mine/a%2fb", "notes://mine/a/b"} {
		if !notes.Matches(uri) {
			fmt.Println(uri, "is none of the template's")
			continue
		}
		contents, err := notes.Read(context.Background(), caller, uri)
		if err != nil {
			fmt.Println(uri, err)
			continue
		}
		fmt.Println(uri, contents.Text)
	}
	// Output:
	// notes://mine/a%2Fb Buy milk.
	// notes://mine/2 there is no such document
	// notes://mine/a%2fb is none of the template's
	// notes://mine/a/b is none of the template's
}
