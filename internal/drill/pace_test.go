package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestPace(t *testing.T) {
	for _, tt := range []struct {
		name string
		rate int
		runs time.Duration
		want int
	}{
		{"one a second", 1, 2500 * time.Millisecond, 3},
		{"a hundred a second", 100, 995 * time.Millisecond, 100},
		{"a rate that no millisecond fits", 3, 999 * time.Millisecond, 3},
		{"for an hour, without drift", 7, time.Hour - time.Millisecond, 7 * 3600},
		{"not at all", 100, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), tt.runs)
				defer cancel()
				start, begun := time.Now(), 0
				pace(ctx, tt.rate, func(n int, due time.Time) {
					if want := start.Add(time.Duration(n) * time.Second / time.Duration(tt.rate)); !due.Equal(want) || !time.Now().Equal(want) {
						t.Fatalf("number %d was due %v, and began %v after the start", n, due.Sub(start), time.Since(start))
					}
					if n != begun {
						t.Fatalf("number %d after %d others", n, begun)
					}
					begun++
				})
				if begun != tt.want {
					t.Errorf("%d begun, want %d", begun, tt.want)
				}
			})
		})
	}
}

// After a stall what was missed begins at once, each with the time at which it was
// due: a latency that counts from there has the stall in it.
func TestPaceStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 995*time.Millisecond)
		defer cancel()
		start := time.Now()
		var late []time.Duration
		pace(ctx, 10, func(n int, due time.Time) {
			if n == 2 {
				time.Sleep(250 * time.Millisecond) // of the bubble
			}
			late = append(late, time.Since(due))
			if want := time.Duration(n) * 100 * time.Millisecond; due.Sub(start) != want {
				t.Errorf("number %d was due after %v, want %v", n, due.Sub(start), want)
			}
		})
		want := []time.Duration{0, 0, 250, 150, 50, 0, 0, 0, 0, 0}
		if len(late) != len(want) {
			t.Fatalf("%d begun, want %d", len(late), len(want))
		}
		for n := range want {
			if late[n] != want[n]*time.Millisecond {
				t.Errorf("number %d was late by %v, want %v", n, late[n], want[n]*time.Millisecond)
			}
		}
	})
}

func TestWaitUntil(t *testing.T) {
	errOutside := errors.New("outside")
	for _, tt := range []struct {
		name  string
		wait  time.Duration
		ended time.Duration
		took  time.Duration
		want  error
	}{
		{"until the time", time.Second, 2 * time.Second, time.Second, nil},
		{"until the end", 2 * time.Second, time.Second, time.Second, errOutside},
		{"a time that has passed", -time.Second, time.Second, 0, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				time.AfterFunc(tt.ended, func() { cancel(errOutside) })
				start := time.Now()
				if err := waitUntil(ctx, start.Add(tt.wait)); !errors.Is(err, tt.want) {
					t.Errorf("error %v, want %v", err, tt.want)
				}
				if took := time.Since(start); took != tt.took {
					t.Errorf("it took %v, want %v", took, tt.took)
				}
			})
		})
	}
}
