package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// printReport writes the tables as Markdown, for docs/performance.md.
func printReport(w io.Writer, s settings, results []result) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d cores, %s, %s. Each figure: %s, in turns of a second; %d connections for requests per second and CPU.\n",
		time.Now().Format(time.DateOnly), runtime.NumCPU(), cpuModel(), runtime.Version(), s.time(), s.clients)
	first := map[string]line{}
	for _, r := range results {
		fmt.Fprintf(&b, "\n## %s cards\n\n", thousands(r.cards))
		fmt.Fprintf(&b, "Database %s", r.size)
		if r.loadTook > 0 {
			fmt.Fprintf(&b, ", loaded in %s", r.loadTook.Round(time.Second))
		}
		fmt.Fprintf(&b, ". Server: first answer after %s, at most %d MB of memory. The largest company has %s cards; its first page is %.1f kB on the wire.",
			r.start.Round(time.Millisecond), r.memory>>20, thousands(r.company), float64(r.page)/1000)
		if r.peer > 0 {
			fmt.Fprintf(&b, " In the last column a company of %s cards is compared with the first country's largest.", thousands(r.peer))
		}
		b.WriteString("\n\n")
		b.WriteString("| operation | p50 ms | p99 ms | requests/s | CPU ms | bare CPU ms | CPU ÷ bare | pgbench/s | requests ÷ pgbench | CPU ÷ first size | same company size |\n")
		b.WriteString("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
		for _, l := range r.lines {
			fmt.Fprintf(&b, "| %s | %s | %s | %.0f | %s | %s | %s | %s | %s | %s | %s |\n", l.name, ms(l.real.p50), ms(l.real.p99), l.real.rate,
				ms(l.real.cpu), msOrNone(l.bare.cpu), ratio(float64(l.real.cpu), float64(l.bare.cpu)), orNone("%.0f", l.pgbench),
				ratio(l.real.rate, l.pgbench), ratio(float64(l.real.cpu), float64(first[l.name].real.cpu)),
				ratio(float64(l.peer.cpu), float64(first[l.name].real.cpu)))
			if _, there := first[l.name]; !there {
				first[l.name] = l
			}
		}
		b.WriteString("\n| list of all cards of the company | MB | first byte ms | ms in all | server MB before | server MB at most |\n|---|--:|--:|--:|--:|--:|\n")
		for _, l := range r.lists {
			fmt.Fprintf(&b, "| %s | %.1f | %s | %s | %d | %d |\n", l.format, float64(l.size)/1e6, ms(l.first), ms(l.took), l.before>>20, l.peak>>20)
		}
		printOrders(&b, r.orders)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d)/float64(time.Millisecond)) }

func msOrNone(d time.Duration) string {
	if d == 0 {
		return "–"
	}
	return ms(d)
}

func orNone(format string, v float64) string {
	if v == 0 {
		return "–"
	}
	return fmt.Sprintf(format, v)
}

func ratio(a, b float64) string {
	if a == 0 || b == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", a/b)
}

func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func cpuModel() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(data)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
		}
	}
	return "unknown processor"
}
