package tools

import (
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func TestPlanMeeting(t *testing.T) {
	long := strings.Repeat("é", maxCityRunes)
	for _, tt := range []struct {
		name              string
		city, other, date string
		says              string // in the message
		text              string // the error
	}{
		{"good", "Nairobi", "São Paulo, Brazil", "", `on one of the next working days between people in "Nairobi" and people in "São Paulo, Brazil".`, ""},
		{"with a date", " Nairobi ", "Lima", " 2026-07-28 ", `on Tuesday, 28 July 2026, between people in "Nairobi" and people in "Lima".`, ""},
		{"a quote", `N"`, "Lima", "", `in "N\"" and`, ""},
		{"the longest", long, "Lima", "", `in "` + long + `" and`, ""},
		{"one too long", long + "e", "Lima", "", "", "city is longer than 100 characters"},
		{"no city", " ", "Lima", "", "", "city is empty"},
		{"no other city", "Lima", "", "", "", "other_city is empty"},
		{"a line break", "Lima", "a\nb", "", "", "other_city has a control character"},
		{"a date that is none", "Lima", "Lima", "28.7.2026", "", "date must be as in 2026-07-28"},
		{"a day that is none", "Lima", "Lima", "2026-02-30", "", "date must be as in 2026-07-28"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			arguments := map[string]string{"city": tt.city, "other_city": tt.other, "date": tt.date}
			result, err := PlanMeeting().Get(t.Context(), Caller{}, arguments)
			if tt.text != "" {
				wantTold(t, err, tt.text, "")
				return
			}
			if err != nil || len(result.Messages) != 1 || result.Messages[0].Role != "user" {
				t.Fatalf("%+v, %v", result, err)
			}
			text := result.Messages[0].Content.(*mcp.TextContent).Text
			if !strings.Contains(text, tt.says) || !strings.Contains(text, "Call the tool get_time for each of the two cities") {
				t.Errorf("it says %q", text)
			}
		})
	}
}

// A caller who is not shown the tool is not told to use it.
func TestPlanMeetingWithoutItsTool(t *testing.T) {
	shown := func(names ...string) func() []Documented {
		var list []Documented
		for _, tool := range shipped().Tools {
			if slices.Contains(names, tool.Name()) {
				list = append(list, Documented{Tool: tool})
			}
		}
		return func() []Documented { return list }
	}
	for _, tt := range []struct {
		name  string
		tools func() []Documented
		says  bool
	}{
		{"it is shown", shown("greet", "get_time"), true},
		{"another one is", shown("greet"), false},
		{"none is", shown(), false},
		{"nobody asks a policy", nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			result, err := PlanMeeting().Get(t.Context(), Caller{Tools: tt.tools}, map[string]string{"city": "Lima", "other_city": "Oslo"})
			if err != nil {
				t.Fatal(err)
			}
			text := result.Messages[0].Content.(*mcp.TextContent).Text
			if got := strings.Contains(text, "get_time"); got != tt.says || strings.Contains(text, "There is no tool") == tt.says {
				t.Errorf("it says %q", text)
			}
		})
	}
}

// What the prompt names is there: a tool, and places that this tool finds.
func TestPlanMeetingCompletes(t *testing.T) {
	if !slices.ContainsFunc(everything().Tools, func(tool Tool) bool { return tool.Name() == "get_time" }) {
		t.Error("there is no tool get_time")
	}
	for _, tt := range []struct {
		argument, value string
		first           string
		count           int
	}{
		{"city", "Nair", "Nairobi, Nairobi Area, Kenya", 1},
		{"other_city", "san", "Saint Petersburg, Russia", MaxCompletions + 1},
		{"other_city", "", "Shanghai, China", MaxCompletions + 1},
		{"city", "xqxq", "", 0},
		{"date", "2026", "", 0},
	} {
		t.Run(tt.argument+" "+tt.value, func(t *testing.T) {
			got, err := PlanMeeting().Complete(t.Context(), Caller{}, tt.argument, tt.value, map[string]string{"city": "Lima"})
			if err != nil || len(got) != tt.count || tt.count > 0 && got[0] != tt.first {
				t.Errorf("%d proposals, the first of %.100q, %v", len(got), got, err)
			}
		})
	}
}

func TestPromptsInventory(t *testing.T) {
	for _, p := range everything().Prompts {
		d := p.Definition()
		for _, a := range d.Arguments {
			if a.Title == "" || a.Description == "" {
				t.Errorf("%s: %s has title %q, description %q: both are needed", d.Name, a.Name, a.Title, a.Description)
			}
		}
		if len(p.Scopes()) == 0 {
			t.Errorf("%s: no scope: whoever has a token may use it", d.Name)
		}
	}
	if got, want := PlanMeeting().Scopes(), []string{"prompt:plan_meeting"}; !slices.Equal(got, want) {
		t.Errorf("scopes = %q, want %q", got, want)
	}
}
