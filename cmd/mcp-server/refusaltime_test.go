package main

import (
	"strconv"
	"strings"
	"time"

	"mcp-resource-server/auth"
)

// timeRows are about exp, nbf and iat. The skew is the default, 30 seconds; the good
// token lives for an hour.
func timeRows() []refusalRow {
	rows := expiryRows()
	for _, name := range []string{"nbf", "iat"} {
		wrong := func(what, value string) refusalRow {
			return refusalRow{name: name + " " + what, reason: auth.ReasonLifetime, fault: claim(name, value)}
		}
		early := func(what string, good, fault string) refusalRow {
			return refusalRow{name: what + " before " + name, reason: auth.ReasonNotYetValid, good: claim(name, good), fault: claim(name, fault)}
		}
		rows = append(rows,
			wrong("null", `null`),
			wrong("a string", strconv.Quote(second(0))),
			wrong("by RFC 3339", `"2026-08-01T12:00:00Z"`),
			wrong("true", `true`),
			wrong("an array", `[`+second(0)+`]`),
			wrong("an object", `{}`),
			wrong("1e400", `1e400`),
			wrong("in milliseconds", second(0)+"000"),
			early("31 s", second(29), second(31)),
			early("30 s and a half", second(30), second(30)+".5"),
			early("a year", second(0), second(365*86400)),
		)
	}
	return rows
}

func expiryRows() []refusalRow {
	wrong := func(name, value string) refusalRow {
		return refusalRow{name: "exp " + name, reason: auth.ReasonLifetime, fault: claim("exp", value)}
	}
	gone := func(name string, good, fault time.Duration) refusalRow {
		return refusalRow{name: name, reason: auth.ReasonExpired, good: later(time.Hour + good), fault: later(time.Hour + fault)}
	}
	return []refusalRow{
		wrong("missing", ""),
		wrong("null", `null`),
		wrong("a string", strconv.Quote(second(3600))),
		wrong("by RFC 3339", `"2026-08-01T13:00:00Z"`),
		wrong("true", `true`),
		wrong("an array", `[`+second(3600)+`]`),
		wrong("an object", `{"seconds": `+second(3600)+`}`),
		wrong("zero", `0`),
		wrong("minus zero", `-0`),
		wrong("minus one", `-1`),
		wrong("negative", `-`+second(3600)),
		wrong("a fraction below one", `0.5`),
		wrong("the string NaN", `"NaN"`),
		wrong("the string Infinity", `"Infinity"`),
		wrong("1e400", `1e400`),
		wrong("-1e400", `-1e400`),
		wrong("1e-400", `1e-400`),
		wrong("of a thousand digits", strings.Repeat("9", 1000)),
		wrong("in milliseconds", second(3600)+"000"),
		wrong("in nanoseconds", second(3600)+"000000000"),
		{name: "exp in the year 10000", reason: auth.ReasonLifetime, good: claim("exp", "253402300799"), fault: claim("exp", "253402300800")},
		wrongClaim("exp NaN", claim("exp", `NaN`)),
		wrongClaim("exp Infinity", claim("exp", `Infinity`)),
		wrongClaim("exp in hexadecimal", claim("exp", `0x7fffffff`)),
		wrongClaim("exp with a plus sign", claim("exp", "+"+second(3600))),
		{name: "exp long gone", reason: auth.ReasonExpired, fault: claim("exp", second(-86400))},
		{name: "exp in 1970", reason: auth.ReasonExpired, fault: claim("exp", "1")},
		{name: "exp half a second beyond the skew", reason: auth.ReasonExpired, good: claim("exp", second(-29)+".5"), fault: claim("exp", second(-30)+".0")},
		gone("31 s after exp", 29*time.Second, 31*time.Second),
		gone("30 s after exp", 30*time.Second-1, 30*time.Second),
		gone("a day after exp", 0, 24*time.Hour),
		{name: "exp by an exponent", fault: claim("exp", "2e9")},
		{name: "exp with a fraction", fault: claim("exp", second(3600)+".25")},
	}
}
