package main

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mcp-resource-server/auth"
	"mcp-resource-server/config"
)

// refusalRow is a good request with one thing changed, and why it is refused.
type refusalRow struct {
	name string
	// reason is why it is refused; a row without one is accepted, and counts as no
	// refusal.
	reason auth.Reason
	// at is the place whose tokens are changed; "" is the plain one.
	at string
	// good makes the twin, which is accepted; nil where that is the good draft as it is.
	good edit
	// fault is what is wrong.
	fault edit
	// asks says that the issuer is asked for the key, once. Such a row has an issuer
	// of its own, as three at once is what any issuer is asked at most.
	asks bool
	// only are the routes on which the fault is one; nil for all.
	only []string
	// needs is what a call needs, as a challenge names it; "" is draftScope.
	needs string
	// lacks is what of it a final refusal names; "" is all of it. client is the client
	// that it names; "" is agent.
	lacks, client string
}

// refusalGroup is what one server is started for.
type refusalGroup struct {
	name      string
	configure func(*testing.T, *config.Config)
	places    map[string]place
	// access is the access table beside the places.
	access func(*auth.AccessConfig)
	// drained are the places whose forced fetches are used up before the rows.
	drained []string
	rows    []refusalRow
}

// refusalRig is a server under test, and the issuers that it trusts.
type refusalRig struct {
	*stack
	keys   *keyServer
	places map[string]place
	client *http.Client
}

func (g refusalGroup) start(t *testing.T) *refusalRig {
	t.Helper()
	all := maps.Clone(g.places)
	for i, row := range g.rows {
		if row.asks {
			all[ownPlace(i)] = place{}
		}
	}
	r := &refusalRig{keys: startKeyServer(t), places: all, client: &http.Client{Transport: &http.Transport{}}}
	r.stack = startServer(t, listen(t, "127.0.0.1:0"), "", &clock{start: draftNow}, func(c *config.Config) {
		if g.configure != nil {
			g.configure(t, c)
		}
		configurePlaces(t, c, r.keys, all)
		if g.access != nil { // newApp holds it to the tools, of which configurePlaces knows no probe
			g.access(&c.Access)
		}
	})
	t.Cleanup(r.client.CloseIdleConnections)
	eventually(t, "every issuer has its keys", func() bool {
		_, statuses := r.app.trust.Ready()
		return !slices.ContainsFunc(statuses, func(s auth.KeyStatus) bool { return !s.Usable && s.Issuer != issuerOf("down") })
	})
	for _, name := range g.drained {
		r.drain(name)
	}
	return r
}

// ownPlace names the issuer of the i-th row where it needs one of its own.
func ownPlace(i int) string { return "own-" + strconv.Itoa(i) }

// drain uses up what may be asked of an issuer at once.
func (r *refusalRig) drain(name string) {
	r.t.Helper()
	for i := range 3 {
		d := goodDraft(r.places[name].issuer(name))
		keyID("key-that-drained-it-" + strconv.Itoa(i))(d)
		if got := r.on(refusalRoutes("")[0], d, d.token()); got.status != http.StatusUnauthorized {
			r.t.Fatalf("unknown key %d of %s: %d %s", i, name, got.status, got.body)
		}
	}
}

// run holds the row's request to all that a refusal promises, and its twin to being
// accepted, on every way in.
func (r *refusalRig) run(t *testing.T, name string, row refusalRow) {
	draw := func(also edit) *draft {
		d := goodDraft(r.places[name].issuer(name))
		d.nobody = r.keys.url + "/nobody"
		for _, e := range []edit{row.good, also} {
			if e != nil {
				e(d)
			}
		}
		return d
	}
	twin, bad := draw(nil), draw(row.fault)
	if row.reason == "" {
		r.accepts(t, bad, r.session(t, bad))
		return
	}
	session := r.session(t, twin)
	r.refuses(t, row, name, bad, session)
	r.accepts(t, twin, session)
}

// refuses sends the draft on every route and looks at all that must not happen.
func (r *refusalRig) refuses(t *testing.T, row refusalRow, name string, d *draft, session string) {
	t.Helper()
	raw := d.token()
	logged, probed, asked := r.logs.len(), r.probed.Load(), r.keys.counts()
	var public strings.Builder
	begin := time.Now()
	for i, route := range refusalRoutes(session) {
		if row.only != nil && !slices.Contains(row.only, route.name) {
			continue
		}
		got := r.on(route, d, raw)
		if row.needs != "" && slices.Contains(calls, route.name) {
			route.needs = row.needs
		}
		want := refusalAnswer(row, route)
		compareAnswers(t, route.name, got.answer, want)
		if got.line.Reason != string(row.reason) || got.line.Status != want.status || !r.discreet(got.line) {
			t.Errorf("%s: logged as %+v, want %d %q", route.name, got.line, want.status, row.reason)
		}
		public.WriteString(surface(got.answer))
		r.comparePaths(t, route.name, row, name, asked, i == 0, time.Since(begin))
	}
	if n := r.probed.Load() - probed; n != 0 {
		t.Errorf("the tool ran %d times", n)
	}
	r.findLeaks(t, d, raw, public.String(), r.logs.since(logged))
}

// discreet reports whether a line names nothing of the token but an issuer that is
// configured and a short digest.
func (r *refusalRig) discreet(line accessLine) bool {
	known := line.Issuer == "" || line.Issuer == auth.StaticIssuer
	for name, p := range r.places {
		known = known || line.Issuer == p.issuer(name)
	}
	return known && (line.KeyFingerprint == "" || len(line.KeyFingerprint) == 8 && strings.Trim(line.KeyFingerprint, "0123456789abcdef") == "")
}

// comparePaths looks at who was asked for keys since asked was counted. What a
// fetch has shown is remembered for a second: only a machine that stood still for so
// long between two requests may ask twice.
func (r *refusalRig) comparePaths(t *testing.T, route string, row refusalRow, name string, asked map[string]int, first bool, took time.Duration) {
	t.Helper()
	for path, n := range r.keys.counts() {
		n -= asked[path]
		owner := strings.TrimPrefix(path, "/")
		switch {
		case r.places[owner].restless:
		case owner != name || !row.asks:
			if n != 0 {
				t.Errorf("%s: %s was asked for %d times", route, path, n)
			}
		case n < 1 || (n > 1 && (first || took < time.Second)):
			t.Errorf("%s: %s was asked for %d times, want once", route, path, n)
		}
	}
}
