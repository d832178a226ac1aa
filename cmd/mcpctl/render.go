package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/go-json-experiment/json/jsontext"

	"mcp-resource-server/cmd/mcpctl/ask"
)

// printText writes text that may be anybody's. A terminal gets nothing that would
// move its cursor; a file gets what there is.
func (p *program) printText(text string) error {
	if p.io.outTerminal {
		text = ask.Printable(text)
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return p.write(text)
}

// printJSON writes one value: indented for a terminal, on one line for a program, so
// that several make JSON lines.
func (p *program) printJSON(v jsontext.Value) error {
	return p.write(jsonText(v, p.io.outTerminal) + "\n")
}

func jsonText(v jsontext.Value, indent bool) string {
	v = v.Clone()
	if err := v.Compact(); err == nil && indent {
		return escapeUnprintable(pretty(v, true))
	}
	return escapeUnprintable(string(v))
}

// escapeUnprintable writes the characters that ask.Printable would take out as JSON
// escapes. They stand in strings alone: JSON has no other place for them.
func escapeUnprintable(text string) string {
	if ask.Printable(text) == text {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case ask.Printable(string(r)) == string(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := (r-0x10000)>>10, (r-0x10000)&0x3ff
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+high, 0xdc00+low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// write reports what a full disk would hide. That nobody reads on, as in "| head -1", is
// no news to anybody: only the status tells of it.
func (p *program) write(text string) error {
	p.console.clear()
	if _, err := io.WriteString(p.io.out, text); errors.Is(err, syscall.EPIPE) {
		return quiet(exitOther).because(err)
	} else if err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}
