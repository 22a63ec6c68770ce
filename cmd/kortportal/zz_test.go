package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"kortportal/web/view"
)

func cpu() string {
	out, _ := exec.Command("sh", "-c", "ps -eo time,comm --sort=-time | grep -c chromium; cat /proc/loadavg").Output()
	return strings.ReplaceAll(string(out), "\n", " ")
}

func TestZZ(t *testing.T) {
	_ = os.Getpid
	base := started(t, "the gallery is ready", environment(), "gallery", "--addr", "127.0.0.1:0")
	s := newScreen(t, base)
	s.open("/sv/login")
	pages := view.Gallery()
	var sum [6]time.Duration
	for _, p := range pages[:40] {
		t0 := time.Now()
		s.swap("/" + string(p.Lang) + "/" + p.Name)
		t1 := time.Now()
		s.colours("light")
		t2 := time.Now()
		s.axe()
		t3 := time.Now()
		s.colours("dark")
		t4 := time.Now()
		s.axe("color-contrast")
		t5 := time.Now()
		s.resize(360)
		s.fits()
		s.resize(1280)
		t6 := time.Now()
		for i, d := range []time.Duration{t1.Sub(t0), t2.Sub(t1), t3.Sub(t2), t4.Sub(t3), t5.Sub(t4), t6.Sub(t5)} {
			sum[i] += d
		}
	}
	t.Log(sum, cpu())
}
