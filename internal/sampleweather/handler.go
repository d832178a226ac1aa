package sampleweather

import (
	"net/http"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Handler answers GET /v1/forecast as Open-Meteo does and GET /data/2.5/weather as
// OpenWeatherMap does, errors included; every other path is 404. Each answer says
// in the header X-Sample-Weather that it is made up. now is the clock, nil means
// time.Now.
func Handler(now func() time.Time) http.Handler {
	if now == nil {
		now = time.Now
	}
	mux := http.NewServeMux()
	mux.Handle("GET /v1/forecast", openMeteo(now))
	mux.Handle("GET /data/2.5/weather", openWeatherMap(now))
	return mux
}

// write sends a body that an encoder made.
func write(w http.ResponseWriter, status int, body *encoder) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("X-Sample-Weather", "true")
	w.WriteHeader(status)
	_, _ = w.Write(body.buf) //nolint:gosec // G705: it is JSON, quoted, of a type that is not sniffed; for an error nobody is left to tell
}

// encoder builds JSON whose members stand in the order in which they were added
// and whose numbers keep their decimals, both as the services send them.
type encoder struct {
	buf []byte
}

func (e *encoder) open(name string) *encoder {
	e.name(name)
	e.buf = append(e.buf, '{')
	return e
}

func (e *encoder) close() *encoder {
	e.buf = append(e.buf, '}')
	return e
}

// raw adds a member whose value is JSON already.
func (e *encoder) raw(name, value string) *encoder {
	e.name(name)
	e.buf = append(e.buf, value...)
	return e
}

func (e *encoder) text(name, value string) *encoder {
	return e.raw(name, string(quote(value)))
}

// name begins a value: with a comma where one goes before it, and with its name,
// unless it has none because it is the whole.
func (e *encoder) name(name string) {
	if n := len(e.buf); n > 0 && e.buf[n-1] != '{' {
		e.buf = append(e.buf, ',')
	}
	if name != "" {
		e.buf = append(append(e.buf, quote(name)...), ':')
	}
}

// quote makes a JSON string. What is not UTF-8 in it becomes U+FFFD.
func quote(s string) []byte {
	quoted, _ := jsontext.AppendQuote(nil, s) // its error is about what is not UTF-8
	return quoted
}
