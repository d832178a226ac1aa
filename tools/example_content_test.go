package tools_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// docs:begin

// ShowGreyInput is what show_grey takes.
type ShowGreyInput struct {
	Level int `json:"level" jsonschema:"how light, from 0 (black) to 255 (white)"`
}

// ShowGrey returns the tool show_grey.
func ShowGrey() tools.Tool {
	return tools.DefineContent("show_grey", tools.Options{
		Title:       "Show a grey",
		Description: "Draws a square of 64 by 64 pixels in a shade of grey.",
		Annotations: tools.Annotations{ReadOnly: true, Closed: true},
	}, showGrey)
}

func showGrey(_ context.Context, _ tools.Caller, in ShowGreyInput) ([]mcp.Content, error) {
	if in.Level < 0 || in.Level > 255 {
		return nil, tools.Errorf("level must be from 0 to 255")
	}
	square := image.NewGray(image.Rect(0, 0, 64, 64))
	draw.Draw(square, square.Bounds(), image.NewUniform(color.Gray{Y: uint8(in.Level)}), image.Point{}, draw.Src)
	var data bytes.Buffer
	if err := png.Encode(&data, square); err != nil {
		return nil, fmt.Errorf("drawing: %w", err)
	}
	return []mcp.Content{
		&mcp.TextContent{Text: fmt.Sprintf("A square in grey %d.", in.Level)},
		&mcp.ImageContent{Data: data.Bytes(), MIMEType: "image/png"},
	}, nil
}

// docs:end

func ExampleDefineContent() {
	tool := ShowGrey()
	for _, arguments := range []string{`{"level":128}`, `{"level":256}`} {
		result, err := tool.Call(context.Background(), tools.Caller{}, json.RawMessage(arguments))
		fmt.Println(len(result.Content), text(result), err)
	}
	// Output:
	// 2 A square in grey 128. <nil>
	// 1 level must be from 0 to 255 <nil>
}
