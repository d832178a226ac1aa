package main

import (
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// defaultTimeout is long enough for a slow tool and short enough for a script that
// nobody watches.
const defaultTimeout = 60 * time.Second

// addFlags adds the flags that every command has. Their values are read in
// settings.go, where the environment comes in.
func addFlags(f *pflag.FlagSet) {
	f.String("url", "", "address of the MCP server (MCP_URL)")
	f.Bool("dev", false, "use the server that \"mcp-server dev\" runs on this machine, and its client")
	f.String("client-id", "", "client id (MCP_CLIENT_ID)")
	f.String("client-secret-file", "", "file that holds the client secret (MCP_CLIENT_SECRET, MCP_CLIENT_SECRET_FILE)")
	f.String("token-file", "", "file that holds a ready-made access token (MCP_TOKEN, MCP_TOKEN_FILE)")
	f.String("issuer", "", "issuer to ask for tokens; found by asking the server if not set (MCP_ISSUER)")
	f.String("audience", "", "audience to ask for, such as the identifier of an Auth0 API (MCP_AUDIENCE)")
	f.StringArray("scope", nil, "scope to ask for, repeated or space-separated; what the server names if not set (MCP_SCOPE)")
	f.String("auth-method", "auto", "how the client secret is sent: auto, basic or post (MCP_AUTH_METHOD)")
	f.String("token-request", "form", "form of the token request: form, or json as Auth0 also takes it (MCP_TOKEN_REQUEST)")
	f.Bool("token-cache", false, "keep access tokens in files that only you may read (MCP_TOKEN_CACHE=1)")
	f.String("token-cache-dir", "", "directory of those files, and --token-cache (MCP_TOKEN_CACHE_DIR)")
	f.String("transport", "auto", "streamable, sse, or auto: streamable, and sse where the server knows no other (MCP_TRANSPORT)")
	f.String("protocol", "auto", "auto, modern (2026-07-28), legacy (older), or one version such as 2025-06-18 (MCP_PROTOCOL)")
	f.Duration("timeout", defaultTimeout, "longest wait for one answer of the server; 0 waits for ever (MCP_TIMEOUT)")
	f.Bool("insecure-http", false, "allow http to a host that is not this machine: FOR PRIVATE NETWORKS ONLY, the token is sent in the clear")
	f.StringP("output", "o", "text", "text or json")
	f.BoolP("verbose", "v", false, "tell on stderr what happens")
	f.Bool("no-color", false, "no colour, even on a terminal (NO_COLOR)")
}

// choices are the values of flags that have few, as settings checks them.
var choices = map[string][]string{
	"auth-method":   {"auto", "basic", "post"},
	"token-request": {"form", "json"},
	"transport":     {string(anyTransport), string(streamable), string(sse)},
	"protocol":      append([]string{anyEra, modernEra, legacyEra}, mcp.SupportedProtocolVersions()...),
	"output":        {"text", "json"},
}

// completeFlags offers them to a shell.
func completeFlags(cmd *cobra.Command) {
	for flag, values := range choices {
		complete := cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
		if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
			panic(err) // a flag that is not there
		}
	}
}
