// Package tools is what the server can do: a flat list of Tool values, one file
// each. A tool declares its input and output as Go types and the scopes that a
// caller needs; the host around it does everything that no tool may forget:
// authorization, validation against the schemas, recovery, and keeping internal
// errors from the caller.
package tools
