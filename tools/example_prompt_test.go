package tools_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// docs:begin

// AskForALength returns the prompt ask_for_a_length.
func AskForALength() tools.Prompt {
	return tools.NewPrompt("ask_for_a_length", tools.PromptOptions{
		Title:       "Ask for a length",
		Description: "Asks the model to convert a length.",
		Arguments: []*mcp.PromptArgument{
			{Name: "metres", Title: "Metres", Description: "a length in metres", Required: true},
			{Name: "unit", Title: "Unit", Description: "the unit to convert to; feet, where it is left out"},
		},
		Complete: completeUnit,
	}, askForALength)
}

func askForALength(_ context.Context, _ tools.Caller, arguments map[string]string) (*mcp.GetPromptResult, error) {
	unit := arguments["unit"]
	if unit == "" {
		unit = "ft"
	}
	text := fmt.Sprintf("Convert %q m to %q with the tool convert_length.", arguments["metres"], unit)
	return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{{Role: "user", Content: &mcp.TextContent{Text: text}}}}, nil
}

func completeUnit(_ context.Context, _ tools.Caller, argument, value string, _ map[string]string) ([]string, error) {
	var fitting []string
	for _, unit := range []string{"ft", "in", "yd"} {
		if argument == "unit" && strings.HasPrefix(unit, value) {
			fitting = append(fitting, unit)
		}
	}
	return fitting, nil
}

// Units returns the resource docs://units.
func Units() tools.Resource {
	return tools.NewResource("docs://units", tools.ResourceOptions{
		Name: "units", Title: "Units", Description: "The units that convert_length knows.",
		MIMEType: "text/plain",
		Scopes:   []string{"docs:read"},
	}, func(context.Context, tools.Caller) (*mcp.ResourceContents, error) {
		return &mcp.ResourceContents{Text: "ft, in, yd"}, nil
	})
}

// docs:end

func ExampleNewPrompt() {
	prompt := AskForALength()
	fmt.Println(prompt.Name(), prompt.Scopes())
	for _, arguments := range []map[string]string{{"metres": "9"}, {"unit": "yd"}} {
		result, err := prompt.Get(context.Background(), tools.Caller{}, arguments)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(result.Messages[0].Content.(*mcp.TextContent).Text)
	}
	fmt.Println(prompt.Complete(context.Background(), tools.Caller{}, "unit", "y", nil))
	// Output:
	// ask_for_a_length [prompt:ask_for_a_length]
	// Convert "9" m to "ft" with the tool convert_length.
	// an argument that the prompt requires is missing
	// [yd] <nil>
}

func ExampleNewResource() {
	units := Units()
	contents, err := units.Read(context.Background(), tools.Caller{})
	fmt.Println(units.Scopes(), contents.URI, contents.MIMEType, contents.Text, err)
	// Output: [docs:read] docs://units text/plain ft, in, yd <nil>
}
