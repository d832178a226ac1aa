package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// A call asks for progress and shows it: as a bar on a terminal, as lines with -v, and
// not at all elsewhere.
func TestProgress(t *testing.T) {
	tests := []struct {
		name     string
		terminal bool
		args     []string
		await    string
		last     string // what stderr ends with
	}{
		{"a terminal", true, nil, "[===============     ] 75 % step 3", "\r\x1b[K"},
		{"lines", false, []string{"-v"}, "75 % step 3\n", "75 % step 3\n"},
		{"nobody asked", false, nil, "", ""},
	}
	for _, kind := range []carrierKind{statelessServer, sessionServer, sseServer} {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				w := newWorld(t, kind)
				user := w.user()
				user.terminal, user.width, user.err = tt.terminal, 60, &buffer{}
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				go func() {
					if tt.await != "" && !user.err.await(ctx, tt.await) {
						t.Errorf("stderr %q, want %q in it", user.err.String(), tt.await)
					}
					w.release()
				}()
				got := w.mustRun(t, user, append([]string{"call", "step"}, tt.args...)...)
				if got.out != "done\n" || !strings.HasSuffix(got.err, tt.last) || (tt.last == "" && got.err != "") {
					t.Errorf("stdout %q, stderr %q", got.out, got.err)
				}
				if strings.Contains(got.err, "\x1b[31m") {
					t.Errorf("the server's colours: %q", got.err)
				}
			})
		}
	}
}

func TestProgressBar(t *testing.T) {
	tests := []struct {
		name       string
		bar        progressBar
		columns    int
		draw, text string
	}{
		{"half", progressBar{progress: 2, total: 4, message: "of it"}, 80, "[==========          ] 50 % of it", "50 % of it"},
		{"all", progressBar{progress: 4, total: 4}, 80, "[====================] 100 %", "100 %"},
		{"more than all", progressBar{progress: 9, total: 4}, 80, "[====================] 100 %", "100 %"},
		{"less than nothing", progressBar{progress: -9, total: 4}, 80, "[                    ] 0 %", "0 %"},
		{"who knows of how much", progressBar{progress: 2.5, step: 1, message: "files"}, 80, "/ 2.5 files", "2.5 files"},
		{"a total of nothing", progressBar{progress: 2, total: -1, step: 2}, 80, "- 2", "2"},
		{"a narrow terminal", progressBar{progress: 2, total: 4, message: "a long message"}, 32, "[==========          ] 50 % a…", "50 % a long message"},
		{"a terminal of unknown width", progressBar{progress: 1, message: strings.Repeat("x", 200)}, 0, "| 1 " + strings.Repeat("x", 74) + "…", "1 " + strings.Repeat("x", 200)},
		{"wide characters", progressBar{progress: 1, message: "進捗進捗"}, 10, "| 1 進捗…", "1 進捗進捗"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.bar.draw(tt.columns); got != tt.draw {
				t.Errorf("draw = %q, want %q", got, tt.draw)
			}
			if got := tt.bar.text(); got != tt.text {
				t.Errorf("text = %q, want %q", got, tt.text)
			}
		})
	}
}

// A flood of notifications is thinned out: ten at once, and ten a second.
func TestPace(t *testing.T) {
	start := time.Now()
	p := newPace(start)
	for _, tt := range []struct {
		after time.Duration
		want  int
	}{{0, 10}, {0, 0}, {50 * time.Millisecond, 0}, {110 * time.Millisecond, 1}, {960 * time.Millisecond, 8}, {time.Hour, 10}, {0, 0}} {
		n := 0
		for range 1000 {
			if p.allows(start.Add(tt.after)) {
				n++
			}
		}
		if n != tt.want {
			t.Errorf("%s: %d, want %d", tt.after, n, tt.want)
		}
	}
}

func TestProgressFlood(t *testing.T) {
	out := &buffer{}
	console := newConsole(stdio{err: out}, false)
	console.set(true, false)
	start := time.Now()
	board := newProgressBoard(console, func() time.Time { return start })
	params := &mcp.CallToolParams{}
	defer board.ask(params)()
	for i := range 1000 {
		board.notified(t.Context(), &mcp.ProgressNotificationClientRequest{Params: &mcp.ProgressNotificationParams{
			ProgressToken: params.GetProgressToken(), Progress: float64(i),
		}})
	}
	if got := out.String(); strings.Count(got, "\n") != perSecond || !strings.HasPrefix(got, "0\n1\n") {
		t.Errorf("shown: %q", got)
	}
}

// What a server tells of a call that was not made, or that is over, is not shown.
func TestProgressOfOthers(t *testing.T) {
	out := &buffer{}
	board := newProgressBoard(newConsole(stdio{err: out, terminal: true, width: func() int { return 80 }}, true), time.Now)
	tell := func(token any) {
		board.notified(t.Context(), &mcp.ProgressNotificationClientRequest{Params: &mcp.ProgressNotificationParams{ProgressToken: token, Progress: 1}})
	}
	params := &mcp.CallToolParams{}
	done := board.ask(params)
	for _, other := range []any{"mcpctl-2", 1.0, nil, ""} {
		tell(other)
	}
	if out.String() != "" {
		t.Errorf("shown: %q", out.String())
	}
	tell(params.GetProgressToken())
	if out.String() != "/ 1" {
		t.Errorf("its own: %q", out.String())
	}
	done()
	tell(params.GetProgressToken())
	if out.String() != "/ 1\r\x1b[K" {
		t.Errorf("after the end: %q", out.String())
	}
}
