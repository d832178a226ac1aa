package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"mcp-resource-server/internal/places"
)

// maxCityRunes is more than any name of a place has, and less than a speech.
const maxCityRunes = 100

// PlanMeeting returns the prompt plan_meeting, which has a model look for hours at which
// people in two cities are awake.
func PlanMeeting() Prompt {
	return NewPrompt("plan_meeting", PromptOptions{
		Title:       "Plan a meeting across time zones",
		Description: "Has the model look up the time in two cities with the tool get_time, and propose hours that suit people in both.",
		Arguments: []*mcp.PromptArgument{
			{Name: "city", Title: "City", Description: "where some of the people are", Required: true},
			{Name: "other_city", Title: "Other city", Description: "where the others are", Required: true},
			{Name: "date", Title: "Date", Description: "the day of the meeting, as in 2026-07-28; without it, the next working days"},
		},
		Complete: completeCity,
		Icons:    ownIcon("plan_meeting"),
	}, planMeeting)
}

func planMeeting(_ context.Context, caller Caller, arguments map[string]string) (*mcp.GetPromptResult, error) {
	city, err := cityArgument(arguments, "city")
	if err != nil {
		return nil, err
	}
	other, err := cityArgument(arguments, "other_city")
	if err != nil {
		return nil, err
	}
	day, err := meetingDay(arguments["date"])
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("Propose times for a meeting of one hour %s between people in %q and people in %q.\n\n"+
		"%s If a name is ambiguous, ask me which place I mean. "+
		"Mind that an offset may change before the day of the meeting, where daylight saving time begins or ends.\n\n"+
		"Then propose up to three times between 08:00 and 18:00 in both cities, each with the local time of both. "+
		"If there is none, propose the times that are the least inconvenient, and say for whom.", day, city, other, lookUp(caller))
	return &mcp.GetPromptResult{
		Description: "A meeting between " + city + " and " + other,
		Messages:    []*mcp.PromptMessage{{Role: "user", Content: &mcp.TextContent{Text: text}}},
	}, nil
}

// lookUp says how to find the offsets. The tool may be switched off, or not be for this
// caller: a model that is told to call it would make up what it says.
func lookUp(caller Caller) string {
	isGetTime := func(d Documented) bool { return d.Tool.Name() == "get_time" }
	if caller.Tools != nil && !slices.ContainsFunc(caller.Tools(), isGetTime) {
		return "There is no tool that tells the time: go by what you know of the two time zones, and say so."
	}
	return "Call the tool get_time for each of the two cities: it tells the offset from UTC that holds there now."
}

// cityArgument reads the name of a place. Whether there is such a place is for get_time
// to say.
func cityArgument(arguments map[string]string, name string) (string, error) {
	city := strings.TrimSpace(arguments[name])
	switch {
	case city == "":
		return "", Errorf("%s is empty", name)
	case utf8.RuneCountInString(city) > maxCityRunes:
		return "", Errorf("%s is longer than %d characters", name, maxCityRunes)
	case strings.ContainsFunc(city, unicode.IsControl):
		return "", Errorf("%s has a control character", name)
	}
	return city, nil
}

func meetingDay(date string) (string, error) {
	if date = strings.TrimSpace(date); date == "" {
		return "on one of the next working days", nil
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return "", Errorf("date must be as in 2026-07-28")
	}
	return day.Format("on Monday, 2 January 2006,"), nil
}

func completeCity(_ context.Context, _ Caller, argument, value string, _ map[string]string) ([]string, error) {
	if argument == "date" {
		return nil, nil
	}
	var names []string
	for _, p := range places.Load().Complete(value, MaxCompletions+1) { // with one beyond, it is told of more
		names = append(names, p.String())
	}
	return names, nil
}
