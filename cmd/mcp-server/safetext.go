package main

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	// maxSafe bounds one text of outside origin that is printed.
	maxSafe = 600
	// maxListed bounds how many entries of a list are.
	maxListed = 20
)

// safe writes a text of outside origin in printable ASCII, so that no control character
// and no letter that only looks like another gets onto a terminal.
func safe(s string) string {
	text := strconv.QuoteToASCII(s)
	text = strings.ReplaceAll(text[1:len(text)-1], `\"`, `"`)
	if len(text) > maxSafe {
		return text[:maxSafe] + "..."
	}
	return text
}

// safes is safe for the entries of a list, each in quotes.
func safes(list []string) string {
	var quoted []string
	for _, s := range list[:min(len(list), maxListed)] {
		quoted = append(quoted, `"`+safe(s)+`"`)
	}
	if more := len(list) - maxListed; more > 0 {
		quoted = append(quoted, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(quoted, ", ")
}
