package tools

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNameLength bounds a name to be greeted, in characters.
const maxNameLength = 100

// GreetInput is what greet takes.
type GreetInput struct {
	Name string `json:"name" jsonschema:"who is to be greeted, at most 100 characters"`
}

// GreetOutput is what greet gives.
type GreetOutput struct {
	Greeting string `json:"greeting" jsonschema:"the greeting"`
	Caller   string `json:"caller" jsonschema:"who calls, as a claim of the verified access token says"`
	Claim    string `json:"claim" jsonschema:"the claim that says so, such as name, client_id or sub"`
}

// Words says the greeting and who asked for it.
func (o GreetOutput) Words() string {
	return fmt.Sprintf("%s This was asked for by %s (%s of the access token).", o.Greeting, o.Caller, o.Claim)
}

// Greet returns the tool greet.
func Greet() Tool {
	return Define("greet", Options{
		Title:       "Greet",
		Description: "Greets somebody by name, and tells on whose behalf: who the verified access token says is calling.",
		Annotations: Annotations{ReadOnly: true, Closed: true},
		Icons:       ownIcon("greet"),
	}, greet)
}

func greet(_ context.Context, caller Caller, in GreetInput) (GreetOutput, error) {
	name := strings.TrimSpace(in.Name)
	switch {
	case name == "":
		return GreetOutput{}, Errorf("name must not be empty")
	case utf8.RuneCountInString(name) > maxNameLength:
		return GreetOutput{}, Errorf("name must have at most %d characters", maxNameLength)
	case strings.ContainsFunc(name, misleads):
		return GreetOutput{}, Errorf("name must have no control characters")
	case !strings.ContainsFunc(name, visible):
		return GreetOutput{}, Errorf("name must have a character that is seen")
	}
	who, claim := callerName(caller.Principal.Claim, caller.Principal.Subject)
	return GreetOutput{Greeting: "Hello, " + name + "!", Caller: who, Claim: claim}, nil
}

// misleads reports characters that change what stands around them: control characters,
// line and paragraph separators, and those that turn the direction of text.
func misleads(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

func visible(r rune) bool {
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S)
}

// callerName returns the claim that says best who calls: a person's name, then the
// client, then the subject, which every accepted token has. claimed is
// Principal.Claim.
func callerName(claimed func(string) (any, bool), subject string) (value, claim string) {
	for _, claim := range []string{"name", "preferred_username", "email", "client_id", "azp"} {
		// A claim has whatever type its issuer gave it: what is not text is no name.
		v, _ := claimed(claim)
		if s, _ := v.(string); s != "" {
			return s, claim
		}
	}
	return subject, "sub"
}
