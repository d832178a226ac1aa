// Package conformance is what the official MCP conformance suite needs of a server
// beside the server itself: the tools, prompts and resources that it asks for, a proxy
// that sends the access token that it cannot send, and the judgement of what it wrote.
// Only tests import it.
//
// The fixture is made of what any tool is made of. The names are the suite's; so are
// the values that it compares (they stand in its scenarios, and in docs/conformance.md).
package conformance
