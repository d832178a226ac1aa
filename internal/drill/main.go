package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// errInterrupted is the cause of an end by a signal.
var errInterrupted = errors.New("interrupted")

// run gives the exit status: 0 if every bound held, 2 for a wrong command line,
// else 1. The report goes to stdout, all else to stderr.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2 // the flag package has said why
	}
	ctx, stop := untilSignal(ctx)
	defer stop()
	r, said, err := conduct(ctx, o, environ, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "drill:", err)
	} else if err = write(stdout, o, r); err != nil {
		fmt.Fprintln(stderr, "drill: writing the report:", err)
	}
	if err == nil && r.Held {
		return 0
	}
	if said != "" && !errors.Is(err, errInterrupted) {
		fmt.Fprintf(stderr, "\nWhat the server wrote to stderr:\n%s", said)
	}
	return 1
}

// untilSignal ends ctx with the first signal. Later ones change nothing: to stop
// the server takes some seconds at most, and it MUST NOT be left behind.
func untilSignal(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		select {
		case <-signals:
			cancel(errInterrupted)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}

func write(w io.Writer, o options, r report) error {
	if o.json {
		return json.NewEncoder(w).Encode(r)
	}
	_, err := io.WriteString(w, r.text())
	return err
}

// narrator tells on w what is being done, and since when.
func narrator(w io.Writer) func(string) {
	begin := time.Now()
	return func(text string) {
		fmt.Fprintf(w, "%4.0f s  %s\n", time.Since(begin).Seconds(), text)
	}
}
