package weather

import (
	"errors"
	"fmt"
)

// Errors to branch on. None says more than its own words and some fixed ones.
var (
	// ErrUnavailable is a service that cannot be reached, is too slow, is broken, or
	// answers what is not understood. Later it may be better.
	ErrUnavailable = errors.New("the weather service is unavailable")
	// ErrKeyRefused is a service that wants another API key, or one at all.
	ErrKeyRefused = errors.New("the weather service refuses the API key")
	// ErrLimited is a service that was asked too often.
	ErrLimited = errors.New("the request limit of the weather service is reached")
	// ErrRefused is a service that refuses a request for another reason: it has no
	// data for the place, or the base URL leads elsewhere.
	ErrRefused = errors.New("the weather service refuses the request")
	// ErrInvalid is a coordinate that is not on earth, or units that there are not.
	ErrInvalid = errors.New("the weather cannot be asked for")
)

// OptionError is an option that New cannot use. It shows neither the key nor the
// base URL.
type OptionError struct {
	Option  string // provider, base_url or api_key
	Problem string // such as "has no host"
}

// Error names the option and what is wrong with it.
func (e *OptionError) Error() string { return "weather: " + e.Option + " " + e.Problem }

func failed(kind error, words string) error { return fmt.Errorf("%w: %s", kind, words) }

// broken is an answer that is not what the service documents.
func broken(words string) error { return failed(ErrUnavailable, "its answer has "+words) }
