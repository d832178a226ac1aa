package audit

import (
	"mcp-resource-server/internal/faults"
	"mcp-resource-server/internal/namedfile"
)

// Config is the audit section of the configuration: the record of who did what.
type Config struct {
	// Whether each decision is recorded, in a line of JSON.
	Enabled bool `mapstructure:"enabled"`
	// The file that lines are appended to. It may be moved away at any time: the next
	// line makes it anew. Empty: standard output.
	File string `mapstructure:"file"`
	// What is recorded of the caller's sub: none, plain, or hmac (a keyed digest, the
	// same for each line of one subject).
	Subject string `mapstructure:"subject"`
	// A file with the key of hmac: at least 32 bytes.
	HMACKeyFile string `mapstructure:"hmac_key_file"`
}

// The values of audit.subject.
const (
	SubjectNone  = "none"
	SubjectPlain = "plain"
	SubjectHMAC  = "hmac"
)

// DefaultConfig returns the settings that hold where nothing is configured.
func DefaultConfig() Config { return Config{Enabled: true, Subject: SubjectNone} }

// Validate returns what is wrong with c, by key.
func (c Config) Validate() faults.List {
	var l faults.List
	switch c.Subject {
	case SubjectNone, SubjectPlain:
		if c.HMACKeyFile != "" {
			l.Add("hmac_key_file", "is used with subject: hmac alone")
		}
	case SubjectHMAC:
		if c.HMACKeyFile == "" {
			l.Add("hmac_key_file", "is required with subject: hmac")
		}
	default:
		l.Add("subject", "must be %s, %s or %s", SubjectNone, SubjectPlain, SubjectHMAC)
	}
	if err := namedfile.CheckPath(c.HMACKeyFile); err != nil {
		l.Add("hmac_key_file", "%s", err)
	}
	if err := namedfile.CheckPath(c.File); err != nil {
		l.Add("file", "%s", err)
	}
	return l
}
