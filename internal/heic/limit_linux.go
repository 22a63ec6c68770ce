package heic

import (
	"errors"
	"os"
	"runtime/debug"
	"syscall"
)

// limitProcess takes from the process what it does not need: more memory than a phone's 48 megapixels take, time after everybody has stopped
// to wait, files. Of memory it bounds what is mapped, not what is reserved, which is what Go does much of.
func limitProcess() error {
	const (
		memory     = 1280 << 20
		cpuSeconds = 60
	)
	// Go's poller opens files of its own when it is first used, which a timer may do at any time, and is too late after this.
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	faults := []error{r.Close(), w.Close()}
	debug.SetMemoryLimit(memory >> 2) // memory that grows is copied: Go shall not wait to throw away what it was
	for resource, most := range map[int]uint64{
		syscall.RLIMIT_DATA: memory, syscall.RLIMIT_CPU: cpuSeconds, syscall.RLIMIT_NOFILE: 0, syscall.RLIMIT_FSIZE: 0, syscall.RLIMIT_CORE: 0,
	} {
		faults = append(faults, syscall.Setrlimit(resource, &syscall.Rlimit{Cur: most, Max: most}))
	}
	return errors.Join(faults...)
}
