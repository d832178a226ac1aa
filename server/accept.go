package server

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

const (
	mediaJSON   = "application/json"
	mediaStream = "text/event-stream"
)

// acceptable refuses a request whose client would not take what it is answered with:
// one JSON object or a stream of events to a POST, as the server chooses, and a stream to
// a GET (MCP 2025-11-25 and 2026-07-28, Streamable HTTP).
//
// A request without Accept takes anything by RFC 9110 §12.5.1. It is refused all the
// same: MCP narrows that to a MUST, and a program that does not say that it reads streams
// of events is mostly one that does not. Clients of MCP all say it.
func acceptable(w http.ResponseWriter, r *http.Request, msg message) bool {
	lines := r.Header.Values("Accept")
	text := "the header Accept must list text/event-stream"
	ok := accepts(lines, mediaStream)
	if r.Method == http.MethodPost {
		text = "the header Accept must list application/json and text/event-stream"
		ok = ok && accepts(lines, mediaJSON)
	}
	if !ok {
		exchangeOf(r).refuse(reasonAccept)
		writeRPCError(w, http.StatusNotAcceptable, msg.id, jsonrpc.CodeInvalidRequest, text, nil)
	}
	return ok
}

// accepts reports whether the lines of Accept take a media type: the most precise range
// that it is in decides, and a weight of 0 means no (RFC 9110 §12.5.1, §12.4.2). A
// parameter of a range, such as charset, is none of ours and ignored.
func accepts(lines []string, media string) bool {
	best, taken := 0, false
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			mediaRange, params, _ := strings.Cut(element, ";")
			precision := precisionOf(trimOWS(mediaRange), media)
			switch {
			case precision == 0 || precision < best:
			case precision > best:
				best, taken = precision, weighs(params)
			default:
				taken = taken || weighs(params)
			}
		}
	}
	return taken
}

// precisionOf says how precisely a range names a media type: 0 where it does not.
func precisionOf(mediaRange, media string) int {
	kind, _, _ := strings.Cut(media, "/")
	switch {
	case strings.EqualFold(mediaRange, media):
		return 3
	case len(mediaRange) == len(kind)+len("/*") && strings.EqualFold(mediaRange[:len(kind)], kind) && mediaRange[len(kind):] == "/*":
		return 2
	case mediaRange == "*/*":
		return 1
	default:
		return 0
	}
}

// weighs reports whether the weight among the parameters of a range is more than 0. One
// that is no weight (RFC 9110 §12.4.2) is none.
func weighs(params string) bool {
	for param := range strings.SplitSeq(params, ";") {
		name, value, ok := strings.Cut(trimOWS(param), "=")
		if !ok || !strings.EqualFold(name, "q") {
			continue
		}
		weight, err := strconv.ParseFloat(value, 64)
		return err == nil && weight > 0 && weight <= 1 && strings.Trim(value, "0123456789.") == ""
	}
	return true
}

// trimOWS trims what RFC 9110 §5.6.3 calls optional white space.
func trimOWS(s string) string { return strings.Trim(s, " \t") }
