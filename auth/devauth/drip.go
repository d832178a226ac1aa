package devauth

import (
	"net/http"
	"time"
)

const dripInterval = time.Second

// dripWriter passes a body on byte by byte.
type dripWriter struct {
	http.ResponseWriter
	r       *http.Request
	control *http.ResponseController
	slow    *slowness
	came    time.Time
	begun   bool
	failed  error
}

func drip(w http.ResponseWriter, r *http.Request, slow *slowness, next http.HandlerFunc) {
	if r.Method == http.MethodHead {
		next(w, r) // no body to drip
		return
	}
	d := &dripWriter{ResponseWriter: w, r: r, control: http.NewResponseController(w), slow: slow, came: time.Now()}
	next(d, r)
	if d.failed != nil {
		panic(http.ErrAbortHandler) // or what was sent would end as if it were whole
	}
}

// Write sends the first byte at once and each of the others a second after the one before, until the slowness ends.
func (d *dripWriter) Write(p []byte) (int, error) {
	for i := range p {
		if err := d.pause(); err != nil {
			d.failed = err
			return i, err
		}
		end := i + 1
		if d.slow.remaining(d.came) <= 0 {
			end = len(p)
		}
		n, err := d.send(p[i:end])
		if err != nil || end == len(p) {
			d.failed = err
			return i + n, err
		}
	}
	return len(p), nil
}

func (d *dripWriter) pause() error {
	left := d.slow.remaining(d.came)
	if !d.begun || left <= 0 {
		return nil
	}
	return d.slow.wait(d.r.Context(), min(left, dripInterval))
}

// send gives every piece the time that the server gives a whole answer.
func (d *dripWriter) send(p []byte) (int, error) {
	d.begun = true
	_ = d.control.SetWriteDeadline(time.Now().Add(requestTimeout))
	n, err := d.ResponseWriter.Write(p)
	if err != nil {
		return n, err
	}
	return n, d.control.Flush()
}
