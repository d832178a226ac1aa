package main

import (
	"cmp"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mcp-resource-server/auth"
)

// refusalRoute is one way into the endpoint.
type refusalRoute struct {
	name, method, body string
	header             map[string]string
	stream             bool   // a good request gets an answer that does not end
	good               int    // the status of a good request; 0 where none is sent
	id                 string // of the message, as it stands in the answer
	unknown            int    // the status where what is named is not there; 0 where nothing is named
	needs              string // the scopes of the operation
}

// routeInitialize is the way in on which a session is opened.
const routeInitialize = "legacy initialize"

// refusalRoutes are every way in; the session is the twin's. The last of those that
// a good token uses ends it.
func refusalRoutes(session string) []refusalRoute {
	modernBody, modernHeader := callBody(modernEra, "probe", "{}")
	legacyBody, legacyHeader := callBody(legacyEra, "probe", "{}")
	inSession := with(map[string]string{"Accept": "text/event-stream", "MCP-Protocol-Version": legacyEra}, "Mcp-Session-Id", session)
	initialize := `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"` + legacyEra +
		`","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`
	return []refusalRoute{
		{name: "modern POST", method: http.MethodPost, body: modernBody, header: modernHeader, good: http.StatusOK, id: "7", needs: draftScope, unknown: http.StatusBadRequest},
		{name: "legacy POST", method: http.MethodPost, body: legacyBody, header: with(legacyHeader, "Mcp-Session-Id", session), good: http.StatusOK, id: "7", needs: draftScope, unknown: http.StatusOK},
		{name: routeInitialize, method: http.MethodPost, body: initialize, header: legacyHeader, id: "1", needs: "base"},
		{name: "GET", method: http.MethodGet, header: inSession, stream: true, good: http.StatusOK, id: "null", needs: "base"},
		{name: "DELETE", method: http.MethodDelete, header: inSession, good: http.StatusNoContent, id: "null", needs: "base"},
		{name: "PUT", method: http.MethodPut, body: "{}"},
		{name: "HEAD", method: http.MethodHead},
		{name: "OPTIONS", method: http.MethodOptions},
		{name: "an unknown method", method: "FROBNICATE"},
	}
}

const (
	refusalMetadata = `resource_metadata="https://public.test/.well-known/oauth-protected-resource/mcp"`

	challengeMissing   = `Bearer scope="base", ` + refusalMetadata
	challengeAmbiguous = `Bearer error="invalid_request", error_description="more than one credential was sent", scope="base", ` + refusalMetadata
	challengeInvalid   = `Bearer error="invalid_token", error_description="the access token is not valid here: it is malformed, expired, or not issued for this resource", scope="base", ` + refusalMetadata

	bodyMissing     = `{"error":"unauthorized","error_description":"an access token is required"}` + "\n"
	bodyAmbiguous   = `{"error":"invalid_request","error_description":"more than one credential was sent"}` + "\n"
	bodyInvalid     = `{"error":"invalid_token","error_description":"the access token is not valid here: it is malformed, expired, or not issued for this resource"}` + "\n"
	bodyUnavailable = `{"error":"temporarily_unavailable","error_description":"the access token cannot be checked at the moment"}` + "\n"
)

// refusalAnswer is the whole answer to a row's request: every header but the request's
// id and the date.
func refusalAnswer(row refusalRow, route refusalRoute) answer {
	a := answer{status: http.StatusUnauthorized, body: bodyInvalid}
	challenge, retryAfter := challengeInvalid, ""
	switch row.reason {
	case auth.ReasonMissing:
		challenge, a.body = challengeMissing, bodyMissing
	case auth.ReasonAmbiguous:
		a.status, challenge, a.body = http.StatusBadRequest, challengeAmbiguous, bodyAmbiguous
	case auth.ReasonKeysUnavailable:
		a.status, challenge, a.body, retryAfter = http.StatusServiceUnavailable, "", bodyUnavailable, "30"
	case auth.ReasonScope:
		a.status, a.body = http.StatusForbidden, scopeBody(route)
		challenge = `Bearer error="insufficient_scope", error_description="the access token lacks a scope that this operation needs", scope="` +
			route.needs + `", ` + refusalMetadata
	case auth.ReasonPermission:
		a.status, challenge, a.body = http.StatusForbidden, "", finalBody(route, row)
	case reasonConcealed:
		a.status, challenge = route.unknown, ""
		a.body = `{"jsonrpc":"2.0","id":` + route.id + `,"error":{"code":-32602,"message":"unknown tool"}}` + "\n"
	}
	a.header = http.Header{
		"Cache-Control": {"no-store"}, "Content-Type": {"application/json"}, "X-Content-Type-Options": {"nosniff"},
		"Content-Length": {strconv.Itoa(len(a.body))},
	}
	if challenge != "" {
		a.header.Set("WWW-Authenticate", challenge)
	}
	if retryAfter != "" {
		a.header.Set("Retry-After", retryAfter)
	}
	if route.method == http.MethodHead {
		a.body = ""
	}
	return a
}

func scopeBody(route refusalRoute) string {
	return `{"jsonrpc":"2.0","id":` + route.id + `,"error":{"code":-32003,"message":"insufficient scope: this operation needs ` + route.needs +
		`; request these scopes, or have an administrator grant them to the client","data":{"required_scopes":["` +
		strings.ReplaceAll(route.needs, " ", `","`) + "\"]}}}\n"
}

// finalBody is for a client that cannot ask for more: there is no scope to request.
func finalBody(route refusalRoute, row refusalRow) string {
	lacks := strings.Fields(route.needs)
	if row.lacks != "" {
		lacks = slices.DeleteFunc(lacks, func(s string) bool { return !slices.Contains(strings.Fields(row.lacks), s) })
	}
	client := cmp.Or(row.client, "agent")
	return `{"jsonrpc":"2.0","id":` + route.id + `,"error":{"code":-32003,"message":"not permitted: an administrator must assign ` + strings.Join(lacks, " ") +
		` to the client ` + client + `, or to its user; asking for another token before that does not help","data":{"final":true,"missing":["` +
		strings.Join(lacks, `","`) + "\"]}}}\n"
}

// compareAnswers wants two answers to be equal to the byte, but for the request's id
// and the date.
func compareAnswers(t *testing.T, route string, got, want answer) {
	t.Helper()
	if got.status != want.status || got.body != want.body {
		t.Errorf("%s: %d %s\nwant %d %s", route, got.status, got.body, want.status, want.body)
	}
	header := got.header.Clone()
	for _, name := range []string{"X-Request-Id", "Date"} {
		if len(header.Values(name)) != 1 {
			t.Errorf("%s: %s: %q", route, name, header.Values(name))
		}
		header.Del(name)
	}
	if !maps.EqualFunc(header, want.header, slices.Equal[[]string]) {
		t.Errorf("%s: header %v\nwant %v", route, header, want.header)
	}
}

// leakWindow is how much of a credential may stand anywhere by chance.
const leakWindow = 12

// surface is all of an answer in which something could leak. What is always there is
// left out where a token may well hold a piece of it: the Content-Type, and our own
// address.
func surface(a answer) string {
	header := a.header.Clone()
	header.Del("Content-Type")
	var b strings.Builder
	_ = header.Write(&b)
	return strings.ReplaceAll(b.String()+a.body, refusalMetadata, "")
}

// findLeaks looks for a piece of the token, its header or its claims in the answers
// and in the log, which holds names of configured issuers and nothing else of them.
func (r *refusalRig) findLeaks(t *testing.T, d *draft, raw, public, log string) {
	t.Helper()
	for name, p := range r.places {
		log = strings.ReplaceAll(log, `"`+p.issuer(name)+`"`, "")
	}
	header, claims := d.texts()
	for where, text := range map[string]string{"answer": public, "log": log} {
		for what, secret := range map[string]string{"token": raw, "header": header, "claims": claims} {
			if piece := commonPiece(text, secret); piece != "" {
				at := strings.Index(text, piece)
				t.Errorf("%q of the %s is in the %s: …%q…", piece, what, where, text[max(0, at-60):min(len(text), at+60)])
			}
		}
	}
}

// commonPiece returns leakWindow bytes that both texts have, or "".
func commonPiece(public, secret string) string {
	if len(public) < leakWindow || len(secret) < leakWindow {
		return ""
	}
	seen := make(map[string]bool, len(public))
	for i := range len(public) - leakWindow + 1 {
		seen[public[i:i+leakWindow]] = true
	}
	for i := range len(secret) - leakWindow + 1 {
		if seen[secret[i:i+leakWindow]] {
			return secret[i : i+leakWindow]
		}
	}
	return ""
}

func readAll(t *testing.T, resp *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
