package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"mcp-resource-server/auth"
)

// What Auth0 takes as a scope of an API (Management API v2, resource servers).
const (
	maxAuth0Value       = 280
	maxAuth0Description = 500
)

// permission is a scope that has to exist at the authorization server.
type permission struct {
	Value       string `json:"value"`
	Description string `json:"description"`
}

var errNoPermission = errors.New("there is no permission to create: nothing in this table needs a scope")

// auth0 is the body of PATCH /api/v2/resource-servers/{id}. The scopes that it holds
// replace those that are there.
func (t *accessTable) auth0() (string, error) {
	list, err := t.permissions()
	if err != nil {
		return "", err
	}
	return indentedJSON(struct {
		Scopes []permission `json:"scopes"`
	}{list})
}

// permissions are all scopes that stand in the table, what is concealed and what
// includes others too: nobody could be granted one that does not exist. None at all
// is an error: an empty list would take away what is there.
func (t *accessTable) permissions() ([]permission, error) {
	uses := t.uses()
	// A policy that asks for them all offers those that are not the issuer's own (OpenID
	// Connect), which auth.required_scopes may have: they are no permissions of an API.
	scopes := auth.NewPolicy(auth.AccessConfig{}, slices.Collect(maps.Keys(uses)), nil).Scopes()
	if len(scopes) == 0 {
		return nil, errNoPermission
	}
	var list []permission
	for _, scope := range scopes {
		if len(scope) > maxAuth0Value {
			return nil, fmt.Errorf("the scope %s... is longer than Auth0 takes: at most %d characters", scope[:40], maxAuth0Value)
		}
		list = append(list, permission{scope, description(uses[scope])})
	}
	return list, nil
}

// scopes are all that stand in the table, sorted.
func (t *accessTable) scopes() []string { return slices.Sorted(maps.Keys(t.uses())) }

// uses says of each scope what it is good for.
func (t *accessTable) uses() map[string][]string {
	uses := map[string][]string{}
	required := t.cfg.Auth.RequiredScopes
	for _, s := range required {
		uses[s] = []string{"Needed for every request"}
	}
	for _, r := range t.rows() {
		for _, s := range slices.Concat(r.AllOf, r.AnyOf) {
			if !slices.Contains(required, s) {
				uses[s] = append(uses[s], t.use(r))
			}
		}
	}
	for _, g := range t.cfg.Access.Implies {
		for _, s := range g.Grants {
			if uses[s] == nil {
				uses[s] = []string{"Included in " + g.Scope}
			}
		}
	}
	for _, g := range t.cfg.Access.Implies {
		uses[g.Scope] = append(uses[g.Scope], "Includes "+strings.Join(g.Grants, ", "))
	}
	return uses
}

// use says what the row is about, to whoever grants or consents.
func (t *accessTable) use(r accessRow) string {
	name := r.Name
	if title := t.title(r); title != "" {
		name += " (" + title + ")"
	}
	switch {
	case r.Kind == kindMethod:
		return "Use " + r.Method
	case !r.isUse():
		return "Use " + r.Method + " for " + name
	case r.Kind == string(auth.KindPrompt):
		return "Use the prompt " + name
	case r.Kind == string(auth.KindResource):
		return "Read " + name
	default:
		return "Call " + name
	}
}

// title is the name for people of what the row is about.
func (t *accessTable) title(r accessRow) string {
	switch auth.Kind(r.Kind) {
	case auth.KindTool:
		if tool, ok := t.all.Get(r.Name); ok {
			return tool.Definition().Title
		}
	case auth.KindPrompt:
		if prompt, ok := t.all.Prompt(r.Name); ok {
			return prompt.Definition().Title
		}
	case auth.KindResource:
		if resource, ok := t.all.Resource(r.Name); ok {
			return resource.Definition().Title
		}
		for _, template := range t.all.Templates() {
			if template.URITemplate() == r.Name {
				return template.Definition().Title
			}
		}
	}
	return ""
}

// description joins what a scope is good for, as far as Auth0 takes it.
func description(uses []string) string {
	const reserve = len("; and 99999 more")
	text := cut(uses[0], maxAuth0Description-reserve)
	for i, use := range uses[1:] {
		next := text + "; " + strings.ToLower(use[:1]) + use[1:]
		if len(next) > maxAuth0Description-reserve {
			return text + fmt.Sprintf("; and %d more", len(uses)-1-i)
		}
		text = next
	}
	return text
}

// cut shortens a text to at most limit bytes, at a letter's beginning.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	const dots = "..."
	end := limit - len(dots)
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + dots
}
