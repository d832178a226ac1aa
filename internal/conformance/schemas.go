package conformance

import (
	"context"
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/tools"
)

// wideSchema has of JSON Schema 2020-12 what no Go type has. The suite compares its
// keywords (scenario json-schema-2020-12).
const wideSchema = `{
	"$schema": "https://json-schema.org/draft/2020-12/schema",
	"type": "object",
	"$defs": {
		"address": {
			"$anchor": "addressDef",
			"type": "object",
			"properties": {"street": {"type": "string"}, "city": {"type": "string"}}
		}
	},
	"properties": {
		"name": {"type": "string"},
		"address": {"$ref": "#/$defs/address"},
		"contactMethod": {"type": "string", "enum": ["phone", "email"]},
		"phone": {"type": "string"},
		"email": {"type": "string"}
	},
	"allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
	"if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
	"then": {"required": ["phone"]},
	"else": {"required": ["email"]},
	"additionalProperties": false
}`

// schemaTools are there for their input schemas.
func schemaTools() []tools.Tool {
	return []tools.Tool{
		tools.DefineSchema("json_schema_2020_12_tool",
			tools.Options{Title: "A wide schema", Description: "Takes what a schema with most keywords allows."},
			tools.Schemas{Input: json.RawMessage(wideSchema)},
			func(_ context.Context, _ tools.Caller, arguments json.RawMessage) (tools.Result, error) {
				return tools.Result{Content: textf("the arguments have %d bytes", len(arguments))}, nil
			}),
		tools.DefineContent("test_x_mcp_header", tools.Options{
			Title: "An argument in a header", Description: "Takes an argument that a client repeats in a header.",
			Headers: map[string]string{"region": "Region"},
		}, func(_ context.Context, _ tools.Caller, in regional) ([]mcp.Content, error) {
			return textf("the region is %q", in.Region), nil
		}),
	}
}

type regional struct {
	Region string `json:"region,omitempty" jsonschema:"where; repeated in Mcp-Param-Region"`
	Level  int    `json:"level,omitempty" jsonschema:"how much; in the arguments alone"`
}
