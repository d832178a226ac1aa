//go:build !unix

package main

import "syscall"

// childAttr has nothing to ask for here.
func childAttr() *syscall.SysProcAttr { return nil }
