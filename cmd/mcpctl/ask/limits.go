package ask

import "time"

// What one question may cost. Everything on the other side of these numbers is
// somebody else's program.
const (
	// defaultRounds is enough for a chain of several tools and one correction.
	defaultRounds = 8
	// mostRounds: each round sends the whole conversation again, so that the cost
	// grows with the square of their number.
	mostRounds = 32
	// maxCalls bounds the tool calls of one answer: a question about many places
	// asks for some, a model in a loop for hundreds.
	maxCalls = 16
	// maxNonsense is how often a question's model may answer what cannot be used.
	// One that errs again does not learn from being told.
	maxNonsense = 1

	// maxQuestion is far above what a person types, and far below a context window.
	maxQuestion = 64 << 10
	// maxTools is OpenAI's own limit for the tools of one request.
	maxTools = 128
	// maxToolList bounds the definitions together: they are sent with each round,
	// and some 64 000 tokens of tools leave a model no room.
	maxToolList = 256 << 10
	// maxName bounds a tool's own name. MCP allows 128 characters since 2025-11-25
	// and set no limit before.
	maxName = 256
	// maxAlias is OpenAI's limit for the name of a function.
	maxAlias = 64
	// maxDescription is OpenAI's limit for the description of a function.
	maxDescription = 1024

	// maxOutput is how much of a tool's output a model gets: some 4 000 tokens,
	// more than an answer in words takes.
	maxOutput = 16 << 10
	// maxArguments bounds the arguments of a call; they are written token by token.
	maxArguments = 64 << 10
	// maxDepth bounds the nesting of JSON from outside.
	maxDepth = 64
	// maxFault bounds what a correction repeats of a model's mistake.
	maxFault = 500
)

// What the model's API may cost.
const (
	// maxResponse bounds one answer: a model writes kilobytes.
	maxResponse = 4 << 20
	// maxSaid bounds what is kept of the API's own words about an error.
	maxSaid = 500
	// minSecret is how long a key must be to be struck out of a text. Where a server
	// wants no key a dummy such as "x" or "ollama" stands for it, which is no secret
	// and part of many words; real keys have 20 characters and more.
	minSecret = 12
	// maxRetries and maxWait bound the patience of one request and of one question:
	// somebody sits before the terminal.
	maxRetries = 2
	maxWait    = 20 * time.Second
	// firstWait is the first pause where the API names none; the next is three
	// times as long.
	firstWait = 2 * time.Second
	// modelTimeout bounds one exchange. A large model on a slow machine takes
	// minutes, and sends nothing before it has finished.
	modelTimeout = 5 * time.Minute
	// dialTimeout bounds getting a connection, for which no such excuse exists.
	dialTimeout = 10 * time.Second
)
