package main

import (
	"fmt"
	"runtime/debug"
)

type versionCommand struct{}

func (versionCommand) Run(a *app) error {
	_, err := fmt.Fprintln(a.stdout, "kortportal", buildVersion())
	return err
}

// buildVersion is the commit that the binary was built from, as the Go tool recorded it.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	setting := make(map[string]string)
	for _, s := range info.Settings {
		setting[s.Key] = s.Value
	}
	version := info.Main.Version
	if revision := setting["vcs.revision"]; revision != "" {
		version = revision[:min(12, len(revision))] + " of " + setting["vcs.time"]
	}
	if setting["vcs.modified"] == "true" {
		version += ", modified"
	}
	return fmt.Sprintf("%s (%s %s/%s)", version, info.GoVersion, setting["GOOS"], setting["GOARCH"])
}
