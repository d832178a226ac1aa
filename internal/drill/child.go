package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

var (
	errEnded  = errors.New("the server ended by itself")
	errKilled = errors.New("the server did not stop when it was told to, and was killed")
)

// build compiles the server into dir.
func build(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "mcp-server")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "mcp-resource-server/cmd/mcp-server").CombinedOutput() //nolint:gosec // a directory of our own
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil:
		return "", fmt.Errorf("building the server: %w\n%s", err, out)
	}
	return binary, nil
}

// child is the server's process.
type child struct {
	process *os.Process
	stderr  *tail
	ended   chan struct{}
	err     error // of Wait, once ended is closed
}

// startChild runs `PATH serve` in dir.
func startChild(path, dir string, environ []string) (*child, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	c := &child{stderr: &tail{}, ended: make(chan struct{})}
	cmd := exec.Command(path, "serve") //nolint:gosec,noctx // it is what -binary names; stop ends it, in order
	cmd.Dir, cmd.Env, cmd.Stderr, cmd.SysProcAttr = dir, environ, c.stderr, childAttr()
	cmd.WaitDelay = time.Second // for a stderr that somebody else holds
	started := make(chan error)
	go func() {
		// The system ends the child when the thread ends that started it: childAttr.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			c.err = cmd.Wait()
			close(c.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	c.process = cmd.Process
	return c, nil
}

// during runs f, with a context that ends when the server does.
func (c *child) during(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-c.ended:
			cancel(errEnded)
		case <-ctx.Done():
		}
	}()
	err := f(ctx)
	if cause := context.Cause(ctx); cause != nil {
		return cause // whatever it made fail
	}
	return err
}

// stop tells the server to end, kills it after the grace, and gives nil where it
// ended in time and with status 0.
func (c *child) stop(grace time.Duration) error {
	select {
	case <-c.ended:
		return fmt.Errorf("%w: %w", errEnded, orDone(c.err))
	default:
	}
	_ = c.process.Signal(syscall.SIGTERM) // where it cannot be sent, the kill follows
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-c.ended:
		return c.err
	case <-timer.C:
	}
	_ = c.process.Kill() // it has ended, or it ends now
	<-c.ended
	return errKilled
}

// errStatus0 stands for the error that a process with exit status 0 does not have.
var errStatus0 = errors.New("exit status 0")

func orDone(err error) error {
	if err == nil {
		return errStatus0
	}
	return err
}

// said is the end of what the server wrote to stderr.
func (c *child) said() string { return c.stderr.String() }

// memory is the server's resident memory in bytes, where there is a /proc.
func (c *child) memory() (int64, bool) {
	status, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(c.process.Pid), "status"))
	if err != nil {
		return 0, false
	}
	return residentBytes(string(status))
}
