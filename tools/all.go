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

// Everything returns all that this server has. c must be valid. A new tool, prompt,
// resource or template of resources is one new file and one line here.
func Everything(c Config, d Deps) Inventory {
	return Inventory{
		Tools: []Tool{
			CalculateBMI(),
			Extension(),
			GetTime(d),
			GetWeather(c.Weather, d),
			Greet(),
			WhoAmI(),
		},
		Prompts: []Prompt{
			PlanMeeting(),
		},
		Resources: []Resource{
			DocsTools(),
		},
		Templates: []Template{},
	}
}
