package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"
)

// options are the command line.
type options struct {
	short  bool
	binary string
	calls  int // valid calls a second
	junk   int // junk tokens a second, in a storm
	hang   time.Duration
	pairs  int
	json   bool
}

// What -short puts in the place of the defaults.
const (
	shortHang  = 4 * time.Second
	shortPairs = 1
)

// parseOptions reads the command line. What is wrong with it is told on stderr.
func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("drill", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, "Rotates, revokes, breaks and slows down an issuer under load, and fails if that costs a valid call.\n\n")
		flags.PrintDefaults()
	}
	flags.BoolVar(&o.short, "short", false, "half a minute: one pair, a hang of 4s, and no bound on latency")
	flags.StringVar(&o.binary, "binary", "", "`path` of a server that is built already (default: build ./cmd/mcp-server)")
	flags.IntVar(&o.calls, "calls", 100, "valid calls a second")
	flags.IntVar(&o.junk, "junk", 500, "junk tokens a second while the issuer hangs")
	flags.DurationVar(&o.hang, "hang", 30*time.Second, "how long the issuer hangs in each pair")
	flags.IntVar(&o.pairs, "pairs", 5, "pairs of a quiet time and a storm")
	flags.BoolVar(&o.json, "json", false, "print the report as one JSON object")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	err := o.check(flags.Args())
	if err != nil {
		fmt.Fprintln(stderr, "drill:", err)
		return options{}, err
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if o.short && !given["hang"] {
		o.hang = shortHang
	}
	if o.short && !given["pairs"] {
		o.pairs = shortPairs
	}
	return o, nil
}

var (
	errArguments = errors.New("takes flags only")
	errCalls     = errors.New("-calls: 1 to 1000 a second")
	errJunk      = errors.New("-junk: 1 to 5000 a second")
	errHang      = errors.New("-hang: 1s to 10m")
	errPairs     = errors.New("-pairs: 1 to 100")
)

func (o options) check(arguments []string) error {
	switch {
	case len(arguments) > 0:
		return errArguments
	case o.calls < 1 || o.calls > 1000:
		return errCalls
	case o.junk < 1 || o.junk > 5000:
		return errJunk
	case o.hang < time.Second || o.hang > 10*time.Minute:
		return errHang
	case o.pairs < 1 || o.pairs > 100:
		return errPairs
	default:
		return nil
	}
}
