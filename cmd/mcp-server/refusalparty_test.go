package main

import (
	"strconv"

	"mcp-resource-server/auth"
)

// partyRows are about who issued the token, for whom, and to whom.
func partyRows() []refusalRow {
	rows := issuerRows()
	for _, part := range [][]refusalRow{audienceRows(), clientRows()} {
		rows = append(rows, part...)
	}
	return rows
}

// issuerRows have an iss that is nearly one of ours.
func issuerRows() []refusalRow {
	from := func(name, value string) refusalRow {
		return refusalRow{name: "iss " + name, reason: auth.ReasonIssuer, fault: claim("iss", value)}
	}
	named := func(name, issuer string) refusalRow { return from(name, strconv.Quote(issuer)) }
	return []refusalRow{
		from("missing", ""),
		from("empty", `""`),
		from("null", `null`),
		from("a number", `1`),
		from("true", `true`),
		from("an array", `["https://plain.example/"]`),
		from("an object", `{"": "https://plain.example/"}`),
		named("of somebody else", "https://evil.example/"),
		named("without the slash", "https://plain.example"),
		named("with another slash", "https://plain.example//"),
		named("in capitals", "https://PLAIN.example/"),
		named("with the scheme in capitals", "HTTPS://plain.example/"),
		named("by http", "http://plain.example/"),
		named("without a scheme", "plain.example/"),
		named("with the default port", "https://plain.example:443/"),
		named("with a trailing dot in the host", "https://plain.example./"),
		named("with a user", "https://a@plain.example/"),
		named("with a query", "https://plain.example/?"),
		named("with a fragment", "https://plain.example/#"),
		named("with a space in front", " https://plain.example/"),
		named("with a space behind", "https://plain.example/ "),
		named("with a line break behind", "https://plain.example/\n"),
		from("with a NUL behind", `"https://plain.example/\u0000"`),
		named("with ours as the beginning", "https://plain.example/tenant"),
		named("with ours as the end", "https://evil.example/https://plain.example/"),
		named("with a percent-encoded letter", "https://plain.ex%61mple/"),
		named("with a letter that looks the same", "https://plаin.example/"), // a Cyrillic a
		named("of a subdomain", "https://tenant.plain.example/"),
		{name: "iss with the slash of another issuer", reason: auth.ReasonIssuer, at: "bare", fault: claim("iss", `"https://bare.example/"`)},
		{name: "iss of another issuer of ours", reason: auth.ReasonAudience, fault: claim("iss", strconv.Quote(issuerOf("second")))},
		{name: "iss by escapes", fault: claim("iss", `"https:\/\/plain.example\/"`)},
	}
}

// audienceRows have an aud that is nearly ours.
func audienceRows() []refusalRow {
	to := func(name, value string) refusalRow {
		return refusalRow{name: "aud " + name, reason: auth.ReasonAudience, fault: claim("aud", value)}
	}
	named := func(name, audience string) refusalRow { return to(name, strconv.Quote(audience)) }
	return []refusalRow{
		to("missing", ""),
		to("empty", `""`),
		to("null", `null`),
		to("a number", `1`),
		to("true", `true`),
		to("an object", `{"0": "`+draftAudience+`"}`),
		to("an empty array", `[]`),
		to("an array of others", `["https://plain.example/userinfo", "urn:example:other"]`),
		to("an array with a number", `["`+draftAudience+`", 1]`),
		to("an array with a null", `["`+draftAudience+`", null]`),
		to("an array within an array", `[["`+draftAudience+`"]]`),
		to("an array of objects", `[{"aud": "`+draftAudience+`"}]`),
		named("of another API", "https://elsewhere.example.com/"),
		named("the public address, which is another", "https://public.test/mcp"),
		named("with a slash behind", draftAudience+"/"),
		named("without the path", "https://mcp.example.com"),
		named("in capitals", "https://MCP.example.com/mcp"),
		named("by http", "http://mcp.example.com/mcp"),
		named("with the default port", "https://mcp.example.com:443/mcp"),
		named("with a query", draftAudience+"?"),
		named("with a fragment", draftAudience+"#mcp"),
		named("with ours as the beginning", draftAudience+".evil.example"),
		named("with ours in a list of words", draftAudience+" urn:example:other"),
		named("with a space behind", draftAudience+" "),
		named("the issuer itself", "https://plain.example/"),
		named("the client, as in an ID token", draftClient),
		{
			name: "aud two of others instead of ours and another", reason: auth.ReasonAudience, good: claim("aud", `["https://plain.example/userinfo", "`+draftAudience+`"]`),
			fault: claim("aud", `["https://plain.example/userinfo", "https://plain.example/api/v2/"]`),
		},
		{name: "aud a name nearly that of our second", reason: auth.ReasonAudience, good: claim("aud", `"urn:example:api"`), fault: claim("aud", `"urn:example:API"`)},
	}
}

// clientRows have claims that do not name one client.
func clientRows() []refusalRow {
	beside := func(name, reason string, value string) refusalRow {
		return refusalRow{name: name, reason: auth.Reason(reason), good: claim("client_id", strconv.Quote(draftClient)), fault: claim("client_id", value)}
	}
	const client, wrong = string(auth.ReasonClient), string(auth.ReasonClaim)
	return []refusalRow{
		wrongClaim("azp empty", claim("azp", `""`)),
		wrongClaim("azp null", claim("azp", `null`)),
		wrongClaim("azp a number", claim("azp", `1`)),
		wrongClaim("azp false", claim("azp", `false`)),
		wrongClaim("azp an array", claim("azp", `["client-of-the-token"]`)),
		wrongClaim("azp an object", claim("azp", `{}`)),
		beside("client_id empty beside azp", wrong, `""`),
		beside("client_id null beside azp", wrong, `null`),
		beside("client_id a number beside azp", wrong, `1`),
		beside("client_id true beside azp", wrong, `true`),
		beside("client_id an array beside azp", wrong, `["client-of-the-token"]`),
		beside("client_id an object beside azp", wrong, `{"id": "client-of-the-token"}`),
		beside("client_id and azp disagree", client, `"another-client-of-ours"`),
		beside("client_id and azp differ in case", client, `"Client-Of-The-Token"`),
		beside("client_id and azp differ by a space", client, `"client-of-the-token "`),
		{name: "no client at all", fault: claim("azp", "")},
		{name: "client_id and azp agree by escapes", fault: claim("client_id", `"\u0063lient-of-the-token"`)},
	}
}
