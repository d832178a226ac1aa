package ask

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"

	"github.com/go-json-experiment/json"

	"mcp-resource-server/internal/strictjson"
)

// call is one call that a model asks for. With a fault it MUST NOT be made.
type call struct {
	id        string // the model's, in the protocol that has them
	name      string // as the model gave it, fit for a request
	tool      *tool
	arguments stdjson.RawMessage
	fault     *fault
}

// newCall judges what the model asks for.
func (inv *inventory) newCall(name, arguments string) call {
	t, ok := inv.find(name)
	if !ok {
		c := call{name: plainName(clip(name, maxAlias-len("…"))), arguments: stdjson.RawMessage("{}")}
		c.fault = &fault{what: "a call of a tool that does not exist", detail: fmt.Sprintf("%q", clip(name, maxName))}
		if !validAlias(c.name) {
			c.name = "unknown"
		}
		return c
	}
	c := call{name: t.alias, tool: t}
	c.arguments, c.fault = t.judge([]byte(arguments))
	return c
}

// judge holds arguments to the tool's schema. They come back as they are; with a
// fault an empty object stands for them, because some servers parse the
// arguments in the history and refuse the conversation for ever.
func (t *tool) judge(arguments []byte) (stdjson.RawMessage, *fault) {
	none := stdjson.RawMessage("{}")
	arguments = bytes.TrimSpace(arguments)
	if len(arguments) == 0 || string(arguments) == "null" {
		arguments = none // what models write for a tool without parameters
	}
	wrong := func(what, detail string) (stdjson.RawMessage, *fault) {
		return none, &fault{tool: t.name, what: fmt.Sprintf("arguments for %s that %s", Printable(t.name), what), detail: detail}
	}
	if len(arguments) > maxArguments {
		return wrong("are too long", fmt.Sprintf("%d bytes, at most %d are allowed", len(arguments), maxArguments))
	}
	if _, err := strictjson.Object(arguments, maxDepth); err != nil {
		return wrong("are not one JSON object", err.Error())
	}
	var value any
	if err := json.Unmarshal(arguments, &value); err != nil {
		return wrong("hold a number that is too large", "")
	}
	if t.schema == nil {
		return arguments, nil
	}
	if err := t.schema.Validate(value); err != nil {
		return wrong("do not hold to its schema", err.Error())
	}
	return arguments, nil
}
