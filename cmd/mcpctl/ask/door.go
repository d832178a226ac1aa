package ask

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"mcp-resource-server/internal/strictjson"
)

// door is the one way to the model's API. The library reads any amount of an
// answer, takes a redirect for a success, forgets Retry-After and puts whole
// bodies into its errors: behind this door it sees bodies that are bounded,
// strict JSON, and of status 200, and nothing else.
type door struct {
	http Doer
	base string
	// model and key are for error texts: to name the one, and to keep out the other.
	model, key string
}

// Do sends one request. Its errors are of type *ModelError.
func (d *door) Do(req *http.Request) (*http.Response, error) {
	resp, err := d.http.Do(req)
	if err != nil {
		return nil, &ModelError{what: "no answer from " + d.base, cause: causeOf(err), after: -1}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse+1))
	switch {
	case err != nil:
		return nil, &ModelError{Status: resp.StatusCode, what: "the answer from " + d.base + " ended early", cause: causeOf(err), after: -1}
	case len(body) > maxResponse:
		return nil, &ModelError{Status: resp.StatusCode, what: fmt.Sprintf("an answer of more than %d bytes from %s", maxResponse, d.base), after: -1}
	case resp.StatusCode != http.StatusOK:
		return nil, d.statusError(resp.StatusCode, resp.Header, body)
	}
	if err := strictjson.Check(body, maxDepth); err != nil {
		return nil, d.notAnAnswer(body)
	}
	if body, err = withTextArguments(body); err != nil {
		return nil, d.notAnAnswer(body)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// notAnAnswer is the error for a success that is none.
func (d *door) notAnAnswer(body []byte) *ModelError {
	what := "does not answer as a chat completions API does"
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		what = "answers with a web page"
	}
	return &ModelError{Status: http.StatusOK, what: fmt.Sprintf("%s %s: is the base URL right?%s", d.base, what, pathHint(d.base)), after: -1}
}
