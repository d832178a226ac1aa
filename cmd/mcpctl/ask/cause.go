package ask

import (
	"context"
	"errors"

	"mcp-resource-server/internal/outbound"
)

// causeOf says why an exchange failed, in words that hold nothing of the peer's: it
// could send back the key that it was given. Of the cause itself only that somebody
// stopped it goes on.
func causeOf(err error) error {
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	return errors.New(outbound.Words(err))
}
