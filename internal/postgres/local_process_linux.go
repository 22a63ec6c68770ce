package postgres

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// endWithParent lets the kernel ask the server for a fast shutdown when this process dies, however it dies.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }

// processesIn lists the processes whose working directory is the data directory: the server and its children.
func processesIn(data string) (pids []int, known bool) {
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil || len(links) == 0 {
		return nil, false
	}
	for _, link := range links {
		cwd, err := os.Readlink(link)
		if err != nil || cwd != data { // other users' processes cannot be ours
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, true
}
