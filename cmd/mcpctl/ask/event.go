package ask

import "time"

// EventKind says what an [Event] is about.
type EventKind string

// The kinds of events, and the fields that each has besides Kind and Round.
const (
	// EventUnvalidated: a tool's schema cannot be used here, so that only the
	// server judges its arguments. Tool and Text; once, when the tools are listed.
	EventUnvalidated EventKind = "unvalidated"
	// EventSkipped: a tool cannot be offered to a model. Tool and Text; once, when the
	// tools are listed.
	EventSkipped EventKind = "skipped"
	// EventRound: the model answered. Duration, and Calls as it asked for.
	EventRound EventKind = "round"
	// EventRetry: the model's API wants a pause. Wait and Err.
	EventRetry EventKind = "retry"
	// EventNonsense: the answer cannot be used. Text, and Tool where it is about one.
	EventNonsense EventKind = "nonsense"
	// EventCall: a tool was called. Tool, Arguments, Duration, and either Err or
	// Bytes, Cut and ToolError.
	EventCall EventKind = "call"
)

// Event is one thing that happened on the way to an answer. Its texts are
// [Printable].
type Event struct {
	Kind      EventKind
	Round     int           // the round it belongs to, from 1; 0 before the first
	Tool      string        // the tool's own name
	Arguments string        // JSON, as the tool got it
	Duration  time.Duration // of the model's answer or the tool's
	Calls     int           // how many tool calls an answer asks for
	Bytes     int           // of the tool's output, before it was cut
	Cut       bool          // the model got less than the whole output
	ToolError bool          // the tool itself reported an error
	Wait      time.Duration // until the next attempt
	Text      string        // what was wrong
	Err       error
}

func (o Options) observe(e Event) {
	if o.Observe == nil {
		return
	}
	e.Tool, e.Arguments, e.Text = Printable(e.Tool), Printable(e.Arguments), Printable(e.Text)
	o.Observe(e)
}
