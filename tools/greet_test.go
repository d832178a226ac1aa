package tools

import (
	"strings"
	"testing"

	"mcp-resource-server/auth"
)

func TestGreet(t *testing.T) {
	caller := Caller{Principal: auth.Principal{Subject: "agent@clients"}}
	tests := []struct {
		name, arguments, greeting string
	}{
		{"a name", `{"name":"Ada"}`, "Hello, Ada!"},
		{"space around it", `{"name":"  Ada Lovelace\n"}`, "Hello, Ada Lovelace!"},
		{"a joiner within a script", `{"name":"می\u200cخواهم"}`, "Hello, می\u200cخواهم!"},
		{"any script", `{"name":"सोनिया"}`, "Hello, सोनिया!"},
		{"100 characters, not bytes", `{"name":"` + strings.Repeat("é", 100) + `"}`, "Hello, " + strings.Repeat("é", 100) + "!"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantSaid(t, Greet(), caller, tt.arguments,
				tt.greeting+" This was asked for by agent@clients (sub of the access token).",
				`{"greeting":"`+tt.greeting+`","caller":"agent@clients","claim":"sub"}`)
		})
	}
}

func TestGreetRefuses(t *testing.T) {
	tests := []struct {
		name, arguments, want string
	}{
		{"no name", `{}`, `invalid arguments: validating root: required: missing properties: ["name"]`},
		{"an empty name", `{"name":""}`, "name must not be empty"},
		{"nothing but space", `{"name":" \t"}`, "name must not be empty"},
		{"101 characters", `{"name":"` + strings.Repeat("é", 101) + `"}`, "name must have at most 100 characters"},
		{"text that turns around", `{"name":"A\u202eB"}`, "name must have no control characters"},
		{"two lines", `{"name":"A\u2028B"}`, "name must have no control characters"},
		{"nothing that is seen", `{"name":"\u200b"}`, "name must have a character that is seen"},
		{"an escape sequence", `{"name":"A\u001b[2J"}`, "name must have no control characters"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantShownError(t, Greet(), tt.arguments, tt.want)
		})
	}
}

func TestCallerName(t *testing.T) {
	tests := []struct {
		name   string
		claims map[string]any
		value  string
		claim  string
	}{
		{"no claim of use", map[string]any{"scope": "x"}, "subject", "sub"},
		{"a machine", map[string]any{"azp": "a"}, "a", "azp"},
		{"both spellings of the client", map[string]any{"azp": "a", "client_id": "c"}, "c", "client_id"},
		{"a person", map[string]any{"azp": "a", "email": "e", "name": "n"}, "n", "name"},
		{"an empty name", map[string]any{"azp": "a", "name": ""}, "a", "azp"},
		{"a name that is no text", map[string]any{"azp": "a", "name": []any{"n"}}, "a", "azp"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			value, claim := callerName(func(name string) (any, bool) { v, ok := tt.claims[name]; return v, ok }, "subject")
			if value != tt.value || claim != tt.claim {
				t.Errorf("got %q (%s), want %q (%s)", value, claim, tt.value, tt.claim)
			}
		})
	}
}
