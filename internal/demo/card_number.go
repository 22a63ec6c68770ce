package demo

import "fmt"

// serialNumber is the printed number: letters of an invented supplier and digits that no other card has.
func serialNumber(id int64) string {
	const room = 10_000_000_000
	suppliers := [...]string{"KX", "QV", "ZD"}
	n := id * 3_777_777_773 % room
	return fmt.Sprintf("%s-%04d-%06d", suppliers[id%int64(len(suppliers))], n/1_000_000, n%1_000_000)
}

// chipUID is seven bytes in hexadecimal; the first is a chip maker's, the others no other card's.
func chipUID(id int64) string {
	return fmt.Sprintf("04%012X", uint64(id)*0x9e3779b97f4b&(1<<48-1))
}
