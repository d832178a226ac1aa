package weather

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/sync/singleflight"
)

// Doer sends one HTTP request; *http.Client is one, and its redirects are not
// followed, however it is set. Any other Doer MUST NOT follow redirects: the key
// would go along. It MUST end when the request's context does.
type Doer interface {
	Do(req *http.Request) (*http.Response, error)
}

// Client asks one service. It is safe for use by several goroutines.
type Client struct {
	provider Provider
	service  service
	keyed    bool // there is a key
	http     Doer
	now      func() time.Time
	flights  singleflight.Group
	cache    cache
}

// service is what is one provider's own.
type service interface {
	// address returns the URL of a request, with the key.
	address(q query) string
	// parse reads the body of an answer with the status 200.
	parse(body []byte, u Units) (Report, error)
	// keyRefused tells whether the body of an answer with the status 400 is about
	// the key.
	keyRefused(body []byte) bool
}

// New returns a client, or an [*OptionError]: the first of the options' faults.
func New(o Options) (*Client, error) {
	if faults := o.Faults(); len(faults) > 0 {
		return nil, faults[0]
	}
	c := &Client{provider: o.provider(), keyed: o.APIKey != "", http: ownOr(o.HTTP), now: o.Now}
	if c.now == nil {
		c.now = time.Now
	}
	switch base := o.baseURL(); c.provider {
	case OpenWeatherMap:
		c.service = openWeatherMap{join(base, "/data/2.5/weather"), o.APIKey}
	default:
		c.service = openMeteo{join(base, "/v1/forecast"), o.APIKey}
	}
	return c, nil
}

// Provider returns the service that the client asks.
func (c *Client) Provider() Provider { return c.provider }

// Format prints the client without its key, whatever the verb.
func (c *Client) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "weather.Client{%s}", c.provider)
}

// LogValue gives what Format prints.
func (c *Client) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }

// query is one place and system of units: what is asked for, and remembered, once.
type query struct {
	latitude, longitude string // decimal degrees with two decimals
	units               Units
}

func (q query) String() string { return q.latitude + "," + q.longitude + "," + string(q.units) }

// newQuery rounds to hundredths of a degree, about a kilometre: the services' own
// grids are no finer, and the requests tell no more than they need to.
func newQuery(latitude, longitude float64, u Units) (query, error) {
	switch _, ok := u.names(); {
	case !(math.Abs(latitude) <= 90): // turned around, as below, for the sake of NaN
		return query{}, failed(ErrInvalid, "the latitude is not between -90 and 90")
	case !(math.Abs(longitude) <= 180):
		return query{}, failed(ErrInvalid, "the longitude is not between -180 and 180")
	case !ok:
		return query{}, failed(ErrInvalid, "the units are neither metric nor imperial")
	}
	return query{decimal(latitude), decimal(longitude), u}, nil
}

func decimal(degrees float64) string {
	// Adding 0 makes -0 a 0.
	return strconv.FormatFloat(math.Round(degrees*100)/100+0, 'f', 2, 64)
}

// Current returns the weather at a coordinate in decimal degrees. It is at most
// five minutes older than the service's own. Callers that ask for one place at the
// same time share a request, which goes on if one of them gives up.
//
// The error is one of the package's, or that of ctx.
func (c *Client) Current(ctx context.Context, latitude, longitude float64, u Units) (Report, error) {
	q, err := newQuery(latitude, longitude, u)
	if err != nil {
		return Report{}, err
	}
	if err := ctx.Err(); err != nil {
		return Report{}, fmt.Errorf("asking for the weather: %w", err)
	}
	if a, ok := c.cache.get(q, c.now()); ok {
		return a.report, a.err
	}
	// The request belongs to all who wait for it: it does not end with the first of
	// them, and holds none of that one's values.
	flight := c.flights.DoChan(q.String(), func() (any, error) { return c.refresh(context.Background(), q) })
	select {
	case <-ctx.Done():
		return Report{}, fmt.Errorf("asking for the weather: %w", ctx.Err())
	case result := <-flight:
		r, _ := result.Val.(Report)
		return r.clone(), result.Err
	}
}

// refresh asks the service, unless a flight that has just ended did, and remembers
// the answer. It runs on a goroutine of the flight's own, where a panic would end the
// process: no caller could recover it.
func (c *Client) refresh(ctx context.Context, q query) (r Report, err error) {
	defer func() {
		if recover() != nil {
			r, err = Report{}, failed(ErrUnavailable, "asking it panicked")
		}
	}()
	if a, ok := c.cache.get(q, c.now()); ok {
		return a.report, a.err
	}
	r, err = c.ask(ctx, q)
	c.cache.put(q, answer{r, err}, c.now())
	return r, err
}

func (c *Client) ask(ctx context.Context, q query) (Report, error) {
	body, err := c.fetch(ctx, c.service.address(q))
	if err != nil {
		return Report{}, err
	}
	r, err := c.service.parse(body, q.units)
	if err != nil {
		return Report{}, err
	}
	if fault := r.plausible(q.units); fault != "" {
		return Report{}, broken(fault)
	}
	return r, nil
}
