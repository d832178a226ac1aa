package server

import (
	"encoding/base64"
	"net/http"
	"strings"
)

const headerName = "Mcp-Name"

// The form of a header value that is not plain ASCII (MCP 2026-07-28, Streamable HTTP,
// "Value Encoding").
const base64Begin, base64End = "=?base64?", "?="

// plainName puts the name of the body where the header has the same one, encoded: the
// SDK compares the header as it stands. Any other header is left for it to refuse; the
// name that decides is the body's.
func plainName(h http.Header, msg message) {
	encoded, ok := strings.CutPrefix(h.Get(headerName), base64Begin)
	if !ok {
		return
	}
	if encoded, ok = strings.CutSuffix(encoded, base64End); !ok {
		return
	}
	name, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err == nil && string(name) == msg.target.Name {
		h.Set(headerName, msg.target.Name)
	}
}
