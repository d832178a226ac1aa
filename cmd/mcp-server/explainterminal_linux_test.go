package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/term"
)

// openTerminal opens a terminal: what is written to user is typed in, and what it
// reads is what the screen shows.
func openTerminal(t *testing.T) (user, terminal *os.File) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { user.Close() })
	var number, unlock int32
	for request, value := range map[uintptr]*int32{syscall.TIOCSPTLCK: &unlock, syscall.TIOCGPTN: &number} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, user.Fd(), request, uintptr(unsafe.Pointer(value))); errno != 0 {
			t.Fatal(errno)
		}
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return user, terminal
}

// silent waits until the terminal has stopped to show what is typed, or has begun to
// again.
func silent(t *testing.T, terminal *os.File, want bool) {
	t.Helper()
	eventually(t, fmt.Sprintf("silent: %v", want), func() bool {
		var state syscall.Termios
		_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, terminal.Fd(), syscall.TCGETS, uintptr(unsafe.Pointer(&state)))
		if errno != 0 {
			t.Fatal(errno)
		}
		return (state.Lflag&syscall.ECHO == 0) == want
	})
}

// prompt asks for a token at a terminal where somebody types.
func prompt(t *testing.T, typed string) (token, screen string, err error) {
	t.Helper()
	user, terminal := openTerminal(t)
	if !term.IsTerminal(int(terminal.Fd())) {
		t.Fatal("this is no terminal")
	}
	var stderr bytes.Buffer
	p := &program{stderr: &stderr}
	done := make(chan struct{})
	go func() {
		defer close(done)
		token, err = p.tokenInput(t.Context(), terminal, nil)
	}()
	silent(t, terminal, true)
	if _, err := user.WriteString(typed); err != nil {
		t.Fatal(err)
	}
	<-done
	silent(t, terminal, false)
	if got := stderr.String(); got != "access token (it is not shown): \n" {
		t.Errorf("stderr %q", got)
	}
	// What follows is shown again: all before it is what was not to be.
	if _, err := terminal.WriteString("END"); err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	for buf := make([]byte, 256); !strings.Contains(shown.String(), "END"); {
		n, err := user.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		shown.Write(buf[:n])
	}
	return token, shown.String(), err
}

// At a terminal the token is asked for, and not shown.
func TestExplainPrompts(t *testing.T) {
	for _, tt := range []struct {
		name, typed, token, err string
	}{
		{"a token", "a.b.c\n", "a.b.c", ""},
		{"with spaces", " a.b.c \n", "a.b.c", ""},
		{"nothing", "\n", "", ""},
		{"as long as a line may be", strings.Repeat("x", 4094) + "\n", strings.Repeat("x", 4094), ""},
		{"longer", strings.Repeat("x", 5000) + "\n", "", "a terminal takes at most 4095 characters in a line: pipe the token in, or redirect a file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			token, screen, err := prompt(t, tt.typed)
			if text := strings.TrimPrefix(fmt.Sprint(err), "<nil>"); token != tt.token || text != tt.err {
				t.Errorf("token of %d bytes, err %q, want %d bytes and %q", len(token), text, len(tt.token), tt.err)
			}
			if screen != "END" {
				t.Errorf("the screen shows %q", screen)
			}
		})
	}
}

// Ctrl-C ends the prompt, and leaves the terminal as it was.
func TestExplainPromptIsInterrupted(t *testing.T) {
	user, terminal := openTerminal(t)
	ctx, interrupt := context.WithCancel(t.Context())
	p := &program{stderr: &bytes.Buffer{}}
	done := make(chan error, 1)
	go func() {
		_, err := p.tokenInput(ctx, terminal, nil)
		done <- err
	}()
	silent(t, terminal, true)
	interrupt()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
	silent(t, terminal, false)
	if _, err := user.WriteString("\n"); err != nil { // the read ends, too
		t.Error(err)
	}
}
