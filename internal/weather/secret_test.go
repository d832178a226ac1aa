package weather

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/internal/sampleweather"
)

// Whatever a Doer returns, the error says why in our words and holds neither the
// key nor the URL. Printing the whole chain shows no more.
func TestNoKeyInErrors(t *testing.T) {
	tests := []struct {
		name  string
		cause error
		want  string
	}{
		{"refused", keyInURL(&net.OpError{Op: "dial", Err: errors.New("connection refused")}), "dial: connection refused"},
		{"no such host", keyInURL(&net.DNSError{Err: "no such host", Name: "weather.example", IsNotFound: true}), "lookup weather.example: no such host"},
		{"too slow", keyInURL(context.DeadlineExceeded), "no answer in time"},
		{"an unknown authority", keyInURL(x509.UnknownAuthorityError{}), "tls: the certificate is signed by an unknown authority"},
		{"another host's certificate", keyInURL(x509.HostnameError{Host: "weather.example", Certificate: &x509.Certificate{DNSNames: []string{secretKey}}}), "tls: the certificate is not valid for weather.example"},
		{"what nobody thought of", errors.New("GET ?apikey=" + secretKey), "the connection failed"},
	}
	for _, p := range []Provider{OpenMeteo, OpenWeatherMap} {
		for _, tt := range tests {
			bubble(t, string(p)+", "+tt.name, func(t *testing.T) {
				o := keyed(p, "")
				o.HTTP = doer(func(*http.Request) (*http.Response, error) { return nil, tt.cause })
				_, err := client(t, o).dubai(t.Context())
				if want := "the weather service is unavailable: " + tt.want; !errors.Is(err, ErrUnavailable) || text(err) != want {
					t.Errorf("err = %v, want %s", err, want)
				}
				noSecret(t, fmt.Sprintf("%v %+v %#v", err, err, err))
				for e := err; e != nil; e = errors.Unwrap(e) {
					noSecret(t, fmt.Sprintf("%#v", e))
				}
			})
		}
	}
}

func noSecret(t *testing.T, shown string) {
	t.Helper()
	for _, form := range []string{secretKey, url.QueryEscape(secretKey), fmt.Sprintf("%x", secretKey), fmt.Sprintf("%X", secretKey)} {
		if strings.Contains(shown, form) {
			t.Errorf("the key is shown: %s", shown)
		}
	}
}

// The real errors of the real client, with the key in the URL each time.
func TestNoKeyInRealErrors(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	untrusted := httptest.NewUnstartedServer(sampleweather.Handler(today))
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	plain := serve(t, sampleweather.Handler(today))
	tests := []struct{ name, base, want string }{
		{"nobody listens", closed.URL, "the weather service is unavailable: dial tcp " + strings.TrimPrefix(closed.URL, "http://") + ": connect: connection refused"},
		{"a certificate of its own", untrusted.URL, "the weather service is unavailable: tls: the certificate is signed by an unknown authority"},
		{"TLS where there is none", strings.Replace(plain.URL, "http:", "https:", 1), "the weather service is unavailable: it speaks http, not https"},
		{"the twin", plain.URL, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := client(t, keyed(OpenWeatherMap, tt.base)).dubai(t.Context())
			if text(err) != tt.want {
				t.Errorf("err = %v, want %q", err, tt.want)
			}
			noSecret(t, fmt.Sprintf("%+v %#v", err, err))
		})
	}
}

// Nothing that prints or logs a client or its options shows the key.
func TestNoKeyPrinted(t *testing.T) {
	for _, p := range []Provider{OpenMeteo, OpenWeatherMap} {
		o := keyed(p, "https://weather.example")
		c := client(t, o)
		shown := map[string]string{}
		for _, v := range []any{o, &o, c, []Options{o}, struct{ Weather Options }{o}, struct{ Weather *Client }{c}} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
				shown[fmt.Sprintf("%T as %s", v, verb)] = fmt.Sprintf(verb, v)
			}
		}
		for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
			"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			"JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var b bytes.Buffer
			slog.New(handler(&b)).Info("start", "options", o, "client", c, "all", struct{ Weather Options }{o})
			shown[name+" log"] = b.String()
		}
		for name, s := range shown {
			t.Run(name, func(t *testing.T) {
				if s == "" {
					t.Error("nothing is shown at all")
				}
				noSecret(t, s)
			})
		}
		if want := `weather.Options{provider:"` + string(p) + `" base_url:"https://weather.example" key:true}`; fmt.Sprint(o) != want {
			t.Errorf("%v, want %s", o, want)
		}
	}
	if got := fmt.Sprint(Options{BaseURL: "https://user:" + secretKey + "@weather.example"}); got != `weather.Options{provider:"" base_url:"(not a base URL)" key:false}` {
		t.Error(got)
	}
}

// Each fault stands beside the nearest options that have none.
func TestOptions(t *testing.T) {
	tests := []struct {
		name    string
		options Options
		want    []string
		twin    Options
	}{
		{"an unknown provider", Options{Provider: "openweather"}, []string{"weather: provider must be open-meteo or openweathermap"}, Options{Provider: OpenMeteo}},
		{"OpenWeatherMap without a key", Options{Provider: OpenWeatherMap}, []string{"weather: api_key is needed for openweathermap"}, Options{Provider: OpenWeatherMap, APIKey: secretKey}},
		{"a key with its line end", Options{APIKey: secretKey + "\n"}, []string{"weather: api_key has white space or other characters that no key has"}, Options{APIKey: secretKey}},
		{"a key with quotation marks from a document", Options{APIKey: "“" + secretKey + "”"}, []string{"weather: api_key has white space or other characters that no key has"}, Options{APIKey: secretKey}},
		{"another scheme", Options{BaseURL: "ftp://weather.example"}, []string{"weather: base_url does not begin with http:// or https://"}, Options{BaseURL: "http://weather.example"}},
		{"no scheme", Options{BaseURL: "weather.example"}, []string{"weather: base_url does not begin with http:// or https://"}, Options{BaseURL: "https://weather.example"}},
		{"no host", Options{BaseURL: "https:///v1"}, []string{"weather: base_url has no host"}, Options{BaseURL: "https://weather.example/v1"}},
		{"no slashes", Options{BaseURL: "https:weather.example"}, []string{"weather: base_url has no host"}, Options{BaseURL: "https://weather.example"}},
		{"a port alone", Options{BaseURL: "https://:443"}, []string{"weather: base_url has no host"}, Options{BaseURL: "https://weather.example:443"}},
		{"a password", Options{BaseURL: "https://u:" + secretKey + "@weather.example"}, []string{"weather: base_url has a user name or a password"}, Options{BaseURL: "https://weather.example"}},
		{"an empty user", Options{BaseURL: "https://@weather.example"}, []string{"weather: base_url has a user name or a password"}, Options{BaseURL: "https://weather.example"}},
		{"a query", Options{BaseURL: "https://weather.example?apikey=" + secretKey}, []string{"weather: base_url has a query or a fragment"}, Options{BaseURL: "https://weather.example"}},
		{"an empty query", Options{BaseURL: "https://weather.example/?"}, []string{"weather: base_url has a query or a fragment"}, Options{BaseURL: "https://weather.example/"}},
		{"a fragment", Options{BaseURL: "https://weather.example/#"}, []string{"weather: base_url has a query or a fragment"}, Options{BaseURL: "https://weather.example/"}},
		{"not a URL", Options{BaseURL: "https://weather.example/%" + secretKey}, []string{"weather: base_url is not a URL"}, Options{BaseURL: "https://weather.example/%20"}},
		{"a key for the free host", Options{Provider: OpenMeteo, APIKey: secretKey, BaseURL: "https://API.open-meteo.com/"}, []string{"weather: base_url must be https://customer-api.open-meteo.com or your own if there is an API key"}, Options{Provider: OpenMeteo, BaseURL: "https://API.open-meteo.com/"}},
		{"all of it", Options{Provider: "x", BaseURL: "x", APIKey: " "}, []string{
			"weather: provider must be open-meteo or openweathermap",
			"weather: base_url does not begin with http:// or https://",
			"weather: api_key has white space or other characters that no key has",
		}, Options{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, f := range tt.options.Faults() {
				got = append(got, f.Error())
				noSecret(t, f.Error())
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("faults %q, want %q", got, tt.want)
			}
			c, err := New(tt.options)
			var fault *OptionError
			if c != nil || !errors.As(err, &fault) || fault.Error() != tt.want[0] {
				t.Errorf("New: %v, %v", c, err)
			}
			if _, err := New(tt.twin); err != nil || len(tt.twin.Faults()) != 0 {
				t.Errorf("the twin: %v", err)
			}
		})
	}
}

// The defaults, which no other test uses: a client and a clock of our own.
func TestDefaults(t *testing.T) {
	srv := serve(t, sampleweather.Handler(nil))
	r, err := client(t, Options{BaseURL: srv.URL}).dubai(t.Context())
	if err != nil || r.Temperature != 30.4 || time.Since(r.ObservedAt) > time.Hour {
		t.Errorf("%+v, %v", r, err)
	}
}
