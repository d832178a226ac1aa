package fakemodel

import (
	stdjson "encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// schema is what filling in arguments needs of a JSON schema.
type schema struct {
	Properties map[string]property `json:"properties"`
	Required   []string            `json:"required"`
}

type property struct {
	Type jsontext.Value   `json:"type"` // text, or a list of texts
	Enum []jsontext.Value `json:"enum"`
}

// fill makes the arguments that a question holds for a schema: a place, a name,
// numbers, a word that the schema lists. A JSON object in the question is taken
// as it is. missing names a required property of which the question says nothing.
func fill(parameters stdjson.RawMessage, question string) (arguments stdjson.RawMessage, missing string) {
	if object := objectIn(question); object != nil {
		return object, ""
	}
	var s schema
	if len(parameters) > 0 {
		if err := json.Unmarshal(parameters, &s); err != nil {
			return stdjson.RawMessage("{}"), "" // not a schema to go by
		}
	}
	f := filler{schema: s, question: question, numbers: numbersIn(question), place: placeIn(question)}
	values := map[string]any{}
	for _, name := range f.order() {
		value, ok := f.value(name)
		if ok {
			values[name] = value
		} else if slices.Contains(s.Required, name) {
			return nil, name
		}
	}
	out, err := json.Marshal(values, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return stdjson.RawMessage("{}"), ""
	}
	return stdjson.RawMessage(out), ""
}

func objectIn(question string) stdjson.RawMessage {
	first, last := strings.IndexByte(question, '{'), strings.LastIndexByte(question, '}')
	if first < 0 || last < first {
		return nil
	}
	object := jsontext.Value(question[first : last+1])
	if !object.IsValid() {
		return nil
	}
	return stdjson.RawMessage(object)
}

// filler hands out what the question holds, each piece once.
type filler struct {
	schema   schema
	question string
	numbers  []number
	place    string
}

// order has the required properties first, in the schema's order.
func (f *filler) order() []string {
	order := slices.Clone(f.schema.Required)
	var others []string
	for name := range f.schema.Properties {
		if !slices.Contains(order, name) {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	return append(order, others...)
}

func (f *filler) value(name string) (any, bool) {
	p := f.schema.Properties[name]
	if value, ok := f.listed(p); ok || len(p.Enum) > 0 {
		return value, ok
	}
	switch {
	case p.is("number"), p.is("integer"):
		return f.number(name)
	case p.is("string"):
		return f.text(name)
	}
	return nil, false
}

func (p property) is(kind string) bool {
	return strings.Contains(string(p.Type), `"`+kind+`"`)
}

// listed finds a value of the schema's own list in the question.
func (f *filler) listed(p property) (any, bool) {
	for _, value := range p.Enum {
		var text string
		if err := json.Unmarshal(value, &text); err == nil && slices.Contains(words(f.question), strings.ToLower(text)) {
			return text, true
		}
	}
	return nil, false
}

// text finds a property's text by the property's name.
func (f *filler) text(name string) (any, bool) {
	switch strings.ToLower(name) {
	case "timezone", "time_zone", "zone", "tz":
		if strings.Contains(f.place, "/") {
			return f.takePlace()
		}
	case "city", "location", "place", "town", "where":
		if _, zone := f.schema.Properties["timezone"]; !zone || !strings.Contains(f.place, "/") {
			return f.takePlace()
		}
	case "name", "person", "who":
		return nameIn(f.question)
	default:
		if slices.Contains(f.schema.Required, name) {
			return quotedIn(f.question)
		}
	}
	return nil, false
}

func (f *filler) takePlace() (any, bool) {
	place := f.place
	f.place = ""
	return place, place != ""
}

// number takes the number with the property's unit (weight_kg: "70 kg"), or the
// next one.
func (f *filler) number(name string) (any, bool) {
	if len(f.numbers) == 0 {
		return nil, false
	}
	unit := name[strings.LastIndexByte(name, '_')+1:]
	i := max(0, slices.IndexFunc(f.numbers, func(n number) bool { return strings.EqualFold(n.unit, unit) }))
	value := f.numbers[i].value
	f.numbers = slices.Delete(f.numbers, i, i+1)
	return value, true
}

// number is a number of the question as it was written, and the word behind it.
type number struct {
	value jsontext.Value
	unit  string
}

var numberPattern = regexp.MustCompile(`(?:^|[^\w.])(-?(?:0|[1-9]\d*)(?:\.\d+)?)\s?([a-zA-Z]*)`)

func numbersIn(question string) []number {
	var found []number
	for _, m := range numberPattern.FindAllStringSubmatch(question, -1) {
		found = append(found, number{value: jsontext.Value(m[1]), unit: m[2]})
	}
	return found
}
