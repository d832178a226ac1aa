package server

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// listed are the names on one page of a list (URIs of resources), and the next cursor.
func (r *rig) listed(modern bool, token, method, cursor string) (names []string, next string) {
	r.t.Helper()
	params := ""
	if cursor != "" {
		params = `"cursor":"` + cursor + `"`
	}
	a := answerOf(r.t, r.ask(modern, token, method, "", params))
	if a.Error != nil {
		r.t.Fatalf("%s: %+v", method, a.Error)
	}
	kind := strings.TrimSuffix(method, "/list")
	if kind == "resources/templates" {
		kind = "resourceTemplates"
	}
	list, ok := a.Result[kind].([]any)
	if !ok { // null, or under another name
		r.t.Fatalf("%s: %v", method, a.Result)
	}
	for _, e := range list {
		m := e.(map[string]any)
		if uri, ok := m["uri"].(string); ok {
			names = append(names, uri)
			continue
		}
		names = append(names, m["name"].(string))
	}
	if a.Result["cacheScope"] != "private" || a.Result["ttlMs"] != 0.0 {
		r.t.Errorf("%s: cacheScope %v, ttlMs %v", method, a.Result["cacheScope"], a.Result["ttlMs"])
	}
	next, _ = a.Result["nextCursor"].(string)
	return names, next
}

// pages are all pages of a list.
func (r *rig) pages(modern bool, token, method string) (all [][]string) {
	r.t.Helper()
	cursor := ""
	for range 1000 {
		names, next := r.listed(modern, token, method, cursor)
		all = append(all, names)
		if next == "" {
			return all
		}
		cursor = next
	}
	r.t.Fatal("the list has no end")
	return nil
}

// TestListsArePagedAfterTheyAreFiltered: every page but the last is full although what
// stands in between is hidden, in the order of the names.
func TestListsArePagedAfterTheyAreFiltered(t *testing.T) {
	r := newRig(t, func(o *Options) { o.PageSize = 2 })
	prompts := []tools.Prompt{r.aPrompt("e"), r.aPrompt("b"), r.aPrompt("c"), r.aPrompt("a"), r.aPrompt("d")}
	var resources []tools.Resource
	for _, name := range []string{"d", "e", "a", "c", "b"} {
		resources = append(resources, r.aResource("x://"+name, "read:"+name))
	}
	r.install(auth.DefaultAccessConfig(), r.named("d", "b", "e", "a", "c").With(prompts, resources))
	for _, tt := range []struct {
		name, granted string
		want          [][]string
	}{
		{"all", "abcde", [][]string{{"a", "b"}, {"c", "d"}, {"e"}}},
		{"every other", "ace", [][]string{{"a", "c"}, {"e"}}},
		{"the ends", "ae", [][]string{{"a", "e"}}},
		{"full pages alone", "bcde", [][]string{{"b", "c"}, {"d", "e"}}},
		{"one", "d", [][]string{{"d"}}},
		{"none", "", [][]string{nil}},
	} {
		for method, scope := range map[string]string{"tools/list": "tool:", "prompts/list": "prompt:", "resources/list": "read:"} {
			for era, modern := range eras {
				t.Run(tt.name+" "+method+" "+era, func(t *testing.T) {
					scopes := []string{"other"}
					for _, name := range tt.granted {
						scopes = append(scopes, scope+string(name))
					}
					want := slices.Clone(tt.want)
					if scope == "read:" {
						for i := range want {
							want[i] = slices.Clone(want[i])
							for j := range want[i] {
								want[i][j] = "x://" + want[i][j]
							}
						}
					}
					got := r.pages(modern, r.token(scopes...), method)
					if !slices.EqualFunc(got, want, slices.Equal) {
						t.Errorf("got %q, want %q", got, want)
					}
				})
			}
		}
	}
}

// TestThousandTools: 1,001 tools and as many hidden ones between them, in pages of the
// usual size.
func TestThousandTools(t *testing.T) {
	r := newRig(t)
	access := auth.DefaultAccessConfig()
	access.Rules = []auth.AccessRule{
		{Tools: []string{"*-hidden"}, AllOf: []string{"admin"}},
		{Tools: []string{"*"}, Authenticated: true},
	}
	var all, want []string
	for i := range 1001 {
		name := fmt.Sprintf("t%04d", i)
		want = append(want, name)
		all = append(all, name, name+"-hidden")
	}
	r.install(access, r.named(all...))
	got := r.pages(true, r.token("other"), "tools/list")
	if len(got) != 2 || len(got[0]) != 1000 || !slices.Equal(slices.Concat(got...), want) {
		t.Errorf("%d pages, the first of %d, %d in all", len(got), len(got[0]), len(slices.Concat(got...)))
	}
}

// TestListAll: access.list: all shows what a caller could ask for, and never what is
// concealed from it.
func TestListAll(t *testing.T) {
	r := newRig(t)
	access := auth.DefaultAccessConfig()
	access.Rules = []auth.AccessRule{{Tools: []string{"secret"}, AllOf: []string{"admin"}, Conceal: true}}
	set := r.named("alpha", "beta", "secret")
	for _, tt := range []struct {
		list   string
		scopes []string
		want   []string
	}{
		{auth.ListPermitted, []string{"tool:alpha"}, []string{"alpha"}},
		{auth.ListAll, []string{"tool:alpha"}, []string{"alpha", "beta"}},
		{auth.ListAll, []string{"admin"}, []string{"alpha", "beta", "secret"}},
		{auth.ListPermitted, []string{"admin"}, []string{"secret"}},
	} {
		access.List = tt.list
		r.install(access, set)
		for _, modern := range eras {
			if got, _ := r.listed(modern, r.token(tt.scopes...), "tools/list", ""); !slices.Equal(got, tt.want) {
				t.Errorf("%s with %q: %q, want %q", tt.list, tt.scopes, got, tt.want)
			}
		}
	}
}

// TestCursors: a cursor is for the list that gave it, in the form that it was given.
func TestCursors(t *testing.T) {
	r := newRig(t, func(o *Options) { o.PageSize = 1 })
	r.install(auth.DefaultAccessConfig(), r.named("a", "b").With(
		[]tools.Prompt{r.aPrompt("a"), r.aPrompt("b")}, []tools.Resource{r.aResource("x://a"), r.aResource("x://b")}))
	token := r.token("tool:a", "tool:b", "prompt:a", "prompt:b")
	for _, modern := range eras {
		cursors := map[string]string{}
		for _, method := range []string{"tools/list", "prompts/list", "resources/list"} {
			_, cursors[method] = r.listed(modern, token, method, "")
			if names, next := r.listed(modern, token, method, cursors[method]); len(names) != 1 || next != "" {
				t.Errorf("the second page of %s: %q, next %q", method, names, next)
			}
		}
		// It names what its caller was shown, and nothing behind that.
		if got, want := cursors, map[string]string{
			"tools/list": newCursor(auth.KindTool, "a"), "prompts/list": newCursor(auth.KindPrompt, "a"), "resources/list": newCursor(auth.KindResource, "x://a"),
		}; !maps.Equal(got, want) {
			t.Errorf("cursors %q, want %q", got, want)
		}
		if names, next := r.listed(modern, token, "resources/templates/list", ""); len(names) != 0 || next != "" {
			t.Errorf("templates: %q, next %q", names, next)
		}
		for _, method := range []string{"tools/list", "prompts/list", "resources/list", "resources/templates/list"} {
			bad := []string{"!", "YQ", "dG9vbDo", newCursor(auth.KindTool, ""), cursors["tools/list"] + "=", cursors["tools/list"] + `\n`}
			for from, cursor := range cursors {
				if from != method {
					bad = append(bad, cursor)
				}
			}
			for _, cursor := range bad {
				wantError(t, r.ask(modern, token, method, "", `"cursor":"`+cursor+`"`), byEra(modern, http.StatusBadRequest, http.StatusOK), -32602, "invalid cursor")
			}
		}
	}
}

// FuzzCursor: what is taken is what was given, and nothing panics.
func FuzzCursor(f *testing.F) {
	for _, s := range []string{"", "!", newCursor(auth.KindTool, "a"), newCursor(auth.KindTool, ""), newCursor(auth.KindPrompt, "a"), "dG9vbDp\nh"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		if last, ok := parseCursor(auth.KindTool, cursor); ok && (last == "" || newCursor(auth.KindTool, last) != cursor) {
			t.Errorf("%q is taken as %q", cursor, last)
		}
	})
}
