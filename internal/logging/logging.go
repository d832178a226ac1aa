// Package logging owns the process's logger: its level and its form.
package logging

import (
	"io"
	"log/slog"

	"mcp-resource-server/internal/faults"
)

// Config is the log section of the configuration.
type Config struct {
	// The least severe level that is logged: debug, info, warn or error.
	// No level ever logs a token, a claim's value or a secret.
	Level string `mapstructure:"level"`
	// The form of a log line: json (one object a line) or text (key=value).
	Format string `mapstructure:"format"`
}

// DefaultConfig returns the settings that hold where nothing is configured.
func DefaultConfig() Config {
	return Config{Level: "info", Format: "json"}
}

// Validate returns what is wrong with c, by key.
func (c Config) Validate() faults.List {
	var l faults.List
	if _, ok := levels[c.Level]; !ok {
		l.Add("level", "must be debug, info, warn or error")
	}
	if c.Format != "json" && c.Format != "text" {
		l.Add("format", "must be json or text")
	}
	return l
}

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug,
	"info":  slog.LevelInfo,
	"warn":  slog.LevelWarn,
	"error": slog.LevelError,
}

// New returns a logger that writes to w as c says. c must be valid.
func New(w io.Writer, c Config) *slog.Logger {
	opts := &slog.HandlerOptions{Level: levels[c.Level], ReplaceAttr: readable}
	if c.Format == "text" {
		return slog.New(slog.NewTextHandler(w, opts))
	}
	return slog.New(slog.NewJSONHandler(w, opts))
}

// readable writes a duration as "1.5s" in both forms; in JSON it would be a bare
// number of nanoseconds.
func readable(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}
