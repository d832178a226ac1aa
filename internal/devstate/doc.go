// Package devstate keeps the file by which a client on the same machine finds the
// development server: `mcp-server dev` writes it and removes it when it ends,
// `mcpctl --dev` reads it. It holds the secret of a made-up client, so only its
// owner may read it.
package devstate
