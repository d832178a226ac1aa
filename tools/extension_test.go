package tools

import (
	"fmt"
	"strings"
	"testing"
)

func TestExtensionAccepts(t *testing.T) {
	tests := []struct {
		name, arguments, words, unchecked string
	}{
		{"no rules", `{"config":{},"data":[1,"x",null],"action":"process"}`, `Accepted: "process" on 3 items.`, `[]`},
		{"nothing to do it with", `{"config":{},"data":[],"action":"process"}`, `Accepted: "process" on 0 items.`, `[]`},
		{"members that are no rules", `{"config":{"mode":"fast","depth":{"a":1}},"data":[1],"action":"process"}`, `Accepted: "process" on 1 item.`, `["depth","mode"]`},
		{
			"all rules held", `{"config":{"max_items":2,"item_type":"object","required":["id"],"actions":["sync","drop"]},"data":[{"id":1},{"id":null,"x":[]}],"action":"sync"}`,
			`Accepted: "sync" on 2 items.`, `[]`,
		},
		{"as many as allowed", `{"config":{"max_items":1},"data":[1],"action":"process"}`, `Accepted: "process" on 1 item.`, `[]`},
		{"required asks objects only", `{"config":{"required":["id"]},"data":[1,{"id":2}],"action":"process"}`, `Accepted: "process" on 2 items.`, `[]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantSaid(t, Extension(), Caller{}, tt.arguments, tt.words,
				fmt.Sprintf(`{"accepted":true,"summary":%q,"reasons":[],"unchecked":%s}`, tt.words, tt.unchecked))
		})
	}
}

func TestExtensionRefuses(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat("0,", 1001), ",")
	tests := []struct {
		name, arguments string
		want            []ExtensionReason
	}{
		{"no action", `{"config":{},"data":[1],"action":" "}`, []ExtensionReason{{"action", "must not be empty"}}},
		{"another action", `{"config":{"actions":["sync"]},"data":[1],"action":"drop"}`, []ExtensionReason{{"action", "must be one of config.actions"}}},
		{"no action is allowed", `{"config":{"actions":[]},"data":[1],"action":"drop"}`, []ExtensionReason{{"action", "must be one of config.actions"}}},
		{"too many", `{"config":{"max_items":1},"data":[1,2],"action":"a"}`, []ExtensionReason{{"data", "has 2 items, at most 1 are allowed"}}},
		{"too many without a rule", `{"config":{},"data":[` + many + `],"action":"a"}`, []ExtensionReason{{"data", "has 1001 items, at most 1000 are allowed"}}},
		{"another type", `{"config":{"item_type":"number"},"data":[1,"x"],"action":"a"}`, []ExtensionReason{{"data[1]", "is of type string, config.item_type wants number"}}},
		{"members missing", `{"config":{"required":["id","at"]},"data":[{"id":1},{}],"action":"a"}`, []ExtensionReason{
			{"data[0].at", "is missing"}, {"data[1].id", "is missing"}, {"data[1].at", "is missing"},
		}},
		{"rules that are none", `{"config":{"max_items":1.5,"item_type":"date","required":"id","actions":[1]},"data":[],"action":"a"}`, []ExtensionReason{
			{"config.actions", "must be an array of strings"},
			{"config.item_type", "must be string, number, boolean, object or array"},
			{"config.max_items", "must be an integer from 0 to 1000"},
			{"config.required", "must be an array of strings"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			summary := "Not accepted: " + counted(len(tt.want), "reason") + "."
			words := summary
			var reasons []string
			for _, r := range tt.want {
				words += "\n- " + r.Path + ": " + r.Problem
				reasons = append(reasons, fmt.Sprintf(`{"path":%q,"problem":%q}`, r.Path, r.Problem))
			}
			wantSaid(t, Extension(), Caller{}, tt.arguments, words,
				fmt.Sprintf(`{"accepted":false,"summary":%q,"reasons":[%s],"unchecked":[]}`, summary, strings.Join(reasons, ",")))
		})
	}
}

func TestExtensionGivesTwentyReasons(t *testing.T) {
	data := strings.TrimSuffix(strings.Repeat(`"x",`, 21), ",")
	result, err := Extension().Call(t.Context(), Caller{}, raw(`{"config":{"item_type":"number"},"data":[`+data+`],"action":"a"}`))
	if err != nil {
		t.Fatal(err)
	}
	said := texts(t, result)[0]
	if lines := strings.Split(said, "\n"); len(lines) != 21 || lines[0] != "Not accepted: 21 reasons." {
		t.Errorf("%d lines, the first is %q: want a summary of all and 20 reasons", len(lines), lines[0])
	}
}

// An answer stays small whatever it could repeat of a request of megabytes.
func TestExtensionAnswersBriefly(t *testing.T) {
	long := strings.Repeat("é", 1_000_000)
	items := strings.TrimSuffix(strings.Repeat("{},", 1000), ",")
	names := make([]string, 5000)
	for i := range names {
		names[i] = fmt.Sprintf(`"%d"`, i)
	}
	for name, arguments := range map[string]string{
		"a long member":     `{"config":{"required":["` + long + `"]},"data":[` + items + `],"action":"a"}`,
		"many members":      `{"config":{"required":[` + strings.Join(names, ",") + `]},"data":[` + items + `],"action":"a"}`,
		"a long action":     `{"config":{},"data":[],"action":"` + long + `"}`,
		"a long rule":       `{"config":{"` + long + `":1},"data":[],"action":"a"}`,
		"many other rules":  `{"config":{` + strings.Join(names, ":1,") + `:1},"data":[],"action":"a"}`,
		"a long other type": `{"config":{"item_type":"` + long + `"},"data":[],"action":"a"}`,
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Extension().Call(t.Context(), Caller{}, raw(arguments))
			if err != nil {
				t.Fatal(err)
			}
			if got := len(strings.Join(texts(t, result), "")); got > 16<<10 {
				t.Errorf("%d bytes", got)
			}
		})
	}
	t.Run("the twin: 80 characters are repeated", func(t *testing.T) {
		name := strings.Repeat("é", maxExtensionName)
		result, err := Extension().Call(t.Context(), Caller{}, raw(`{"config":{},"data":[],"action":"`+name+`"}`))
		if err != nil || !strings.Contains(texts(t, result)[0], `"`+name+`"`) {
			t.Errorf("%q, %v", texts(t, result), err)
		}
	})
}

// What is not of the form at all is refused before the tool sees it.
func TestExtensionNeedsItsForm(t *testing.T) {
	for name, arguments := range map[string]string{
		"config is an array": `{"config":[],"data":[],"action":"a"}`,
		"data is an object":  `{"config":{},"data":{},"action":"a"}`,
		"action is a number": `{"config":{},"data":[],"action":1}`,
		"data is missing":    `{"config":{},"action":"a"}`,
		"something else":     `{"config":{},"data":[],"action":"a","x":1}`,
		"config is null":     `{"config":null,"data":[],"action":"a"}`,
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Extension().Call(t.Context(), Caller{}, raw(arguments))
			if err != nil {
				t.Fatal(err)
			}
			if text := onlyText(t, result); !result.IsError || !strings.HasPrefix(text, "invalid arguments: ") {
				t.Errorf("IsError = %v, text %q", result.IsError, text)
			}
		})
	}
}
