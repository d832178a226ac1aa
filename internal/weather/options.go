package weather

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"
)

// Provider is a weather service.
type Provider string

// The services.
const (
	// OpenMeteo needs no key. Without one its use is free where it is not
	// commercial (https://open-meteo.com/en/terms); with one, requests go to the
	// host for customers.
	OpenMeteo Provider = "open-meteo"
	// OpenWeatherMap needs a key.
	OpenWeatherMap Provider = "openweathermap"
)

// Options are how the weather is asked for. The zero value asks Open-Meteo. They
// hold a secret, which is left out when they are printed or logged.
type Options struct {
	// Provider is the service. Empty: OpenWeatherMap with an APIKey, Open-Meteo
	// without one.
	Provider Provider
	// BaseURL is where the service is: http or https, absolute, with a path before
	// the service's own or none. Empty: the service's own host, with Open-Meteo the
	// one for customers if there is an APIKey.
	BaseURL string
	APIKey  string
	// HTTP sends the requests. nil: a client of its own, which takes a proxy from
	// the environment.
	HTTP Doer
	// Now is the clock. nil: time.Now.
	Now func() time.Time
}

// Format prints the options without the key, whatever the verb.
func (o Options) Format(s fmt.State, _ rune) {
	base := o.BaseURL
	if _, problem := parseBase(base); base != "" && problem != "" {
		base = "(not a base URL)" // and perhaps with a password
	}
	_, _ = fmt.Fprintf(s, "weather.Options{provider:%q base_url:%q key:%t}", o.Provider, base, o.APIKey != "")
}

// LogValue gives what Format prints.
func (o Options) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(o)) }

// Faults returns what is wrong with the options, without trying them.
func (o Options) Faults() []*OptionError {
	var faults []*OptionError
	add := func(option, problem string) {
		if problem != "" {
			faults = append(faults, &OptionError{option, problem})
		}
	}
	p := o.provider()
	if p != OpenMeteo && p != OpenWeatherMap {
		add("provider", "must be open-meteo or openweathermap")
	}
	if o.BaseURL != "" {
		_, problem := parseBase(o.BaseURL)
		add("base_url", problem)
	}
	if p == OpenMeteo && o.APIKey != "" && isHost(o.BaseURL, "api.open-meteo.com") {
		// It answers each request that has a key with a redirect.
		add("base_url", "must be "+openMeteoCustomerURL+" or your own if there is an API key")
	}
	if p == OpenWeatherMap && o.APIKey == "" {
		add("api_key", "is needed for openweathermap")
	}
	add("api_key", keyProblem(o.APIKey))
	return faults
}

func (o Options) provider() Provider {
	switch {
	case o.Provider != "":
		return o.Provider
	case o.APIKey != "":
		return OpenWeatherMap
	default:
		return OpenMeteo
	}
}

// baseURL returns the base URL of options without faults.
func (o Options) baseURL() *url.URL {
	base := o.BaseURL
	switch {
	case base != "":
	case o.provider() == OpenWeatherMap:
		base = openWeatherMapURL
	case o.APIKey != "":
		base = openMeteoCustomerURL
	default:
		base = openMeteoURL
	}
	u, _ := parseBase(base)
	return u
}

// parseBase reads a base URL, or returns what is wrong with it.
func parseBase(raw string) (u *url.URL, problem string) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, "is not a URL"
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, "does not begin with http:// or https://"
	case u.Hostname() == "":
		return nil, "has no host"
	case u.User != nil:
		return nil, "has a user name or a password"
	case strings.ContainsAny(raw, "?#"):
		return nil, "has a query or a fragment"
	}
	return u, ""
}

func isHost(base, host string) bool {
	u, problem := parseBase(base)
	return problem == "" && strings.EqualFold(u.Hostname(), host)
}

// join puts a service's own path behind a base URL's, or what of it is not there yet:
// people copy the whole address out of the service's documentation.
func join(base *url.URL, path string) string {
	whole := strings.TrimRight(base.String(), "/")
	for i := len(path); i > 0; i = strings.LastIndex(path[:i], "/") {
		if done, ok := strings.CutSuffix(whole, path[:i]); ok {
			return done + path
		}
	}
	return whole + path
}

// keyProblem finds what no key has: white space, control characters and what is not
// ASCII got into it by mistake, at the end of a file for instance.
func keyProblem(key string) string {
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "has white space or other characters that no key has"
	}
	return ""
}
