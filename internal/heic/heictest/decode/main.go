// Command decode is for tests what kortportal decode-heic is for the portal.
package main

import (
	"fmt"
	"os"

	"kortportal/internal/heic"
)

func main() {
	if err := heic.Serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
