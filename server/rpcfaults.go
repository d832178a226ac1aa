package server

import (
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// rpcFault is a message that cannot be served, as the caller is told.
type rpcFault struct {
	code int64
	text string // a constant
}

var (
	faultParse     = &rpcFault{jsonrpc.CodeParseError, "the body is not one valid JSON value"}
	faultTooDeep   = &rpcFault{jsonrpc.CodeParseError, "the body is nested too deeply"}
	faultNotObject = &rpcFault{jsonrpc.CodeInvalidRequest, "the body must be one JSON-RPC message; batches are not accepted"}
	faultVersion   = &rpcFault{jsonrpc.CodeInvalidRequest, `the member jsonrpc must be "2.0"`}
	faultMethod    = &rpcFault{jsonrpc.CodeInvalidRequest, "the member method must be a non-empty string"}
	faultNoMethod  = &rpcFault{jsonrpc.CodeMethodNotFound, "method not found"}
	faultBoth      = &rpcFault{jsonrpc.CodeInvalidRequest, "a message with a method must have no result and no error"}
	faultResponse  = &rpcFault{jsonrpc.CodeInvalidRequest, "a response must have an id, and a result or an error with a code and a message"}
	faultID        = &rpcFault{jsonrpc.CodeInvalidRequest, "the member id must be a string of at most 256 bytes or a whole number"}
	faultNoID      = &rpcFault{jsonrpc.CodeInvalidRequest, "a request must have an id"}
	faultHasID     = &rpcFault{jsonrpc.CodeInvalidRequest, "a notification must have no id"}
	faultParams    = &rpcFault{jsonrpc.CodeInvalidRequest, "the member params must be an object"}
	faultCase      = &rpcFault{jsonrpc.CodeInvalidRequest, "a member differs from one of the protocol only in case"}
	faultNoParams  = &rpcFault{jsonrpc.CodeInvalidParams, "the member params is required"}
	faultName      = &rpcFault{jsonrpc.CodeInvalidParams, "params.name must be a non-empty string"}
	faultURI       = &rpcFault{jsonrpc.CodeInvalidParams, "params.uri must be a non-empty string"}
	faultRef       = &rpcFault{jsonrpc.CodeInvalidParams, "params.ref must name a prompt or a resource"}
	faultParamType = &rpcFault{jsonrpc.CodeInvalidParams, "a member of params has the wrong type"}
	faultToken     = &rpcFault{jsonrpc.CodeInvalidParams, "params._meta.progressToken must be a string of at most 256 bytes or a number"}
	faultNumber    = &rpcFault{jsonrpc.CodeInvalidParams, "a number is too large"}
	faultLevel     = &rpcFault{jsonrpc.CodeInvalidParams, "params.level must be a log level: debug, info, notice, warning, error, critical, alert or emergency"}

	faultNoMeta         = &rpcFault{jsonrpc.CodeInvalidParams, "params._meta must name the protocol version: io.modelcontextprotocol/protocolVersion"}
	faultNoCapabilities = &rpcFault{jsonrpc.CodeInvalidParams, "params._meta must have io.modelcontextprotocol/clientCapabilities"}
	faultCapabilities   = &rpcFault{jsonrpc.CodeInvalidParams, "io.modelcontextprotocol/clientCapabilities in params._meta has the wrong type"}
	faultClientInfo     = &rpcFault{jsonrpc.CodeInvalidParams, "io.modelcontextprotocol/clientInfo in params._meta has the wrong type"}
	faultLogLevel       = &rpcFault{jsonrpc.CodeInvalidParams, "io.modelcontextprotocol/logLevel in params._meta must be a log level"}

	faultNoVersion        = &rpcFault{mcp.CodeHeaderMismatch, "the header MCP-Protocol-Version is missing"}
	faultOtherVersion     = &rpcFault{mcp.CodeHeaderMismatch, "the header MCP-Protocol-Version names another version than params._meta"}
	faultNoMethodHeader   = &rpcFault{mcp.CodeHeaderMismatch, "the header Mcp-Method is missing"}
	faultMethodHeader     = &rpcFault{mcp.CodeHeaderMismatch, "the header Mcp-Method names another method than the body"}
	faultNoNameHeader     = &rpcFault{mcp.CodeHeaderMismatch, "the header Mcp-Name is missing"}
	faultNameHeader       = &rpcFault{mcp.CodeHeaderMismatch, "the header Mcp-Name says something else than the body, or is not encoded as it must be"}
	faultNoParamHeader    = &rpcFault{mcp.CodeHeaderMismatch, "a header Mcp-Param-* is missing, which the tool's inputSchema asks for (x-mcp-header)"}
	faultExtraParamHeader = &rpcFault{mcp.CodeHeaderMismatch, "a header Mcp-Param-* is there, and its argument is not"}
	faultParamHeader      = &rpcFault{mcp.CodeHeaderMismatch, "a header Mcp-Param-* says something else than its argument, or is not encoded as it must be"}
)
