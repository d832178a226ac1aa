package main

import (
	"context"
	"time"
)

// pace calls begin rate times a second until ctx is done, at times that only the
// clock decides: one that comes late is followed by the next at its own time, so
// that the load does not ease when it is felt. begin gets its number and the time
// at which it was due, and MUST NOT block.
func pace(ctx context.Context, rate int, begin func(n int, due time.Time)) {
	start := time.Now()
	for n := 0; ; n++ {
		due := start.Add(time.Duration(n) * time.Second / time.Duration(rate))
		if waitUntil(ctx, due) != nil {
			return
		}
		begin(n, due)
	}
}

// waitUntil waits for a time, or for ctx, whose cause it returns.
func waitUntil(ctx context.Context, t time.Time) error {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	return context.Cause(ctx)
}
