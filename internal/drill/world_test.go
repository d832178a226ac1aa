package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// world is an issuer and a server that trusts it, without a network: in a bubble of
// synctest a whole drill takes no time. Its zero value has none of its faults.
type world struct {
	faults faults
	plan   plan

	mu sync.Mutex

	// The issuer's.
	made     int
	kids     []string // next, current, and the previous ones, newest first
	issued   map[string]token
	asked    fetches
	down     bool
	hangs    bool
	answers  map[string]int // by path: what it answers instead
	mischief func(path string)

	// The server's.
	known      []string
	refreshed  time.Time
	forced     time.Time
	remembered int64
	calls      int
}

// faults are what can be wrong with the server.
type faults struct {
	neverForces   bool // an unknown key id waits for the next refresh
	forcesAlways  bool // every unknown key id is a fetch
	keepsKeys     bool // what it knew once it knows for ever
	dropsPrevious bool // it takes no keys but the two newest
	neverAsks     bool // but once
	acceptsJunk   bool
	junkStatus    int           // what junk gets instead of a 401
	slowedBy      time.Duration // in a storm
	late          time.Duration // always
	remembers     bool          // what junk it has seen
	wrongResults  bool          // now and then
}

func newWorld(p plan, f faults) *world {
	w := &world{plan: p, faults: f, issued: map[string]token{}, answers: map[string]int{}}
	w.kids = []string{w.newKid(), w.newKid()}
	w.fetch()
	return w
}

func (w *world) newKid() string {
	w.made++
	return fmt.Sprintf("key-%d", w.made)
}

// drill is one in this world.
func (w *world) drill() *drill {
	i := &issuer{
		base: "http://issuer/", audience: "http://server/mcp", client: &http.Client{Transport: w},
		clients: []credentials{{"one", "1"}, {"two", "2"}},
	}
	s := newServer("http://server/mcp", w)
	return &drill{
		plan: w.plan, issuer: i, pool: newPool(i), server: s, flood: newFlood(s, w.plan.junk),
		memory: w.memory, tell: func(string) {},
	}
}

func (w *world) memory() (int64, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return 1<<20 + w.remembered, true
}

func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	rec := httptest.NewRecorder()
	if r.URL.Host == "issuer" {
		w.serveIssuer(rec, r)
		return rec.Result(), nil
	}
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-time.After(w.takes()):
		w.serveCall(rec, r)
		return rec.Result(), nil
	}
}

// takes is how long it is until a call that comes now is looked at.
func (w *world) takes() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	takes := time.Millisecond + w.faults.late
	if w.hangs {
		takes += w.faults.slowedBy
	}
	return takes
}

func (w *world) serveIssuer(rec *httptest.ResponseRecorder, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.mischief != nil {
		w.mischief(r.URL.Path)
	}
	if status := w.answers[r.URL.Path]; status != 0 {
		rec.WriteHeader(status)
		return
	}
	answer := map[string]any{}
	switch query := r.URL.Query(); r.Method + " " + r.URL.Path {
	case "POST /dev/rotate":
		w.kids = slices.Insert(w.kids, 0, w.newKid())
		answer["kid"] = w.kids[1]
	case "POST /dev/revoke":
		w.kids = w.kids[:2]
	case "POST /dev/outage":
		w.down = query.Get("for") != "0"
	case "POST /dev/slow":
		w.hangs = query.Get("delay") != "0s"
	case "GET /dev/state":
		answer["kids"] = map[string]string{"current": w.kids[1]}
		answer["fetches"] = w.asked
	case "POST /oauth/token":
		w.asked.Token++
		answer["access_token"], answer["expires_in"] = w.issue(r), int(tokenLife/time.Second)
	default:
		rec.WriteHeader(http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(rec).Encode(answer)
}

// issue does without a signature: the server knows what was issued.
func (w *world) issue(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	header := fmt.Sprintf(`{"kid":%q}`, w.kids[1])
	raw := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." +
		base64.RawURLEncoding.EncodeToString(body) + "." + fmt.Sprint(len(w.issued))
	w.issued[raw] = token{raw: raw, kid: w.kids[1], expires: time.Now().Add(tokenLife)}
	return raw
}

// fetch is the server's, and reports whether it went well.
func (w *world) fetch() bool {
	w.refreshed = time.Now()
	w.asked.Keys++
	if w.down || w.hangs {
		return false
	}
	switch {
	case w.faults.keepsKeys:
		w.known = append(slices.Clone(w.kids), w.known...)
	case w.faults.dropsPrevious:
		w.known = slices.Clone(w.kids[:2])
	default:
		w.known = slices.Clone(w.kids)
	}
	return true
}

// status judges a token as the server should, or as its faults make it.
func (w *world) status(raw string) int {
	if !w.faults.neverAsks && time.Since(w.refreshed) >= w.plan.refresh {
		w.fetch()
	}
	kid, err := keyID(raw)
	if err != nil {
		return http.StatusUnauthorized
	}
	if !slices.Contains(w.known, kid) && !w.force() {
		return http.StatusServiceUnavailable
	}
	t, good := w.issued[raw]
	switch {
	case good && slices.Contains(w.known, kid) && time.Now().Before(t.expires), !good && w.faults.acceptsJunk:
		return http.StatusOK
	case !good && w.faults.junkStatus != 0:
		return w.faults.junkStatus
	default:
		if !good && w.faults.remembers {
			w.remembered += 4 << 20
		}
		return http.StatusUnauthorized
	}
}

func (w *world) force() bool {
	mayNot := w.faults.neverForces || w.faults.neverAsks || time.Since(w.forced) < w.plan.cooldown/2
	if mayNot && !w.faults.forcesAlways {
		return false
	}
	w.forced = time.Now()
	return w.fetch()
}

func (w *world) serveCall(rec *httptest.ResponseRecorder, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	status := w.status(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	if status != http.StatusOK {
		rec.WriteHeader(status)
		return
	}
	var call struct {
		ID     int `json:"id"`
		Params struct {
			Arguments struct {
				Weight int     `json:"weight_kg"`
				Height float64 `json:"height_m"`
			} `json:"arguments"`
		} `json:"params"`
	}
	if json.NewDecoder(r.Body).Decode(&call) != nil || call.Params.Arguments.Weight != weightKg(call.ID) {
		rec.WriteHeader(http.StatusBadRequest)
		return
	}
	w.calls++
	result := call.ID
	if w.faults.wrongResults && w.calls%100 == 0 {
		result++
	}
	rec.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(rec, resultOf(call.ID, bmi(result)))
}

func resultOf(id int, bmi float64) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":{"content":[],`+
		`"structuredContent":{"bmi":%v,"category":"normal weight"},"resultType":"complete"}}`, id, bmi)
}
