package tools_test

import (
	"context"
	"encoding/json"
	"fmt"

	"mcp-resource-server/tools"
)

// What stands between the two marks is shown in docs/adding-a-tool.md as the file
// tools/convert_length.go (see docs_test.go). It stands in a package of its own so
// that whoever tries the guide, word for word, gets no second ConvertLength.

// docs:begin

// ConvertLengthInput is what convert_length takes.
type ConvertLengthInput struct {
	Metres float64 `json:"metres" jsonschema:"a length in metres"`
	Unit   string  `json:"unit" jsonschema:"the unit to convert to: ft, in or yd"`
}

// ConvertLengthOutput is what convert_length gives.
type ConvertLengthOutput struct {
	Value float64 `json:"value" jsonschema:"the length in the unit that was asked for"`
}

// ConvertLength returns the tool convert_length.
func ConvertLength() tools.Tool {
	return tools.Define("convert_length", tools.Options{
		Title:       "Convert a length",
		Description: "Converts a length in metres to feet (ft), inches (in) or yards (yd).",
		Annotations: tools.Annotations{ReadOnly: true, Closed: true},
	}, convertLength)
}

func convertLength(_ context.Context, _ tools.Caller, in ConvertLengthInput) (ConvertLengthOutput, error) {
	metresPerUnit := map[string]float64{"ft": 0.3048, "in": 0.0254, "yd": 0.9144}
	size, known := metresPerUnit[in.Unit]
	if !known {
		return ConvertLengthOutput{}, tools.Errorf("unit must be ft, in or yd")
	}
	return ConvertLengthOutput{Value: in.Metres / size}, nil
}

// docs:end

func ExampleDefine() {
	tool := ConvertLength()
	fmt.Println(tool.Name(), tool.Scopes())
	for _, arguments := range []string{
		`{"metres": 9.144, "unit": "yd"}`,
		`{"metres": 9.144, "unit": "league"}`,
		`{"metres": "9.144", "unit": "yd"}`,
	} {
		result, err := tool.Call(context.Background(), tools.Caller{}, json.RawMessage(arguments))
		if err != nil {
			fmt.Println("for the log:", err)
			continue
		}
		answer, err := json.Marshal(result)
		if err != nil {
			panic(err)
		}
		fmt.Println(string(answer))
	}
	// Output:
	// convert_length [tool:convert_length]
	// {"content":[{"type":"text","text":"{\"value\":10}"}],"structuredContent":{"value":10}}
	// {"content":[{"type":"text","text":"unit must be ft, in or yd"}],"isError":true}
	// {"content":[{"type":"text","text":"invalid arguments: validating root: validating /properties/metres: type: 9.144 has type \"string\", want \"number\""}],"isError":true}
}
