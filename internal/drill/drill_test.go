package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// smallPlan is the short drill with fewer calls, and with the bound on latency.
func smallPlan() plan {
	p := newPlan(options{short: true, calls: 10, junk: 30, hang: shortHang, pairs: 2})
	p.judgeLatency = true
	return p
}

func failed(r report) []string {
	names := []string{}
	for _, b := range r.Bounds {
		if !b.Held {
			names = append(names, b.Name)
		}
	}
	return names
}

// Each fault of the server fails the bounds that it breaks, and no other. The first
// row is everybody's twin.
func TestDrill(t *testing.T) {
	const (
		calls      = "no valid call is refused"
		revocation = "a revoked key stops within one refresh"
		outage     = "the outage was felt"
		hang       = "every hang was felt"
		passedOn   = "junk is not passed on to the issuer"
		junk       = "junk gets 401 or 503"
		latency    = "a storm does not slow valid calls down"
		memory     = "junk is not remembered"
	)
	for _, tt := range []struct {
		name   string
		faults faults
		failed []string
	}{
		{"all is well", faults{}, []string{}},
		{"a key that was never fetched is refused", faults{neverForces: true}, []string{calls, revocation}},
		{"a key that is still published is forgotten", faults{dropsPrevious: true}, []string{calls, revocation}},
		{"a revoked key is kept", faults{keepsKeys: true}, []string{revocation}},
		{"keys are fetched only once", faults{neverAsks: true}, []string{calls, revocation, outage, hang}},
		{"each unknown key id is a fetch", faults{forcesAlways: true}, []string{passedOn}},
		{"junk is accepted", faults{acceptsJunk: true}, []string{junk}},
		{"junk gets a 500", faults{junkStatus: http.StatusInternalServerError}, []string{junk}},
		{"a storm slows down, by less than is allowed", faults{slowedBy: 1900 * time.Microsecond}, []string{}},
		{"a storm slows down", faults{slowedBy: 2100 * time.Microsecond}, []string{latency}},
		{"every call waits for three seconds, and the junk's sender does not", faults{late: 3 * time.Second}, []string{junk}},
		{"junk is remembered", faults{remembers: true}, []string{memory}},
		{"a result now and then is another call's", faults{wrongResults: true}, []string{calls}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := smallPlan()
				if tt.faults.forcesAlways {
					p.cooldown = time.Minute // so that little is allowed
				}
				d := newWorld(p, tt.faults).drill()
				if err := d.run(t.Context()); err != nil {
					t.Fatal(err)
				}
				r := d.report("")
				if got := failed(r); !slices.Equal(got, tt.failed) {
					t.Errorf("failed: %q, want %q\n%s", got, tt.failed, r.text())
				}
				if r.Held != (len(tt.failed) == 0) {
					t.Errorf("held: %v", r.Held)
				}
			})
		})
	}
}

// The load is there all the time, whatever else happens, and nobody waits for it.
func TestDrillLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := smallPlan()
		d := newWorld(p, faults{}).drill()
		begin := time.Now()
		if err := d.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took.Round(time.Second) != p.total().Round(time.Second) {
			t.Errorf("it took %v, and the plan says %v", took, p.total())
		}
		r := d.report("")
		for _, row := range r.Phases {
			if want := int(row.Seconds * float64(p.calls)); row.Sent < want-2 || row.Sent > want+2 {
				t.Errorf("%s: %d calls in %v s, want about %d", row.Name, row.Sent, row.Seconds, want)
			}
		}
		want := []string{
			"warm-up", "rotation", "unseen key", "revocation", "outage", "recovery",
			"pauses", "quiet 1", "storm 1", "quiet 2", "storm 2",
		}
		var got []string
		for _, row := range r.Phases {
			got = append(got, row.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("phases %q, want %q", got, want)
		}
		if sent := 2 * int(p.hang.Seconds()) * p.junk; r.Junk.Sent < sent-2 || r.Junk.Sent > sent+2 {
			t.Errorf("%d junk tokens, want about %d", r.Junk.Sent, sent)
		}
		if got, want := r.phase("unseen key").Fetches.Token, 2; got != want {
			t.Errorf("%d tokens of the new key, want %d", got, want)
		}
	})
}

// The keys that nobody has fetched are those of the phases that say so.
func TestDrillUnseen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newWorld(smallPlan(), faults{neverForces: true}).drill()
		if err := d.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		r := d.report("")
		for _, row := range r.Phases {
			unseen := row.Name == "unseen key" || row.Name == "recovery"
			if (row.refusals() > 0) != unseen {
				t.Errorf("%s: refused %v", row.Name, row.Refused)
			}
		}
	})
}

// A call that begins late is late by that, too.
func TestDrillCallsCountFromWhenTheyWereDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newWorld(smallPlan(), faults{}).drill()
		if err := d.begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.call(t.Context(), 1, time.Now().Add(-250*time.Millisecond))
		d.calls.settle()
		row := d.chronicle.reports()[0]
		if row.Sent != 1 || row.refusals() != 0 || row.Max != 251 {
			t.Errorf("%+v", row)
		}
	})
}

// What began before is waited for, and no more.
func TestInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls inFlight
		calls.settle() // with none, at once
		start := time.Now()
		begin := func(lasts time.Duration) {
			calls.begin(func() token { return token{kid: "key"} }, func(with token) {
				if with.kid != "key" {
					t.Errorf("with %+v", with)
				}
				time.Sleep(lasts) // of the bubble
			})
		}
		begin(time.Second)
		begin(3 * time.Second)
		time.AfterFunc(time.Second, func() { begin(time.Minute) })
		calls.settle()
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("it took %v", took)
		}
		calls.settle()
		if took := time.Since(start); took != time.Minute+time.Second {
			t.Errorf("the last one: it took %v", took)
		}
	})
}

// What ends a drill early ends it at once, with its own reason.
func TestDrillEnds(t *testing.T) {
	errOutside := errors.New("outside")
	t.Run("from outside", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d := newWorld(smallPlan(), faults{}).drill()
			ctx, cancel := context.WithCancelCause(t.Context())
			begin := time.Now()
			time.AfterFunc(6*time.Second, func() { cancel(errOutside) })
			if err := d.run(ctx); !errors.Is(err, errOutside) {
				t.Errorf("error %v", err)
			}
			if took := time.Since(begin); took != 6*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	})
	for path, want := range map[string]string{
		"/dev/rotate":  "rotation: the issuer answered POST /dev/rotate with 500",
		"/dev/revoke":  "revocation: the issuer answered POST /dev/revoke with 500",
		"/dev/outage":  "outage: the issuer answered POST /dev/outage with 500",
		"/dev/slow":    "storm 1: the issuer answered POST /dev/slow?delay=8s with 500",
		"/dev/state":   "the issuer answered GET /dev/state with 500",
		"/oauth/token": "the issuer answered POST /oauth/token with 500",
	} {
		t.Run(path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(smallPlan(), faults{})
				w.answers[path] = http.StatusInternalServerError
				err := w.drill().run(t.Context())
				if err == nil || !strings.HasSuffix(err.Error(), want) {
					t.Errorf("error %v, want %q", err, want)
				}
			})
		})
	}
}
