package main

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mcp-resource-server/config"
)

const (
	floodConnections = 64
	floodCooldown    = time.Second
	// floodSlack are goroutines that come and go: of one connection to the issuer.
	floodSlack = 8
)

// TestFlood: junk key ids from many connections, as fast as they go. The issuer is
// asked only as often as its bucket allows, callers with a good token notice nothing,
// and nothing of it stays in the memory.
func TestFlood(t *testing.T) {
	issuer := startKeyServer(t)
	set := issuer.publish("/"+plain, commonKeys())
	begin := time.Now()
	s := startServer(t, listen(t, "127.0.0.1:0"), issuerOf(plain), &clock{start: draftNow}, func(c *config.Config) {
		c.Auth.Audience, c.Auth.JWKSURL, c.Auth.JWKS.Cooldown = draftAudience, set, floodCooldown
	})
	eventually(t, "the keys are there", func() bool { ready, _ := s.app.trust.Ready(); return ready })
	f := &flood{stack: s, good: goodDraft(issuerOf(plain)).token(), junk: junkTokens()}

	f.run(t, 2_000) // until every pool and table has its size
	before, goroutines := f.settled(t, 0)
	asked, flooded := issuer.counts()["/"+plain], time.Now()
	f.run(t, 10_000)
	took := time.Since(flooded)
	after, _ := f.settled(t, goroutines)

	fetches := issuer.counts()["/"+plain]
	// One at the start, three at once, and one more in each cooldown. The regular
	// refresh is minutes away.
	if bound := 1 + 3 + int(time.Since(begin)/floodCooldown); fetches < 1+3 || fetches > bound {
		t.Errorf("the issuer was asked %d times in %v, want 4 to %d", fetches, time.Since(begin), bound)
	}
	if grown := after - before; grown > 4<<20 {
		t.Errorf("the heap has grown by %d KiB", grown>>10)
	}
	t.Logf("10,000 unknown key ids on %d connections in %v: %d × 401, %d × 503, %d fetches (%d with the first 2,000); %d good calls; heap %d KiB before, %d KiB after; %d goroutines",
		floodConnections, took.Round(time.Millisecond), f.refused.Load(), f.unavailable.Load(), fetches-asked, fetches, f.served.Load(), before>>10, after>>10, goroutines)
}

// junkTokens returns what makes tokens that are good in all but their key id, which is
// another in each, and the signature. Nothing is signed: the key is looked for first.
func junkTokens() func(n int64) string {
	d := goodDraft(issuerOf(plain))
	keyID("N")(d)
	header, claims := d.texts()
	rest := "." + b64(claims) + "." + b64(strings.Repeat("s", 256))
	return func(n int64) string {
		return b64(strings.Replace(header, `"N"`, fmt.Sprintf(`"junk-key-%d"`, n), 1)) + rest
	}
}

// flood is one server that is flooded.
type flood struct {
	*stack
	good string
	junk func(n int64) string

	next                         atomic.Int64
	refused, unavailable, served atomic.Int64
}

// run sends n junk tokens, and good ones until these are through.
func (f *flood) run(t *testing.T, n int64) {
	f.refused.Store(0)
	f.unavailable.Store(0)
	f.served.Store(0)
	transport := &http.Transport{MaxConnsPerHost: floodConnections, MaxIdleConnsPerHost: floodConnections}
	own := &http.Transport{}
	defer transport.CloseIdleConnections()
	defer own.CloseIdleConnections()
	body, header := callBody(modernEra, "probe", "{}")
	last := f.next.Load() + n
	var junk, good sync.WaitGroup
	for range floodConnections {
		junk.Go(func() {
			for i := f.next.Add(1); i <= last; i = f.next.Add(1) {
				switch status := f.post(t, transport, body, header, f.junk(i)); status {
				case http.StatusUnauthorized:
					f.refused.Add(1)
				case http.StatusServiceUnavailable:
					f.unavailable.Add(1)
				default:
					t.Errorf("a junk token got %d", status)
				}
			}
		})
	}
	over := make(chan struct{})
	for range 2 {
		good.Go(func() {
			for {
				if status := f.post(t, own, body, header, f.good); status != http.StatusOK {
					t.Errorf("a good token got %d", status)
				}
				f.served.Add(1)
				select {
				case <-over:
					return
				default:
				}
			}
		})
	}
	junk.Wait()
	close(over)
	good.Wait()
	f.next.Store(last)
	if got := f.refused.Load() + f.unavailable.Load(); got != n {
		t.Errorf("%d junk tokens were answered, want %d", got, n)
	}
}

func (f *flood) post(t *testing.T, via http.RoundTripper, body string, header map[string]string, token string) int {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.mcpURL, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := via.RoundTrip(req)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// settled waits until the connections are gone, down to so many goroutines where that
// is known, and returns what the heap holds and how many goroutines there are. What
// the tests themselves keep of the log is let go.
func (f *flood) settled(t *testing.T, goroutines int) (heap int64, now int) {
	t.Helper()
	least := runtime.NumGoroutine()
	calm := 0
	eventually(t, "the goroutines are back to where they were", func() bool {
		now = runtime.NumGoroutine()
		if calm++; now < least {
			least, calm = now, 0
		}
		if goroutines > 0 {
			return now <= goroutines+floodSlack
		}
		return calm > 50 // for a tenth of a second no fewer
	})
	f.logs.forget()
	f.audit.forget()
	runtime.GC()
	runtime.GC() // what a pool gave up at the first is gone after the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc), now
}
