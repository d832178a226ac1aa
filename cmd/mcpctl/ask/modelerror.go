package ask

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mcp-resource-server/internal/strictjson"
)

// ModelError is trouble with the model's API. It is an [ErrModel], and what
// caused it, if that was not the API's answer.
type ModelError struct {
	Status int    // the HTTP status; 0 where there was no answer
	Code   string // the API's own code, such as "insufficient_quota"; "" for none
	// Said is what the API said about it, bounded and fit for a terminal. It is not
	// part of Error: it is somebody else's text, and some APIs repeat of the key in
	// it. The key itself is struck out.
	Said string

	what  string        // what is wrong, in words of this package
	cause error         // of the causes in cause.go, or of the context
	kind  error         // an error to branch on beside ErrModel, or nil
	again bool          // worth another attempt
	after time.Duration // the pause that the API asks for; negative for none
}

// Error says what is wrong, in words of this package.
func (e *ModelError) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%v: %s: %v", ErrModel, e.what, e.cause)
	}
	return fmt.Sprintf("%v: %s", ErrModel, e.what)
}

// Unwrap gives ErrModel, what kind of it this is, and the cause.
func (e *ModelError) Unwrap() []error {
	return slices.DeleteFunc([]error{ErrModel, e.kind, e.cause}, func(err error) bool { return err == nil })
}

// statusError makes the error for an answer that is not 200.
func (d *door) statusError(status int, header http.Header, body []byte) *ModelError {
	said := readError(body)
	e := &ModelError{Status: status, after: retryAfter(header)}
	// A refused key is often repeated in part.
	if status != http.StatusUnauthorized && status != http.StatusForbidden {
		e.Said = clip(d.strike(Printable(said.message)), maxSaid)
		if d.strike(said.code) == said.code {
			e.Code = said.code
		}
	}
	switch {
	case noToolCalling(said.message):
		e.kind = ErrNoToolCalling
		e.what = fmt.Sprintf("%s cannot call tools there: try --plain, or another model", d.model)
	case status == http.StatusTooManyRequests && said.code == "insufficient_quota":
		e.what = "the account has no quota left"
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		e.again = true
		e.what = d.statusText(status)
	default:
		e.what = d.statusText(status)
	}
	if e.Code != "" {
		e.what += fmt.Sprintf(" (%s)", e.Code)
	}
	return e
}

func (d *door) statusText(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return fmt.Sprintf("the model API at %s refused the key (is OPENAI_API_KEY the right one?)", d.base)
	case status == http.StatusForbidden:
		return fmt.Sprintf("the model API at %s does not let this key use %s", d.base, d.model)
	case status == http.StatusNotFound:
		return fmt.Sprintf("no such model or path: %s at %s%s", d.model, d.base, pathHint(d.base))
	case status == http.StatusTooManyRequests:
		return "the model API wants fewer requests (status 429)"
	case status >= 300 && status < 400:
		return fmt.Sprintf("%s redirects elsewhere (status %d), which is not followed: set its new address", d.base, status)
	case status >= http.StatusInternalServerError:
		return fmt.Sprintf("the model API failed (status %d)", status)
	}
	return fmt.Sprintf("the model API did not accept the request (status %d)", status)
}

// pathHint helps those who gave Ollama's address without the part for OpenAI's
// API.
func pathHint(base string) string {
	if u, err := url.Parse(base); err == nil && u.Path == "" {
		return " (most servers have their API at /v1)"
	}
	return ""
}

// strike takes the key out of a text. It MUST see the whole text: a part of the
// key is still one. A dummy stays: to strike "x" out would only hide the API's own
// words, and an answer without the dummy would say no less of it.
func (d *door) strike(s string) string {
	if len(d.key) < minSecret {
		return s
	}
	return strings.ReplaceAll(s, d.key, "***")
}

// apiError is what an error body says.
type apiError struct{ message, code string }

// validCode is the form of the codes that are repeated.
var validCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// readError reads the shapes of error bodies that are in use: OpenAI's
// {"error":{"message":…,"code":…}}, {"error":"…"} (Ollama's own API), {"message":…}
// (vLLM, before it took OpenAI's), {"detail":"…"} (FastAPI). Of any other nothing
// is known.
func readError(body []byte) apiError {
	members, err := strictjson.Object(body, maxDepth)
	if err != nil {
		return apiError{}
	}
	if inner, err := strictjson.Object(members["error"], maxDepth); err == nil {
		members = inner
	}
	var e apiError
	for _, name := range []string{"message", "error", "detail"} {
		if text, ok := strictjson.String(members[name]); ok {
			e.message = text
			break
		}
	}
	if code, ok := strictjson.String(members["code"]); ok && validCode.MatchString(code) {
		e.code = code
	}
	return e
}

// noToolCalling recognises the ways to say it of Ollama, vLLM, llama.cpp and
// OpenRouter. None of them has a code for it.
func noToolCalling(message string) bool {
	for _, said := range []string{
		"does not support tools",
		"--enable-auto-tool-choice",
		"tools param requires --jinja",
		"support tool use",
	} {
		if strings.Contains(message, said) {
			return true
		}
	}
	return false
}

// retryAfter reads how long to wait (RFC 9110 §10.2.3): seconds, or a date, which
// is taken by the answering server's own clock. It is negative for none.
func retryAfter(h http.Header) time.Duration {
	const none = -1
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value != "" && strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseInt(value, 10, 32)
		if err != nil {
			seconds = math.MaxInt32 // more digits than anybody waits for
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return none
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return none
	}
	return max(0, at.Sub(now))
}
