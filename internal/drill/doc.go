// Command drill proves with figures that nothing an issuer does to its keys
// costs a valid call: not a rotation, not a revocation, not an outage, and not an
// issuer that hangs while junk tokens pour in.
//
//	go run ./internal/drill          minutes: the proof
//	go run ./internal/drill -short   half a minute, without the bound on latency
//
// It builds cmd/mcp-server and runs it as an operator would: a process of its
// own, configured by environment variables, on a loopback address. The issuer is
// the development authorization server, inside the drill. Valid calls begin by the
// clock, whether or not earlier ones were answered, and their latency counts from
// the moment at which they should have begun: a server that stalls cannot hide it
// by slowing the drill down.
//
// The exit status is 0 only if every bound held. A bound whose cause never came
// about (no fetch met the outage, say) has not held: it proved nothing.
package main
