package audit

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json"
)

// maxLine is the longest line that is read. The longest token that is accepted has
// 16 KiB, and an escape makes six bytes of one.
const maxLine = 1 << 20

// Read calls each with every entry of r, in order. Lines that are no entry, such as
// those of a log in between, are skipped and counted. The error is that of r.
func Read(r io.Reader, each func(Entry)) (skipped int, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := readLine(in)
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if e, ok := parse(line); ok {
				each(e)
			} else {
				skipped++
			}
		}
		if errors.Is(err, io.EOF) {
			return skipped, nil
		}
		if err != nil {
			return skipped, err
		}
	}
}

// readLine returns the next line. Of one that is too long to be an entry it returns
// the beginning, which is none.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(line) <= maxLine {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// parse reads one line. A member that it does not know is one of a later version; a
// line without what every entry has is something else, such as a line of the log.
func parse(line []byte) (Entry, bool) {
	if len(line) > maxLine || line[0] != '{' {
		return Entry{}, false
	}
	var e Entry
	if err := json.Unmarshal(line, &e); err != nil {
		return Entry{}, false
	}
	decided := e.Decision == Allowed || e.Decision == Refused && e.Reason != ""
	return e, decided && !e.Time.IsZero() && e.RequestID != "" && e.Result != ""
}
