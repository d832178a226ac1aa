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
	// maxBlanks is how many blanks around it are read beside a token.
	maxBlanks = 1 << 10
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
		token, err := p.promptToken(ctx, int(f.Fd()))
		return trimmed(token), err
	}
	token, err := await(ctx, func() (string, error) {
		content, err := io.ReadAll(io.LimitReader(in, maxTokenInput+maxBlanks+1))
		return string(content), err
	})
	if err != nil {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	if len(token) > maxTokenInput+maxBlanks {
		return "", errTokenInput
	}
	return bounded(token)
}

var errTokenInput = fmt.Errorf("more than %d bytes: this is no access token", maxTokenInput)

// trimmed takes off the white space at both ends, and no other: the server never sees
// it either, because it is no part of a header's value (RFC 9110 §5.5). A file or a
// pipe adds line breaks.
func trimmed(token string) string { return strings.Trim(token, " \t\r\n") }

func bounded(input string) (string, error) {
	token := trimmed(input)
	if len(token) > maxTokenInput {
		return "", errTokenInput
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
