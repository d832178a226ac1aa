package main

import (
	"bytes"
	"errors"
	"flag"
	"strings"
	"testing"
	"time"
)

func TestParseOptions(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want options
		err  error
	}{
		{"nothing", nil, options{calls: 100, junk: 500, hang: 30 * time.Second, pairs: 5}, nil},
		{"short", []string{"-short"}, options{short: true, calls: 100, junk: 500, hang: 4 * time.Second, pairs: 1}, nil},
		{
			"short, but not in everything",
			[]string{"-short", "-hang=30s", "-pairs", "5"},
			options{short: true, calls: 100, junk: 500, hang: 30 * time.Second, pairs: 5},
			nil,
		},
		{
			"all of them",
			[]string{"-binary", "bin/mcp-server", "-calls", "1", "-junk", "2", "-hang", "3s", "-pairs", "4", "-json"},
			options{binary: "bin/mcp-server", calls: 1, junk: 2, hang: 3 * time.Second, pairs: 4, json: true},
			nil,
		},
		{
			"the most",
			[]string{"-calls", "1000", "-junk", "5000", "-hang", "10m", "-pairs", "100"},
			options{calls: 1000, junk: 5000, hang: 10 * time.Minute, pairs: 100},
			nil,
		},
		{"too many calls", []string{"-calls", "1001"}, options{}, errCalls},
		{"no calls", []string{"-calls", "0"}, options{}, errCalls},
		{"too much junk", []string{"-junk", "5001"}, options{}, errJunk},
		{"no junk", []string{"-junk", "0"}, options{}, errJunk},
		{"too long a hang", []string{"-hang", "10m1s"}, options{}, errHang},
		{"too short a hang", []string{"-hang", "999ms"}, options{}, errHang},
		{"too many pairs", []string{"-pairs", "101"}, options{}, errPairs},
		{"no pair", []string{"-pairs", "0"}, options{}, errPairs},
		{"an argument", []string{"short"}, options{}, errArguments},
		{"help", []string{"-h"}, options{}, flag.ErrHelp},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stderr bytes.Buffer
			got, err := parseOptions(tt.args, &stderr)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("%+v, %v; want %+v, %v", got, err, tt.want, tt.err)
			}
			if (stderr.Len() > 0) != (tt.err != nil) {
				t.Errorf("on stderr: %q", stderr.String())
			}
			if err != nil && !errors.Is(err, flag.ErrHelp) && !strings.Contains(stderr.String(), err.Error()) {
				t.Errorf("the reason is not on stderr: %q", stderr.String())
			}
		})
	}
}

// Each plan leaves room for what its phases are about.
func TestPlan(t *testing.T) {
	for name, o := range map[string]options{
		"short": {short: true, calls: 100, junk: 500, hang: shortHang, pairs: shortPairs},
		"full":  {calls: 100, junk: 500, hang: 30 * time.Second, pairs: 5},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlan(o)
			// A refresh falls into each of these, so that a key is published and known
			// before it is used, and an outage and a hang are met.
			for phase, length := range map[string]time.Duration{"rotation": p.rotation, "outage": p.outage, "hang": p.hang} {
				if length <= p.refresh {
					t.Errorf("%s lasts %v, and a refresh comes every %v", phase, length, p.refresh)
				}
			}
			if p.revocation < p.revokedBy()+2*revocationSlack {
				t.Errorf("the revocation lasts %v: nobody sees whether the key comes back", p.revocation)
			}
			if tokenLife/2 < p.outage+p.hang {
				t.Errorf("tokens that live %v do not outlast an outage of %v", tokenLife, p.outage)
			}
			if used := p.warmUp + 2*p.rotation + probedBefore + p.revocation; used > tokenLife {
				t.Errorf("the first tokens expire before it is seen that their key was revoked, after %v", used)
			}
			if o.short && p.total() > 30*time.Second {
				t.Errorf("it takes %v", p.total())
			}
			if p.judgeLatency == o.short {
				t.Errorf("the bound on latency: %v", p.judgeLatency)
			}
		})
	}
}

func TestMostFetches(t *testing.T) {
	p := plan{refresh: 10 * time.Second, cooldown: 5 * time.Second}
	for _, tt := range []struct {
		length time.Duration
		want   int
	}{
		{0, 4 * (1 + 4)},
		{5 * time.Second, 4 * (1 + 5)},
		{9 * time.Second, 4 * (2 + 5)},
		{30 * time.Second, 4 * (4 + 10)},
	} {
		if got := p.mostFetches(tt.length); got != tt.want {
			t.Errorf("in %v: %d, want %d", tt.length, got, tt.want)
		}
	}
}
