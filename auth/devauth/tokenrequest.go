package devauth

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"unicode/utf8"
)

const maxTokenRequestBytes = 16 << 10

// readTokenRequest gives the parameters of a token request, whose values are single but for resource (RFC 8707 §2).
// A parameter without a value counts as not sent, and unknown ones are ignored (RFC 6749 §3.2).
func readTokenRequest(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	// A secret in the URI ends up in logs and histories: RFC 6749 §2.3.1 forbids it.
	if r.URL.RawQuery != "" {
		return nil, errQuery
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxTokenRequestBytes))
	if err != nil {
		return nil, errBody
	}
	params, err := parseTokenRequest(r.Header.Get("Content-Type"), body)
	if err != nil {
		return nil, err
	}
	for name, values := range params {
		if len(values) > 1 && name != "resource" {
			return nil, errDuplicate
		}
	}
	return params, nil
}

func parseTokenRequest(contentType string, body []byte) (url.Values, error) {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, errContentType
	}
	switch mediaType {
	case "application/x-www-form-urlencoded":
		params, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, errForm
		}
		return params, nil
	case "application/json":
		return parseJSON(body)
	default:
		return nil, errContentType
	}
}

// parseJSON reads one flat JSON object of strings. It goes by tokens, because decoding into a map would let the last of
// two equal members win and take null for "".
func parseJSON(body []byte) (url.Values, error) {
	if !utf8.Valid(body) || !json.Valid(body) {
		return nil, errJSON
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, errJSON
	}
	params := url.Values{}
	for dec.More() {
		name, nameOK := stringToken(dec)
		value, valueOK := stringToken(dec)
		if !nameOK || !valueOK {
			return nil, errJSON
		}
		if params.Has(name) {
			return nil, errDuplicate
		}
		params.Set(name, value)
	}
	return params, nil
}

func stringToken(dec *json.Decoder) (string, bool) {
	token, err := dec.Token()
	if err != nil {
		return "", false
	}
	s, ok := token.(string)
	return s, ok
}
