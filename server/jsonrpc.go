package server

import (
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"mcp-resource-server/internal/httperr"
)

// codeForbidden is the JSON-RPC error code of a call that the policy refuses. MCP
// leaves -32000 to -32019 to implementations.
const codeForbidden = -32003

// rpcError is a JSON-RPC error response (JSON-RPC 2.0 §5.1).
type rpcError struct {
	JSONRPC string         `json:"jsonrpc"`
	ID      jsontext.Value `json:"id"` // null where the request's could not be read
	Error   rpcErrorObject `json:"error"`
}

type rpcErrorObject struct {
	Code    int64  `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

// writeRPCError answers with a JSON-RPC error. id is the request's as it was
// written, nil for none; text and data hold nothing of the request, but for the version
// that it asks for.
func writeRPCError(w http.ResponseWriter, status int, id jsontext.Value, code int64, text string, data any) {
	if id == nil {
		id = jsontext.Value("null")
	}
	body, err := json.Marshal(rpcError{JSONRPC: "2.0", ID: id, Error: rpcErrorObject{Code: code, Message: text, Data: data}})
	if err != nil { // an id that was parsed, and constants, always marshal
		panic(err)
	}
	httperr.WriteRaw(w, status, append(body, '\n'))
}
