package tools

import (
	"net/http"
	"time"
)

// Deps are the things of the process that tools need and no configuration holds.
type Deps struct {
	// Now is the clock, in the server's own time zone.
	Now func() time.Time
	// HTTP sends the requests of tools that ask other services. It MUST NOT follow
	// redirects: a key would go along.
	HTTP *http.Client
}

// AllPrompts returns every prompt of this server. A new prompt is one new file and one
// line here.
func AllPrompts() []Prompt { return []Prompt{PlanMeeting()} }

// AllResources returns every resource of this server. A new resource is one new file
// and one line here.
func AllResources() []Resource { return []Resource{DocsTools()} }

// AllTemplates returns every template of resources of this server. A new template is
// one new file and one line here.
func AllTemplates() []Template { return nil }

// All returns every tool of this server. c must be valid. A new tool is one new
// file and one line here.
func All(c Config, d Deps) []Tool {
	return []Tool{
		CalculateBMI(),
		Extension(),
		GetTime(d),
		GetWeather(c.Weather, d),
		Greet(),
		WhoAmI(),
	}
}
