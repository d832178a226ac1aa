// Package httperr writes the server's refusals: short, fixed JSON bodies that
// hold nothing of the request and nothing of what went wrong inside.
package httperr

import (
	"net/http"

	"github.com/go-json-experiment/json"
)

// Body is a refusal as the caller sees it, in the form of RFC 6749 §5.2. Both
// members are constants of the program.
type Body struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// Write answers with status and body. It MUST be given constants alone.
func Write(w http.ResponseWriter, status int, body Body) {
	data, err := json.Marshal(body)
	if err != nil { // two strings always marshal
		panic(err)
	}
	WriteRaw(w, status, append(data, '\n'))
}

// WriteRaw answers with status and a JSON document that is ready.
func WriteRaw(w http.ResponseWriter, status int, data []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(data) // a caller that is gone needs no answer
}
