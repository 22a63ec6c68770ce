package heic

import (
	"errors"
	"runtime/debug"
	"syscall"
	"time"
)

// limitProcess takes from the process what it does not need: more memory than a phone's 48 megapixels take, time after everybody has stopped
// to wait, files. Of memory it bounds what is mapped, not what is reserved, which is what Go does much of.
func limitProcess() error {
	const (
		memory     = 1280 << 20
		cpuSeconds = 60
	)
	time.Sleep(time.Nanosecond)       // the first timer opens files of Go's own, which comes at any time, and is too late after this
	debug.SetMemoryLimit(memory >> 2) // memory that grows is copied: Go shall not wait to throw away what it was
	var faults []error
	for resource, most := range map[int]uint64{
		syscall.RLIMIT_DATA: memory, syscall.RLIMIT_CPU: cpuSeconds, syscall.RLIMIT_NOFILE: 0, syscall.RLIMIT_FSIZE: 0, syscall.RLIMIT_CORE: 0,
	} {
		faults = append(faults, syscall.Setrlimit(resource, &syscall.Rlimit{Cur: most, Max: most}))
	}
	return errors.Join(faults...)
}
