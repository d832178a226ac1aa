package ask

import (
	"bytes"
	"encoding/json"
	"slices"

	"mcp-resource-server/internal/strictjson"
)

// noParameters is the schema of a tool that has none of its own.
const noParameters = `{"type":"object","properties":{}}`

// parameters gives a tool's input schema in the form that a model's API takes,
// which is the schema as it is, but for texts that are not [Printable], and for what
// JSON Schema lets out and OpenAI refuses a whole request for: "type" and
// "properties" of the outermost object. An errHiddenName is one of a tool that MUST
// NOT be offered.
func parameters(schema json.RawMessage) (json.RawMessage, error) {
	schema = bytes.TrimSpace(schema)
	if len(schema) == 0 || string(schema) == "null" {
		return json.RawMessage(noParameters), nil
	}
	members, err := strictjson.Object(schema, maxDepth)
	if err != nil {
		return nil, err
	}
	if len(members) == 0 {
		return json.RawMessage(noParameters), nil
	}
	if schema, err = printableSchema(schema); err != nil {
		return nil, err
	}
	missing := ""
	if _, ok := members["type"]; !ok {
		missing += `"type":"object",`
	}
	if _, ok := members["properties"]; !ok {
		missing += `"properties":{},`
	}
	return slices.Concat([]byte("{"+missing), schema[1:]), nil
}
