//go:build unix && !linux

package main

import "syscall"

// childAttr keeps Ctrl-C for the drill, which stops the server itself.
func childAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
