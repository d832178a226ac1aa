package main

import "context"

// interruptible does what may wait for somebody else without looking at a context, as
// reading stdin or a named pipe does. When ctx ends it is left to itself, and to the end
// of the process.
func interruptible[T any](ctx context.Context, do func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := do()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
