package oauthclient

// EventKind says what an [Event] tells.
type EventKind string

// The kinds of events.
const (
	// Discovered: the issuer was found, and its metadata has been read.
	Discovered EventKind = "discovered"
	// TokenRequested: the issuer gave a token. This is what providers meter.
	TokenRequested EventKind = "token requested"
	// TokenFromCache: a token was read from a file of Options.CacheDir.
	TokenFromCache EventKind = "token from cache"
	// Retried401: a request is sent once more, because the server refused its token.
	Retried401 EventKind = "retried after 401"
	// SteppedUp: a request is sent once more, with a token of more scopes.
	SteppedUp EventKind = "stepped up"
	// StepUpRefused: a token of more scopes could not be had; Err says why.
	StepUpRefused EventKind = "step-up refused"
	// RenewalFailed: a token that is about to expire could not be renewed and stays
	// in use; Err says why.
	RenewalFailed EventKind = "renewal failed"
	// CacheFailed: a file of Options.CacheDir could not be read, written or locked,
	// or is not to be trusted; Err says why. The request goes on without it.
	CacheFailed EventKind = "cache failed"
)

// Event is something that an [Authorizer] did. It never holds a token or a secret.
type Event struct {
	Kind   EventKind
	Issuer string
	// Scopes are those that were asked for. Empty: none in particular.
	Scopes []string
	// Err is set where the kind is a failure.
	Err error
}
