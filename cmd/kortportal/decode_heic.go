package main

import (
	"os"

	"kortportal/internal/heic"
)

type decodeHEICCommand struct{}

// Run is what the portal starts for each HEIC file, and nothing for a person.
func (decodeHEICCommand) Run(a *app) error { return heic.Serve(a.stdin, a.stdout) }

// decodeHEIC is how the portal starts it: by the binary that it is itself.
func decodeHEIC() (heic.Program, error) {
	self, err := os.Executable()
	if err != nil {
		return heic.Program{}, err
	}
	return heic.Program{Path: self, Args: []string{"decode-heic"}}, nil
}
