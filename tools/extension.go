package tools

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

const (
	// maxExtensionItems is the limit where config sets none.
	maxExtensionItems = 1000
	// maxExtensionReasons and maxExtensionRules bound the answer, and the work on it:
	// whoever has a thousand faults mends the first ones first.
	maxExtensionReasons = 20
	maxExtensionRules   = 100
	// maxExtensionName bounds, in characters, what the answer repeats of the request.
	// Twenty reasons, each with a member's name of megabytes, would be an answer a
	// hundred times as large as the request.
	maxExtensionName = 80
)

// ExtensionInput is what extension takes. Config and Data are of any form, as they
// are where a document comes from elsewhere; a tool whose input is known spells it
// out in structs instead.
type ExtensionInput struct {
	Config map[string]any `json:"config" jsonschema:"the rules to hold data and action to; those known are max_items (integer), item_type (string, number, boolean, object or array), required (the members that each object in data must have) and actions (what action may be); other members are left unchecked"`
	Data   []any          `json:"data" jsonschema:"the items that the request is about"`
	Action string         `json:"action" jsonschema:"what is to be done with the items"`
}

// ExtensionOutput is what extension gives.
type ExtensionOutput struct {
	Accepted  bool              `json:"accepted" jsonschema:"whether the request holds to its rules"`
	Summary   string            `json:"summary" jsonschema:"the answer in a sentence"`
	Reasons   []ExtensionReason `json:"reasons" jsonschema:"what is wrong: in config, then in action, then in data; at most 20 reasons"`
	Unchecked []string          `json:"unchecked" jsonschema:"members of config that are no known rule, at most 100"`
}

// ExtensionReason is one thing that is wrong with a request.
type ExtensionReason struct {
	Path    string `json:"path" jsonschema:"where, such as action, config.max_items or data[2].id"`
	Problem string `json:"problem" jsonschema:"what is wrong there"`
}

// Words gives the summary and each reason.
func (o ExtensionOutput) Words() string {
	lines := []string{o.Summary}
	for _, r := range o.Reasons {
		lines = append(lines, fmt.Sprintf("- %s: %s", r.Path, r.Problem))
	}
	return strings.Join(lines, "\n")
}

// Extension returns the tool extension.
func Extension() Tool {
	return Define("extension", Options{
		Title: "Check an extension request",
		Description: "Takes a structured request (config, data, action) and says whether it is accepted, or every reason " +
			"why not. The rules stand in config itself. Nothing is carried out: it is the example of structured input.",
		Annotations: Annotations{ReadOnly: true, Closed: true},
		Icons:       ownIcon("extension"),
	}, extension)
}

func extension(_ context.Context, _ Caller, in ExtensionInput) (ExtensionOutput, error) {
	var check extensionCheck
	rules := check.rules(in.Config)
	check.action(rules, in.Action)
	check.data(rules, in.Data)

	out := ExtensionOutput{Accepted: check.found == 0, Reasons: check.reasons, Unchecked: rules.unknown}
	if out.Accepted {
		out.Summary = fmt.Sprintf("Accepted: %q on %s.", shortened(strings.TrimSpace(in.Action)), counted(len(in.Data), "item"))
		return out, nil
	}
	out.Summary = "Not accepted: " + counted(check.found, "reason") + "."
	return out, nil
}

// shortened bounds what is repeated of the request.
func shortened(s string) string {
	n := 0
	for i := range s {
		if n == maxExtensionName {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// extensionRules are what config asks for.
type extensionRules struct {
	maxItems int
	itemType string   // "": any
	required []string // members of each object
	actions  []string // nil: any
	unknown  []string
}

// extensionCheck collects what is wrong with one request: the first reasons, and how
// many there are.
type extensionCheck struct {
	reasons []ExtensionReason
	found   int
}

func (c *extensionCheck) add(path, format string, args ...any) {
	if c.found++; c.found <= maxExtensionReasons {
		c.reasons = append(c.reasons, ExtensionReason{Path: path, Problem: fmt.Sprintf(format, args...)})
	}
}

func (c *extensionCheck) rules(config map[string]any) extensionRules {
	rules := extensionRules{maxItems: maxExtensionItems}
	for _, name := range slices.Sorted(maps.Keys(config)) {
		value, path := config[name], "config."+name
		switch name {
		case "max_items":
			n, ok := value.(float64)
			if !ok || n != math.Trunc(n) || n < 0 || n > maxExtensionItems {
				c.add(path, "must be an integer from 0 to %d", maxExtensionItems)
				continue
			}
			rules.maxItems = int(n)
		case "item_type":
			s, _ := value.(string)
			if !slices.Contains([]string{"string", "number", "boolean", "object", "array"}, s) {
				c.add(path, "must be string, number, boolean, object or array")
				continue
			}
			rules.itemType = s
		case "required":
			rules.required = c.texts(path, value)
		case "actions":
			rules.actions = c.texts(path, value)
		default:
			if len(rules.unknown) < maxExtensionRules {
				rules.unknown = append(rules.unknown, shortened(name))
			}
		}
	}
	return rules
}

// texts reads a list of texts.
func (c *extensionCheck) texts(path string, value any) []string {
	list, ok := value.([]any)
	texts := make([]string, 0, len(list))
	for _, v := range list {
		s, isText := v.(string)
		ok = ok && isText
		texts = append(texts, s)
	}
	if !ok {
		c.add(path, "must be an array of strings")
		return nil
	}
	if len(texts) > maxExtensionRules {
		c.add(path, "must have at most %d members", maxExtensionRules)
		return nil
	}
	return texts
}

func (c *extensionCheck) action(rules extensionRules, action string) {
	action = strings.TrimSpace(action)
	switch {
	case action == "":
		c.add("action", "must not be empty")
	case rules.actions != nil && !slices.Contains(rules.actions, action):
		c.add("action", "must be one of config.actions")
	}
}

func (c *extensionCheck) data(rules extensionRules, data []any) {
	if len(data) > rules.maxItems {
		c.add("data", "has %s, at most %d are allowed", counted(len(data), "item"), rules.maxItems)
		return // more than was asked for is not looked at
	}
	for i, item := range data {
		path := fmt.Sprintf("data[%d]", i)
		if got := jsonType(item); rules.itemType != "" && got != rules.itemType {
			c.add(path, "is of type %s, config.item_type wants %s", got, rules.itemType)
			continue
		}
		object, isObject := item.(map[string]any)
		for _, member := range rules.required {
			if _, has := object[member]; isObject && !has {
				c.add(path+"."+shortened(member), "is missing")
			}
		}
	}
}

// jsonType names the JSON type of a decoded value.
func jsonType(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	default:
		return "object"
	}
}
