package devauth

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"time"
)

const maxParameterBytes = 4 << 10

// parameterError is one refusal of a switch's parameters. Its texts are fixed and hold nothing of the request.
type parameterError string

func (e parameterError) Error() string { return string(e) }

const (
	errParameterForm     = parameterError("the parameters are unreadable, too long or not a valid form")
	errParameterUnknown  = parameterError("a parameter is unknown")
	errParameterRepeated = parameterError("a parameter was sent more than once")
	errParameterMissing  = parameterError("a parameter is missing")
	errParameterValue    = parameterError("a value is not accepted")
)

// parameters are those of one request to a switch, each sent once.
type parameters map[string]string

// readParameters reads the query and a form body as one. Of a switch nothing is ignored: who mistypes a name must not
// take it for set.
func readParameters(w http.ResponseWriter, r *http.Request, accepted []string) (parameters, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxParameterBytes))
	if err != nil {
		return nil, errParameterForm
	}
	return parseParameters(r.URL.RawQuery, r.Header.Get("Content-Type"), string(body), accepted)
}

func parseParameters(query, contentType, body string, accepted []string) (parameters, error) {
	sent, err := url.ParseQuery(query)
	if err != nil {
		return nil, errParameterForm
	}
	if body != "" {
		mediaType, _, err := mime.ParseMediaType(contentType)
		if err != nil || mediaType != "application/x-www-form-urlencoded" {
			return nil, errParameterForm
		}
		inBody, err := url.ParseQuery(body)
		if err != nil {
			return nil, errParameterForm
		}
		for name, values := range inBody {
			sent[name] = append(sent[name], values...)
		}
	}
	given := make(parameters, len(sent))
	for name, values := range sent {
		if !slices.Contains(accepted, name) {
			return nil, errParameterUnknown
		}
		if len(values) > 1 {
			return nil, errParameterRepeated
		}
		given[name] = values[0]
	}
	return given, nil
}

// has tells an absent parameter from an empty one, which is a value like another.
func (p parameters) has(name string) bool {
	_, ok := p[name]
	return ok
}

// duration gives 0 where the parameter is absent.
func (p parameters) duration(name string) (time.Duration, error) {
	if !p.has(name) {
		return 0, nil
	}
	d, err := time.ParseDuration(p[name])
	if err != nil {
		return 0, errParameterValue
	}
	return d, nil
}

// lasting reads for, which is for ever where it is absent and must not be 0 where it is there.
func (p parameters) lasting() (time.Duration, error) {
	d, err := p.duration("for")
	if err == nil && d == 0 && p.has("for") {
		err = errParameterValue
	}
	return d, err
}
