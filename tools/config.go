package tools

import (
	"slices"
	"strings"

	"mcp-resource-server/internal/faults"
)

// Config is the tools section of the configuration.
type Config struct {
	// The names of the tools that are served. Empty: all.
	Enabled []string `mapstructure:"enabled"`
	// Who is asked for the weather.
	Weather WeatherConfig `mapstructure:"weather"`
}

// DefaultConfig returns the settings that hold where nothing is configured.
func DefaultConfig() Config { return Config{} }

// Validate returns what is wrong with c, by key.
func (c Config) Validate() faults.List {
	var l faults.List
	var names []string
	for _, t := range Everything(DefaultConfig(), Deps{}).Tools {
		names = append(names, t.Name())
	}
	for _, name := range c.Enabled {
		if !slices.Contains(names, name) {
			l.Add("enabled", "%q is not a tool of this server, which has: %s", name, strings.Join(names, ", "))
		}
	}
	l.Under("weather", c.Weather.Validate())
	return l
}
