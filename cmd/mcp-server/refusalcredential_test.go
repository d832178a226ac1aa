package main

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"mcp-resource-server/auth"
)

// credentialRows are good tokens in the wrong place.
func credentialRows() []refusalRow {
	missing := func(name string, carry func(*http.Request, string)) refusalRow {
		return refusalRow{name: name, reason: auth.ReasonMissing, fault: carried(carry)}
	}
	ambiguous := func(name string, carry func(*http.Request, string)) refusalRow {
		return refusalRow{name: name, reason: auth.ReasonAmbiguous, fault: carried(carry)}
	}
	malformed := func(name string, carry func(*http.Request, string)) refusalRow {
		return refusalRow{name: name, reason: auth.ReasonMalformed, fault: carried(carry)}
	}
	return []refusalRow{
		missing("no credential", func(*http.Request, string) {}),
		missing("an empty Authorization", as("")),
		missing("the token without a scheme", as("TOKEN")),
		missing("the scheme Basic", as("Basic YWdlbnQtb2YtdGhlLWRheTpzZWNyZXQtb2YtdGhlLWRheQ==")),
		missing("the scheme DPoP", as("DPoP TOKEN")),
		missing("the scheme Token", as("Token TOKEN")),
		missing("the scheme Bearer as the beginning of another", as("Bearers TOKEN")),
		missing("the scheme and the token glued", as("BearerTOKEN")),
		missing("the scheme and the token by a tab", as("Bearer\tTOKEN")),
		missing("the scheme and the token by a colon", as("Bearer: TOKEN")),
		missing("the scheme and the token by an equals sign", as("Bearer=TOKEN")),
		missing("the scheme in quotes", as(`"Bearer" TOKEN`)),
		missing("the token in the query", inQuery("access_token")),
		missing("the token in a form", inForm),
		missing("the token in a cookie", func(r *http.Request, raw string) {
			r.AddCookie(&http.Cookie{Name: "access_token", Value: raw})
			r.AddCookie(&http.Cookie{Name: "Authorization", Value: raw})
		}),
		missing("the token in Proxy-Authorization", elsewhere("Proxy-Authorization", "Bearer ")),
		missing("the token in X-Authorization", elsewhere("X-Authorization", "Bearer ")),
		missing("the token in X-Forwarded-Access-Token", elsewhere("X-Forwarded-Access-Token", "")),
		missing("the token as the password of the URL", func(r *http.Request, raw string) { r.SetBasicAuth("bearer-of-a-token", raw) }),

		malformed("the scheme alone", as("Bearer")),
		malformed("the scheme and spaces", as("Bearer   ")),
		malformed("a tab behind the space", as("Bearer \tTOKEN")),
		malformed("a comma in front of the token", as("Bearer ,TOKEN")),
		malformed("a comma behind the token", as("Bearer TOKEN,")),
		malformed("a second scheme in the same line", as("Bearer TOKEN, Basic YWdlbnQtb2YtdGhlLWRheQ==")),
		malformed("a parameter behind the token", as(`Bearer TOKEN realm="of-the-token-itself"`)),
		malformed("the token as a parameter", as(`Bearer token="TOKEN"`)),
		malformed("a semicolon behind the token", as("Bearer TOKEN;")),

		ambiguous("two equal Authorization lines", lines("Bearer TOKEN", "Bearer TOKEN")),
		ambiguous("a good Authorization line and junk", lines("Bearer TOKEN", "Bearer junk")),
		ambiguous("junk and a good Authorization line", lines("Bearer junk", "Bearer TOKEN")),
		ambiguous("two schemes in two lines", lines("Basic YWdlbnQtb2YtdGhlLWRheQ==", "Bearer TOKEN")),
		ambiguous("a good Authorization line and an empty one", lines("Bearer TOKEN", "")),
		ambiguous("header and query", besides(inQuery("access_token"))),
		ambiguous("header and an empty query parameter", besides(query("access_token="))),
		ambiguous("header and a query parameter without a value", besides(query("access_token"))),
		ambiguous("header and query by escapes", besides(query("acce%73s%5Ftoken=x"))),
		ambiguous("header and query behind another parameter", besides(query("a=b&access_token=x"))),
		ambiguous("header and query behind a semicolon", besides(query("a=b;access_token=x"))),
		ambiguous("header and query behind what is no query", besides(query("%zz&access_token=x"))),
		{name: "another scheme and query", reason: auth.ReasonAmbiguous, fault: carried(func(r *http.Request, raw string) {
			as("Basic YWdlbnQtb2YtdGhlLWRheQ==")(r, raw)
			inQuery("access_token")(r, raw)
		})},

		{name: "the scheme in lower case", fault: carried(as("bearer TOKEN"))},
		{name: "the scheme in capitals", fault: carried(as("BEARER TOKEN"))},
		{name: "several spaces behind the scheme", fault: carried(as("Bearer    TOKEN"))},
		{name: "spaces around the whole line", fault: carried(as("  Bearer TOKEN  "))},
		{name: "a cookie beside the header", fault: carried(besides(func(r *http.Request, _ string) { r.AddCookie(&http.Cookie{Name: "access_token", Value: "junk"}) }))},
		{name: "a query parameter of another name", fault: carried(besides(query("token=junk&x_access_token=junk")))},
	}
}

func carried(carry func(*http.Request, string)) edit { return func(d *draft) { d.carry = carry } }

// as writes the Authorization line, with the token for TOKEN.
func as(line string) func(*http.Request, string) { return lines(line) }

func lines(all ...string) func(*http.Request, string) {
	return func(r *http.Request, raw string) {
		for _, line := range all {
			r.Header["Authorization"] = append(r.Header["Authorization"], strings.ReplaceAll(line, "TOKEN", raw))
		}
	}
}

func elsewhere(name, scheme string) func(*http.Request, string) {
	return func(r *http.Request, raw string) { r.Header.Set(name, scheme+raw) }
}

func query(raw string) func(*http.Request, string) {
	return func(r *http.Request, _ string) { r.URL.RawQuery = raw }
}

func inQuery(name string) func(*http.Request, string) {
	return func(r *http.Request, raw string) { r.URL.RawQuery = url.Values{name: {raw}}.Encode() }
}

// besides puts the token where it belongs, and something beside it.
func besides(also func(*http.Request, string)) func(*http.Request, string) {
	return func(r *http.Request, raw string) {
		as("Bearer TOKEN")(r, raw)
		also(r, raw)
	}
}

// inForm sends the token as RFC 6750 §2.2 has it.
func inForm(r *http.Request, raw string) {
	body := url.Values{"access_token": {raw}}.Encode()
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
}
