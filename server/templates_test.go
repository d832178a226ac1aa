package server

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"mcp-resource-server/auth"
	"mcp-resource-server/tools"
)

// TestTemplates: a document of a template is read under its one URI, in both eras, and
// under the rule for the template.
func TestTemplates(t *testing.T) {
	r := newRig(t)
	access := auth.DefaultAccessConfig()
	access.Rules = []auth.AccessRule{
		{Resources: []string{"x://paid/*"}, AllOf: []string{"paid"}},
		{Resources: []string{"x://secret/{id}"}, AllOf: []string{"admin"}, Conceal: true},
	}
	r.install(access, r.named("alpha").With([]tools.Prompt{r.aPrompt("about")}, []tools.Resource{r.aResource("x://t/exact"), r.aResource("x://secret/open")}).
		WithTemplates([]tools.Template{r.aTemplate("x://t/{id}"), r.aTemplate("x://paid/{id}"), r.aTemplate("x://secret/{id}"), r.aTemplate("x://{a}/{id}", "any")}))
	for era, modern := range eras {
		t.Run(era, func(t *testing.T) {
			token := r.token("other")
			read := func(token, uri string) (text string) {
				a := answerOf(t, r.ask(modern, token, "resources/read", uri, `"uri":"`+uri+`"`))
				if a.Error != nil {
					return a.Error.Message
				}
				c := a.Result["contents"].([]any)[0].(map[string]any)
				if c["uri"] != uri || c["mimeType"] != "text/plain" {
					t.Errorf("%q: %v", uri, c)
				}
				return c["text"].(string)
			}
			for uri, want := range map[string]string{
				"x://t/1":                "x://t/{id} with 1",
				"x://t/a%2F..%20b":       "x://t/{id} with a/.. b",
				"x://t/exact":            "text of x://t/exact",
				"x://secret/open":        "text of x://secret/open",
				"x://t/%E2%82%AC":        "x://t/{id} with €",
				"x://t/a%2fb":            "unknown resource",
				"x://t/a%2Eb":            "unknown resource",
				"x://t/%65xact":          "unknown resource",
				"x://t/":                 "unknown resource",
				"x://t/a?b":              "unknown resource",
				"x://t/..":               "unknown resource",
				"x://t/{id}":             "unknown resource",
				"X://t/1":                "unknown resource",
				"x://secret/{id}":        "unknown resource",
				"x://secret/1":           "unknown resource",
				"x://paid/{id}":          "unknown resource",
				"x://{a}/{id}":           "unknown resource",
				"x://t/" + longID + "ab": "unknown resource",
			} {
				if got := read(token, uri); got != want {
					t.Errorf("%q: %q, want %q", uri, got, want)
				}
			}
			if got := read(token, "x://t/"+longID); !strings.HasPrefix(got, "x://t/{id} with aaa") {
				t.Errorf("the longest: %q", got)
			}
			if got := read(r.token("admin"), "x://secret/1"); got != "x://secret/{id} with 1" {
				t.Errorf("the concealed one, to whom it is not: %q", got)
			}
			if w := r.ask(modern, token, "resources/read", "x://paid/1", `"uri":"x://paid/1"`); w.Code != http.StatusForbidden || !strings.Contains(w.Header().Get("Www-Authenticate"), `scope="paid"`) {
				t.Errorf("without its scope: %d %s", w.Code, w.Body)
			}
			if got := read(r.token("paid"), "x://paid/1"); got != "x://paid/{id} with 1" {
				t.Errorf("with its scope: %q", got)
			}
			if w := r.ask(modern, token, "resources/read", "x://w/1", `"uri":"x://w/1"`); w.Code != http.StatusForbidden {
				t.Errorf("the scope of the template itself: %d %s", w.Code, w.Body)
			}
		})
	}
}

var longID = strings.Repeat("a", 2048-len("x://t/"))

// TestConcealedTemplateIsUnknown: of a concealed template, and of its documents, the
// whole answer is that to what there is not.
func TestConcealedTemplateIsUnknown(t *testing.T) {
	r := newRig(t)
	access := auth.DefaultAccessConfig()
	access.Rules = []auth.AccessRule{{Resources: []string{"x://secret/{id}"}, AllOf: []string{"admin"}, Conceal: true}}
	r.install(access, r.named("alpha").With([]tools.Prompt{r.aPrompt("about")}, []tools.Resource{r.aWatched("x://w", nil)}).
		WithTemplates([]tools.Template{r.aTemplate("x://secret/{id}")}))
	token := r.token("other")
	for era, modern := range eras {
		for _, ask := range []struct{ method, params string }{
			{"resources/read", `"uri":"URI"`},
			{"resources/subscribe", `"uri":"URI"`},
			{"completion/complete", `"ref":{"type":"ref/resource","uri":"URI"},"argument":{"name":"id","value":""}`},
		} {
			t.Run(era+" "+ask.method, func(t *testing.T) {
				send := func(uri string) string {
					return httpAnswer(r.ask(modern, token, ask.method, uri, strings.ReplaceAll(ask.params, "URI", uri)))
				}
				for secret, nothing := range map[string]string{"x://secret/1": "x://nobody/1", "x://secret/{id}": "x://nobody/{id}", "x://secret/%31": "x://nobody/%31"} {
					if got, want := send(secret), send(nothing); got != want {
						t.Errorf("%s:\n%s\nand of what there is not:\n%s", secret, got, want)
					}
				}
			})
		}
		// The twin.
		admin := r.token("admin")
		for _, uri := range []string{"x://secret/1", "x://secret/{id}"} {
			a := answerOf(t, r.ask(modern, admin, "completion/complete", "", `"ref":{"type":"ref/resource","uri":"`+uri+`"},"argument":{"name":"id","value":""}`))
			if a.Error != nil {
				t.Errorf("%s: a completion of %s: %+v", era, uri, a.Error)
			}
		}
	}
}

// TestTemplatesAreListed: as other lists are, what is hidden left out before the list is
// cut into pages.
func TestTemplatesAreListed(t *testing.T) {
	r := newRig(t, func(o *Options) { o.PageSize = 2 })
	var templates []tools.Template
	for _, name := range []string{"d", "e", "a", "c", "b"} {
		templates = append(templates, r.aTemplate("x://"+name+"/{id}", "read:"+name))
	}
	r.install(auth.DefaultAccessConfig(), r.named("alpha").With(nil, []tools.Resource{r.aResource("x://1"), r.aResource("x://2"), r.aResource("x://3")}).WithTemplates(templates))
	for _, tt := range []struct {
		name   string
		scopes []string
		want   [][]string
	}{
		{"all", []string{"read:a", "read:b", "read:c", "read:d", "read:e"}, [][]string{{"x://a/{id}", "x://b/{id}"}, {"x://c/{id}", "x://d/{id}"}, {"x://e/{id}"}}},
		{"some", []string{"read:a", "read:c", "read:e"}, [][]string{{"x://a/{id}", "x://c/{id}"}, {"x://e/{id}"}}},
		{"none", []string{"other"}, [][]string{nil}},
	} {
		for era, modern := range eras {
			t.Run(tt.name+" "+era, func(t *testing.T) {
				token := r.token(tt.scopes...)
				if got := r.pages(modern, token, "resources/templates/list"); !slices.EqualFunc(got, tt.want, slices.Equal) {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			})
		}
	}
	token := r.token("read:a", "read:b", "read:c")
	for _, modern := range eras {
		_, templates := r.listed(modern, token, "resources/templates/list", "")
		_, resources := r.listed(modern, token, "resources/list", "")
		for method, cursor := range map[string]string{"resources/templates/list": resources, "resources/list": templates} {
			wantError(t, r.ask(modern, token, method, "", `"cursor":"`+cursor+`"`), byEra(modern, http.StatusBadRequest, http.StatusOK), -32602, "invalid cursor")
		}
	}
}
