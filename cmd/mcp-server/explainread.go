package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

const (
	// maxTokenInput bounds what is read as a token: more than any header holds.
	maxTokenInput = 64 << 10
	// maxTerminalLine is what a terminal gives as one line at most (N_TTY of Linux);
	// the rest is lost.
	maxTerminalLine = 4095
)

// tokenInput returns the token: the argument, or what stands on in.
func (p *program) tokenInput(ctx context.Context, in io.Reader, args []string) (string, error) {
	if len(args) == 1 && args[0] != "-" {
		fmt.Fprintln(p.stderr, "warning: the token stands in the shell's history and in the list of processes; pipe it in instead")
		return bounded(args[0])
	}
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return p.promptToken(ctx, int(f.Fd()))
	}
	token, err := await(ctx, func() (string, error) {
		content, err := io.ReadAll(io.LimitReader(in, maxTokenInput+2)) // and a line's end
		return string(content), err
	})
	if err != nil {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	return bounded(withoutLineEnd(token))
}

// withoutLineEnd takes off the one line break that echo, a file or a pipe adds.
func withoutLineEnd(s string) string {
	return strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r")
}

func bounded(token string) (string, error) {
	if len(token) > maxTokenInput {
		return "", fmt.Errorf("more than %d bytes: this is no access token", maxTokenInput)
	}
	return token, nil
}

// promptToken reads one line that the terminal does not show.
func (p *program) promptToken(ctx context.Context, terminal int) (string, error) {
	before, err := term.GetState(terminal)
	if err != nil {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	fmt.Fprint(p.stderr, "access token (it is not shown): ")
	token, err := await(ctx, func() (string, error) {
		line, err := term.ReadPassword(terminal)
		return string(line), err
	})
	fmt.Fprintln(p.stderr)
	switch {
	case ctx.Err() != nil: // the read goes on, and must not leave the terminal silent
		_ = term.Restore(terminal, before)
		return "", err
	case err != nil:
		return "", fmt.Errorf("reading the token: %w", err)
	case len(token) >= maxTerminalLine:
		return "", fmt.Errorf("a terminal takes at most %d characters in a line: pipe the token in, or redirect a file", maxTerminalLine)
	}
	return token, nil
}

// await ends with ctx, also where the read does not.
func await(ctx context.Context, read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := read()
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
