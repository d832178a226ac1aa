package conformance

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// The names of the questions are the suite's.
const (
	askName     = "user_name"
	askGreeting = "greeting"
	askRoots    = "client_roots"
	askConsent  = "confirm"
)

// roundTools are those of "Multi Round-Trip Requests" (MCP 2026-07-28). They ask as any
// tool does.
func roundTools() []tools.Tool {
	round := func(name, title string, handler func(context.Context, tools.Caller, none) ([]mcp.Content, error)) tools.Tool {
		return tools.DefineContent("test_input_required_result_"+name, tools.Options{Title: title, Description: title + ", then answers."}, handler)
	}
	return []tools.Tool{
		round("elicitation", "Asks for a name", greeted),
		round("sampling", "Asks the model", func(ctx context.Context, c tools.Caller, _ none) ([]mcp.Content, error) {
			return sampled(ctx, c, "capital_question", "Which city is the capital of France?")
		}),
		round("list_roots", "Asks for the roots", rooted),
		round("request_state", "Asks for consent to an order", ordered),
		round("tampered_state", "Asks for consent to another order", ordered),
		round("multiple_inputs", "Asks for three things at once", threefold),
		round("multi_round", "Asks twice", twice),
		round("capabilities", "Asks for what the client can answer", able),
	}
}

func greeted(ctx context.Context, c tools.Caller, _ none) ([]mcp.Content, error) {
	name, err := filled(ctx, c, askName, "What is your name?", nameForm, "name")
	if err != nil {
		return nil, err
	}
	return textf("Good day, %v!", name), nil
}

func rooted(ctx context.Context, c tools.Caller, _ none) ([]mcp.Content, error) {
	answer, err := c.Roots(ctx, askRoots)
	if err != nil {
		return nil, err
	}
	var uris []string
	for _, r := range answer.Roots {
		uris = append(uris, r.URI)
	}
	return textf("%d roots: %q", len(uris), uris), nil
}

// ordered makes an order once, however often the client has to be asked about it. The
// suite looks for the words "state-ok".
func ordered(ctx context.Context, c tools.Caller, _ none) ([]mcp.Content, error) {
	order, err := tools.Once(ctx, c, "order", func() (string, error) { return rand.Text(), nil })
	if err != nil {
		return nil, err
	}
	consent, err := filled(ctx, c, askConsent, "Shall the order be placed?", consentForm, "ok")
	if err != nil {
		return nil, err
	}
	return textf("state-ok: order %s, consent %v", order, consent), nil
}

func threefold(ctx context.Context, c tools.Caller, _ none) ([]mcp.Content, error) {
	answers, err := c.Ask(ctx, questions())
	if err != nil {
		return nil, err
	}
	return textf("%d answers", len(answers)), nil
}

func twice(ctx context.Context, c tools.Caller, _ none) ([]mcp.Content, error) {
	name, err := filled(ctx, c, "step1", "What is your name?", nameForm, "name")
	if err != nil {
		return nil, err
	}
	color, err := filled(ctx, c, "step2", fmt.Sprintf("Which colour do you like, %v?", name), colorForm, "color")
	if err != nil {
		return nil, err
	}
	return textf("%v likes %v", name, color), nil
}

// able leaves out what the client cannot answer.
func able(ctx context.Context, c tools.Caller, _ none) ([]mcp.Content, error) {
	asked := questions()
	for name, q := range asked {
		if !c.Supports(q) {
			delete(asked, name)
		}
	}
	if len(asked) == 0 {
		return text("there is nothing that the client could be asked"), nil
	}
	answers, err := c.Ask(ctx, asked)
	if err != nil {
		return nil, err
	}
	return textf("%d answers", len(answers)), nil
}

// questions are one of each kind.
func questions() mcp.InputRequestMap {
	return mcp.InputRequestMap{
		askName:     asking("What is your name?", nameForm),
		askGreeting: saying("Greet somebody, in three words."),
		askRoots:    &mcp.ListRootsParams{},
	}
}

// filled has one field of a form filled in. A person who will not is an error that the
// caller is told.
func filled(ctx context.Context, c tools.Caller, name, message, form, field string) (any, error) {
	answer, err := c.Elicit(ctx, name, asking(message, form))
	if err != nil {
		return nil, err
	}
	if answer.Action != "accept" {
		return nil, tools.Errorf("the person chose to %s", answer.Action)
	}
	return answer.Content[field], nil
}
