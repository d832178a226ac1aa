package tools

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/auth"
)

func aTemplate(text string) Template { return NewTemplate(text, resourceOptions, nil) }

// TestTemplateMatches: one document has one URI, and what would be another spelling of
// it is nothing.
func TestTemplateMatches(t *testing.T) {
	long := strings.Repeat("a", maxTemplateURI-len("t://x/"))
	for _, tt := range []struct {
		name, template, uri string
		want                map[string]string // nil: no match
		other               string            // another spelling of the same, which is no match
	}{
		{"plain", "t://x/{id}", "t://x/42", map[string]string{"id": "42"}, "T://x/42"},
		{"a host in another case", "t://x/{id}", "t://x/a", map[string]string{"id": "a"}, "t://X/a"},
		{"a slash", "t://x/{id}", "t://x/a%2Fb", map[string]string{"id": "a/b"}, "t://x/a/b"},
		{"an encoded byte in lower case", "t://x/{id}", "t://x/%3F", map[string]string{"id": "?"}, "t://x/%3f"},
		{"what needs no encoding", "t://x/{id}", "t://x/a.b", map[string]string{"id": "a.b"}, "t://x/a%2Eb"},
		{"a letter that is encoded", "t://x/{id}", "t://x/a", map[string]string{"id": "a"}, "t://x/%61"},
		{"beyond ASCII", "t://x/{id}", "t://x/%E2%82%AC%C3%A9", map[string]string{"id": "€é"}, "t://x/€é"},
		{"an overlong encoding", "t://x/{id}", "t://x/%2F", map[string]string{"id": "/"}, "t://x/%C0%AF"},
		{"twice encoded", "t://x/{id}", "t://x/%252F", map[string]string{"id": "%2F"}, "t://x/%25%32F"},
		{"half of an encoding", "t://x/{id}", "t://x/%25", map[string]string{"id": "%"}, "t://x/%2"},
		{"space", "t://x/{id}", "t://x/a%20b", map[string]string{"id": "a b"}, "t://x/a+b"},
		{"a comma", "t://x/{id}", "t://x/a%2Cb", map[string]string{"id": "a,b"}, "t://x/a,b"},
		{"nothing for the variable", "t://x/{id}", "t://x/0", map[string]string{"id": "0"}, "t://x/"},
		{"nothing in the middle", "t://{a}/{b}", "t://1/2", map[string]string{"a": "1", "b": "2"}, "t:///2"},
		{"something behind", "t://x/{id}", "t://x/1", map[string]string{"id": "1"}, "t://x/1/"},
		{"a fragment", "t://x/{id}", "t://x/1%23a", map[string]string{"id": "1#a"}, "t://x/1#a"},
		{"a query", "t://x/{id}", "t://x/1%3Fa", map[string]string{"id": "1?a"}, "t://x/1?a"},
		{"a query of the template's", "t://x?q={q}", "t://x?q=a%26b", map[string]string{"q": "a&b"}, "t://x?q=a&b"},
		{"a new line", "t://x/{id}", "t://x/1", map[string]string{"id": "1"}, "t://x/1\n"},
		{"a control character", "t://x/{id}", "t://x/%E2%80%A8", map[string]string{"id": "\u2028"}, "t://x/%00"},
		{"a segment that is a dot", "t://x/{id}", "t://x/...", map[string]string{"id": "..."}, "t://x/."},
		{"the segment above", "t://x/{id}", "t://x/..a", map[string]string{"id": "..a"}, "t://x/.."},
		{"the segment above, encoded", "t://x/{id}", "t://x/..%2Fa", map[string]string{"id": "../a"}, "t://x/%2E%2E"},
		{"dots that are no segment", "t://x/.{id}", "t://x/.a", map[string]string{"id": "a"}, "t://x/.."},
		{"dots in a query", "t://x?{q}", "t://x?..", map[string]string{"q": ".."}, "t://../x?.."},
		{"a suffix", "t://x/{id}.json", "t://x/a.json.json", map[string]string{"id": "a.json"}, "t://x/.json"},
		{"a suffix before a delimiter", "t://{a}.x/{b}", "t://a.x.x/b.x", map[string]string{"a": "a.x", "b": "b.x"}, "t://a/b.x"},
		{"what a pattern would read", "t://x.y/{id}", "t://x.y/1", map[string]string{"id": "1"}, "t://x-y/1"},
		{"the longest", "t://x/{id}", "t://x/" + long, map[string]string{"id": long}, "t://x/" + long + "a"},
		{"the template itself", "t://x/{id}", "t://x/id", map[string]string{"id": "id"}, "t://x/{id}"},
		{"the template itself, encoded", "t://x/{id}", "t://x/%7Bid%7D", map[string]string{"id": "{id}"}, "t://x/%7bid%7d"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			template := aTemplate(tt.template)
			if got, ok := template.parsed.match(tt.uri); !ok || !maps.Equal(got, tt.want) {
				t.Errorf("%q: %q, %v; want %q", tt.uri, got, ok, tt.want)
			}
			if template.Matches(tt.other) {
				t.Errorf("%q matches", tt.other)
			}
		})
	}
}

func TestNewTemplatePanics(t *testing.T) {
	watch := func(context.Context, func()) {}
	for _, tt := range []struct {
		name, template string
		change         func(*ResourceOptions)
		want           string
	}{
		{"no variable", "t://x", nil, "needs a variable such as {id}"},
		{"no scheme", "x/{id}", nil, errNoScheme.Error()},
		{"a scheme that varies", "{s}://x", nil, errNoScheme.Error()},
		{"a scheme in another case", "T://{id}", nil, errNoScheme.Error()},
		{"a variable twice", "t://{a}/{a}", nil, "has a variable twice"},
		{"two variables in one", "t://{a}{b}", nil, "needs a delimiter such as / between two variables"},
		{"two that cannot be parted", "t://{a}-{b}", nil, "needs a delimiter such as / between two variables"},
		{"a list", "t://{a,b}", nil, errLiteral.Error()},
		{"an operator", "t://{+a}", nil, errLiteral.Error()},
		{"a query operator", "t://x{?a}", nil, errLiteral.Error()},
		{"a fragment operator", "t://x{#a}", nil, errLiteral.Error()},
		{"a prefix", "t://{a:3}", nil, errLiteral.Error()},
		{"an explosion", "t://{a*}", nil, errLiteral.Error()},
		{"half a variable", "t://{a}/{b", nil, errLiteral.Error()},
		{"no URI", "t://{a}/ ", nil, errLiteral.Error()},
		{"beyond ASCII", "t://é/{a}", nil, errLiteral.Error()},
		{"an encoded byte in lower case", "t://%3f/{a}", nil, errLiteral.Error()},
		{"a segment above", "t://x/../{a}", nil, "is not written as a canonical URI"},
		{"no name", "t://{a}", func(o *ResourceOptions) { o.Name = "" }, "needs a name, a title, a description and a type"},
		{"no type", "t://{a}", func(o *ResourceOptions) { o.MIMEType = "" }, "needs a name, a title, a description and a type"},
		{"watched", "t://{a}", func(o *ResourceOptions) { o.Watch = watch }, "cannot be watched"},
		{"a scope that is none", "t://{a}", func(o *ResourceOptions) { o.Scopes = []string{"a b"} }, `"a b" is not a scope`},
		{"good", "t+x://a:1/{a}.%3F/{_b2}?q={c}&r={d}#{e}", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := resourceOptions
			if tt.change != nil {
				tt.change(&o)
			}
			want := tt.want
			if want != "" {
				want = `template "` + tt.template + `": ` + want
			}
			wantPanic(t, want, func() { NewTemplate(tt.template, o, nil) })
		})
	}
}

func TestTemplateRead(t *testing.T) {
	var got map[string]string
	made := &mcp.ResourceContents{URI: "t://other", Text: "text"}
	good := NewTemplate("t://x/{id}", resourceOptions, func(_ context.Context, _ Caller, uri string, values map[string]string) (*mcp.ResourceContents, error) {
		got = values
		return made, nil
	})
	c, err := good.Read(t.Context(), Caller{}, "t://x/a%20b")
	if err != nil || c.URI != "t://x/a%20b" || c.MIMEType != "text/plain" || c.Text != "text" || got["id"] != "a b" {
		t.Errorf("%+v, %v, %q", c, err, got)
	}
	if made.URI != "t://other" || made.MIMEType != "" {
		t.Errorf("what the function keeps was written to: %+v", made)
	}
	got = nil
	if _, err := good.Read(t.Context(), Caller{}, "t://x/a b"); got != nil {
		t.Errorf("read with %q", got)
	} else {
		wantTold(t, err, "", "the URI is none of the template's")
	}
	for name, tt := range map[string]struct {
		read        TemplateFunc
		text, cause string
	}{
		"an error for the caller": {func(context.Context, Caller, string, map[string]string) (*mcp.ResourceContents, error) {
			return nil, Errorf("not now")
		}, "not now", ""},
		"a fault of ours": {func(context.Context, Caller, string, map[string]string) (*mcp.ResourceContents, error) {
			return nil, errors.New("10.0.0.5")
		}, "", "10.0.0.5"},
		"a panic": {func(context.Context, Caller, string, map[string]string) (*mcp.ResourceContents, error) {
			panic(errors.New("secret"))
		}, "", "panic: value of type *errors.errorString"},
		"no content": {func(context.Context, Caller, string, map[string]string) (*mcp.ResourceContents, error) {
			return nil, nil //nolint:nilnil // the fault
		}, "", "the resource has no content"},
		"no JSON beside it": {func(context.Context, Caller, string, map[string]string) (*mcp.ResourceContents, error) {
			return &mcp.ResourceContents{Meta: mcp.Meta{"x": make(chan int)}}, nil
		}, "", "the content of the resource: marshalling it: "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewTemplate("t://x/{id}", resourceOptions, tt.read).Read(t.Context(), Caller{}, "t://x/1")
			wantTold(t, err, tt.text, tt.cause)
		})
	}
}

// TestSetResolves: which document belongs to which, as the policy knows it.
func TestSetResolves(t *testing.T) {
	exact := func(uri string) Resource { return NewResource(uri, resourceOptions, nil) }
	s := Set{}.With(nil, []Resource{exact("t://x/exact"), exact("t://y")}).
		WithTemplates([]Template{aTemplate("t://{x}/{id}"), aTemplate("t://x/{id}"), aTemplate("t://z/{a}")})
	for _, tt := range []struct{ name, uri, want, reference string }{
		{"a resource", "t://y", "t://y", "t://y"},
		{"a resource before a template", "t://x/exact", "t://x/exact", "t://x/exact"},
		{"the first of two templates", "t://x/1", "t://x/{id}", "t://x/{id}"},
		{"the second alone", "t://w/1", "t://{x}/{id}", "t://{x}/{id}"},
		{"the text of a template", "t://x/{id}", "", "t://x/{id}"},
		{"the text of a template, encoded", "t://x/%7Bid%7D", "t://x/{id}", "t://x/{id}"},
		{"a text that is nearly one's", "t://x/{ID}", "t://x/{ID}", "t://x/{ID}"},
		{"nothing", "t://q", "t://q", "t://q"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := s.Resolve(auth.Resource(tt.uri)); got != auth.Resource(tt.want) {
				t.Errorf("resolved as %q, want %q", got.Name, tt.want)
			}
			if got := s.ResolveReference(auth.Resource(tt.uri)); got != auth.Resource(tt.reference) {
				t.Errorf("as a reference %q, want %q", got.Name, tt.reference)
			}
			tool := auth.Tool(tt.uri)
			if s.Resolve(tool) != tool || s.ResolveReference(tool) != tool {
				t.Error("what is no resource was resolved")
			}
		})
	}
	var names []string
	for _, p := range s.Protected() {
		names = append(names, p.Name)
	}
	if want := []string{"t://x/exact", "t://y", "t://x/{id}", "t://z/{a}", "t://{x}/{id}"}; !slices.Equal(names, want) {
		t.Errorf("protected: %q, want %q", names, want)
	}
	wantPanic(t, "two things are called t://x/{id}", func() { Set{}.WithTemplates([]Template{aTemplate("t://x/{id}"), aTemplate("t://x/{id}")}) })
}

// TestTemplatesThatOverlap: text comes before a variable, whatever that is called.
func TestTemplatesThatOverlap(t *testing.T) {
	s := Set{}.WithTemplates([]Template{
		aTemplate("t://{a}/{b}"), aTemplate("t://{z}/secret"), aTemplate("t://~root/{id}"), aTemplate("t://y/{b}"),
		aTemplate("t://{A}"), aTemplate("t://{Z}.json"), aTemplate("t://x{Z}"),
	})
	for uri, want := range map[string]string{
		"t://1/1": "t://{a}/{b}", "t://1/secret": "t://{z}/secret", "t://~root/1": "t://~root/{id}",
		"t://y/1": "t://y/{b}", "t://y/secret": "t://y/{b}",
		"t://1": "t://{A}", "t://1.json": "t://{Z}.json", "t://x1": "t://x{Z}", "t://x": "t://{A}",
	} {
		if got, _ := s.Template(uri); got.URITemplate() != want {
			t.Errorf("%s: %s, want %s", uri, got.URITemplate(), want)
		}
	}
	wantPanic(t, "two templates have the same documents: t://{a}/x and t://{b}/x", func() {
		Set{}.WithTemplates([]Template{aTemplate("t://{b}/x"), aTemplate("t://{c}"), aTemplate("t://{a}/x")})
	})
}

// TestRulesNameTemplates: a rule is about a template as it is written, by its whole text
// or by a pattern, and about none of its documents alone.
func TestRulesNameTemplates(t *testing.T) {
	targets := Set{}.WithTemplates([]Template{aTemplate("t://x/{id}"), aTemplate("t://y/{id}")}).Protected()
	for name, tt := range map[string]struct{ resource, want string }{
		"its text":            {"t://x/{id}", ""},
		"a pattern":           {"t://x/*", ""},
		"a document":          {"t://x/1", `access.rules[0].resources[0]: "t://x/1" is nothing that this server has`},
		"a variable's pseudo": {"t://x/{other}", `access.rules[0].resources[0]: "t://x/{other}" is nothing that this server has`},
	} {
		t.Run(name, func(t *testing.T) {
			c := auth.DefaultAccessConfig()
			c.Rules = []auth.AccessRule{{Resources: []string{tt.resource}, AllOf: []string{"s"}}}
			faults := c.CheckTargets(nil, targets)
			got := ""
			if err := faults.Err(); err != nil {
				got = "access." + err.Error()
			}
			if got != tt.want {
				t.Fatalf("%q, want %q", got, tt.want)
			}
			policy := auth.NewPolicy(c, nil, targets)
			for target, ruled := range map[string]bool{"t://x/{id}": tt.want == "", "t://y/{id}": false} {
				d := policy.Check(auth.Resource(target).Use(true), auth.Principal{})
				if (d.Verdict == auth.Denied) != ruled {
					t.Errorf("%s: %+v", target, d)
				}
			}
		})
	}
}

// FuzzTemplate: nothing panics, and what matches is the one spelling of its values.
func FuzzTemplate(f *testing.F) {
	for _, s := range [][2]string{
		{"t://x/{id}", "t://x/42"},
		{"t://x/{id}", "t://x/%2e"},
		{"t://{a}/{b}", "t://1/2/3"},
		{"t://x?q={q}#{f}", "t://x?q=1#%C3%A9"},
		{"t:{a}", "t:.."},
		{"t://{a}.x/{b}", "t://.x/%"},
		{"{", "}"},
		{"t://{?a}", "t://?a=1"},
		{"t://%41/{a}", "t://A/1"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, template, uri string) {
		if len(template) > 200 {
			return
		}
		parsed, err := parseURITemplate(template)
		if err != nil {
			return
		}
		values, ok := parsed.match(uri)
		if !ok {
			return
		}
		if len(uri) > maxTemplateURI || parsed.expand(values) != uri || hasDotSegment(uri) || uri == template {
			t.Errorf("%q: %q has the values %q, which make %q", template, uri, values, parsed.expand(values))
		}
		for name, value := range values {
			if value == "" {
				t.Errorf("%q in %q: %q is empty", uri, template, name)
			}
		}
		if len(values) != len(parsed.variables) {
			t.Errorf("%q in %q: values %q", uri, template, values)
		}
	})
}
