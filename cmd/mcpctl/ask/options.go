package ask

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"

	openai "github.com/sashabaranov/go-openai"

	"mcp-resource-server/internal/outbound"
)

// DefaultBaseURL is OpenAI's own API.
const DefaultBaseURL = "https://api.openai.com/v1"

// Doer sends one HTTP request; *http.Client is one. A Doer that is not an
// *http.Client MUST NOT follow redirects: they would carry the key elsewhere.
type Doer interface {
	Do(req *http.Request) (*http.Response, error)
}

// Options say which model answers, and how.
type Options struct {
	// Model is the model's name, as its API knows it. Required.
	Model string
	// APIKey is the key for the model's API. Required: see [ErrNoKey].
	APIKey string
	// BaseURL is the API's address up to "/chat/completions". Empty:
	// [DefaultBaseURL].
	BaseURL string
	// InsecureHTTP allows plain http to another machine. It is for a network of
	// one's own, such as the one between the containers of a development setup.
	InsecureHTTP bool
	// MaxRounds bounds how often one question asks the model; a question that takes
	// one tool takes two rounds. Zero: eight.
	MaxRounds int
	// Plain puts the tools into the prompt, for models without tool calling.
	Plain bool
	// Only names the tools to offer. Empty: all.
	Only []string
	// HTTP sends the requests to the model's API. Nil: a client of this package's
	// own, which takes a proxy from the environment. An *http.Client is used
	// without its redirects.
	HTTP Doer
	// Observe is told what happens, from the goroutine that asks. Nil: nobody is.
	Observe func(Event)
}

// checked gives the options with the defaults put in.
func (o Options) checked() (Options, error) {
	if o.APIKey == "" {
		return o, ErrNoKey
	}
	if strings.ContainsFunc(o.APIKey, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return o, fmt.Errorf("%w: the API key holds a space, a line end or a character that no key has", ErrOptions)
	}
	if o.Model == "" || Printable(o.Model) != o.Model || !utf8.ValidString(o.Model) {
		return o, fmt.Errorf("%w: the model needs a name", ErrOptions)
	}
	if o.MaxRounds < 0 || o.MaxRounds > mostRounds {
		return o, fmt.Errorf("%w: the rounds must be 1 to %d", ErrOptions, mostRounds)
	}
	o.MaxRounds = cmp.Or(o.MaxRounds, defaultRounds)
	o.BaseURL = strings.TrimRight(cmp.Or(o.BaseURL, DefaultBaseURL), "/")
	if err := checkBaseURL(o.BaseURL, o.InsecureHTTP); err != nil {
		return o, err
	}
	o.HTTP = ownOr(o.HTTP)
	return o, nil
}

func checkBaseURL(base string, insecure bool) error {
	u, err := url.Parse(base)
	// What was given is not repeated before it is known to hold no password.
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.Opaque != "" {
		return fmt.Errorf("%w: the base URL must be one like %s, with no user, query or fragment", ErrOptions, DefaultBaseURL)
	}
	switch {
	case u.Scheme == "https":
		return nil
	case u.Scheme != "http":
		return fmt.Errorf("%w: the base URL must begin with https:// (or http:// for this machine)", ErrOptions)
	case !insecure && !loopback(u.Hostname()):
		return ErrInsecureURL
	}
	return nil
}

// loopback reports a host that is this machine. Names below localhost are not
// taken for it, whatever RFC 6761 §6.3 wants of resolvers: Go asks the DNS for
// them, and whoever answers would get the key.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}

// reasoningEffort gives the effort to ask for. The library knows models that
// take functions in this API only without reasoning, and refuses to ask others.
func reasoningEffort(o Options) (string, error) {
	request := openai.ChatCompletionRequest{Model: o.Model}
	if !o.Plain {
		request.Tools = []openai.Tool{{Type: openai.ToolTypeFunction}}
	}
	validator := openai.NewReasoningValidator()
	err := validator.Validate(request)
	if errors.Is(err, openai.ErrReasoningToolsRequireResponses) {
		request.ReasoningEffort = openai.ReasoningEffortNone
		err = validator.Validate(request)
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w: %s takes tools only through another API: try --plain, or another model", ErrOptions, ErrNoToolCalling, o.Model)
	}
	return request.ReasoningEffort, nil
}

// ownOr returns a client that follows no redirects: the one that was given, or one of
// this package's.
func ownOr(d Doer) Doer {
	if d == nil {
		return newHTTPClient()
	}
	return outbound.WithoutRedirects(d)
}

func newHTTPClient() *http.Client {
	dialer := &net.Dialer{Timeout: dialTimeout}
	return &http.Client{
		Timeout:       modelTimeout,
		CheckRedirect: outbound.UseLastResponse,
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    dialTimeout,
			MaxResponseHeaderBytes: 64 << 10,
			ForceAttemptHTTP2:      true, // a TLSClientConfig of our own would switch it off
		},
	}
}
