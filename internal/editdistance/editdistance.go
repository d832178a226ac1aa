// Package editdistance tells how near a name that was typed is to one that there is.
package editdistance

// Of counts how many bytes have to be changed, put in or taken out to make b of a
// (Levenshtein). It takes len(a) times len(b) steps: the caller bounds what it compares.
func Of(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal, row[j+1] = row[j+1], min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
