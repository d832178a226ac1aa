package main

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// columnGap stands between the columns of a table.
const columnGap = "  "

// table aligns cells that may be anybody's text. The last column gets what is left
// of the columns of a terminal; 0 leaves it as it is.
func table(rows [][]string, columns int) []string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], textWidth(cell))
		}
	}
	var lines []string
	for _, row := range rows {
		var b strings.Builder
		used := 0
		for i, cell := range row {
			if i == len(row)-1 {
				if columns > 0 {
					cell = fit(cell, max(columns-used, minLast))
				}
				b.WriteString(cell)
				break
			}
			b.WriteString(cell + strings.Repeat(" ", widths[i]-textWidth(cell)) + columnGap)
			used += widths[i] + len(columnGap)
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	return lines
}

// minLast is what a terminal that is too narrow gives to the last column all the same.
const minLast = 20

// fit cuts text to so many columns.
func fit(text string, columns int) string {
	if textWidth(text) <= columns {
		return text
	}
	used := 0
	for i, r := range text {
		if used += runeWidth(r); used > columns-1 {
			return strings.TrimRight(text[:i], " ") + "…"
		}
	}
	return text
}

func textWidth(text string) int {
	n := 0
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

// runeWidth is how many columns a character takes (UAX #11).
func runeWidth(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	return 1
}
