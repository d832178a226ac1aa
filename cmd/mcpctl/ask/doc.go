// Package ask answers a question by letting a model choose among a server's
// tools. It speaks the OpenAI-compatible chat completions API, which Ollama,
// vLLM and many others serve too.
//
// # How a question goes
//
// Each question is a conversation of its own. A round is one answer of the
// model: either the final text, or calls of tools whose outputs go back with the
// next request. Two protocols carry that. The usual one offers each tool as a
// function (toolcalls.go). The plain one, for models without tool calling, puts
// the list of tools into the prompt and takes one JSON object back (plain.go).
//
// # Whom it trusts
//
// Neither side. The server of the tools may be hostile: names, descriptions,
// schemas and outputs are bounded, and a tool's output MUST reach the model only
// as data: in messages of the role "tool", or between delimiters that it cannot
// know. The model may be wrong: a call is made only for a tool that was offered,
// with arguments that hold to its schema, and a model that answers nonsense is
// told so once. The model's API may be anybody's: its answers are bounded and
// read strictly, redirects are not followed, and no error of this package holds
// the key or a text that the API sent. What it said is kept apart, in
// [ModelError].
//
// What a prompt can do against instructions inside a tool's output is little.
// What bounds the harm is the access token: the model can call no tool that its
// user could not.
package ask
