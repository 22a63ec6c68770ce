//go:build unix && !linux

package postgres

import "syscall"

// endWithParent has no counterpart here: a server that outlives a killed process is told by its lock and refused by Postgres.
func endWithParent(*syscall.SysProcAttr) {}

// processesIn cannot be known here without further tools.
func processesIn(string) (pids []int, known bool) { return nil, false }
