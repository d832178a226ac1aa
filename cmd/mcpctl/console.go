package main

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"mcp-resource-server/cmd/mcpctl/ask"
)

// console is stderr: what is told beside a command's result. Progress
// notifications and the token side write to it from goroutines of their own.
type console struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool
	color    bool
	verbose  bool
	width    func() int
	drawn    bool // a progress bar stands where the cursor is
	// secrets takes out of a text what nobody may read; nil before there is any.
	secrets func(string) string
}

func newConsole(s stdio, color bool) *console {
	return &console{w: s.err, terminal: s.terminal, color: color, width: s.width}
}

// set takes what only the flags say.
func (c *console) set(verbose, noColor bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.verbose = verbose
	c.color = c.color && !noColor
}

// guard keeps secrets out of all that is told from now on: a server may quote the token
// in whatever it says.
func (c *console) guard(strike func(string) string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secrets = strike
}

// strike is text without secrets. It comes after what takes characters out, which could
// put a token together, and before what cuts, which would leave a piece of one.
func (c *console) strike(text string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.struck(text)
}

// struck is called with mu held.
func (c *console) struck(text string) string {
	if c.secrets == nil {
		return text
	}
	return c.secrets(text)
}

// line makes one printable line of what a server wrote.
func (c *console) line(text string) string { return shorten(c.strike(flat(text)), maxLine) }

// maxBlock bounds what a tool says of its failure.
const maxBlock = 16 << 10

// block makes printable lines of what a server wrote. All but the first are indented: so
// none looks like one of ours.
func (c *console) block(text string) string {
	text = shorten(c.strike(strings.TrimSpace(ask.Printable(text))), maxBlock)
	return strings.ReplaceAll(text, "\n", "\n  ")
}

// note tells what happens, to whoever asked with -v.
func (c *console) note(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.verbose {
		c.print(fmt.Sprintf(format, args...))
	}
}

// warn tells what everybody has to know.
func (c *console) warn(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.print(fmt.Sprintf(format, args...))
}

// fail tells why the program ends, if err is not nil and has words.
func (c *console) fail(err error) {
	if err == nil || err.Error() == "" {
		return
	}
	text := err.Error()
	if exitCode(err) == exitUsage {
		text = c.line(text) // cobra's own take several lines
	}
	prefix := "mcpctl:"
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.color && c.terminal {
		prefix = red + prefix + reset
	}
	c.print(prefix + " " + text)
}

func (c *console) print(text string) {
	c.erase()
	fmt.Fprintln(c.w, c.struck(text))
}

// bar draws text in the place of the bar that stands there.
func (c *console) bar(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.erase()
	fmt.Fprint(c.w, c.struck(text))
	c.drawn = true
}

// clear takes the bar away.
func (c *console) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.erase()
}

func (c *console) erase() {
	if c.drawn {
		fmt.Fprint(c.w, "\r\x1b[K")
		c.drawn = false
	}
}

// Select Graphic Rendition (ECMA-48 §8.3.117).
const (
	bold  = "\x1b[1m"
	red   = "\x1b[31m"
	reset = "\x1b[0m"
)

// silence drops all that would be told.
func (c *console) silence() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.w, c.terminal = io.Discard, false
}
