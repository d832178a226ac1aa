package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// progressBoard shows the progress notifications of the calls that asked for them.
type progressBoard struct {
	console *console
	now     func() time.Time

	mu    sync.Mutex
	asked int
	bars  map[string]*progressBar // by progress token
	pace  *pace
}

func newProgressBoard(c *console, now func() time.Time) *progressBoard {
	return &progressBoard{console: c, now: now, pace: newPace(now()), bars: map[string]*progressBar{}}
}

// ask gives a call a progress token. The caller calls done when it has the answer:
// a notification that comes later is not shown.
func (b *progressBoard) ask(params *mcp.CallToolParams) (done func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	token := "mcpctl-" + strconv.Itoa(b.asked)
	params.SetProgressToken(token)
	b.bars[token] = &progressBar{}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.bars, token)
		b.console.clear()
	}
}

// notified is the SDK's handler. What a server says of calls that were not made is
// not shown.
func (b *progressBoard) notified(_ context.Context, req *mcp.ProgressNotificationClientRequest) {
	b.mu.Lock()
	defer b.mu.Unlock()
	token, _ := req.Params.ProgressToken.(string)
	bar := b.bars[token]
	if bar == nil {
		return
	}
	bar.progress, bar.total, bar.message = req.Params.Progress, req.Params.Total, b.console.line(req.Params.Message)
	bar.step++
	text := bar.text()
	if !b.console.terminal && text == bar.told || !b.pace.allows(b.now()) {
		return
	}
	if b.console.terminal {
		b.console.bar(bar.draw(b.console.width()))
	} else {
		b.console.note("%s", text)
		bar.told = text
	}
}

// progressBar is how far one call is.
type progressBar struct {
	progress, total float64
	message         string
	step            int    // how often it was told
	told            string // what was last told in a line
}

// percent is false where no total is known.
func (p *progressBar) percent() (int, bool) {
	if p.total <= 0 {
		return 0, false
	}
	return int(100 * min(max(p.progress/p.total, 0), 1)), true
}

// text is the line for a log.
func (p *progressBar) text() string {
	amount := strconv.FormatFloat(p.progress, 'g', -1, 64)
	if percent, ok := p.percent(); ok {
		amount = fmt.Sprintf("%d %%", percent)
	}
	return strings.TrimSpace(amount + " " + p.message)
}

const (
	barWidth = 20
	spinner  = `|/-\`
	// defaultWidth is a terminal's whose width is not known.
	defaultWidth = 80
)

// draw is what stands on a terminal of so many columns: a bar where the total is
// known, a spinner where it is not.
func (p *progressBar) draw(columns int) string {
	picture := string(spinner[p.step%len(spinner)])
	if percent, ok := p.percent(); ok {
		done := percent * barWidth / 100
		picture = "[" + strings.Repeat("=", done) + strings.Repeat(" ", barWidth-done) + "]"
	}
	if columns <= 0 {
		columns = defaultWidth
	}
	// The last column stays free: some terminals wrap there.
	return fit(picture+" "+p.text(), columns-1)
}
