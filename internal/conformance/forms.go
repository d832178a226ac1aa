package conformance

// The forms that people are asked to fill in. The suite compares the defaults (scenario
// elicitation-sep1034-defaults) and the kinds of choices (elicitation-sep1330-enums).
const (
	accountForm = `{
		"type": "object",
		"properties": {
			"username": {"type": "string", "description": "the name of the account"},
			"email": {"type": "string", "description": "where its owner is written to"}
		},
		"required": ["username"]
	}`
	defaultsForm = `{
		"type": "object",
		"properties": {
			"name": {"type": "string", "default": "John Doe"},
			"age": {"type": "integer", "default": 30},
			"score": {"type": "number", "default": 95.5},
			"status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
			"verified": {"type": "boolean", "default": true}
		}
	}`
	choicesForm = `{
		"type": "object",
		"properties": {
			"untitledSingle": {"type": "string", "enum": ["option1", "option2", "option3"]},
			"titledSingle": {"type": "string", "oneOf": [
				{"const": "value1", "title": "The first"},
				{"const": "value2", "title": "The second"},
				{"const": "value3", "title": "The third"}
			]},
			"legacyEnum": {"type": "string", "enum": ["opt1", "opt2", "opt3"], "enumNames": ["One", "Two", "Three"]},
			"untitledMulti": {"type": "array", "items": {"type": "string", "enum": ["option1", "option2", "option3"]}},
			"titledMulti": {"type": "array", "items": {"anyOf": [
				{"const": "value1", "title": "The first"},
				{"const": "value2", "title": "The second"},
				{"const": "value3", "title": "The third"}
			]}}
		}
	}`
	nameForm    = `{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}`
	colorForm   = `{"type": "object", "properties": {"color": {"type": "string"}}, "required": ["color"]}`
	consentForm = `{"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}`
	contextForm = `{"type": "object", "properties": {"context": {"type": "string"}}, "required": ["context"]}`
)
