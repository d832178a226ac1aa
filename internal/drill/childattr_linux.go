package main

import "syscall"

// childAttr keeps Ctrl-C for the drill, which stops the server itself, and makes
// the system stop the server if the drill is killed.
func childAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
