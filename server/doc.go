// Package server is the way of a request: from the listener through the guards,
// the token and the policy to the MCP SDK and a tool, and back.
//
// router.go has the whole chain, top to bottom, with the reason for each place.
// What a request is judged by is one immutable [Generation], read once when the
// request enters. The gate in front of the SDK (endpoint.go) may only
// refuse; the authority is the SDK's receiving middleware (authority.go), which
// asks the same policy about what the SDK itself decoded.
package server
